"""Starts the judge in a process of its own: every answer gets a result, also if the judge hangs or ends.

One judge serves all notebooks of a grading run, because it imports what the checks need only once.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from multiprocessing.util import Finalize
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
    judge = _running_judge()
    judge.send(job)
    while len(results) < len(answers):
        reply = judge.receive(patience)
        if reply is None:
            judge.close()
            break
        results.append(Result(**reply["result"]))
        skip = reply["skip"]
    return results, skip


class _Judge:
    """A process that takes a line of JSON for each notebook, and writes one for each result."""

    def __init__(self) -> None:
        self.key = (START, os.getpid())
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", START, str(PACKAGE.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.close = Finalize(self, _close, (self.process, self.reader), exitpriority=20)

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def send(self, job: dict[str, Any]) -> None:
        assert self.process.stdin
        with contextlib.suppress(OSError):
            print(json.dumps(job), file=self.process.stdin, flush=True)

    def receive(self, seconds: float) -> Any:
        """Return the next reply, or None if there is none in time or the judge has ended."""
        with contextlib.suppress(queue.Empty):
            if line := self.lines.get(timeout=seconds):
                return json.loads(line)
        return None


_kept: list[_Judge] = []


def _running_judge() -> _Judge:
    """Return the judge of this grading run: a new one after the last one has ended, and in a forked process."""
    if not _kept or not _kept[0].close.still_active() or _kept[0].key != (START, os.getpid()):
        _kept[:] = [_Judge()]
    return _kept[0]


def _close(process: subprocess.Popen[str], reader: threading.Thread) -> None:
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    _end(process)
    reader.join()
    if process.stdout:
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
