"""Learned surrogates: models of earlier tasks, and one of the new task, decide together what to try next.

Feurer, Letham, Bakshy, "Scalable Meta-Learning for Bayesian Optimization using Ranking-Weighted Gaussian Process
Ensembles" (RGPE), AutoML workshop at ICML 2018. Lesson 15.
"""

from typing import Any

import numpy as np

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, rng_from
from nasedu.core.ranking import first_best
from nasedu.meta.candidate_pool import MODELS, CandidatePool
from nasedu.meta.copy_best import best_of_before
from nasedu.meta.ensemble import COMBINATIONS, Vote, by_scores, vote
from nasedu.meta.prior import Evidence, Prior, checked_about
from nasedu.meta.task_similarity import TaskSimilarity, landmark_places

PATIENT = 10
"""With n networks seen, the models are asked again after n / PATIENT more: each counts for less, and costs more."""


class Surrogate(Prior):
    """Asks what a model of scores, learned on earlier tasks and corrected by the new one, expects to be best.

    1. Each earlier task gets a model that predicts scores, as normal scores of the ranks in its study.
    2. The first questions are what `CopyBest` would ask, and landmarks: networks that are good where those are not,
       and so tell the earlier tasks apart (see `landmark_places` in `nasedu.meta.task_similarity`). They are
       evaluations like any other.
    3. From then on the models are combined, and what they expect to be best of all that was not tried is asked:

       - "ranks", RGPE: the weighted mean of all models, where a model of the new task's own trials is one more. Each
         weighs as much as the share of bootstrap draws in which it puts the fewest pairs of what was seen in the
         wrong order; the new task's own is judged by what it predicts of each network without having seen it.
       - "scores": a Gaussian process for the new task, whose covariance says that it is a weighted sum of the
         earlier tasks, with unknown weights, and something of its own (see `nasedu.meta.ensemble`).

    The controller inside is told everything, and is asked when the models have nothing left to propose. The twin,
    `gp-cold`, has the same features and a Gaussian process, too; it asks by expected improvement, not by the mean.

    Args:
        evidence: one entry for each earlier study.
        model: of an earlier task: "gaussian" (a Gaussian process) or "boosting" (scikit-learn's gradient boosting).
        combine: "ranks" or "scores". On the atlas both are as good where the new task is like others; where it is like
            none, "ranks" came back to its own evidence sooner.
        copied: how many of the best of before are asked first. On tasks of the atlas that are much like most others,
            copying needs one to three questions, and no model did better.
        landmarks: how many are asked then; with `copied` 0 too, the models choose from the start.
        optimism: how many standard deviations are added to what is expected ("scores" only).
        about: what is known about the new task, as in `Evidence.about`: tasks that it is alike weigh more at the start.
    """

    name = "surrogate"
    twin = "gp-cold"

    def __init__(
        self,
        evidence: list[Evidence],
        *,
        model: str = "gaussian",
        combine: str = "ranks",
        copied: int = 3,
        landmarks: int = 1,
        optimism: float = 0.5,
        about: Any = (),
    ):
        if model not in MODELS or combine not in COMBINATIONS:
            raise BadValue(
                f"surrogate needs a model of {', '.join(MODELS)} and combine of {', '.join(COMBINATIONS)}; given "
                f"{model=}, {combine=}"
            )
        if min(copied, landmarks, optimism) < 0:
            raise BadValue(
                "surrogate needs copied >= 0, landmarks >= 0 and optimism >= 0; given "
                f"{copied=}, {landmarks=}, {optimism=}"
            )
        super().__init__(evidence)
        self.model = model
        self.combine = combine
        self.copied = copied
        self.landmarks = landmarks
        self.optimism = optimism
        self.about = dict(checked_about("to come", about))

    def prepare(self, controller: Controller) -> Controller:
        return SurrogateSearch(controller, self)


class SurrogateSearch(Wrapped):
    """The search that `Surrogate` opens.

    Args:
        inner: the controller that is told everything, and asked in the end.
        prior: what opened it.

    Attributes:
        vote: what the models said when they were last asked; None before, and if they are not combined by ranks.
        asked_by: what chose the last question: "copied", "landmark", "models", or "controller" for the one inside.
    """

    name = "surrogate-search"

    def __init__(self, inner: Controller, prior: Surrogate):
        super().__init__(inner)
        self.prior = prior
        self.pool = CandidatePool(inner.space, prior.evidence, model=prior.model, seed=inner.seed)
        self.task_similarity = TaskSimilarity(self.pool, rng_from(inner.seed, "surrogate", "likeness"), prior.about)
        copied = [self.pool.place(a) for a in best_of_before(self.pool.evidence, prior.copied)]
        copied = list(dict.fromkeys(copied))  # two that build the same function stand in one place
        landmarks = landmark_places(self.pool.said, prior.landmarks, self.task_similarity.before, copied)
        self._first = [*((place, "copied") for place in copied), *((place, "landmark") for place in landmarks)]
        self.vote: Vote | None = None
        self.asked_by = ""
        self._taken: set[int] = set()
        self._expected: np.ndarray | None = None  # of every member; None: to be computed anew
        self._stale = 0  # answers since it was computed

    def ask(self) -> Architecture:
        place, self.asked_by = self._next_place()
        if place is None:
            architecture = self.inner.ask()
            self._taken.add(self.pool.place(architecture))
            return architecture
        self._taken.add(place)
        architecture = self.pool.architectures[place]
        self.inner.expect(architecture)
        return architecture

    def _next_place(self) -> tuple[int | None, str]:
        """Return the place of the next question in the pool, and what chose it."""
        while self._first:
            place, why = self._first.pop(0)
            if place not in self._taken:
                return place, why
        if len(self._taken) == len(self.pool.architectures):
            return None, "controller"
        worth = self.expected().copy()
        worth[list(self._taken)] = -np.inf
        return first_best(worth), "models"

    def expect(self, architecture: Architecture) -> None:
        self.inner.expect(architecture)
        self._taken.add(self.pool.place(architecture))

    def tell(self, architecture: Architecture, reward: float) -> None:
        best = max(self.task_similarity.rewards, default=float("-inf"))
        self.inner.tell(architecture, reward)
        self.task_similarity.tell(architecture, reward)
        self._taken.add(self.pool.place(architecture))
        if reward > best and not self.pool.whole:
            self.pool.add(self.space.neighbours(architecture))
            self._expected = None
        self._stale += 1
        if self._stale * PATIENT > len(self.task_similarity.places):
            self._expected = None

    def expected(self) -> np.ndarray:
        """Return what the models together expect of every member of the pool: (members,), on a scale without a unit."""
        if self._expected is None:
            if self.prior.combine == "ranks":
                self.vote = vote(self.task_similarity)
                self._expected = self.vote.expected
            else:
                self._expected = by_scores(self.task_similarity, self.prior.optimism)
            self._stale = 0
        return self._expected

    def status(self) -> dict[str, float]:
        """Return the inner controller's status and the similarity of the most similar earlier task."""
        seen = self.task_similarity.correlations().values() if len(self.task_similarity.places) > 1 else ()
        return {**self.inner.status(), "similarity": float(max(seen, default=0.0))}
