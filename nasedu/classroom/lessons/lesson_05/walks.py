"""All walks of a small space at once, so that sums over every architecture take a millisecond.

    walks = Walks(space, architectures)
    table = walks.table(controller)
    p = walks.probabilities(table)
    exact = (rewards * p) @ walks.score_vectors(table)    # the gradient of the mean reward

The rows of a table are those of `reinforce-table`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.controllers.tabular_reinforce import TabularReinforce
from nasedu.core import Architecture


class Walks:
    """The decisions of every architecture as arrays, padded with decisions that have one open choice.

    A decision is a row of a table together with its open choices: many architectures share it.

    Args:
        space: whose walks they are.
        architectures: all of them; the sums are exact only then.
        rows: "state" or "position", see `TabularReinforce`.

    Attributes:
        choices: of the space, in the order of the columns.
        rows: the names of the rows of a table, in order; the row of padding comes after the last.
        row, open: the row of each decision, (decisions,), and which of its choices are open, (decisions, choices).
        decision: of each step, (architectures, steps); the last decision is padding.
        before: column of the choice before; one more than the last column for none, (architectures, steps).
        taken: column of the choice that was taken, (architectures, steps).
    """

    def __init__(self, space: Any, architectures: Sequence[Architecture], rows: str = "state"):
        column, _ = space.vocabulary()
        self.choices = list(column)
        shape = len(architectures), max(map(len, architectures))
        names: dict[Any, int] = {}
        known: dict[tuple[int, tuple[str, ...]], int] = {}
        self.decision, self.taken = np.full(shape, -1), np.zeros(shape, int)
        self.before = np.full(shape, len(column))
        for place, architecture in enumerate(architectures):
            for depth, (state, choice, _) in enumerate(space.walk(architecture)):
                row = names.setdefault(depth if rows == "position" else space.key(state), len(names))
                self.decision[place, depth] = known.setdefault((row, tuple(space.moves(state))), len(known))
                self.taken[place, depth] = column[choice]
                if depth:
                    self.before[place, depth] = self.taken[place, depth - 1]
        self.decision[self.decision < 0] = len(known)
        self.rows = list(names)
        self.row = np.array([row for row, _ in known] + [len(names)])
        self.open = np.zeros((len(known) + 1, len(column)), bool)
        for place, (_, options) in enumerate(known):
            self.open[place, [column[option] for option in options]] = True
        self.open[-1, 0] = True

    def table(self, controller: TabularReinforce) -> np.ndarray:
        """Return the logits of a controller, (rows, choices)."""
        return np.stack([controller.row(name) for name in self.rows])

    def shares(self, table: np.ndarray) -> np.ndarray:
        """Return the probability of each choice of each decision, (decisions, choices)."""
        padded = np.vstack([table, np.zeros(len(self.choices))])
        logits = np.where(self.open, padded[self.row], -np.inf)
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    def probabilities(self, table: np.ndarray) -> np.ndarray:
        """Return the probability of each architecture, (architectures,)."""
        return self.shares(table)[self.decision, self.taken].prod(1)

    def score_vectors(self, table: np.ndarray) -> np.ndarray:
        """Return the gradient of log p of each architecture: onehot - p in each row it met, (architectures, logits)."""
        slopes, everyone = -self.shares(table)[self.decision], np.arange(len(self.decision))
        found = np.zeros((len(self.decision), len(self.rows) + 1, len(self.choices)))
        for step in range(self.decision.shape[1]):
            slopes[everyone, step, self.taken[:, step]] += 1
            found[everyone, self.row[self.decision[:, step]]] += slopes[:, step]
        return found[:, :-1].reshape(len(found), -1)


def best_by_position(walks: Walks, p: np.ndarray, steps: int = 1000, rate: float = 2.0) -> np.ndarray:
    """Return the probabilities of the policy by position that is nearest to a policy: its memory is taken out.

    Nearest: with the largest sum of p log q, so with the smallest Kullback-Leibler divergence of q from p.

    Args:
        walks: by "position".
        p: of each architecture, (architectures,).
    """
    wanted = np.zeros(walks.open.shape)  # how often p takes each choice of each decision
    np.add.at(wanted, (walks.decision, walks.taken), p[:, None])
    table = np.zeros((len(walks.rows) + 1, len(walks.choices)))
    for _ in range(steps):
        slope = wanted - wanted.sum(1, keepdims=True) * walks.shares(table[:-1])
        np.add.at(table, walks.row, rate * slope)
    return walks.probabilities(table[:-1])


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence of q from p, in nats."""
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
