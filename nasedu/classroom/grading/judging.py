"""Starts the judge in a process of its own: every answer gets a result, also if the judge hangs or ends."""

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

from nasedu.classroom.grading.fence import PACKAGE, prepared
from nasedu.classroom.grading.judge import ATTEMPTS, AnswerCells
from nasedu.classroom.grading.process import STARTING, Limits
from nasedu.classroom.grading.result import Result

CHECKING = 60.0
"""Seconds that a check may take without the student's code. Before, `CHECKING_SECONDS` of the processor ends it."""
START = """
import sys
sys.path.insert(0, sys.argv[1])
import nasedu  # this one, also if another one is installed
sys.path.append(sys.path.pop(0))
from nasedu.classroom.grading.judge import main
main()
"""


def results_of(answers: Sequence[AnswerCells], limits: Limits, checking: float = CHECKING) -> list[Result]:
    """Return a result for each answer, in order.

    Args:
        answers: the answers of one notebook.
        limits: the limits of the student's code.
        checking: seconds for the check of one answer, in addition to those of the student's code.
    """
    results: list[Result] = []
    skip: list[int] = []
    patience = checking + ATTEMPTS * (STARTING + limits.seconds)
    while len(results) < len(answers):
        left = answers[len(results) :]
        found, skip = _ask_judge(left, limits, skip, patience)
        results += found
        if len(found) < len(left):
            lost = left[len(found)]
            words = "Your answer could not be checked: with it, the check needed too much time or memory."
            results.append(Result(lost.lesson, lost.name, "stopped", words, list(lost.notes)))
    return results


def _ask_judge(
    answers: Sequence[AnswerCells], limits: Limits, skip: list[int], patience: float
) -> tuple[list[Result], list[int]]:
    """Return the results of one judge, and the cells to skip; fewer results than answers if it hangs or ends."""
    job = {"answers": [asdict(answer) for answer in answers], "limits": asdict(limits), "skip": skip}
    job["setup"] = asdict(prepared(limits.confinement))
    results: list[Result] = []
    with _judge(job) as lines:
        while len(results) < len(answers):
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
    """Start a judge on a job, and yield a queue of the lines that it writes; an empty line marks its end."""
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
    """Wait for the judge to end. Else send it a signal, so that it ends its sandbox, too; at last kill it."""
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
