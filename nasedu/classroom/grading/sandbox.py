"""An answer that runs in a process of its own, and is asked from outside, in plain data.

    with Sandbox([Cell(0, "def double(x): return 2 * x")], "double", own=[0]) as sandbox:
        sandbox.answer              # "function"
        sandbox.call(21)            # 42

Everything that comes back is an answer and nothing else: it is read by `wire_format.unpack`, never unpickled, evaluated
or compared by a method of the student's.
"""

import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import nasedu
from nasedu.classroom.grading import wire_format
from nasedu.classroom.grading.process import INTRUDED, STARTING, Limits, Process, ProcessEnded

PACKAGE = Path(nasedu.__file__).resolve().parent
HIDDEN = ("classroom", "notebooks")
"""Folders of the package that look empty inside."""


class Cell(NamedTuple):
    """A cell of the student's, by its place in the notebook."""

    number: int
    source: str


class AnswerError(Exception):
    """An error of the student's own, raised in a call; the message is its type and text."""


@dataclass
class Sandbox:
    """One process for one answer.

    Args:
        cells: what to run, in order; the last one is the answer's.
        name: what the answer is called.
        methods: the methods that a check calls, where the answer is a class.
        limits: see there.
        own: the numbers of the answer's own cells: those may use all the time there is.

    Attributes:
        answer: "absent", "plain", "function", "class" or "other".
        value: the plain answer, unpacked.
        errors: what went wrong in which cell.
        fence: what holds the process.
        at: the cell that was begun last.
        fault: what no right answer does, if it was seen: ending the process, or giving what is no plain data. A check
            that expects errors of an answer must not take these for one.
    """

    cells: Sequence[Cell]
    name: str
    methods: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    own: Sequence[int] = ()

    answer: str = field(default="absent", init=False)
    value: Any = field(default=None, init=False)
    errors: dict[int, str] = field(default_factory=dict, init=False)
    fence: dict[str, str] = field(default_factory=dict, init=False)
    at: int | None = field(default=None, init=False)
    fault: Exception | None = field(default=None, init=False)

    def __enter__(self) -> "Sandbox":
        """Start the process and run the cells. Raises ProcessEnded."""
        self._process = Process(self.limits)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process. Any number of times."""
        self._process.close()

    # ------------------------------------------------------------------ asking

    def call(self, *arguments: Any, **named: Any) -> Any:
        """The answer, called. Raises AnswerError for an error of the student's, NotPlain, ProcessEnded."""
        return self._ask({"do": "call"}, arguments, named)

    def make(self, *arguments: Any, **named: Any) -> int:
        """The number of an object that the answer, a class, makes."""
        number = self._ask({"do": "make"}, arguments, named)
        if type(number) is not int:
            raise ProcessEnded(INTRUDED)
        return number

    def method(self, number: int, name: str, *arguments: Any, **named: Any) -> Any:
        """A method of an object that was made, called."""
        return self._ask({"do": "method", "object": number, "method": name}, arguments, named)

    def _ask(self, what: dict[str, Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        packed = {"arguments": wire_format.pack(arguments), "named": wire_format.pack(named)}
        try:
            return wire_format.unpack(self._exchange({**what, **packed}))
        except (wire_format.NotPlain, ProcessEnded) as fault:
            self.fault = self.fault or fault
            raise

    def _exchange(self, message: dict[str, Any]) -> Any:
        """What comes back for a message, still packed."""
        ticket = secrets.token_hex(8)
        self._process.send({"id": ticket, **message})
        reply = self._process.receive()
        if reply.get("id") != ticket:
            raise ProcessEnded(INTRUDED)
        if "error" in reply:
            words = str(reply.get("words", ""))[:500]
            if reply["error"] == "NotPlain":
                raise wire_format.NotPlain(words.removeprefix("NotPlain: "))
            raise AnswerError(words)
        return reply.get("value")

    # ------------------------------------------------------------------ beginning

    def _begin(self) -> None:
        visible = _visible()
        rules = {
            "folder": self._process.folder,
            "visible": visible,
            "hidden": _hidden(visible),
            "paths": [str(PACKAGE.parent)],
            "seconds": int(self.limits.seconds) + 1,
            "megabytes": self.limits.megabytes,
            "level": self.limits.fence,
            "name": self.name,
            "methods": list(self.methods),
            "cells": [
                [cell.number, cell.source, 0 if cell.number in self.own else self.limits.cell_seconds]
                for cell in self.cells
            ],
        }
        self._process.send(rules)
        held = self._process.receive(STARTING).get("fence")
        self.fence = {str(key): str(value) for key, value in held.items()} if isinstance(held, dict) else {}
        while True:
            message = self._process.receive()
            if "answer" in message:
                break
            self._note(message)
        self.answer = str(message["answer"])
        if self.answer == "plain":
            self.value = wire_format.unpack(message.get("value"))
        elif self.answer == "other":
            self.value = str(message.get("error"))[:500]

    def _note(self, message: dict[str, Any]) -> None:
        number = message.get("cell")
        if type(number) is not int or number not in {cell.number for cell in self.cells}:
            raise ProcessEnded(INTRUDED)
        self.at = number
        if "error" in message:
            self.errors[number] = str(message["error"])[:500]


def _visible() -> list[str]:
    """Python, what is installed in it, and the package."""
    installed = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, *installed, str(PACKAGE)]
    return sorted({form for place in places for form in (place, os.path.realpath(place))} - {"/"})


def _hidden(visible: Sequence[str]) -> list[str]:
    """The solutions, by every way that leads to them: a visible place reached through a link shows them once more."""
    forms = {str(PACKAGE / name) for name in HIDDEN}
    for place in visible:
        real = os.path.realpath(place)
        forms |= {place + path[len(real) :] for path in forms if path.startswith(real + os.sep)}
    return sorted(forms)
