"""Selection bias: how much the winner of a choice by one seed owes to luck, measured on a table of several seeds.

G. C. Cawley, N. L. C. Talbot, "On Over-fitting in Model Selection and Subsequent Selection Bias in Performance
Evaluation", JMLR 11, 2010. Used in lesson 02.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nasedu.core import BadValue
from nasedu.tables.table import Table


class Drop(NamedTuple):
    """The difference between the score by which a winner was chosen and its later score, each of (tasks,).

    Attributes:
        retrained: trained again, from the other seeds, on the same validation examples.
        same_weights: the same weights that were chosen, on the test examples.
    """

    retrained: np.ndarray
    same_weights: np.ndarray


def drop_of_best(table: Table, n: int, tries: int = 400, seed: int = 0) -> Drop:
    """Choose the best of n random networks by its last validation score from seed 0, and return its later drop.

    Test examples may be harder or easier as a whole, and seed 0 may give higher scores than the others. Therefore each
    task's mean difference over all networks is subtracted.

    Args:
        n: networks to choose from, 1 to all of the table.
        tries: choices to average over.
        seed: of the random networks.

    Raises:
        BadValue: a table of one seed, or without test scores; an n that is out of range.
    """
    first, others, test = _scores(table)
    if not 1 <= n <= len(table):
        raise BadValue(f"n is the number of networks to choose from, 1 to {len(table):,}; given {n}")
    rng = np.random.default_rng(seed)
    drawn = np.stack([rng.permutation(len(table))[:n] for _ in range(tries)])
    best = drawn[np.arange(tries)[:, None], first[drawn].argmax(axis=1)]  # (tries, tasks)
    tasks = np.arange(len(table.tasks))
    drops = (gap - gap.mean(0) for gap in (first - others, first - test[:, :, 0]))
    return Drop(*(drop[best, tasks].mean(0) for drop in drops))


def wrong_decisions(table: Table, edges: Sequence[float], pairs: int = 100_000, seed: int = 0) -> np.ndarray:
    """Return how often the higher of two scores belongs to the worse network: (bins, tasks), from 0 to 1.

    Both scores are from seed 0. The worse network is the one with the lower mean test score over the other seeds.

    Args:
        edges: rising; a bin holds the pairs whose scores differ by more than one edge, and at most by the next.
        pairs: how many pairs of networks are drawn for all bins together.
        seed: of the random pairs.

    Raises:
        BadValue: as for `drop_of_best`; or a bin into which no pair falls.
    """
    first, _, test = _scores(table)
    last_word = test[:, :, 1:].mean(axis=2)
    a, b = np.random.default_rng(seed).integers(len(table), size=(2, pairs))
    ahead, truly = first[a] - first[b], last_word[a] - last_word[b]
    shares = []
    for low, high in pairwise(edges):
        near = (np.abs(ahead) > low) & (np.abs(ahead) <= high)
        if not near.any(axis=0).all():
            raise BadValue(f"on some task no two scores differ by {low:g} to {high:g}; make the bin wider")
        shares.append((near & (ahead * truly < 0)).sum(axis=0) / near.sum(axis=0))
    return np.array(shares)


def _scores(table: Table) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the last scores: validation from seed 0, its mean over the other seeds, and test scores of every seed."""
    if table.test is None or table.values.shape[2] < 2:
        raise BadValue(f"the table {table.name!r} needs test scores and two seeds or more to tell merit from luck")
    last = table.values[:, :, :, -1]
    return last[:, :, 0], last[:, :, 1:].mean(axis=2), table.test[:, :, :, -1]
