"""Recorded learning curves that were made up, and a trainer that follows a script."""

import numpy as np

from nasedu import Table
from nasedu.core import Evaluation
from nasedu.trainers.table import TableTrainer
from tests.tables.spaces import MEMBERS, Letters

CURVES = {
    ("a", "a"): (0.50, 0.60, 0.70),
    ("a", "b"): (0.10, 0.20, 0.95),  # learns slowly, and is the best in the end
    ("a", "c"): (0.45, 0.55, 0.60),
    ("b", "a"): (0.46, 0.80, 0.85),
    ("b", "b"): (0.30, 0.35, 0.40),
    ("b", "c"): (0.48, 0.47, 0.46),  # gets worse
    ("c", "a"): (0.20, 0.30, 0.35),
    ("c", "b"): (0.15, 0.25, 0.30),
    ("c", "c"): (0.05, 0.10, 0.15),
}
"""Scores after 1, 3 and 9 epochs."""


def table_of(curves, epochs=(1, 3, 9), **more):
    values = np.array([[curve] for curve in curves.values()])
    return TableTrainer(Letters(), Table(Letters(), list(curves), {"x": values}, epochs=epochs, **more))


def many(number):
    """So many architectures, some of them more than once."""
    return [MEMBERS[i % len(MEMBERS)] for i in range(number)]


class Scripted:
    """Gives what is written down for each architecture and epoch; None is a failure. Writes down what it is asked."""

    name = "scripted"
    preferred_batch = 1
    space = Letters()
    task = table_of(CURVES).task

    def __init__(self, script):
        self.script = script
        self.asked = []

    def extend(self, architectures, *, epochs, seed, total, states=None):
        self.asked.append((list(architectures), epochs, list(seed), total, states))
        return [self.one(a, epochs, s) for a, s in zip(architectures, seed, strict=True)]

    def one(self, architecture, epochs, seed):
        score = self.script[architecture].get(epochs, 0.0)
        if score is None:
            return Evaluation(architecture, 0.9, status="error", reason="it broke", epochs=epochs, seed=seed), None
        return Evaluation(architecture, score, epochs=epochs, seed=seed), (architecture, epochs)

    def __call__(self, architectures, *, epochs, seed):
        raise AssertionError("halving goes on, and never begins anew")

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        raise AssertionError("halving tests nothing")
