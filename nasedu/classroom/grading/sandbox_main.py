"""The program inside the sandbox: it runs a student's cells, then calls what they define.

The grader starts it as `python -I sandbox_main.py`. It sends and receives JSON messages on its standard input and
output; each begins with its length in four bytes. It imports nothing of nasedu. The grader trusts no message from
here: each is an answer, right or wrong.
"""

import contextlib
import importlib.util
import os
import signal
import sys
import types
from pathlib import Path
from typing import Any, BinaryIO


def _sibling(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"_grading_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


wire_format = _sibling("wire_format")
confinement = _sibling("confinement")


class TooSlow(BaseException):
    """Another cell than the answer's took too long. No Exception: `except Exception` in a cell must not catch it."""


class Channel:
    """Messages to and from the grader."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO):
        self.incoming, self.outgoing = incoming, outgoing

    def receive(self) -> Any:
        head = self.incoming.read(4)
        if len(head) < 4:
            os._exit(0)
        return wire_format.load(self.incoming.read(int.from_bytes(head, "big")))

    def send(self, message: Any) -> None:
        data = wire_format.dump(message)
        self.outgoing.write(len(data).to_bytes(4, "big") + data)
        self.outgoing.flush()


def main() -> None:
    channel = _take_over()
    rules = channel.receive()
    sys.path += [path for path in rules["paths"] if path not in sys.path]
    kernel = None
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ImportError, AttributeError):
            kernel = _sibling("linux_sandbox")
    channel.send({"confinement": confinement.confine(rules, kernel)})
    confinement.install_placeholders()
    names = _run_cells(channel, rules)
    answer = names.get(rules["name"], names)
    channel.send(_description(answer, names, rules["methods"]))
    _serve(channel, answer)


def _take_over() -> Channel:
    """Return a channel on standard input and output, and discard what the student prints."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return Channel(incoming, outgoing)


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
    """Answer the grader's calls, one at a time."""
    objects: list[Any] = []
    while True:
        message = channel.receive()
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
