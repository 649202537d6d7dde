"""Starts a student's process, exchanges messages with it for a limited time, and ends it reliably."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nasedu.classroom.grading import wire_format
from nasedu.core import BadValue

STARTING = 20.0
"""Seconds until the process is confined; none of the student's code runs before."""
LEAST_COST = 0.0002
"""Seconds of the time limit that each message uses at least."""
INTRUDED = "Your code wrote into the channel of the grader."


@dataclass(frozen=True)
class Limits:
    """The limits of a student's code.

    Attributes:
        seconds: for one answer: its cells, and all calls of the check together.
        cell_seconds: for each cell before it; a slower one is skipped.
        megabytes: memory.
        confinement: "all": everything that the system offers; "calls": without namespaces, as in many containers;
            "hook": only the audit hook, as on systems that offer nothing.
    """

    seconds: float = 30.0
    cell_seconds: float = 10.0
    megabytes: int = 2048
    confinement: Literal["all", "calls", "hook"] = "all"

    def __post_init__(self) -> None:
        for name in ("seconds", "cell_seconds", "megabytes"):
            if not getattr(self, name) > 0:
                raise BadValue(f"{name} must be above 0; given {getattr(self, name)}")
        if self.confinement not in ("all", "calls", "hook"):
            raise BadValue(f"confinement is all, calls or hook; given {self.confinement!r}")


class ProcessEnded(Exception):
    """The student's process has ended; the message gives the reason, as a sentence for the student."""


class Process:
    """A new Python process in its own folder, with pipes for messages.

    Args:
        limits: `seconds` limits the waiting time for all messages together.

    Attributes:
        folder: its working folder.
    """

    def __init__(self, limits: Limits):
        self.limits, self._left = limits, limits.seconds
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.folder = os.path.realpath(self._folder.name)
        self._messages: queue.Queue[bytes | None] = queue.Queue(maxsize=4)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(Path(__file__).with_name("sandbox_main.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=_environment(),
            start_new_session=True,
        )
        self._closed = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message. Raise ProcessEnded if the process has ended."""
        data = wire_format.dump(message)
        assert self._process.stdin
        try:
            self._process.stdin.write(len(data).to_bytes(4, "big") + data)
            self._process.stdin.flush()
        except OSError as error:
            raise self._why() from error

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """Return the next message.

        Args:
            seconds: how long to wait; this does not count against the limit. By default, wait until the limit.

        Raises:
            ProcessEnded: the time is up, the process has ended, or it sent something that is no message.
        """
        began = time.monotonic()
        try:
            data = self._messages.get(timeout=self._left if seconds is None else seconds)
        except queue.Empty:
            raise self._late() from None
        if data is None:
            raise self._why()
        try:
            message = wire_format.load(data)
        except wire_format.NotPlain as error:
            raise ProcessEnded(f"Your code was stopped: it sent {error}.") from error
        finally:
            # Reading a message counts, too, and each uses a minimum of time, so that a flood of messages ends.
            if seconds is None:
                self._left -= max(time.monotonic() - began, LEAST_COST)
        if self._left <= 0:
            raise self._late()
        if not isinstance(message, dict):
            raise ProcessEnded(INTRUDED)
        return message

    def _late(self) -> ProcessEnded:
        seconds = f"{self.limits.seconds:g} seconds"
        return ProcessEnded(f"Your code was stopped: it took longer than {seconds}. Is there a loop that never ends?")

    def close(self) -> None:
        """End the process and all processes that it started."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        while self._reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self._messages.get(timeout=0.05)
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        self._folder.cleanup()

    def _read(self) -> None:
        """Put the messages of the process into the queue, until it ends or sends a message that is too long."""
        stream = self._process.stdout
        assert stream
        with contextlib.suppress(OSError, ValueError):
            while len(head := stream.read(4)) == 4:
                size = int.from_bytes(head, "big")
                if size > wire_format.MOST_BYTES or len(data := stream.read(size)) < size:
                    break
                self._messages.put(data)
        self._messages.put(None)

    def _why(self) -> ProcessEnded:
        """Return the reason why the process has ended, as far as its exit code tells it."""
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return ProcessEnded(INTRUDED)
        if os.name == "posix" and code in (-signal.SIGXCPU, -signal.SIGKILL):
            return ProcessEnded("Your code was stopped by the system: it needed too much time or memory.")
        return ProcessEnded("Your code ended the program in the middle.")


def _environment() -> dict[str, str]:
    """Return an environment without the grader's variables. Numeric libraries use one thread: a fair time limit."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **single, "LANG": "C.UTF-8", "MPLBACKEND": "agg"}
