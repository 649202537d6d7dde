"""Starts the judge, and outlives it: a verdict for every answer, also where the judge does not come back."""

import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from nasedu.classroom.grading.judge import ATTEMPTS, Work
from nasedu.classroom.grading.process import STARTING, Limits
from nasedu.classroom.grading.result import Result
from nasedu.classroom.grading.sandbox import PACKAGE

CHECKING = 120.0
"""Seconds that a check may take by itself: some train networks."""
START = "import sys; sys.path.append(sys.argv[1]); from nasedu.classroom.grading.judge import main; main()"


def results_of(works: Sequence[Work], limits: Limits, checking: float = CHECKING) -> list[Result]:
    """A result for each work, in order.

    Args:
        works: the answers of one notebook.
        limits: for the student's code.
        checking: seconds for the check of one answer, beside those of the student's code.
    """
    results: list[Result] = []
    skip: list[int] = []
    patience = checking + ATTEMPTS * (STARTING + limits.seconds)
    while len(results) < len(works):
        left = works[len(results) :]
        found, skip = _ask_judge(left, limits, skip, patience)
        results += found
        if len(found) < len(left):
            lost = left[len(found)]
            words = "Your answer could not be checked: with it, the check needed too much time or memory."
            results.append(Result(lost.lesson, lost.name, "stopped", words, list(lost.notes)))
    return results


def _ask_judge(
    works: Sequence[Work], limits: Limits, skip: list[int], patience: float
) -> tuple[list[Result], list[int]]:
    """The results of one judge, and the cells to skip; fewer results than works if it was lost on the way."""
    job = {"works": [asdict(work) for work in works], "limits": asdict(limits), "skip": skip}
    results: list[Result] = []
    with _judge(job) as lines:
        while len(results) < len(works):
            try:
                line = lines.get(timeout=patience)
            except queue.Empty:
                break
            if not line:
                break
            reply = json.loads(line)
            results.append(Result(**reply["result"]))
            skip = reply["skip"]
    return results, skip


@contextlib.contextmanager
def _judge(job: dict[str, Any]) -> Any:
    """A judge at work on a job, as a queue of the lines that it writes; an empty line is its end."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", START, str(PACKAGE.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put("")

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        with contextlib.suppress(OSError):
            json.dump(job, process.stdin)
            process.stdin.close()
        yield lines
    finally:
        _end(process)
        reader.join()
        process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Let the judge end; if it has not, ask it to, so that it ends its sandbox too; if it does not listen, end it."""
    for request in (None, signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(OSError, ValueError):
            if request:
                process.send_signal(request)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
            break
    else:
        process.kill()
        process.wait()
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
