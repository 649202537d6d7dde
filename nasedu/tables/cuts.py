"""Successive halving in a table, thousands of races at once: all curves are known, so a race only sorts them.

K. Jamieson, A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016,
section 3. Used in lesson 09.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tables.table import Table


def winners(
    table: Table, task: str, cohorts: np.ndarray, rungs: Sequence[int], factor: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return the winners of many races by successive halving; each equals the result of `nasedu.trainers.Halving`.

        rows = np.array([rng.choice(len(table), 16, replace=False) for _ in range(10_000)])
        first, told = winners(table, "where/digits", rows, rungs=(1, 2, 4, 8, 16))

    Race number i is told the scores of one recorded training: number i modulo the number of recorded trainings. A score
    is the best of a curve so far; on a tie, the smaller network goes on, then the earlier candidate.

    Args:
        table: with learning curves.
        cohorts: the candidates, as rows of the table; whole numbers, (races, candidates).
        rungs: recorded numbers of epochs, rising; after each, candidates are removed; the last one leaves the winner.
        factor: one of every `factor` candidates goes on, rounded down, but at least one; 2 or more.

    Returns:
        The winners as rows of the table, (races,), and the last scores that they were told, (races,).

    Raises:
        BadValue: epochs that were not recorded or do not rise, a factor below 2, cohorts of another shape.
    """
    cohorts = _checked(table, cohorts, rungs, factor)
    told = np.arange(len(cohorts))[:, None] % table.values.shape[2]
    left, sizes = cohorts, _sizes(table)
    for rung in rungs:
        trainings = range(table.values.shape[2])
        known = np.stack([table.scores(task, seed=training, epochs=rung) for training in trainings], axis=1)
        scores = known[left, told]  # (races, candidates left)
        keep = 1 if rung == rungs[-1] else max(left.shape[1] // factor, 1)
        ranked = np.lexsort((sizes[left], -scores), axis=1)
        best = np.sort(ranked[:, :keep], axis=1)  # in the order of the candidates
        left, scores = np.take_along_axis(left, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return left[:, 0], scores[:, 0]


def winners_of_brackets(
    table: Table, task: str, cohorts: np.ndarray, brackets: Sequence[Any], factor: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Return the winners of many races by Hyperband: of each row's brackets, the winner with the highest told score.

    L. Li et al., "Hyperband", JMLR 18(185), 2018, algorithm 1.

    Args:
        cohorts: as for `winners`; the first candidates of a row race in the first bracket, the next in the second.
        brackets: each with `candidates` and `rungs`, as `nasedu.trainers.Hyperband.plan` gives them.

    Returns, Raises:
        As `winners`; also BadValue, if the brackets need more or fewer candidates than a row has.
    """
    needed = [bracket.candidates for bracket in brackets]
    if sum(needed) != np.shape(cohorts)[-1]:
        raise BadValue(f"these brackets race {needed} candidates; given cohorts of {np.shape(cohorts)}")
    parts = zip(brackets, np.split(cohorts, np.cumsum(needed)[:-1], axis=1), strict=True)
    found = [winners(table, task, part, bracket.rungs, factor) for bracket, part in parts]
    rows, told = (np.array(column) for column in zip(*found, strict=True))  # (brackets, races)
    best = np.lexsort((_sizes(table)[rows], -told), axis=0)[0], np.arange(len(cohorts))
    return rows[best], told[best]


def _sizes(table: Table) -> np.ndarray:
    """Return the number of parameters of each network, 0 where the table has none: no tie is decided by it."""
    return np.zeros(len(table)) if table.parameters is None else table.parameters


def _checked(table: Table, cohorts: np.ndarray, rungs: Sequence[int], factor: int) -> np.ndarray:
    cohorts = np.asarray(cohorts)
    whole = np.issubdtype(cohorts.dtype, np.integer)
    if not whole or cohorts.ndim != 2 or not cohorts.size or not 0 <= cohorts.min() <= cohorts.max() < len(table):
        raise BadValue(
            f"cohorts are rows of the table, whole numbers from 0 to {len(table) - 1:,}, (races, candidates); given "
            f"{cohorts.dtype} of {cohorts.shape}"
        )
    if not rungs or any(now <= then for then, now in pairwise(rungs)):
        raise BadValue(f"rungs are numbers of epochs that rise, such as (1, 2, 4); given {rungs!r}")
    if factor < 2:
        raise BadValue(f"one in `factor` goes on, and factor is 2 or more; given {factor!r}")
    return cohorts
