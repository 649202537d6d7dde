"""Runs an answer in its own process, and calls it from outside with plain data.

    with Sandbox([Cell(0, "def double(x): return 2 * x")], "double", own=[0]) as sandbox:
        sandbox.answer              # "function"
        sandbox.call(21)            # 42

Whatever the process sends is only an answer. `wire_format.unpack` reads it. It is never unpickled or evaluated, and no
method of the student's compares it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple

from nasedu.classroom.grading import wire_format
from nasedu.classroom.grading.process import INTRUDED, Limits, Process, ProcessEnded, Runner

HELD = ("files", "network", "processes", "use")
"""What is confined; an earlier answer of the student may send anything here."""


class Cell(NamedTuple):
    """A student's cell, with its place in the notebook."""

    number: int
    source: str


class AnswerError(Exception):
    """The student's code raised an error in a call; the message is its type and text."""


@dataclass
class Sandbox:
    """One process for one answer.

    Args:
        cells: the cells to run, in order; the last one is the answer's.
        name: the name of the answer.
        methods: the methods that a check calls, if the answer is a class.
        limits: the limits of the process.
        own: the numbers of the answer's own cells; `cell_seconds` does not limit them.
        runner: the process for the answers of this student; by default one for this answer alone.

    Attributes:
        answer: "absent", "plain", "function", "class" or "other".
        value: the plain answer, unpacked.
        errors: by the number of a cell, its error.
        confinement: the mechanisms that confine the process.
        at: the number of the cell that was started last.
        fault: the first fault that no right answer has: it ended the process, or gave something that is no plain data.
            A check that expects an error of the answer must not mistake this for it.
    """

    cells: Sequence[Cell]
    name: str
    methods: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    own: Sequence[int] = ()
    runner: Runner | None = None

    answer: str = field(default="absent", init=False)
    value: Any = field(default=None, init=False)
    errors: dict[int, str] = field(default_factory=dict, init=False)
    confinement: dict[str, str] = field(default_factory=dict, init=False)
    at: int | None = field(default=None, init=False)
    fault: Exception | None = field(default=None, init=False)
    _process: Process | None = field(default=None, init=False, repr=False)

    def __enter__(self) -> "Sandbox":
        """Start the process and run the cells. Raise ProcessEnded if the process ends."""
        self._runner = self.runner or Runner(self.limits)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the answer; and its process, unless that is for other answers, too."""
        if self._process:
            self._process.end()
        if self._runner is not self.runner:
            self._runner.close()

    # ------------------------------------------------------------------ asking

    def call(self, *arguments: Any, **named: Any) -> Any:
        """Call the answer and return its result. Raise AnswerError for the student's error, NotPlain, ProcessEnded."""
        return self._ask({"do": "call"}, arguments, named)

    def make(self, *arguments: Any, **named: Any) -> int:
        """Make an object of the answer, a class, and return the object's number."""
        number = self._ask({"do": "make"}, arguments, named)
        if type(number) is not int:
            raise ProcessEnded(INTRUDED)
        return number

    def method(self, number: int, name: str, *arguments: Any, **named: Any) -> Any:
        """Call a method of an object by its number, and return the result."""
        return self._ask({"do": "method", "object": number, "method": name}, arguments, named)

    def _ask(self, what: dict[str, Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        packed = {"arguments": wire_format.pack(arguments), "named": wire_format.pack(named)}
        try:
            return wire_format.unpack(self._exchange({**what, **packed}))
        except (wire_format.NotPlain, ProcessEnded) as fault:
            self.fault = self.fault or fault
            raise

    def _exchange(self, message: dict[str, Any]) -> Any:
        """Send a message and return the reply, still packed."""
        ticket = secrets.token_hex(8)
        assert self._process, "it was entered"
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
        rules = {
            "name": self.name,
            "methods": list(self.methods),
            "cells": [
                [cell.number, cell.source, 0 if cell.number in self.own else self.limits.cell_seconds]
                for cell in self.cells
            ],
        }
        self._process, held = self._runner.begin(rules)
        self.confinement = {what: str(held[what])[:80] for what in HELD if what in held}
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
