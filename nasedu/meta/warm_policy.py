"""A policy that starts from where it learns fast: Reptile on the weights of the REINFORCE controller.

Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018, algorithm 1. That a controller's weights can
be carried from task to task: Wong, Houlsby, Lu, Gesmundo, "Transfer Learning with Neural AutoML", NeurIPS 2018. Lesson
15 uses it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.controllers.reinforce import Adam, Reinforce, Weights
from nasedu.core import Architecture, BadValue, Mismatch
from nasedu.core.ranking import normal_scores
from nasedu.meta.prior import Evidence, Prior


class Adaptation(NamedTuple):
    """One round of Reptile: on which task, how far its adapted weights were away, and the share that was gone."""

    task: str
    distance: float
    step: float


class WarmPolicy(Prior):
    """Meta-trains the weights of the REINFORCE controller over earlier tasks, by Reptile, before the first question.

    Each round takes one earlier task and a copy of the weights, and makes `inner` steps on the copy towards the good
    networks of that task. Then the weights go a part of the way to where the copy ended up. After many rounds they lie
    where a few steps lead to a good policy for each of the tasks.

    The networks of an earlier study were chosen by that study, not by this policy, so its inner steps cannot be
    REINFORCE itself. They climb the same log-probability, for networks drawn as exp(normal score / temperature) says:
    those that were good there come often (advantage-weighted regression, Peng et al. 2019).

    Args:
        evidence: one entry for each earlier study.
        rounds: tasks that are visited, in turn.
        inner: steps on each.
        step: the part of the way that is gone in the first round; it falls to 0 in a straight line, as in the paper.
        temperature: how much better networks are preferred; the smaller, the more.
    """

    name = "warm-policy"

    def __init__(
        self,
        evidence: list[Evidence],
        *,
        rounds: int = 40,
        inner: int = 8,
        step: float = 0.5,
        temperature: float = 0.5,
    ):
        if rounds < 1 or inner < 1 or not 0 < step <= 1 or temperature <= 0:
            raise BadValue(
                "warm-policy needs rounds >= 1, inner >= 1, 0 < step <= 1 and temperature > 0; given "
                f"{rounds=}, {inner=}, {step=}, {temperature=}"
            )
        super().__init__(evidence)
        self.rounds = rounds
        self.inner = inner
        self.step = step
        self.temperature = temperature

    def prepare(self, controller: Controller) -> Controller:
        if not isinstance(controller, Reinforce):
            name = controller.name or type(controller).__name__
            raise Mismatch(
                f"warm-policy warms the weights of a policy, and the controller is {name!r}: use the controller "
                "reinforce, or the prior copy-best"
            )
        for _ in self.meta_train(controller):
            pass
        return controller

    def meta_train(self, controller: Reinforce) -> Iterator[Adaptation]:
        """Run Reptile, round by round; the controller's weights are changed in place."""
        tasks = [(e.task, list(e.scores), self._odds(e)) for e in self.evidence if e.trials]
        for number in range(self.rounds):
            task, architectures, odds = tasks[number % len(tasks)]
            chosen = controller.rng.choice(len(architectures), size=self.inner, p=odds).tolist()
            start = {name: value.copy() for name, value in controller.weights.items()}
            self._adapt(controller, [architectures[place] for place in chosen])
            step = self.step * (1 - number / self.rounds)
            distance = 0.0
            for name, adapted in controller.weights.items():
                distance += float(((adapted - start[name]) ** 2).sum())
                adapted[:] = start[name] + step * (adapted - start[name])
            yield Adaptation(task, distance**0.5, step)

    def _odds(self, evidence: Evidence) -> np.ndarray:
        """How likely each network of a task is to be learned from, (networks,)."""
        odds = np.exp(normal_scores(list(evidence.scores.values())) / self.temperature)
        return odds / odds.sum()

    def _adapt(self, controller: Reinforce, architectures: list[Architecture]) -> None:
        """The inner steps, by an Adam of their own."""
        weights: Weights = controller.weights
        adam = Adam(weights, controller.learning_rate)
        for architecture in architectures:
            adam.climb(weights, controller.gradient(architecture, 1.0))
