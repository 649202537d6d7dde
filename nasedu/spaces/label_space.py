"""The base of the spaces here whose networks give one answer for each input: a class, or numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from nasedu.core import BadValue
from nasedu.spaces.base import Choice, Space
from nasedu.spaces.validation import check_most, check_positive, why_no_labels

MOST = {"depth": 500, "layers": 100, "cells": 100, "stages": 100, "nodes": 20, "width": 256, "factors": 64}
"""The greatest number for an argument, by its name. A larger one takes memory or time for no network that is of use."""

MOST_OTHERS = 4096
"""The greatest number for all other arguments, such as the units of a layer."""


@dataclass(repr=False, eq=False)
class LabelSpace(Space):
    """A space whose arguments are the fields of a dataclass: each is kept under its own name, a list as a tuple.

    Attributes:
        reads: why a shape of inputs cannot be read; empty if it can.
    """

    reads: ClassVar[Callable[..., str]]

    input_shape: tuple[int, ...]
    outputs: int

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            # A set stays one and is refused: its order, and with it the order of the choices, changes.
            if isinstance(value, Iterable) and not isinstance(value, str | Mapping | Set):
                setattr(self, field.name, tuple(value))
            if field.name not in ("input_shape", "outputs"):  # the task's own
                check_most(self.name, field.name, getattr(self, field.name), MOST.get(field.name, MOST_OTHERS))
        if objection := self.reads(self.input_shape):
            raise BadValue(f"{self.name} cannot be built: {objection}")
        check_positive(self.name, outputs=self.outputs)

    @classmethod
    def why_unfit(cls, task: Any) -> str:
        return why_no_labels(task.kind) or cls.reads(task.input_shape)


class FixedWalk(LabelSpace):
    """A space of decisions one after the other, whose choices never depend on earlier ones: the state counts them.

    Attributes:
        decisions: the choices of each decision.
    """

    decisions: Sequence[tuple[Choice, ...]]

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return self.decisions[state] if state < len(self.decisions) else ()

    def step(self, state: int, choice: Choice) -> int:
        return state + 1
