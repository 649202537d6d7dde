"""Tiny spaces to check controllers on. Each tests one thing that often breaks a controller.

They import torch only when they build a network.
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
    """Layers of a few widths, for inputs of eight numbers and three classes.

    It counts the calls of `moves`. A controller that calls it 300,000 times for one question, in a space of a few
    dozen architectures, is in an endless loop. The space then raises Broken.
    """

    input_shape = (8,)
    outputs = 3

    def __init__(self) -> None:
        self.looks = 0

    def new_question(self) -> None:
        """Set the count of calls to 0."""
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
    """Every walk has three steps, with two or three choices each: 12 architectures."""

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return (("4", "8"), ("4", "8", "16"), ("4", "8"), ())[state]

    def step(self, state: int, choice: Choice) -> int:
        return state + 1


class VariableLength(TinySpace):
    """A walk may stop after any layer, and layers never get wider: choices depend on earlier ones. 20 architectures.

    `key` gives states with different open choices the same key, as MetaQNN's does.
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
    """One architecture of two steps: there is nothing to choose."""

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[Choice, ...]:
        return (("8",), ("stop",), ())[state]

    def step(self, state: int, choice: Choice) -> int:
        return state + 1


TINY: tuple[type[TinySpace], ...] = (FixedLength, VariableLength, OneMember)


# ---------------------------------------------------------------------- rewards of the architectures

Reward = Callable[[Architecture], float]


def flat(architecture: Architecture) -> float:
    """Return the same reward for every architecture: every choice is a tie."""
    return 0.5


def additive(architecture: Architecture) -> float:
    """Return a reward that grows with the widths: a learner should find the widest network."""
    return sum(int(choice) for choice in architecture if choice.isdigit()) / 48


def rough(architecture: Architecture) -> float:
    """Return an independent normal number (standard deviation 100): no controller may rely on rewards from 0 to 1."""
    return float(rng_from(0, json.dumps(architecture)).normal() * 100)


REWARDS: tuple[Reward, ...] = (flat, additive, rough)
