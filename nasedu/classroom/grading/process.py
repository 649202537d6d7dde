"""Starts a student's process, exchanges messages with it for a limited time, and ends it reliably."""

import base64
import contextlib
import os
import queue
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nasedu.classroom.grading import fence, system_calls, wire_format
from nasedu.core import BadValue

STARTING = 20.0
"""Seconds until the process is confined; none of the student's code runs before."""
READING = STARTING
"""Seconds until the process has read a message; then it is killed. It reads the first one after its imports."""
ENDING = 2.0
"""Seconds until the process has ended an answer; then it is killed."""
LEAST_COST = 0.0002
"""Seconds of the time limit that each message uses at least."""
INTRUDED = "Your code wrote into the channel of the grader."
WARM = ("numpy", "torch", "nasedu", "pandas", "scipy", "matplotlib", "sklearn")
"""Libraries that are imported once for all answers of a student, if their cells name them."""


@dataclass(frozen=True)
class Limits:
    """The limits of a student's code.

    Attributes:
        seconds: for one answer: its cells, and all calls of the check together.
        cell_seconds: for each cell before it; a slower one is skipped.
        megabytes: memory.
        confinement: "all": bubblewrap where it works, else the weak level; "bubblewrap": nothing else; "hook": the
            weak level (see fence.py).
    """

    seconds: float = 30.0
    cell_seconds: float = 10.0
    megabytes: int = 2048
    confinement: Literal["all", "bubblewrap", "hook"] = "all"

    def __post_init__(self) -> None:
        for name in ("seconds", "cell_seconds", "megabytes"):
            if not getattr(self, name) > 0:
                raise BadValue(f"{name} must be above 0; given {getattr(self, name)}")
        if self.confinement not in ("all", "bubblewrap", "hook"):
            raise BadValue(f"confinement is all, bubblewrap or hook; given {self.confinement!r}")


class ProcessEnded(Exception):
    """The student's process has ended; the message gives the reason, as a sentence for the student."""


class Process:
    """A Python process behind the fence. It runs one answer after another, each in a copy of itself.

    Args:
        limits: `seconds` limits the waiting time for all messages of an answer together.
        setup: the level, and where the files are; by default that of this grading run.
        imports: the modules of a warm start.

    Attributes:
        usable: whether it can run another answer.
    """

    def __init__(self, limits: Limits, setup: fence.Setup | None = None, imports: Sequence[str] = ()):
        self.limits, self._left, self.usable = limits, limits.seconds, True
        self.setup = setup or fence.prepared(limits.confinement)
        self._scratch = tempfile.TemporaryDirectory(dir=f"{self.setup.folder}/scratch", ignore_cleanup_errors=True)
        self._messages: queue.Queue[bytes | None] = queue.Queue(maxsize=4)
        strong = self.setup.level == "bubblewrap"
        self._filters = [] if sys.platform != "linux" else _filters(strong)
        with _readable(self._filters.pop(0) if strong and self._filters else b"") as file:
            self._process = subprocess.Popen(
                fence.command(self.setup, file),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._scratch.name,
                env=_environment(),
                pass_fds=() if file is None else (file,),
                start_new_session=True,
            )
        self._closed = self._running = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if self._filters and not strong:  # torch opens /dev/urandom in a way that `answer_filter` refuses
            imports = [*imports, "torch"]
        paths = {"first": [self.setup.package], "paths": fence.site_packages()}
        self.send({**paths, "level": self.setup.level, "imports": list(imports)})

    def begin(self, rules: dict[str, Any]) -> dict[str, Any]:
        """Begin an answer with some rules for sandbox_main.py, and return what confines it. Raise ProcessEnded."""
        strong = self.setup.level == "bubblewrap"
        ticket = secrets.token_hex(8)
        self.send(
            {
                **rules,
                "id": ticket,
                "level": self.setup.level,
                "folder": f"{fence.INSIDE}/scratch" if strong else os.path.realpath(self._scratch.name),
                "visible": [] if strong else [*fence.visible(), *fence.system(), self.setup.folder],
                "filters": [base64.b64encode(one).decode() for one in self._filters],
                "seconds": int(self.limits.seconds) + 1,
                "megabytes": self.limits.megabytes,
            }
        )
        self._running, self._left = True, self.limits.seconds
        reply = self.receive(STARTING)
        if reply.get("started") != ticket:
            raise self._ends(INTRUDED)
        held = reply.get("confinement")
        return held if isinstance(held, dict) else {}

    def end(self) -> None:
        """End the answer. The process stays for the next one, if it is in order."""
        with contextlib.suppress(ProcessEnded):
            if self._running and self.usable:
                self.send({"do": "end"})
                last = time.monotonic() + ENDING
                while (left := last - time.monotonic()) > 0:
                    self.receive(left)  # replies that nobody asked for; at last, that it ended
        if self._running:
            self.close()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message. Raise ProcessEnded if the process has ended, or if it does not read."""
        data = wire_format.dump(message)
        assert self._process.stdin
        began = time.monotonic()
        guard = threading.Timer(READING, self._process.kill)  # a pipe that is full would hold the judge
        guard.start()
        try:
            self._process.stdin.write(len(data).to_bytes(4, "big") + data)
            self._process.stdin.flush()
        except OSError as error:
            raise self._why() from error
        finally:
            guard.cancel()
            self._left -= time.monotonic() - began

    def _ends(self, words: str) -> "ProcessEnded":
        """Return the error for a process that can run no other answer."""
        self.usable = False
        return ProcessEnded(words)

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """Return the next message.

        Args:
            seconds: how long to wait; this does not count against the limit. By default, wait until the limit.

        Raises:
            ProcessEnded: the time is up, the process has ended, or it sent something that is no message.
        """
        began = time.monotonic()
        try:
            data = self._messages.get(timeout=max(self._left, 0.0) if seconds is None else seconds)
        except queue.Empty:
            raise self._late() from None
        if data is None:
            raise self._why()
        try:
            message = wire_format.load(data)
        except wire_format.NotPlain as error:
            raise self._ends(f"Your code was stopped: it sent {error}.") from error
        finally:
            # Reading a message counts, too, and each uses a minimum of time, so that a flood of messages ends.
            if seconds is None:
                self._left -= max(time.monotonic() - began, LEAST_COST)
        if self._left <= 0:
            raise self._late()
        if not isinstance(message, dict):
            raise self._ends(INTRUDED)
        if "ended" in message:
            self._running = False
            raise ProcessEnded(_reason(message["ended"]))
        return message

    def _late(self) -> ProcessEnded:
        seconds = f"{self.limits.seconds:g} seconds"
        return self._ends(f"Your code was stopped: it took longer than {seconds}. Is there a loop that never ends?")

    def close(self) -> None:
        """End the process and all processes that it started."""
        if self._closed:
            return
        self._closed, self.usable = True, False
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
        self._scratch.cleanup()

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
            return self._ends(_reason(self._process.wait(1)))
        except subprocess.TimeoutExpired:
            return self._ends(INTRUDED)


class Runner:
    """Runs the answers of one student in one process, and starts a new one after it has ended.

    Args:
        limits, setup, imports: see `Process`.
    """

    def __init__(self, limits: Limits, setup: fence.Setup | None = None, imports: Sequence[str] = ()):
        self.limits, self.setup, self.imports = limits, setup, imports
        self._process: Process | None = None

    def begin(self, rules: dict[str, Any]) -> tuple[Process, dict[str, Any]]:
        """Begin an answer, and return its process and what confines it. Raise ProcessEnded."""
        if self._process and self._process.usable:
            with contextlib.suppress(ProcessEnded):  # an earlier answer spoiled it
                return self._process, self._process.begin(rules)
        self.close()
        self._process = Process(self.limits, self.setup, self.imports)
        return self._process, self._process.begin(rules)

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.close()


def libraries(sources: Iterable[str]) -> list[str]:
    """Return the modules that some cells import and that are worth a warm start."""
    found = {"numpy", "nasedu"}
    for source in sources:
        found.update(re.findall(rf"^[ \t]*(?:import|from)[ \t]+((?:{'|'.join(WARM)})\b[\w.]*)", source[:50_000], re.M))
    return sorted(found)


def _reason(code: Any) -> str:
    """Return why a process has ended, for the student. bubblewrap adds 128 to the number of a signal."""
    if os.name == "posix" and code in [
        form for number in (signal.SIGXCPU, signal.SIGKILL) for form in (-number, 128 + number)
    ]:
        return "Your code was stopped by the system: it needed too much time or memory."
    return "Your code ended the program in the middle."


def _filters(strong: bool) -> list[bytes]:
    """Return the filters of system calls: for the process, then for each answer; none on a machine without a list."""
    try:
        return [system_calls.base_filter(), system_calls.answer_filter(read_only=not strong)]
    except OSError:
        return []


@contextlib.contextmanager
def _readable(data: bytes) -> Any:
    """Yield a file descriptor that gives some bytes, or None for no bytes."""
    if not data:
        yield None
        return
    there, here = os.pipe()
    with os.fdopen(here, "wb") as pipe:
        pipe.write(data)
    try:
        yield there
    finally:
        os.close(there)


def _environment() -> dict[str, str]:
    """Return an environment without the grader's variables. Numeric libraries use one thread: a fair time limit."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **single, "LANG": "C.UTF-8", "MPLBACKEND": "agg"}
