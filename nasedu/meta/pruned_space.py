"""A space with some of its choices taken away, and still a space like any other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nasedu.core import Architecture, BadValue, describe
from nasedu.spaces.base import Choice, Space, State
from nasedu.trainers.base import Wrapper

if TYPE_CHECKING:
    from torch import nn


class PrunedSpace(Space):
    """Offers fewer choices than the space inside it: those that earlier tasks gave no reason to try again are left out.

    Every architecture of it is one of the space inside, so what is found in it can be read there. A state that would
    lose its last choice keeps all of them: every walk still ends in a complete network.

    Args:
        inner: the space.
        dropped: what is left out: `place(space, state)` to the choices that are not offered there.

    Raises:
        BadValue: a space that is narrowed already; narrow the one inside it instead.
    """

    name = "narrowed"

    def __init__(self, inner: Space, dropped: Mapping[str, Sequence[Choice]]):
        if isinstance(inner, PrunedSpace):
            raise BadValue("this space is narrowed already: narrow the space inside it, `narrowed.inner`")
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
        left_out = self.dropped.get(place(self.inner, state), ())
        return tuple(choice for choice in every if choice not in left_out) or every

    def step(self, state: State, choice: Choice) -> State:
        return self.inner.moves(state)[choice]

    def explain(self, state: State, choice: Choice) -> str:
        if choice in self.inner.moves(state):
            return f"narrowed away: {choice!r} was tried here on earlier tasks, and never among the better half"
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
        """Those of the space inside, also where they are narrowed away: a search is shown beside them."""
        return self.inner.hand_picked()

    def vocabulary(self) -> tuple[dict[Choice, int], int]:
        return self.inner.vocabulary()

    def encode(self, architecture: Architecture) -> np.ndarray:
        """As the space inside encodes it, so that what was learned about one of the two holds for the other."""
        return self.inner.encode(architecture)

    def measure(self, name: str, architecture: Architecture) -> int:
        return self.inner.measure(name, architecture)

    def draw(self, architecture: Architecture) -> str:
        return self.inner.draw(architecture)

    @property
    def title(self) -> str:
        return f"{self.inner.title}, narrowed"


def place(space: Space, state: State) -> str:
    """Where a walk stands, as text that a store can hold: what a tabular learner sees of the state."""
    return repr(space.key(state))


def whole(space: Space) -> Space:
    """The space without its narrowing."""
    return space.inner if isinstance(space, PrunedSpace) else space


def whole_description(description: dict[str, Any]) -> dict[str, Any]:
    """The description of the whole space, from that of a narrowed one as a store keeps it."""
    return description["inner"] if description["name"] == PrunedSpace.name else description


class Within(Wrapper):
    """A trainer for a whole space, at work in a narrowed one: what an architecture is worth is the same in both.

    Args:
        trainer: made for the whole space.
        space: the narrowed one.
    """

    def __init__(self, trainer: Any, space: Space):
        super().__init__(trainer)
        self.space = space

    @property
    def described_by(self) -> Any:
        """A study says in its space what was narrowed; the trainer is the same (see `nasedu.core.describe`)."""
        return self.trainer


def at_work_in(space: Space, trainer: Any) -> Any:
    """The trainer, ready for a study of this space."""
    return trainer if describe(trainer.space) == describe(space) else Within(trainer, space)
