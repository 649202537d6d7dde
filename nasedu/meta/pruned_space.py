"""A space without some of its choices. It is still a space like any other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nasedu.core import Architecture, BadValue, describe
from nasedu.spaces.base import Choice, Space, State
from nasedu.trainers.base import Wrapper

if TYPE_CHECKING:
    from torch import nn


class PrunedSpace(Space):
    """Offers the choices of the space inside it, but not those that earlier tasks gave no reason to try again.

    Every architecture of a pruned space is one of the space inside, which can read what was found. A state that would
    lose its last choice keeps all of them: every walk still ends in a complete network.

    Args:
        inner: the space.
        dropped: for `place(space, state)`, the choices that are not offered there.

    Raises:
        BadValue: a space that is pruned already; prune the one inside it instead.
    """

    name = "narrowed"  # as stores of every version know it

    def __init__(self, inner: Space, dropped: Mapping[str, Sequence[Choice]]):
        if isinstance(inner, PrunedSpace):
            raise BadValue("this space is pruned already: prune the space inside it, `pruned.inner`")
        self.inner = inner
        self.dropped = {where: sorted(dropped[where]) for where in sorted(dropped) if dropped[where]}
        for name in ("input_shape", "outputs"):
            if hasattr(inner, name):
                setattr(self, name, getattr(inner, name))

    # ------------------------------------------------------------------ the decision process

    def start(self) -> State:
        return self.inner.start()

    def choices(self, state: State) -> tuple[Choice, ...]:
        every = tuple(self.inner.moves(state))
        dropped = self.dropped.get(place(self.inner, state), ())
        return tuple(choice for choice in every if choice not in dropped) or every

    def step(self, state: State, choice: Choice) -> State:
        return self.inner.moves(state)[choice]

    def explain(self, state: State, choice: Choice) -> str:
        if choice in self.inner.moves(state):
            return f"pruned: {choice!r} was tried here on earlier tasks, and never among the better half"
        return self.inner.explain(state, choice)

    # ------------------------------------------------------------------ as the space inside says

    def build(self, architecture: Architecture) -> "nn.Module":
        self.check_architecture(architecture)
        return self.inner.build(architecture)

    def key(self, state: State) -> Any:
        return self.inner.key(state)

    def canonical(self, architecture: Architecture) -> Architecture:
        return self.inner.canonical(architecture)

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return those of the space inside, pruned or not: every search is compared with them."""
        return self.inner.hand_picked()

    def vocabulary(self) -> tuple[dict[Choice, int], int]:
        return self.inner.vocabulary()

    def encode(self, architecture: Architecture) -> np.ndarray:
        """Encode as the space inside does, so that what was learned about one of the two holds for the other."""
        return self.inner.encode(architecture)

    def measure(self, name: str, architecture: Architecture) -> int:
        return self.inner.measure(name, architecture)

    def draw(self, architecture: Architecture) -> str:
        return self.inner.draw(architecture)

    def draw_cell(self, choices: Sequence[Choice]) -> str:
        return self.inner.draw_cell(choices)

    @property
    def title(self) -> str:
        return f"{self.inner.title}, pruned"


def place(space: Space, state: State) -> str:
    """Return the place of a walk, as text that a store can hold: what a tabular learner sees of the state."""
    return repr(space.key(state))


def whole(space: Space) -> Space:
    """Return the space without its pruning."""
    return space.inner if isinstance(space, PrunedSpace) else space


def whole_description(description: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the whole space, from that of a pruned one as a store keeps it."""
    return description["inner"] if description["name"] == PrunedSpace.name else description


class Within(Wrapper):
    """A trainer of a whole space for a study of a pruned one: the score of an architecture is the same in both.

    Args:
        trainer: made for the whole space.
        space: the pruned one.
    """

    def __init__(self, trainer: Any, space: Space):
        super().__init__(trainer)
        self.space = space

    @property
    def described_by(self) -> Any:
        """Return the trainer inside: a study says in its space what was pruned (see `nasedu.core.describe`)."""
        return self.trainer


def restricted_trainer(space: Space, trainer: Any) -> Any:
    """Return the trainer, ready for a study of this space."""
    return trainer if describe(trainer.space) == describe(space) else Within(trainer, space)
