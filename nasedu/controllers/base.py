"""The contract of a controller: it decides what to try next, from rewards alone.

    class MutateTheBest(Controller):
        '''Asks a neighbour of the best architecture so far.'''

        def ask(self):
            if not self.rewards:
                return self.space.sample(self.rng)
            return self.space.mutate(max(self.rewards, key=self.rewards.get), self.rng)

Same seed and same rewards, same questions, always: a study is continued by asking and telling again everything that
was recorded, so a controller needs no code to save or load itself. `nasedu.testing.check_controller` holds yours to it.
"""

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from nasedu.core import Architecture, BadValue, Exhausted, rng_from


class Controller(ABC):
    """Asks for architectures and is told their rewards.

    Args:
        space: what to choose from.
        seed: what its choices are drawn from. Every further argument of a subclass is kept under its own name, so
            that a store can say which controller a study had (see `nasedu.core.describe`).
    """

    name: ClassVar[str] = ""

    def __init__(self, space: Any, *, seed: int = 0):
        if hasattr(space, "check"):  # a stand-in for a space need not have it
            space.check()
        self.space = space
        self.seed = seed
        self.rng = rng_from(seed, type(self).__name__)
        self.rewards: dict[Architecture, float] = {}
        self.pending: dict[Architecture, None] = {}
        self.parents: dict[Architecture, tuple[Architecture, ...]] = {}
        """What each architecture was made from, in a controller that makes new ones from old ones; else empty."""
        self._in_order: Iterator[Architecture] | None = None

    @abstractmethod
    def ask(self) -> Architecture:
        """The architecture to try next. May be called several times before the next `tell`.

        Raises:
            Exhausted: if there is nothing left that it would ask.
        """

    def tell(self, architecture: Architecture, reward: float) -> None:
        """Learn what an architecture was worth. It need not have been asked for: that is how priors arrive.

        A subclass that learns begins with `super().tell(architecture, reward)`, which checks and remembers.

        Raises:
            BadValue: a reward that is NaN or infinite.
            BadArchitecture: an architecture that the space cannot read.
        """
        if not isinstance(reward, (int, float)) or not math.isfinite(reward):
            raise BadValue(f"a reward is a finite number; {architecture} was told {reward!r}")
        if architecture not in self.pending and architecture not in self.rewards:
            self.space.walk(architecture)
        self.rewards[architecture] = float(reward)
        self.pending.pop(architecture, None)

    def allows(self, architecture: Architecture) -> bool:
        """Whether an architecture keeps to the limits of this search; without limits, all do."""
        return True

    def status(self) -> dict[str, float]:
        """Numbers worth showing while it runs, such as epsilon. Default: none."""
        return {}

    def learned(self) -> list[dict[str, Any]]:
        """What it holds to be true, as rows for a table or a plot. Default: nothing.

        Each row: `depth` (position in the walk, from 0), `choice`, `value`, `visits`.
        """
        return []

    # ------------------------------------------------------------------ for subclasses

    def is_new(self, architecture: Architecture) -> bool:
        """Neither told nor asked before."""
        return architecture not in self.rewards and architecture not in self.pending

    def first_new(self, propose: Callable[[int], Architecture], tries: int = 100) -> Architecture:
        """The first new architecture among proposals, marked as pending.

        `propose` is given how many of its proposals were not new, so that it can become bolder. After `tries` of them,
        random walks are tried; then, in a space that is nearly exhausted, the first architecture that is new in the
        space's own order.

        Raises:
            Exhausted: every architecture of the space was asked or told.
        """
        for attempt in range(2 * tries):
            architecture = propose(attempt) if attempt < tries else self.space.sample(self.rng)
            if self.is_new(architecture):
                break
        else:
            # What is not new now never will be again, so one pass over the space serves all the asks to come.
            self._in_order = self._in_order or filter(self.is_new, self.space.enumerate())
            try:
                architecture = next(self._in_order)
            except StopIteration:
                count = len(self.rewards) + len(self.pending)
                raise Exhausted(f"all {count} architectures of the space were asked") from None
        self.pending[architecture] = None
        return architecture


class Wrapped(Controller):
    """A controller around another one: it changes what is asked, and hands everything else on.

    Args:
        inner: the controller that learns.
    """

    def __init__(self, inner: Controller):
        super().__init__(inner.space, seed=inner.seed)
        self.inner = inner
        self.parents = inner.parents

    def tell(self, architecture: Architecture, reward: float) -> None:
        self.inner.tell(architecture, reward)

    def allows(self, architecture: Architecture) -> bool:
        return self.inner.allows(architecture)

    def status(self) -> dict[str, float]:
        return self.inner.status()

    def learned(self) -> list[dict[str, Any]]:
        return self.inner.learned()


def choices_by_weight(rng: np.random.Generator, options: Sequence[Any], weights: Sequence[float]) -> Any:
    """One of the options, each as likely as its weight says; weights are at least 0, and their sum is above it."""
    cumulated = list(accumulate(weights))
    return options[bisect_right(cumulated, rng.random() * cumulated[-1])]
