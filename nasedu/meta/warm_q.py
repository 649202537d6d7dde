"""A Q-table that starts from earlier tasks.

No established paper carries a Q-table over to a new task: this is the course's own experiment, and lesson 15 shows
where it helps and where it hurts.
"""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.controllers.constrained import Constrained
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue, Mismatch
from nasedu.meta.prior import Evidence, Prior


class WarmQ(Prior):
    """Learns the table from the trials of earlier studies before the first question.

    Every earlier trial of every task is learned from, in a mixed order, `sweeps` times over, with the controller's own
    step size and target; the replay memory stays empty, so that the new task's own trials are all that is replayed.
    Exploration starts lower, since the table already knows something: compare with a cold start with the same
    `epsilon_first`.

    Args:
        evidence: one entry for each earlier study.
        sweeps: times that each earlier trial is learned from.
        epsilon_first: epsilon of the first network; from there it falls as the controller's schedule says.
    """

    name = "warm-q"

    def __init__(self, evidence: list[Evidence], *, sweeps: int = 10, epsilon_first: float = 0.5):
        if sweeps < 1 or not 0 <= epsilon_first <= 1:
            raise BadValue(
                f"warm-q needs sweeps >= 1 and 0 <= epsilon_first <= 1; given sweeps={sweeps}, "
                f"epsilon_first={epsilon_first}"
            )
        super().__init__(evidence)
        self.sweeps = sweeps
        self.epsilon_first = epsilon_first

    def open(self, controller: Controller) -> Controller:
        if isinstance(controller, Constrained):
            return controller.around(self.open(controller.inner))
        if not isinstance(controller, QLearning):
            raise Mismatch(
                f"warm-q warms a Q-table, and the controller is {controller.name or type(controller).__name__!r}: "
                "use the controller q-learning, or the prior copy-best"
            )
        self.check_space(controller.space)
        for trajectory, score in self._lessons(controller):
            for _ in controller.learn(trajectory, score):
                pass
        controller.epsilon_first = self.epsilon_first
        return controller

    def _lessons(self, controller: QLearning) -> list[tuple[Any, float]]:
        """Every earlier trial as the table sees it, in an order that mixes the tasks, `sweeps` times over."""
        trials = [trial for evidence in self.evidence for trial in evidence.trials]
        once = [(controller.trajectory(architecture), score) for architecture, score in trials]
        return [once[i] for _ in range(self.sweeps) for i in controller.rng.permutation(len(once))]
