"""A noisy quadratic, on which all that gradient descent does is known in closed form.

Wu, Ren, Liao, Grosse, "Understanding Short-Horizon Bias in Stochastic Meta-Optimization", ICLR 2018, section 2. Each
weight x_i has the loss h_i (x_i - c_i)^2 / 2. Each step draws another minimum c_i, with mean 0 and variance s_i. So one
step with the rate alpha makes of the mean square A_i of a weight (1 - alpha h_i)^2 A_i + alpha^2 h_i^2 s_i.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq


class NoisyQuadratic(NamedTuple):
    """One noisy quadratic.

    Attributes:
        h: how strongly the loss bends in each weight, (weights,).
        s: the variance of its minimum, (weights,).
        A: the mean square of each weight before the first step, (weights,).
    """

    h: np.ndarray
    s: np.ndarray
    A: np.ndarray

    def loss(self, A: np.ndarray) -> float:
        """Return the expected loss, less what remains at the best point: half the sum of h A."""
        return float((self.h * A).sum() / 2)

    def step(self, A: np.ndarray, alpha: float) -> np.ndarray:
        """Return the mean squares after one step."""
        return (1 - alpha * self.h) ** 2 * A + alpha**2 * self.h**2 * self.s

    def greedy_rate(self, A: np.ndarray) -> float:
        """Return the rate after whose single step the expected loss is smallest."""
        return float((self.h**2 * A).sum() / (self.h**3 * (A + self.s)).sum())

    def losses(self, rates: Sequence[float]) -> list[float]:
        """Return the expected loss at the start, and after a step with each of these rates."""
        A, found = self.A, [self.loss(self.A)]
        for alpha in rates:
            A = self.step(A, alpha)
            found.append(self.loss(A))
        return found

    def greedy_rates(self, steps: int) -> list[float]:
        """Return the greedy rate of each step, one after the other."""
        A, found = self.A, list[float]()
        for _ in range(steps):
            found.append(self.greedy_rate(A))
            A = self.step(A, found[-1])
        return found

    def slope(self, alpha: float, steps: int, unroll: int) -> float:
        """Return the slope in alpha of the loss, as a mean over the steps, if no slope passes a cut.

        Args:
            alpha: the rate of all steps.
            steps: how many.
            unroll: the graph is cut after each n steps; with n = `steps`, the slope is the true one.
        """
        A, moved, total = self.A, np.zeros_like(self.A), 0.0
        for number in range(steps):
            if number % unroll == 0:
                moved = np.zeros_like(self.A)
            moved = (1 - alpha * self.h) ** 2 * moved
            moved = moved + 2 * self.h * (alpha * self.h * self.s - (1 - alpha * self.h) * A)
            A = self.step(A, alpha)
            total += float((self.h * moved).sum()) / 2
        return total / steps

    def learned_rate(self, steps: int, unroll: int) -> float:
        """Return the rate that meta-training with cuts ends at: the one where this slope is 0."""
        return float(brentq(self.slope, 1e-6, 1.5 / self.h.max(), (steps, unroll)))


def example() -> NoisyQuadratic:
    """Return the noisy quadratic of the lesson: 20 weights, from a strong bend of 1 to a weak one of 0.01."""
    return NoisyQuadratic(np.logspace(0, -2, 20), np.ones(20), np.full(20, 25.0))
