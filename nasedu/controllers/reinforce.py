"""Policy gradients: a recurrent network samples architectures, and good ones become more probable.

Zoph, Le, "Neural Architecture Search with Reinforcement Learning", ICLR 2017, section 3.2; REINFORCE: Williams,
Machine Learning 8, 1992. The entropy bonus is that of ENAS (Pham et al., ICML 2018).

The code is numpy, with the gradient written by hand. A student can read every line and check it against finite
differences.
"""

from typing import Any

import numpy as np

from nasedu.controllers.base import Controller, choices_by_weight
from nasedu.core import Architecture, BadValue

Weights = dict[str, np.ndarray]


class Reinforce(Controller):
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
    """

    name = "reinforce"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        hidden: int = 24,
        learning_rate: float = 0.02,
        entropy: float = 0.02,
        baseline_decay: float = 0.9,
    ):
        if hidden < 1 or learning_rate <= 0 or entropy < 0 or not 0 <= baseline_decay < 1:
            raise BadValue(
                "reinforce needs hidden >= 1, learning_rate > 0, entropy >= 0 and 0 <= baseline_decay < 1; given "
                f"{hidden=}, {learning_rate=}, {entropy=}, {baseline_decay=}"
            )
        super().__init__(space, seed=seed)
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.entropy = entropy
        self.baseline_decay = baseline_decay

        self._column, _ = space.vocabulary()
        choices = len(self._column)
        self.weights: Weights = {
            "embed": self.rng.normal(0, 0.1, (choices + 1, hidden)),  # the last row stands for "nothing yet"
            "recur": self.rng.normal(0, 1 / np.sqrt(hidden), (hidden, hidden)),
            "bias": np.zeros(hidden),
            "read": self.rng.normal(0, 0.1, (hidden, choices)),
            "offset": np.zeros(choices),
        }
        self._adam = Adam(self.weights, learning_rate)
        self.baseline: float | None = None
        self.spread = 0.0

    # ------------------------------------------------------------------ the policy

    def ask(self) -> Architecture:
        return self.first_new(lambda attempt: self.draw(noise=0.01 * 2 ** (attempt // 5) if attempt else 0.0))

    def draw(self, noise: float = 0.0) -> Architecture:
        """Return an architecture from the policy; `noise` is added weight, spread evenly over the open choices."""
        state = self.space.start()
        architecture: list[str] = []
        hidden, before = np.zeros(self.hidden), -1
        while moves := self.space.moves(state):
            columns = [self._column[choice] for choice in moves]
            hidden = self._next_hidden(hidden, before)
            weights = self._probabilities(hidden, columns) + noise / len(columns)
            choice = choices_by_weight(self.rng, list(moves), weights.tolist())
            architecture.append(choice)
            before, state = self._column[choice], moves[choice]
        return tuple(architecture)

    def probabilities(self, architecture: Architecture) -> list[dict[str, float]]:
        """Return for each choice of a walk the probability that the policy gives to each open one."""
        forward = zip(self.space.walk(architecture), self._forward(architecture), strict=True)
        return [dict(zip(self.space.moves(step.state), p.tolist(), strict=True)) for step, (*_, p, _) in forward]

    def _next_hidden(self, hidden: np.ndarray, before: int) -> np.ndarray:
        w = self.weights
        return np.tanh(w["embed"][before] + hidden @ w["recur"] + w["bias"])

    def _probabilities(self, hidden: np.ndarray, columns: list[int]) -> np.ndarray:
        """Return the probabilities of the open choices alone, in their order."""
        logits = hidden @ self.weights["read"][:, columns] + self.weights["offset"][columns]
        shares = np.exp(np.maximum(logits - logits.max(), -30))  # keeps every logarithm of a probability finite
        return shares / shares.sum()

    # ------------------------------------------------------------------ learning

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        self.learn(architecture, float(reward))

    def learn(self, architecture: Architecture, reward: float) -> None:
        """Make one step of Adam up the gradient for one architecture, then move the baseline."""
        if self.baseline is None:
            self.baseline = reward
            return
        distance = reward - self.baseline
        keep = self.baseline_decay
        self.spread = keep * self.spread + (1 - keep) * abs(distance) if self.spread else abs(distance)
        advantage = float(np.clip(distance / (self.spread or 1.0), -3, 3))
        self._adam.climb(self.weights, self.gradient(architecture, advantage))
        self.baseline += (1 - keep) * distance

    def gradient(self, architecture: Architecture, advantage: float) -> Weights:
        """Return the gradient of `objective`, by backpropagation through time.

        The objective is: advantage * sum of log p(choice) + entropy * sum of H(p).
        """
        grad = {name: np.zeros_like(value) for name, value in self.weights.items()}
        steps = self._forward(architecture)
        carried = np.zeros(self.hidden)
        for before, hidden_before, hidden, columns, p, taken in reversed(steps):
            log_p = np.log(p)
            to_logits = -advantage * p - self.entropy * p * (log_p - (p * log_p).sum())
            to_logits[taken] += advantage
            grad["read"][:, columns] += np.outer(hidden, to_logits)
            grad["offset"][columns] += to_logits
            to_hidden = self.weights["read"][:, columns] @ to_logits + carried
            to_sum = to_hidden * (1 - hidden**2)
            grad["embed"][before] += to_sum
            grad["bias"] += to_sum
            grad["recur"] += np.outer(hidden_before, to_sum)
            carried = self.weights["recur"] @ to_sum
        return grad

    def objective(self, architecture: Architecture, advantage: float) -> float:
        """Return the objective, of which `gradient` is the gradient."""
        value = 0.0
        for *_, p, taken in self._forward(architecture):
            value += advantage * np.log(p[taken]) - self.entropy * (p * np.log(p)).sum()
        return float(value)

    def _forward(self, architecture: Architecture) -> list[tuple[int, np.ndarray, np.ndarray, list[int], Any, int]]:
        """Return for each step: column before, hidden before and after, open columns, their probabilities, place."""
        steps = []
        hidden, before = np.zeros(self.hidden), -1
        for state, choice, _ in self.space.walk(architecture):
            columns = [self._column[option] for option in self.space.moves(state)]
            after = self._next_hidden(hidden, before)
            taken = columns.index(self._column[choice])
            steps.append((before, hidden, after, columns, self._probabilities(after, columns), taken))
            hidden, before = after, columns[taken]
        return steps

    def status(self) -> dict[str, float]:
        return {"baseline": self.baseline or 0.0}


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
