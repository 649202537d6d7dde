"""Local search, step by step, on digits whose sum is the reward."""

import pytest

from nasedu.controllers.local_search import LocalSearch
from nasedu.core import Exhausted
from nasedu.meta import Evidence
from nasedu.meta.copy_best import CopyBest
from nasedu.testing import VariableLength
from nasedu.testing.spaces import rough
from tests.controllers.games import Digits, play, total

SPACE = Digits(3, 3)
TOP = ("3", "3", "3")
BOTTOM = ("0", "0", "0")


def standing_on(architecture, reward=0.0, **options):
    """A search that was told of one architecture, and stands there."""
    search = LocalSearch(SPACE, **options)
    search.tell(architecture, reward)
    return search


@pytest.mark.parametrize("seed", range(5))
def test_it_asks_neighbours_until_one_is_better_and_then_that_ones(seed):
    search = LocalSearch(SPACE, seed=seed)
    here = search.ask()
    search.tell(here, total(here))
    moves = 0
    while moves < 2:
        asked = search.ask()
        assert asked in SPACE.neighbours(here)
        search.tell(asked, total(asked))
        if total(asked) > total(here):
            here, moves = asked, moves + 1


def test_an_equal_neighbour_is_not_better():
    search = standing_on(("1", "1", "1"), 0.5)
    near = SPACE.neighbours(("1", "1", "1"))
    assert sorted(play(search, lambda _: 0.5, 9)) == sorted(near)


def test_neighbours_come_in_a_random_order():
    firsts = {standing_on(BOTTOM, seed=seed).ask() for seed in range(40)}
    assert firsts == set(SPACE.neighbours(BOTTOM))


def test_all_first_looks_at_all_neighbours_and_moves_to_the_best():
    """From 000 with the sum as reward, three neighbours are best: 003, 030, 300; the first of them is where it goes."""
    search = standing_on(BOTTOM, all_first=True)
    near = play(search, total, 9)
    assert set(near) == set(SPACE.neighbours(BOTTOM))
    best = next(architecture for architecture in near if total(architecture) == 3)
    assert search.ask() in set(SPACE.neighbours(best)) - set(near)


def test_without_all_first_it_moves_at_once():
    """Every one of the nine neighbours of 000 is better: the second question is already a neighbour of the first."""
    search = standing_on(BOTTOM)
    (first,) = play(search, total, 1)
    search_further = play(search, lambda _: 0.0, 3)
    assert all(asked in SPACE.neighbours(first) for asked in search_further)


@pytest.mark.parametrize("all_first", [False, True])
def test_at_a_peak_it_starts_anew_and_climbs_again(all_first):
    """Two peaks, 333 and 000: it stands on one, asks all nine around it, and then somewhere else finds the other."""
    search = standing_on(TOP, 9.0, all_first=all_first, seed=1)
    around = play(search, total, 9)
    assert set(around) == set(SPACE.neighbours(TOP))
    (anew,) = play(search, total, 1)
    assert anew not in SPACE.neighbours(TOP)
    if not all_first:
        (second,) = play(search, total, 1)
        assert second in SPACE.neighbours(anew)  # it stands there, although TOP was better


def test_starts_are_spread_over_the_space():
    assert len({LocalSearch(SPACE, seed=seed).ask() for seed in range(60)}) > 30


@pytest.mark.parametrize("all_first", [False, True])
@pytest.mark.parametrize("batch", [1, 4, 7])
def test_it_never_repeats_and_asks_everything_in_the_end(batch, all_first):
    space = VariableLength()
    search = LocalSearch(space, seed=3, all_first=all_first)
    asked = []
    for start in range(0, space.size(), batch):
        together = [search.ask() for _ in range(min(batch, space.size() - start))]
        for architecture in together:
            search.tell(architecture, rough(architecture))
        asked += together
    with pytest.raises(Exhausted):
        search.ask()
    assert sorted(asked) == sorted(space.enumerate())


def test_a_batch_is_neighbours_as_long_as_there_are_any():
    search = standing_on(BOTTOM)
    batch = [search.ask() for _ in range(12)]
    assert set(batch[:9]) == set(SPACE.neighbours(BOTTOM))
    assert not set(batch[9:]) & set(SPACE.neighbours(BOTTOM))
    for architecture in batch:
        search.tell(architecture, -1.0)
    assert search.ask() not in batch


@pytest.mark.parametrize("all_first", [False, True])
def test_within_a_batch_it_does_not_forget_where_it_stands(all_first):
    """Nine neighbours and one more are on their way: only when the last of them is told, it is known to be a peak."""
    search = standing_on(BOTTOM, seed=2, all_first=all_first)
    batch = [search.ask() for _ in range(10)]
    for architecture in batch[1:]:
        search.tell(architecture, -1.0)
        assert (search._here, search._height) == (BOTTOM, 0.0)
    search.tell(batch[0], 1.0)
    assert search.ask() in SPACE.neighbours(batch[0])


def test_a_better_stranger_is_followed_and_a_worse_one_is_not():
    search = standing_on(("1", "1", "1"), 3.0)
    search.tell(BOTTOM, 0.0)
    (asked,) = play(search, lambda _: 0.0, 1)
    assert asked in SPACE.neighbours(("1", "1", "1"))
    search.tell(("2", "2", "2"), 6.0)
    assert search.ask() in SPACE.neighbours(("2", "2", "2"))


@pytest.mark.parametrize("all_first", [False, True])
def test_opened_with_what_was_best_it_still_starts_anew_at_a_peak(all_first):
    """What a prior asks for it is never on its way for itself."""
    before = Evidence("before", ((TOP, 9.0), (("3", "3", "2"), 8.0)))
    search = LocalSearch(SPACE, seed=0, all_first=all_first)
    opening = CopyBest([before]).open(search)
    assert play(opening, total, 2) == [TOP, ("3", "3", "2")]
    assert set(play(opening, total, 8)) == set(SPACE.neighbours(TOP)) - {("3", "3", "2")}
    (anew,) = play(opening, total, 1)
    further = play(opening, lambda _: 0.0, 2)
    assert all(asked in SPACE.neighbours(anew) for asked in further)
