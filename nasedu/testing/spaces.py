"""Tiny spaces to check controllers on: each shows one thing that a controller may trip over.

None of them needs torch until a network is built.
"""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nasedu.core import Architecture, rng_from
from nasedu.spaces.base import Choice, Space, State
from nasedu.testing.rules import Broken

if TYPE_CHECKING:
    from torch import nn

MOST_LOOKS = 300_000


class TinySpace(Space):
    """Layers of a few widths, on eight numbers and three classes.

    It counts how often it is asked what is open. A controller that looks 300,000 times for one question in a space of
    a few dozen architectures is in a loop that does not end, and is told so.
    """

    input_shape = (8,)
    outputs = 3

    def __init__(self) -> None:
        self.looks = 0

    def new_question(self) -> None:
        """Begin to count anew."""
        self.looks = 0

    def moves(self, state: State) -> dict[Choice, State]:
        self.looks += 1
        if self.looks > MOST_LOOKS:
            raise Broken(
                f"in the space {self!r} it looked over {MOST_LOOKS:,} times at what is open, for one question",
                "give up after some tries: raise Exhausted, or use `self.first_new(propose)`",
            )
        return super().moves(state)

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        self.check_architecture(architecture)
        sizes = [self.input_shape[0], *(int(choice) for choice in architecture if choice.isdigit())]
        hidden = [m for a, b in pairwise(sizes) for m in (nn.Linear(a, b), nn.Tanh())]
        return nn.Sequential(*hidden, nn.Linear(sizes[-1], self.outputs))


class FixedLength(TinySpace):
    """Every walk has three steps of two or three choices: 12 architectures."""

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return (("4", "8"), ("4", "8", "16"), ("4", "8"), ())[state]

    def step(self, state: int, choice: Choice) -> int:
        return state + 1


class VariableLength(TinySpace):
    """Stop after any layer, and never grow wider: walks of different length, choices that depend on what came before.

    `key` joins states that differ in what is open, as MetaQNN's does: 20 architectures.
    """

    def start(self) -> tuple[int, int]:
        return (0, 16)

    def choices(self, state: tuple[int, int] | str) -> tuple[Choice, ...]:
        if isinstance(state, str):
            return ()
        depth, width = state
        return (*(str(w) for w in (16, 8, 4) if depth < 3 and w <= width), "stop")

    def step(self, state: tuple[int, int], choice: Choice) -> tuple[int, int] | str:
        return "complete" if choice == "stop" else (state[0] + 1, int(choice))

    def key(self, state: Any) -> Any:
        return state if isinstance(state, str) else state[0]


class OneMember(TinySpace):
    """One architecture, two steps: there is nothing to choose."""

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return (("8",), ("stop",), ())[state]

    def step(self, state: int, choice: Choice) -> int:
        return state + 1


TINY: tuple[type[TinySpace], ...] = (FixedLength, VariableLength, OneMember)


# ---------------------------------------------------------------------- what the architectures are worth

Reward = Callable[[Architecture], float]


def flat(architecture: Architecture) -> float:
    """All the same: every choice is a tie."""
    return 0.5


def additive(architecture: Architecture) -> float:
    """The wider the better: what a learner should find."""
    return sum(int(choice) for choice in architecture if choice.isdigit()) / 48


def rough(architecture: Architecture) -> float:
    """Unrelated numbers of either sign, and far from 0 to 1: no controller may rely on a range."""
    return float(rng_from(0, json.dumps(architecture)).normal() * 100)


REWARDS: tuple[Reward, ...] = (flat, additive, rough)
