"""Bayesian optimisation with a Gaussian process that knows nothing in advance.

Expected improvement over all networks of a space: Jones, Schonlau, Welch, "Efficient Global Optimization of Expensive
Black-Box Functions", 1998. It is the mind of the prior `mixture` (`nasedu.meta.mixture`) without its memory: what the
prior gains over it is what earlier tasks taught. Lesson 15.
"""

from typing import Any

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.controllers.candidates import Candidates
from nasedu.controllers.processes import Posterior, posterior
from nasedu.core import Architecture, BadValue
from nasedu.core.ranking import first_best

PATIENT = 10
"""With n rewards known, the model is asked again after n / PATIENT more: each counts for less, and costs more."""


class GPCold(Controller):
    """Asks the network that improves most, as a Gaussian process expects that knows nothing in advance.

    The scores are modelled by a Gaussian process over the features of `nasedu.controllers.candidates.features`, as
    normal scores of their ranks. Networks that build the same function are asked once.

    Args:
        space: the space to choose from; of a large one a sample is considered, and the neighbours of each new best.
        first: networks drawn at random at the start; what a prior told counts as one.
    """

    name = "gp-cold"

    def __init__(self, space: Any, *, seed: int = 0, first: int = 3):
        if first < 1:
            raise BadValue(f"gp-cold needs first >= 1; given {first!r}")
        super().__init__(space, seed=seed)
        self.first = first
        self.model = ProcessModel(Candidates(space, seed=seed))

    def ask(self) -> Architecture:
        place = self.model.best() if self.rewards and len(self.rewards) + len(self.pending) >= self.first else None
        if place is None:  # at the start; or all networks are known, and only another way to write one is left
            architecture = self.first_new(lambda _: self.space.sample_uniform(self.rng))
        else:
            architecture = self.model.pool.architectures[place]
        self.expect(architecture)
        return architecture

    def expect(self, architecture: Architecture) -> None:
        super().expect(architecture)
        self.model.take(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        self.model.tell(architecture, reward)


class ProcessModel:
    """The candidates of a search, what was seen of them, and what Gaussian processes expect of the others.

    Attributes:
        pool: the candidates.
        seen: the reward at each place.
        last: what was computed last; None before.
    """

    def __init__(self, pool: Candidates):
        self.pool = pool
        self.seen: dict[int, float] = {}
        self.last: Posterior | None = None
        self._taken: set[int] = set()
        self._known: dict[bool, tuple[int, Posterior]] = {}  # and how many rewards were known then

    def take(self, architecture: Architecture) -> int:
        """Note that an architecture is asked, and return its place."""
        place = self.pool.place(architecture)
        self._taken.add(place)
        return place

    def is_free(self, place: int) -> bool:
        """Return whether a member was neither asked nor told."""
        return place not in self._taken

    def tell(self, architecture: Architecture, reward: float) -> None:
        """Learn a reward; around a new best, a sampled pool grows."""
        better = reward > max(self.seen.values(), default=float("-inf"))
        self.seen[self.take(architecture)] = reward
        if better:
            self._known.clear()
            if not self.pool.whole:
                self.pool.add(self.pool.space.neighbours(architecture))

    def best(self, expectations: np.ndarray | None = None, before: np.ndarray | None = None) -> int | None:
        """Return the place of the free member with the highest expected improvement; None if none is free.

        Args:
            expectations, before: as for `posterior`.
        """
        if len(self._taken) == len(self.pool.architectures):
            return None
        count, found = self._known.get(expectations is not None, (0, None))
        if found is None or (len(self.seen) - count) * PATIENT > len(self.seen):
            told = list(self.seen), list(self.seen.values())
            found = posterior(self.pool.X, *told, expectations, before, self.pool.learned)
            self._known[expectations is not None] = len(self.seen), found
        self.last = found
        worth = np.full(len(self.pool.architectures), -np.inf)
        worth[: len(found.improvement)] = found.improvement
        worth[list(self._taken)] = -np.inf
        if np.isneginf(worth).all():  # all that looked promising are taken
            return next(place for place in range(len(worth)) if place not in self._taken)
        return first_best(worth)
