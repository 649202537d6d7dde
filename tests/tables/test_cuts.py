"""Many races by halving at once: the same winners as one by one."""

import numpy as np
import pytest

from nasedu import trainers
from nasedu.core import BadValue, best_first
from nasedu.tables import atlas
from nasedu.tables.cuts import winners, winners_of_brackets
from nasedu.trainers import Halving, Hyperband


@pytest.mark.parametrize("task", ["where/digits", "gratings/angle", "anywhere/hebrew"])  # of many equal scores, and few
@pytest.mark.parametrize(("factor", "size"), [(2, 16), (4, 40)])
def test_the_winners_are_those_of_halving(task, factor, size):
    table = atlas()
    rng = np.random.default_rng(0)
    cohorts = np.array([rng.choice(len(table), size, replace=False) for _ in range(60)])
    halving = Halving(trainers.load("table", table.space, table.task(task)), factor=factor)
    rungs = halving.plan(size, 16).rungs
    first, told = winners(table, task, cohorts, rungs, factor)
    for number, cohort in enumerate(cohorts):
        ends = halving([table.architectures[row] for row in cohort], epochs=16, seed=number)
        best = min(range(size), key=lambda place: (-ends[place].epochs, *best_first(ends[place])))
        assert first[number] == cohort[best]
        assert told[number] == ends[best].score


def test_a_single_rung_takes_the_best_of_the_company():
    table = atlas()
    (first,), (told,) = winners(table, "what/digits", np.array([[5, 700, 31, 90]]), (16,))
    scores = table.scores("what/digits", seed=0)[[5, 700, 31, 90]]
    assert first == [5, 700, 31, 90][scores.argmax()]
    assert told == scores.max()


@pytest.mark.parametrize("task", ["where/digits", "same/digits"])
def test_the_winners_are_those_of_hyperband(task):
    table = atlas()
    rng = np.random.default_rng(1)
    hyperband = Hyperband(trainers.load("table", table.space, table.task(task)), factor=2)
    brackets = hyperband.plan(16)
    size = sum(bracket.candidates for bracket in brackets)
    cohorts = np.array([rng.choice(len(table), size, replace=False) for _ in range(30)])
    first, told = winners_of_brackets(table, task, cohorts, brackets)
    for number, cohort in enumerate(cohorts):
        ends = hyperband([table.architectures[row] for row in cohort], epochs=16, seed=number)
        best = min(range(size), key=lambda place: (-ends[place].epochs, *best_first(ends[place])))
        assert (first[number], told[number]) == (cohort[best], ends[best].score)
    with pytest.raises(BadValue, match=r"race \[16, 10, 7, 5, 5\] candidates; given cohorts of \(30, 42\)"):
        winners_of_brackets(table, task, cohorts[:, :-1], brackets)


@pytest.mark.parametrize(
    ("cohorts", "rungs", "factor", "words"),
    [
        ([[0, 1188]], (1, 16), 2, "from 0 to 1,187"),
        ([[-1, 3]], (1, 16), 2, "from 0 to 1,187"),
        ([0, 1], (1, 16), 2, r"given int64 of \(2,\)"),
        ([[0.0, 1.0]], (1, 16), 2, "whole numbers"),
        ([[]], (1, 16), 2, r"of \(1, 0\)"),
        ([[0, 1]], (), 2, "that rise"),
        ([[0, 1]], (2, 2), 2, "that rise"),
        ([[0, 1]], (1, 3), 2, "given 3"),
        ([[0, 1]], (1, 16), 1, "factor is 2 or more"),
    ],
)
def test_what_cannot_be_raced(cohorts, rungs, factor, words):
    with pytest.raises(BadValue, match=words):
        winners(atlas(), "what/digits", np.array(cohorts), rungs, factor)
