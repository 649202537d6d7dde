"""The program of a student's process: it runs their cells, then calls what they define.

The grader starts it as `python -I -S sandbox_main.py`. It imports libraries once (a warm start). Then a copy of it,
made by `fork`, runs each answer. It sends and receives JSON messages on its standard input and output; each begins with
its length in four bytes. It imports nothing of nasedu. The grader trusts no message from here: each is an answer, right
or wrong. A process that serves several answers belongs to one student.
"""

import contextlib
import importlib
import importlib.util
import os
import shutil
import signal
import sys
import types
from pathlib import Path
from typing import Any


def _sibling(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"_grading_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


wire_format, confinement, placeholders = map(_sibling, ("wire_format", "confinement", "placeholders"))
FORKS = sys.platform == "linux"  # macOS's libraries do not stand a fork after their import


class TooSlow(BaseException):
    """Another cell than the answer's took too long. No Exception: `except Exception` in a cell must not catch it."""


class Channel:
    """Messages to and from the grader. Nothing is read in advance: after a fork, the next message is the copy's."""

    def __init__(self, incoming: int, outgoing: int):
        self.incoming, self.outgoing = incoming, outgoing

    def receive(self) -> Any:
        return wire_format.load(self._read(int.from_bytes(self._read(4), "big")))

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self.incoming, size)
            if not part:
                os._exit(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def send(self, message: Any) -> None:
        data = wire_format.dump(message)
        data = memoryview(len(data).to_bytes(4, "big") + data)
        while data:
            data = data[os.write(self.outgoing, data) :]


def main() -> None:
    channel = _take_over()
    start = channel.receive()
    sys.path[:] = [*start["first"], *sys.path, *start["paths"]]
    if start["level"] != "bubblewrap":
        with contextlib.suppress(OSError, AttributeError, TypeError):
            confinement.end_with_parent()
    placeholders.install_placeholders()
    for name in start["imports"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    while True:
        rules = channel.receive()
        child = os.fork() if FORKS else 0
        if not child:
            _run_answer(channel, rules)
        _, status = os.waitpid(child, 0)
        _clear(rules["folder"])
        channel.send({"ended": os.waitstatus_to_exitcode(status)})


def _clear(folder: str) -> None:
    """Remove the files of an answer. If that fails, end: the grader then starts a new process with a new folder."""
    try:
        for entry in list(os.scandir(folder)):
            (shutil.rmtree if entry.is_dir(follow_symlinks=False) else os.unlink)(entry.path)
    except OSError:
        os._exit(0)


def _run_answer(channel: Channel, rules: dict[str, Any]) -> None:
    """Run one answer in this process, and end it. Never return: the caller's loop is not the student's."""
    try:
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        channel.send({"started": rules["id"], "confinement": confinement.confine(rules)})
        names = _run_cells(channel, rules)
        answer = names.get(rules["name"], names)
        channel.send(_description(answer, names, rules["methods"]))
        _serve(channel, answer)
    finally:
        os._exit(0)


def _take_over() -> Channel:
    """Return a channel on standard input and output, and discard what the student prints."""
    channel = Channel(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    return channel


# ---------------------------------------------------------------------- cells


def _run_cells(channel: Channel, rules: dict[str, Any]) -> dict[str, Any]:
    """Run the cells in order, as a kernel does. Report those that end in an error, and return the names they define."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    for number, source, seconds in rules["cells"]:
        channel.send({"cell": number})
        complaint = _run(source, vars(module), seconds)
        if complaint:
            channel.send({"cell": number, "error": complaint})
    return vars(module)


def _run(source: str, names: dict[str, Any], seconds: float) -> str:
    """Run one cell. Return a line on what went wrong, or an empty string."""
    try:
        with _alarm(seconds):
            exec(compile(source, "<cell>", "exec"), names)
    except TooSlow:
        return "slow"
    except BaseException as error:
        return _words(error)
    return ""


@contextlib.contextmanager
def _alarm(seconds: float) -> Any:
    def ring(*_: Any) -> None:
        raise TooSlow

    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except BaseException:
        return "an error that cannot be shown"


# ---------------------------------------------------------------------- the answer


def _description(answer: Any, names: dict[str, Any], methods: list[str]) -> dict[str, Any]:
    """Return the kind of the answer: absent, plain data, a function, a class to make objects of, or other."""
    if answer is names:
        return {"answer": "absent"}
    if callable(answer):
        return {"answer": "class" if methods else "function"}
    try:
        return {"answer": "plain", "value": wire_format.pack(answer)}
    except BaseException as error:
        return {"answer": "other", "error": _words(error).removeprefix("NotPlain: ")}


def _serve(channel: Channel, answer: Any) -> None:
    """Answer the grader's calls, one at a time, until it has no more."""
    objects: list[Any] = []
    while True:
        message = channel.receive()
        if message["do"] == "end":
            return
        reply = {"id": message["id"]}
        try:
            arguments = wire_format.unpack(message["arguments"])
            named = wire_format.unpack(message["named"])
            if message["do"] == "make":
                objects.append(answer(*arguments, **named))
                reply["value"] = len(objects) - 1
            else:
                called = answer
                if message["do"] == "method":
                    called = getattr(objects[message["object"]], message["method"])
                reply["value"] = wire_format.pack(called(*arguments, **named))
            wire_format.dump(reply)
        except BaseException as error:
            reply = {"id": message["id"], "error": type(error).__name__, "words": _words(error)}
        channel.send(reply)


if __name__ == "__main__":
    main()
