"""A prior that can be forgotten: Gaussian processes around what earlier tasks say, and one around nothing.

Each earlier task offers an expectation, their mean one more, and the new task's own process expects nothing. Each
counts as much as it makes the scores likely that were seen (Bayesian model averaging). So the own process can come to
count for everything: nothing dilutes it (Feurer, Letham, Bakshy 2018, section 3.1, on the danger). Earlier tasks also
teach which networks are alike (`learned_map`), and the same likelihood decides whether this is used. Lesson 15.
"""

from typing import Any

import numpy as np

from nasedu.controllers.base import Controller, Wrapped
from nasedu.controllers.gp_cold import ProcessModel
from nasedu.core import Architecture, BadValue
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.copy_best import best_of_before
from nasedu.meta.prior import Evidence, Prior, checked_about
from nasedu.meta.task_similarity import landmark_places, weights_by_description

OWN = 0.2
"""How likely it is in advance that no earlier task says anything of the new one."""
MEAN = 0.4
"""How likely it is in advance that the mean of the earlier tasks does; the rest is shared among single tasks."""


class Mixture(Prior):
    """Asks what was best before, then where Gaussian processes around earlier tasks expect the most.

    1. The first questions are the best of before (`CopyBest`), and landmarks: networks that are good where those are
       not (`landmark_places` in `nasedu.meta.task_similarity`).
    2. From then on the questions alternate. One is the network with the highest expected improvement over all
       processes. The next is that of the new task's own process alone. All answers go to both.

    The models of the earlier tasks see learned features. The processes choose between these and the given features: for
    each question they take those that make the scores more likely. If these are the given ones, the own question is
    that of the controller `gp-cold` after the same answers.

    Nothing else bounds what a wrong prior costs. The own process expects nothing, but it may see learned features until
    the scores contradict them. `Guarded` bounds how many answers may be worse than those of the twin.

    The controller inside is told everything, and asked when no network is left.

    Args:
        evidence: one entry for each earlier study.
        copied: how many of the best of before are asked first.
        landmarks: how many are asked then.
        about: what is known about the new task, as in `Evidence.about`: tasks that it is alike are likelier in advance.
    """

    name = "mixture"
    twin = "gp-cold"

    def __init__(self, evidence: list[Evidence], *, copied: int = 1, landmarks: int = 5, about: Any = ()):
        if min(copied, landmarks) < 0 or copied + landmarks < 1:
            raise BadValue(
                f"mixture needs copied >= 0, landmarks >= 0, and at least one of both; given {copied=}, {landmarks=}"
            )
        super().__init__(evidence)
        self.copied = copied
        self.landmarks = landmarks
        self.about = dict(checked_about("to come", about))

    def prepare(self, controller: Controller) -> Controller:
        return MixtureSearch(controller, self)


class MixtureSearch(Wrapped):
    """The search that `Mixture` opens.

    Attributes:
        pool: the candidates with their given and learned features, and what the models of the earlier tasks say.
        model: the processes over the candidates.
        before: how likely each expectation is in advance, (1 + tasks + 1,): nothing, each task, their mean.
        memory: how likely it is by now that earlier tasks say something of the new one.
        asked_by: what chose the last question: "copied", "landmark", "all", "own", or "controller" for the one inside.
    """

    name = "mixture-search"

    def __init__(self, inner: Controller, prior: Mixture):
        super().__init__(inner)
        self.prior = prior
        self.pool = CandidatePool(inner.space, prior.evidence, seed=inner.seed, learn=True)
        self.model = ProcessModel(self.pool)
        likely = weights_by_description(self.pool.evidence, prior.about)
        self.before = np.array([OWN, *((1 - OWN - MEAN) * likely), MEAN])
        copied = [self.pool.place(a) for a in best_of_before(self.pool.evidence, prior.copied)]
        copied = list(dict.fromkeys(copied))  # two that build the same function stand in one place
        landmarks = landmark_places(self.pool.said, prior.landmarks, likely, copied)
        self._first = [*((place, "copied") for place in copied), *((place, "landmark") for place in landmarks)]
        self.memory = 1 - OWN
        self.asked_by = ""
        self._asked = 0

    def ask(self) -> Architecture:
        place, self.asked_by = self._next_place()
        self._asked += 1
        if place is None:
            architecture = self.inner.ask()
        else:
            architecture = self.pool.architectures[place]
            self.inner.expect(architecture)
        self.model.take(architecture)
        return architecture

    def _next_place(self) -> tuple[int | None, str]:
        """Return the place of the next question among the candidates, and what chose it."""
        while self._first:
            place, why = self._first.pop(0)
            if self.model.is_free(place):
                return place, why
        own = self._asked % 2 == 0
        found = None
        if self.model.seen and own:
            found = self.model.best()
        elif self.model.seen:
            found = self.model.best(self.expectations, self.before)
            self.memory = 1 - float(self.model.last.weights[0]) if self.model.last else self.memory
        return found, "controller" if found is None else "own" if own else "all"

    @property
    def expectations(self) -> np.ndarray:
        """Return what is expected of every member, (1 + tasks + 1, members): nothing, by each task, by their mean."""
        said = self.pool.said
        return np.vstack([np.zeros(said.shape[1]), said, said.mean(axis=0)])

    def expect(self, architecture: Architecture) -> None:
        self.inner.expect(architecture)
        self.model.take(architecture)

    def tell(self, architecture: Architecture, reward: float) -> None:
        self.inner.tell(architecture, reward)
        self.model.tell(architecture, reward)

    def status(self) -> dict[str, float]:
        """Return how likely it is by now that earlier tasks say something of the new one."""
        return {"memory": self.memory}
