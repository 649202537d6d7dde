"""Other processes, from the side of the test that starts them (what they do is in `child.py`)."""

import itertools
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Children:
    """Starts processes that do a job each.

    Args:
        folder: for their answers; writable by everybody.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self._numbers = itertools.count()
        command = [sys.executable, "-m", "tests.study.child"]
        self._server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, do: str, **job: Any) -> "Child":
        answer = self.folder / f"answer-{next(self._numbers)}.json"
        return Child(self, self.say({"do": do, "answer": str(answer), **job}), answer)

    def done(self, do: str, **job: Any) -> dict[str, Any]:
        """Start a job, wait for its end and give its answer."""
        child = self.start(do, **job)
        assert child.wait() == 0, "see the traceback on stderr"
        return child.answer()

    def say(self, message: dict[str, Any]) -> int:
        self._server.stdin.write(json.dumps(message, default=str).encode() + b"\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def close(self) -> None:
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


@dataclass
class Child:
    """One process; it stays a zombie from its end until `wait` is called."""

    children: Children
    pid: int
    file: Path

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code once it has ended; -9 if it was killed."""
        return self.children.say({"wait": self.pid})

    def answer(self) -> dict[str, Any]:
        return json.loads(self.file.read_text())
