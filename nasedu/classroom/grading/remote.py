"""Stand-ins: what a check sees of an answer that lives in another process.

A plain answer is there itself, made anew from plain data. A function is a function here too: each call goes to the
sandbox and back. A class makes objects that have the methods of the exercise and nothing else.
"""

import builtins
from collections.abc import Callable
from typing import Any

from nasedu.classroom.grading import wire_format
from nasedu.classroom.grading.sandbox import AnswerError, Sandbox
from nasedu.classroom.to_plain import Methods


class Watch:
    """Notices whether a value ever holds a nan or an empty array."""

    def __init__(self) -> None:
        self.odd = False

    def __call__(self, value: Any) -> Any:
        self.odd = self.odd or wire_format.odd(value)
        return value


def stand_in(sandbox: Sandbox, watch: Watch) -> Any:
    """What `why_wrong` is given in place of the answer."""
    if sandbox.answer == "plain":
        return watch(sandbox.value)
    if sandbox.answer == "class":
        return _maker(sandbox, watch)

    def answer(*arguments: Any, **named: Any) -> Any:
        return watch(_raised(sandbox.call, *arguments, **named))

    return answer


def _maker(sandbox: Sandbox, watch: Watch) -> Callable[..., Methods]:
    def make(*arguments: Any, **named: Any) -> Methods:
        number = _raised(sandbox.make, *arguments, **named)

        def method(name: str) -> Callable[..., Any]:
            return lambda *a, **k: watch(_raised(sandbox.method, number, name, *a, **k))

        return Methods({name: method(name) for name in sandbox.methods})

    return make


def _raised(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call, and raise an error of the student's as the error of Python's that it is called after."""
    try:
        return call(*arguments, **named)
    except AnswerError as error:
        name, _, words = str(error).partition(": ")
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            try:
                same = kind(words)
            except Exception:
                raise error from None
            raise same from None
        raise
