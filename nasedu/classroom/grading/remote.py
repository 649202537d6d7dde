"""Proxies: what a check gets instead of an answer that is in another process.

The proxy of a plain value is a copy, made from plain data. The proxy of a function sends each call to the sandbox and
returns the result. The proxy of a class makes objects that have only the methods of the exercise.
"""

import builtins
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from nasedu.classroom.grading import wire_format
from nasedu.classroom.grading.sandbox import AnswerError, Sandbox


class NanDetector:
    """Returns each value unchanged, and records whether one contained a nan or an empty array."""

    def __init__(self) -> None:
        self.found = False

    def __call__(self, value: Any) -> Any:
        self.found = self.found or wire_format.has_nan_or_empty(value)
        return value


def proxy_of(sandbox: Sandbox, detector: NanDetector) -> Any:
    """Return the argument of `why_wrong` in place of the answer."""
    if sandbox.answer == "plain":
        return detector(sandbox.value)
    if sandbox.answer == "class":
        return _maker(sandbox, detector)

    def answer(*arguments: Any, **named: Any) -> Any:
        return detector(_raised(sandbox.call, *arguments, **named))

    return answer


def _maker(sandbox: Sandbox, detector: NanDetector) -> Callable[..., SimpleNamespace]:
    def make(*arguments: Any, **named: Any) -> SimpleNamespace:
        number = _raised(sandbox.make, *arguments, **named)

        def method(name: str) -> Callable[..., Any]:
            return lambda *a, **k: detector(_raised(sandbox.method, number, name, *a, **k))

        return SimpleNamespace(**{name: method(name) for name in sandbox.methods})

    return make


def _raised(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call a function, and raise a student's error as the builtin exception of the same name."""
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
