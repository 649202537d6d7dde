"""Policy gradients without a network: a table with a row of logits for each decision. Lesson 05 begins with it.

Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning", Machine Learning
8, 1992, section 4.
"""

from typing import Any

import numpy as np

from nasedu.controllers.policy_gradient import PolicyGradient, Step, Weights
from nasedu.core import BadValue


class TabularReinforce(PolicyGradient):
    """A table of logits over the walk through any space, trained by REINFORCE with plain gradient ascent.

    Each decision has a row with a logit for every choice; all are 0 at first, so each open choice is equally likely.
    For an architecture with reward R, each logit of a row that its walk met moves by

        learning_rate * (R - baseline) / spread * ((1 if the choice was taken, else 0) - its probability)

    plus the entropy bonus's part. Baseline, spread and options are those of `nasedu.controllers.reinforce.Reinforce`.

    Args:
        space: the space to choose from.
        rows: what has a row of its own: "state" (`space.key(state)`, as in Q-learning) or "position", the number of
            choices so far. A policy by position draws each choice without a look at the others.
        learning_rate: the step size. Of 0.1, 0.3 and 1.0, the last was best on few/digits and anywhere/hebrew.
        entropy, baseline_decay, baseline, batch, reward_power: see `Reinforce`.
    """

    name = "reinforce-table"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        rows: str = "state",
        learning_rate: float = 1.0,
        entropy: float = 0.0,
        baseline_decay: float = 0.9,
        baseline: str = "moving-average",
        batch: int = 1,
        reward_power: int = 1,
    ):
        if rows not in ("state", "position"):
            raise BadValue(f"rows is 'state' or 'position'; given {rows!r}")
        super().__init__(
            space,
            seed=seed,
            learning_rate=learning_rate,
            entropy=entropy,
            baseline_decay=baseline_decay,
            baseline=baseline,
            batch=batch,
            reward_power=reward_power,
        )
        self.rows = rows

    def begin(self) -> Any:
        return None

    def recall(self, memory: Any, before: int, state: Any, depth: int) -> Any:
        """Return the name of the row; what was known before does not matter."""
        return depth if self.rows == "position" else self.space.key(state)

    def logits(self, memory: Any, columns: list[int]) -> np.ndarray:
        return self.row(memory)[columns]

    def row(self, name: Any) -> np.ndarray:
        """Return the logits of a row, one for each choice of the space, (choices,); zeros if it is new."""
        return self.weights.setdefault(name, np.zeros(len(self._column)))

    def backward(self, steps: list[Step], slopes: list[np.ndarray]) -> Weights:
        grad: Weights = {}
        for step, to_logits in zip(steps, slopes, strict=True):
            grad.setdefault(step.after, np.zeros(len(self._column)))[step.columns] += to_logits
        return grad

    def climb(self, gradient: Weights) -> None:
        for name, g in gradient.items():
            self.weights[name] += self.learning_rate * g
