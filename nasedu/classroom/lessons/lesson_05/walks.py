"""All walks of a small space at once, so that sums over every architecture take a millisecond.

walks = Walks(space, architectures)
p = walks.probabilities(controller)              # of each architecture, (architectures,)
g = walks.score_vectors(controller)              # gradient of log p of each, (architectures, logits)
exact = ((rewards - baseline) * p) @ g           # the gradient of the mean reward, without any sampling
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.controllers.tabular_reinforce import TabularReinforce
from nasedu.core import Architecture


class Walks:
    """The decisions of every architecture as arrays, padded with steps that have one open choice.

    Args:
        space: whose walks they are.
        architectures: all of them; the sums are exact only then.
        rows: "state" or "position", see `TabularReinforce`.

    Attributes:
        rows: the names of the rows of a table, in order; the row of padding comes after the last.
        row: of each step, (architectures, steps).
        before: column of the choice before; one more than the last column for none.
        open: which choices are open, (architectures, steps, choices).
        taken: column of the choice that was taken.
        real: false where a step is padding.
    """

    def __init__(self, space: Any, architectures: Sequence[Architecture], rows: str = "state"):
        column, _ = space.vocabulary()
        self.choices = list(column)
        longest, count = max(map(len, architectures)), len(architectures)
        shape = (count, longest)
        self.rows: list[Any] = []
        number: dict[Any, int] = {}
        self.row, self.before = np.zeros(shape, int), np.full(shape, len(column))
        self.taken, self.real = np.zeros(shape, int), np.zeros(shape, bool)
        self.open = np.zeros((*shape, len(column)), bool)
        for place, architecture in enumerate(architectures):
            for depth, (state, choice, _) in enumerate(space.walk(architecture)):
                name = depth if rows == "position" else space.key(state)
                self.row[place, depth] = number.setdefault(name, len(number))
                self.taken[place, depth] = column[choice]
                self.open[place, depth, [column[option] for option in space.moves(state)]] = True
                self.real[place, depth] = True
                if depth:
                    self.before[place, depth] = self.taken[place, depth - 1]
        self.rows = list(number)
        self.row[~self.real] = len(number)
        self.open[~self.real, 0] = True

    def table(self, controller: TabularReinforce) -> np.ndarray:
        """Return the logits of a controller, (rows, choices)."""
        return np.stack([controller.row(name) for name in self.rows])

    def shares(self, table: np.ndarray) -> np.ndarray:
        """Return the probability of each choice at each step, (architectures, steps, choices)."""
        padded = np.vstack([table, np.zeros((1, table.shape[1]))])
        logits = np.where(self.open, padded[self.row], -np.inf)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    def probabilities(self, table: np.ndarray) -> np.ndarray:
        """Return the probability of each architecture, (architectures,)."""
        return np.take_along_axis(self.shares(table), self.taken[..., None], -1)[..., 0].prod(1)

    def score_vectors(self, table: np.ndarray) -> np.ndarray:
        """Return the gradient of log p of each architecture: onehot - p in each row it met, (architectures, logits)."""
        slopes = -self.shares(table)
        np.put_along_axis(slopes, self.taken[..., None], 1 + np.take_along_axis(slopes, self.taken[..., None], -1), -1)
        found = np.zeros((len(self.row), len(self.rows) + 1, table.shape[1]))
        for step in range(self.row.shape[1]):
            found[np.arange(len(self.row)), self.row[:, step]] += slopes[:, step] * self.real[:, step, None]
        return found[:, :-1].reshape(len(self.row), -1)


def best_by_position(walks: Walks, p: np.ndarray, steps: int = 300, rate: float = 4.0) -> np.ndarray:
    """Return the probabilities of the policy by position that is nearest to a policy: its memory is taken out.

    Nearest: with the largest sum of p log q, so with the smallest Kullback-Leibler divergence of p from q.

    Args:
        walks: by "position".
        p: of each architecture, (architectures,).
    """
    table = np.zeros((len(walks.rows), len(walks.choices)))
    for _ in range(steps):
        slope = (p @ walks.score_vectors(table)).reshape(table.shape)
        table += rate * slope
    return walks.probabilities(table)


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence of q from p, in nats."""
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
