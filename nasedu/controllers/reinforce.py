"""Policy gradients: a recurrent network samples architectures, and good ones become more probable.

Zoph, Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.2. The algorithm, which is the
same for every policy, is in `nasedu.controllers.policy_gradient`. Lesson 05 uses both.

The code is numpy, with the gradient written by hand. A student can read every line and check it against finite
differences.
"""

from typing import Any, ClassVar

import numpy as np

from nasedu.controllers.policy_gradient import PolicyGradient, PolicyUpdate, Step, Weights
from nasedu.core import BadValue

__all__ = ["Adam", "PolicyUpdate", "Reinforce", "Weights"]


class Reinforce(PolicyGradient):
    """An RNN policy over the walk through any space, trained by REINFORCE with a baseline and an entropy bonus.

    At each step the RNN reads the previous choice, and gives a logit to every choice of the space; closed choices get
    probability 0. For an architecture with reward R, Adam moves the weights up the gradient of

        (R - baseline) / spread * sum of log p(choice) + entropy * sum of H(p)

    The baseline is a moving average of the rewards (as in the paper). The spread is a moving average of their distance
    from the baseline (an addition of ours). It makes the step size independent of the scale of the rewards: differences
    between good networks are often a thousandth.

    An architecture that was asked before is not asked again: another one is drawn.

    Args:
        space: the space to choose from.
        hidden: units of the RNN (the paper: an LSTM of two layers of 35).
        learning_rate: Adam's step size.
        entropy: weight of the entropy bonus, which keeps the policy undecided.
        baseline_decay: the weight of the old value in the moving averages.
        baseline: "moving-average"; "leave-one-out", the mean of the other rewards in the batch; or "none".
        batch: networks whose gradients are averaged for one step.
        reward_power: R is the reward to this power (the paper: 3).
    """

    name = "reinforce"
    described_unless: ClassVar[dict[str, Any]] = {"baseline": "moving-average", "batch": 1, "reward_power": 1}

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        hidden: int = 24,
        learning_rate: float = 0.02,
        entropy: float = 0.02,
        baseline_decay: float = 0.9,
        baseline: str = "moving-average",
        batch: int = 1,
        reward_power: int = 1,
    ):
        if hidden < 1:
            raise BadValue(f"reinforce needs hidden >= 1; given {hidden=}")
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
        self.hidden = hidden
        choices = len(self._column)
        self.weights = {
            "embed": self.rng.normal(0, 0.1, (choices + 1, hidden)),  # the last row stands for "nothing yet"
            "recur": self.rng.normal(0, 1 / np.sqrt(hidden), (hidden, hidden)),
            "bias": np.zeros(hidden),
            "read": self.rng.normal(0, 0.1, (hidden, choices)),
            "offset": np.zeros(choices),
        }
        self._adam = Adam(self.weights, learning_rate)

    def begin(self) -> np.ndarray:
        return np.zeros(self.hidden)

    def recall(self, memory: np.ndarray, before: int, state: Any, depth: int) -> np.ndarray:
        w = self.weights
        return np.tanh(w["embed"][before] + memory @ w["recur"] + w["bias"])

    def logits(self, memory: np.ndarray, columns: list[int]) -> np.ndarray:
        return memory @ self.weights["read"][:, columns] + self.weights["offset"][columns]

    def backward(self, steps: list[Step], slopes: list[np.ndarray]) -> Weights:
        """Return the gradient by backpropagation through time."""
        grad = {name: np.zeros_like(value) for name, value in self.weights.items()}
        carried = np.zeros(self.hidden)
        for step, to_logits in zip(reversed(steps), reversed(slopes), strict=True):
            grad["read"][:, step.columns] += np.outer(step.after, to_logits)
            grad["offset"][step.columns] += to_logits
            to_hidden = self.weights["read"][:, step.columns] @ to_logits + carried
            to_sum = to_hidden * (1 - step.after**2)
            grad["embed"][step.before] += to_sum
            grad["bias"] += to_sum
            grad["recur"] += np.outer(step.memory, to_sum)
            carried = self.weights["recur"] @ to_sum
        return grad

    def climb(self, gradient: Weights) -> None:
        self._adam.climb(self.weights, gradient)


class Adam:
    """Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1, uphill."""

    def __init__(self, weights: Weights, rate: float, decay: float = 0.9, decay_squares: float = 0.999):
        self.rate, self.decay, self.decay_squares = rate, decay, decay_squares
        self.mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self.square = {name: np.zeros_like(value) for name, value in weights.items()}
        self.steps = 0

    def climb(self, weights: Weights, gradient: Weights) -> None:
        """Move the weights up the gradient, in place."""
        self.steps += 1
        for name, g in gradient.items():
            self.mean[name] += (1 - self.decay) * (g - self.mean[name])
            self.square[name] += (1 - self.decay_squares) * (g * g - self.square[name])
            mean = self.mean[name] / (1 - self.decay**self.steps)
            square = self.square[name] / (1 - self.decay_squares**self.steps)
            weights[name] += self.rate * mean / (np.sqrt(square) + 1e-8)
