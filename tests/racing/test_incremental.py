"""A race that is watched: the same runs as `nasedu.race`, one at a time, and it can be left in the middle."""

import numpy as np
import pytest

import nasedu
from nasedu import Table
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.racing import IncrementalRace
from tests.racing.test_race import Given, given
from tests.tables.spaces import MEMBERS, Letters, Unordered

SCORES = np.array([10, 50, 20, 80, 30, 0, 70, 40, 60])
NAMES = ["random", "q-learning", "regularized-evolution"]


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, {"x": SCORES, "y": SCORES[::-1]}, scale=100, name="nine")


def start(table, entries=NAMES, evaluations=6, seeds=3, task="x", **options):
    return IncrementalRace(table.space, table, entries, evaluations, seeds, task=task, **options)


def assert_same(one, other):
    assert one.seeds == other.seeds
    for label in other.labels:
        np.testing.assert_array_equal(one.curves(label), other.curves(label))
        np.testing.assert_array_equal(one.curves(label, "regret"), other.curves(label, "regret"))


@pytest.mark.parametrize("seconds", [None, 0.0])
def test_it_comes_to_what_the_whole_race_comes_to(table, seconds):
    race = start(table)
    while race.advance(seconds):
        pass
    assert race.complete
    whole = nasedu.race(table.space, table, NAMES, 6, 3, task="x", workers=1)
    assert_same(race.result, whole)
    assert race.best == whole.best
    for label in NAMES:
        np.testing.assert_array_equal(race.curves(label), whole.curves(label, "regret"))


def test_everyone_runs_with_the_first_seed_then_with_the_second(table):
    race = start(table, seeds=[7, 3])
    order = []
    while race.advance():
        order = list(race.runs)
        assert len(race.runs) < race.total == 6
    order = list(race.runs)
    assert order == [(name, seed) for seed in (7, 3) for name in NAMES]
    assert not race.advance(), "there is nothing left"
    assert list(race.runs) == order


def test_the_result_has_the_seeds_that_everyone_ran_with(table):
    race = start(table)
    with pytest.raises(BadValue, match="not everyone has run with the first seed"):
        _ = race.result
    for _ in range(5):
        race.advance()
    assert race.result.seeds == [0]
    assert race.curves("random").shape == (2, 6)
    assert race.curves("regularized-evolution").shape == (1, 6)
    assert start(table).curves("random").shape == (0, 6)


def test_a_moment_may_end_in_the_middle_of_a_run(table):
    race = start(table, [Given], evaluations=5, seeds=2)
    told = []
    while not race.runs:
        race.advance(0.0)
        told.append(len(Given.told))
    assert told == [1, 2, 3, 4, 5, 5], "one question in each moment; then the run ends"


class Falls(Given):
    falls = True

    def tell(self, architecture, reward):
        super().tell(architecture, reward)
        if self.falls and self.seed == 1 and len(self.told) == 2:
            raise RuntimeError("no idea")


def test_a_run_in_which_a_controller_raises_begins_again(table):
    Falls.falls = True
    race = start(table, [Falls], evaluations=4)
    race.advance()
    with pytest.raises(RuntimeError, match="no idea") as caught:
        race.advance()
    assert "Falls ran with seed 1" in caught.value.__notes__[0]
    assert list(race.runs) == [("Falls", 0)]
    Falls.falls = False
    while race.advance():
        pass
    assert (race.curves("Falls", "best") == [10, 50, 50, 80]).all()


def test_a_run_may_end_early(table):
    race = start(table, {"short": given(*MEMBERS[:2])}, evaluations=6, seeds=1)
    assert not race.advance()
    assert race.result.exhausted == {"short": 1}


def test_what_nobody_could_run_is_refused_at_the_door(table):
    with pytest.raises(UnknownName):
        start(table, ["nobody"])
    with pytest.raises(BadValue, match="seeds is how many"):
        start(table, seeds=0)
    with pytest.raises(BadValue, match="has the tasks x, y"):
        start(table, task="z")
    with pytest.raises(BadValue, match="evaluations and budgets"):
        start(table, evaluations=0)
    with pytest.raises(Mismatch):
        IncrementalRace(Unordered(), table, NAMES, 6, 3, task="x")
