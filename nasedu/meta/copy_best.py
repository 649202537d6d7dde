"""The simplest thing that can be carried over, and often the hardest to beat: what was best before."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, rng_from
from nasedu.core.ranking import first_best, ranks
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.prior import Evidence, Prior, checked_about
from nasedu.meta.task_similarity import TaskSimilarity

MIDDLING = 0.5


class CopyBest(Prior):
    """Asks the best architectures of earlier studies first, then lets the controller go on.

    Each architecture is judged by its mean rank over the tasks that tried it, where 1 is a task's best and 0 its
    worst. What few tasks tried could be lucky, so each mean counts one more task, on which the architecture was
    middling: best of one task is 0.75, best of three is 0.875.

    Weighted, each task counts as much as it has turned out to be like the new one (`TaskSimilarity` in
    `nasedu.meta.task_similarity`): the list is ordered again after each answer.

    Args:
        evidence: one entry for each earlier study.
        most: how many are asked.
        weighted: let tasks that are like the new one count more.
        about: what is known about the new task, as in `Evidence.about`; only for `weighted`.
    """

    name = "copy-best"

    def __init__(self, evidence: list[Evidence], *, most: int = 5, weighted: bool = False, about: Any = ()):
        if most < 1:
            raise BadValue(f"copy-best needs most >= 1; given {most}")
        super().__init__(evidence)
        self.most = most
        self.weighted = weighted
        self.about = dict(checked_about("to come", about))

    def prepare(self, controller: Controller) -> Controller:
        if self.weighted:
            return WeightedOpening(controller, self)
        return Opening(controller, best_of_before(self.evidence, self.most))


def best_of_before(evidence: Sequence[Evidence], most: int) -> list[Architecture]:
    """Return at most `most` of the architectures that were tried, those with the best mean rank first."""
    architectures, table = ranks_by_task(evidence)
    order = np.argsort(-mean_ranks(table), kind="stable")[:most]
    return [architectures[place] for place in order.tolist()]


def ranks_by_task(evidence: Sequence[Evidence]) -> tuple[list[Architecture], np.ndarray]:
    """Return all that was tried, and its rank on each task: (tasks, architectures), NaN where it was not tried."""
    tried = [e.scores for e in evidence if e.trials]
    architectures = list(dict.fromkeys(architecture for scores in tried for architecture in scores))
    places = {architecture: place for place, architecture in enumerate(architectures)}
    table = np.full((len(tried), len(architectures)), np.nan)
    for row, scores in enumerate(tried):
        own = ranks(list(scores.values()))
        table[row, [places[a] for a in scores]] = own / own.max()  # a task's best has rank 1, however few it tried
    return architectures, table


def mean_ranks(table: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Return the mean rank of each architecture over the tasks that tried it, and one more on which it was middling.

    Args:
        table: as `ranks_by_task` gives it.
        weights: of the tasks, (tasks,), with the sum 1; the middling task weighs as much as an average one.
    """
    weights = np.ones(len(table)) if weights is None else weights * len(table)
    known = np.where(np.isnan(table), 0.0, 1.0) * weights[:, None]
    return ((known * np.nan_to_num(table)).sum(axis=0) + MIDDLING) / (known.sum(axis=0) + 1)


class Opening(Wrapped):
    """Asks a list of architectures first, and is the controller inside from then on.

    What somebody else asked or told before is not asked again.
    """

    name = "opening"

    def __init__(self, inner: Controller, first: list[Architecture]):
        super().__init__(inner)
        self.first = first
        self._left = dict.fromkeys(first)

    def ask(self) -> Architecture:
        if not self._left:
            return self.inner.ask()
        architecture = next(iter(self._left))
        self.expect(architecture)
        return architecture

    def expect(self, architecture: Architecture) -> None:
        self._left.pop(architecture, None)
        self.inner.expect(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        self.inner.tell(architecture, reward)
        self._left.pop(architecture, None)


class WeightedOpening(Wrapped):
    """An opening whose list is ordered again after each answer, by how alike the tasks are."""

    name = "weighted-opening"

    def __init__(self, inner: Controller, prior: CopyBest):
        super().__init__(inner)
        self.prior = prior
        self.architectures, self.table = ranks_by_task(prior.evidence)
        pool = CandidatePool(inner.space, prior.evidence, seed=inner.seed)
        self.task_similarity = TaskSimilarity(pool, rng_from(inner.seed, "copy-best"), prior.about)
        self._places = {architecture: place for place, architecture in enumerate(self.architectures)}
        self._free = np.ones(len(self.architectures), dtype=bool)
        self._asked = 0

    def ask(self) -> Architecture:
        if self._asked >= self.prior.most or not self._free.any():
            return self.inner.ask()
        self._asked += 1
        worth = np.where(self._free, mean_ranks(self.table, self.task_similarity.weights), -np.inf)
        architecture = self.architectures[first_best(worth)]
        self._take(architecture)
        self.inner.expect(architecture)
        return architecture

    def expect(self, architecture: Architecture) -> None:
        self.inner.expect(architecture)
        self._take(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        self.inner.tell(architecture, reward)
        self._take(architecture)
        if self._asked <= self.prior.most and self._free.any():
            self.task_similarity.tell(architecture, reward)

    def _take(self, architecture: Architecture) -> None:
        """Note that an architecture of the list is asked, by this opening or by somebody else."""
        if architecture in self._places:
            self._free[self._places[architecture]] = False
