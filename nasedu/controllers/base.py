"""The contract of a controller: it decides what to try next, from rewards alone.

    class MutateTheBest(Controller):
        '''Asks a neighbour of the best architecture so far.'''

        def ask(self):
            if not self.rewards:
                return self.space.sample(self.rng)
            return self.space.mutate(max(self.rewards, key=self.rewards.get), self.rng)

The same seed and the same rewards always give the same questions. To continue a study, a new controller is asked and
told again everything that was recorded. A controller therefore needs no code to save or load itself.
`nasedu.testing.check_controller` tests whether your controller keeps this contract.
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

    Every further argument of a subclass is kept under its own name, so that a store can record which controller a
    study had (see `nasedu.core.describe`).

    Args:
        space: the space to choose from.
        seed: of the random numbers behind its choices.
    """

    name: ClassVar[str] = ""

    def __init__(self, space: Any, *, seed: int = 0):
        if hasattr(space, "check"):  # an object that replaces a space, as in tests, need not have it
            space.check()
        self.space = space
        self.seed = seed
        self.rng = rng_from(seed, type(self).__name__)
        self.rewards: dict[Architecture, float] = {}
        self.pending: dict[Architecture, None] = {}
        self.parents: dict[Architecture, tuple[Architecture, ...]] = {}
        """For each architecture, those from which the controller made it; empty if it makes none from others."""
        self._in_order: Iterator[Architecture] | None = None

    @abstractmethod
    def ask(self) -> Architecture:
        """Return the architecture to try next. It may be called several times before the next `tell`.

        Raises:
            Exhausted: if there is nothing left that it would ask.
        """

    def tell(self, architecture: Architecture, reward: float) -> None:
        """Learn the reward of an architecture: one that it asked, or one from a prior or a person.

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

    def expect(self, architecture: Architecture) -> None:
        """Learn that somebody else has asked an architecture, so that it need not be asked; its reward will be told.

        The architecture is one that the space can read. Nothing else may depend on when this is called: a resume calls
        it at the place at which the architecture was asked.
        """
        self.pending[architecture] = None

    def allows(self, architecture: Architecture) -> bool:
        """Return whether an architecture is within the limits of this search; without limits, every one is."""
        return True

    def status(self) -> dict[str, float]:
        """Return numbers to show during the search, such as epsilon. Default: none."""
        return {}

    def learned(self) -> list[dict[str, Any]]:
        """Return what the controller has learned, as rows for a table or a plot. Default: nothing.

        Each row: `depth` (position in the walk, from 0), `choice`, `value`, `visits`.
        """
        return []

    # ------------------------------------------------------------------ for subclasses

    def is_new(self, architecture: Architecture) -> bool:
        """Return whether an architecture was neither told nor asked before."""
        return architecture not in self.rewards and architecture not in self.pending

    def first_new(self, propose: Callable[[int], Architecture], tries: int = 100) -> Architecture:
        """Return the first new architecture among proposals, and mark it as pending.

        `propose` receives the number of its proposals that were not new, so that it can explore more. After `tries`
        failures, random walks are tried. After `tries` random walks, the first new architecture in the order of the
        space is taken: the space is then nearly exhausted.

        Raises:
            Exhausted: every architecture of the space was asked or told.
        """
        for attempt in range(2 * tries):
            architecture = propose(attempt) if attempt < tries else self.space.sample(self.rng)
            if self.is_new(architecture):
                break
        else:
            # An architecture that is not new now will never be new again: one pass serves all later calls of `ask`.
            self._in_order = self._in_order or filter(self.is_new, self.space.enumerate())
            try:
                architecture = next(self._in_order)
            except StopIteration:
                count = len(self.rewards) + len(self.pending)
                raise Exhausted(f"all {count} architectures of the space were asked") from None
        self.pending[architecture] = None
        return architecture


class Wrapped(Controller):
    """A controller around another one: a subclass changes what is asked; everything else goes to the inner controller.

    Args:
        inner: the controller that learns.
    """

    def __init__(self, inner: Controller):
        super().__init__(inner.space, seed=inner.seed)
        self.inner = inner
        self.parents = inner.parents

    def tell(self, architecture: Architecture, reward: float) -> None:
        self.inner.tell(architecture, reward)

    def expect(self, architecture: Architecture) -> None:
        self.inner.expect(architecture)

    def allows(self, architecture: Architecture) -> bool:
        return self.inner.allows(architecture)

    def status(self) -> dict[str, float]:
        return self.inner.status()

    def learned(self) -> list[dict[str, Any]]:
        return self.inner.learned()


def choices_by_weight(rng: np.random.Generator, options: Sequence[Any], weights: Sequence[float]) -> Any:
    """Return one of the options with a probability proportional to its weight.

    Weights are at least 0, and their sum is greater than 0.
    """
    cumulated = list(accumulate(weights))
    return options[bisect_right(cumulated, rng.random() * cumulated[-1])]
