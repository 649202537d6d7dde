"""Hyperband: the brackets of the paper, what they cost, and who is in which."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from nasedu.trainers.halving.hyperband import Hyperband, brackets_of
from nasedu.trainers.halving.successive_halving import successive_halving
from tests.tables.spaces import MEMBERS
from tests.trainers.curves import CURVES, many, table_of


@pytest.fixture
def recorded():
    return table_of(CURVES)


TABLE_1 = {
    4: [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
    3: [(34, 3), (11, 9), (3, 27), (1, 81)],
    2: [(15, 9), (5, 27), (1, 81)],
    1: [(8, 27), (2, 81)],
    0: [(5, 81)],
}
"""Li et al. (2018): n_i and r_i of each bracket s for R = 81 and eta = 3."""


def test_hyperbands_brackets_are_those_of_the_paper(recorded):
    plan = Hyperband(recorded).plan(81)
    assert {b.number: list(zip(b.sizes, b.rungs, strict=True)) for b in plan} == TABLE_1
    assert [b.number for b in plan] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("epochs", "factor"), [(81, 3), (27, 3), (16, 2), (64, 4), (100, 3), (7, 2), (1, 3), (1000, 10)]
)
def test_brackets_follow_the_formulas_of_algorithm_1(epochs, factor):
    largest = max(s for s in range(20) if factor**s <= epochs)
    plan = brackets_of(epochs, factor)
    assert [b.number for b in plan] == list(range(largest, -1, -1))
    for bracket in plan:
        s = bracket.number
        assert bracket.candidates == math.ceil((largest + 1) / (s + 1) * factor**s - 1e-9)
        for i, (size, rung) in enumerate(zip(bracket.sizes, bracket.rungs, strict=True)):
            assert size == max(math.floor(bracket.candidates * factor**-i + 1e-9), 1)
            assert rung == math.floor(epochs * factor ** (i - s) + 1e-9)


def test_the_number_of_brackets_is_not_left_to_floating_point():
    assert math.floor(math.log(243, 3)) == 4  # what the formula gives if it is typed in as it stands
    assert [b.number for b in brackets_of(243, 3)] == [5, 4, 3, 2, 1, 0]
    assert [b.number for b in brackets_of(242, 3)] == [4, 3, 2, 1, 0]


def test_what_a_bracket_costs_is_the_sum_of_its_steps():
    for bracket in brackets_of(81, 3):
        anew = sum(n * r for n, r in TABLE_1[bracket.number])
        saved = sum(n * r for (_, r), (n, _) in pairwise(TABLE_1[bracket.number]))
        assert bracket.epochs == anew - saved


# ---------------------------------------------------------------------- who is in which bracket


def test_seventeen_fill_the_brackets_of_nine_epochs(recorded):
    trainer = Hyperband(recorded)
    rungs = list(trainer.rungs(many(17), epochs=9, seed=0))
    assert [(r.bracket, r.number, r.epochs, len(r.scores)) for r in rungs] == [
        (2, 0, 1, 9),
        (2, 1, 3, 3),
        (2, 2, 9, 1),
        (1, 0, 3, 5),
        (1, 1, 9, 1),
        (0, 0, 9, 3),
    ]
    assert trainer.cohort == sum(b.candidates for b in trainer.plan(9))


def test_each_bracket_is_a_race_of_its_own(recorded):
    """The same as successive halving over that part of the call, with the bracket's rungs."""
    found = Hyperband(recorded)(many(17), epochs=9, seed=list(range(17)))
    for bracket, begin, end in zip(brackets_of(9, 3), (0, 9, 14), (9, 14, 17), strict=True):
        part, seeds = many(17)[begin:end], list(range(begin, end))
        ends = {
            p: r.evaluations[p] for r in successive_halving(recorded, part, bracket, seeds=seeds) for p in r.dropped
        }
        for place, evaluation in ends.items():
            metrics = {**evaluation.metrics, "bracket": bracket.number}
            assert found[begin + place] == replace(evaluation, metrics=metrics)


def test_it_costs_what_the_formula_says(recorded):
    trainer = Hyperband(recorded)
    rungs = list(trainer.rungs(many(17), epochs=9, seed=0))
    found = trainer(many(17), epochs=9, seed=0)
    cost = sum(b.epochs for b in trainer.plan(9))
    assert sum(e.epochs for e in found) == sum(r.spent for r in rungs) == cost == 21 + (5 * 3 + 1 * 6) + 3 * 9


@pytest.mark.parametrize(
    ("candidates", "shares"),
    [(0, [0, 0, 0]), (1, [0, 0, 1]), (4, [2, 1, 1]), (9, [4, 3, 2]), (17, [9, 5, 3]), (34, [18, 10, 6])],
)
def test_more_or_fewer_fill_the_brackets_in_proportion(recorded, candidates, shares):
    trainer = Hyperband(recorded)
    assert [b.candidates for b in trainer.brackets(candidates, 9)] == shares
    found = trainer(many(candidates), epochs=9, seed=0)
    assert [e.architecture for e in found] == many(candidates)
    assert [sum(e.metrics["bracket"] == s for e in found) for s in (2, 1, 0)] == shares


def test_shares_are_proportional_to_within_one():
    trainer = Hyperband(table_of(CURVES))
    for candidates in range(200):
        plan, cut = trainer.plan(81), trainer.brackets(candidates, 81)
        assert sum(b.candidates for b in cut) == candidates
        for whole, share in zip(plan, cut, strict=True):
            assert abs(share.candidates - candidates * whole.candidates / 143) < 1
            assert (share.rungs, share.factor) == (whole.rungs, 3)


def test_the_late_bloomer_has_its_chance_in_the_last_bracket(recorded):
    late = ("a", "b")
    early = [a for a in MEMBERS if a != late]
    best = {
        place: max(Hyperband(recorded)(order, epochs=9, seed=0), key=lambda e: e.score).architecture
        for place, order in (("first", [late, *early]), ("last", [*early, late]))
    }
    assert best["first"] != late
    assert best["last"] == late
