"""Grid search: everything once, evenly spread."""

from bisect import insort
from itertools import pairwise

import pytest

from nasedu.controllers.grid_search import GridSearch, even_step, largest_quotient
from nasedu.core import Exhausted
from nasedu.testing import TINY
from tests.controllers.games import Closing, Digits


@pytest.mark.parametrize("space", [*(tiny() for tiny in TINY), Closing()], ids=repr)
def test_every_architecture_exactly_once_and_then_it_is_over(space):
    grid = GridSearch(space, seed=1)
    asked = [grid.ask() for _ in range(space.size())]
    assert sorted(asked) == sorted(space.enumerate())
    for _ in range(2):
        with pytest.raises(Exhausted, match=f"all {space.size()} architectures of the space were asked"):
            grid.ask()


def test_what_was_told_already_is_not_asked():
    space = Digits(2)
    grid = GridSearch(space, seed=0)
    coming = GridSearch(space, seed=0)
    order = [coming.ask() for _ in range(16)]
    for architecture in order[2:5]:
        grid.tell(architecture, 0.5)
    assert [grid.ask() for _ in range(13)] == order[:2] + order[5:]
    with pytest.raises(Exhausted):
        grid.ask()


def test_the_seed_moves_the_start_and_nothing_else():
    space = Digits(3)
    cycles = []
    for seed in range(8):
        grid = GridSearch(space, seed=seed)
        cycles.append([grid.ask() for _ in range(64)])
    assert len({cycle[0] for cycle in cycles}) > 4
    first = cycles[0]
    for cycle in cycles[1:]:
        turned = first.index(cycle[0])
        assert cycle == first[turned:] + first[:turned]


def test_rewards_do_not_matter():
    one, other = GridSearch(Digits(2), seed=3), GridSearch(Digits(2), seed=3)
    for number in range(16):
        a, b = one.ask(), other.ask()
        assert a == b
        one.tell(a, number)
        other.tell(b, -number)


def largest_gap(numbers, size):
    """Between neighbours of a sorted list, around the end to its beginning."""
    return max((b - a for a, b in pairwise([*numbers, numbers[0] + size])), default=size)


@pytest.mark.parametrize(("length", "most"), [(6, 1), (3, 9), (5, 2), (3, 6), (2, 23)])
def test_the_first_questions_are_evenly_spread_however_many(length, most):
    """The largest gap is below 2.6 times the smallest that n numbers can leave; in order it grows to size / 4 times."""
    space = Digits(length, most)
    place = {architecture: number for number, architecture in enumerate(space.enumerate())}
    size, grid = space.size(), GridSearch(space, seed=2)
    visited, naive = [], 0.0
    for count in range(1, size + 1):
        insort(visited, place[grid.ask()])
        assert count * largest_gap(visited, size) < 2.6 * size, count
        naive = max(naive, count * (size - count + 1) / size)
    assert naive > size / 4 > 2.6


def test_a_few_questions_already_see_every_first_choice():
    grid = GridSearch(Digits(6, 3), seed=0)
    asked = [grid.ask() for _ in range(8)]
    assert {architecture[0] for architecture in asked} == set("0123")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 12, 1000, 30030, 6561, 15625])
def test_the_step_leaves_none_out_and_has_small_quotients(size):
    step = even_step(size)
    assert len({i * step % size for i in range(size)}) == size
    if size >= 12:
        assert largest_quotient(size, step) <= 4
        assert abs(step / size - 0.618) < 0.1


def test_quotients_of_euclids_algorithm_by_hand():
    """7 = 3 * 2 + 1, 2 = 2 * 1. 1000 = 3 * 333 + 1, 333 = 333 * 1."""
    assert largest_quotient(7, 2) == 3
    assert largest_quotient(89, 55) == 2  # Fibonacci's numbers: only the last quotient is not 1
    assert largest_quotient(1000, 333) == 333


def test_a_space_beyond_every_float_is_no_trouble():
    grid = GridSearch(Digits(800, 9), seed=0)
    asked = {grid.ask() for _ in range(3)}
    assert len({architecture[:3] for architecture in asked}) == 3
