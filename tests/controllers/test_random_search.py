"""Random search: walks, and architectures in a random order."""

from collections import Counter

import pytest

from nasedu import controllers
from nasedu.core import Exhausted, describe
from nasedu.testing import VariableLength
from tests.controllers.games import Digits


def uniform(space, seed=0):
    return controllers.load("random-uniform", space, seed=seed)


def test_every_question_is_each_architecture_equally_often():
    """20 architectures, 1,000 seeds: the first, the second and the last question are each 50 times it, within 5 sd."""
    space = VariableLength()
    asked = []
    for seed in range(1000):
        space.new_question()
        controller = uniform(space, seed)
        asked.append([controller.ask() for _ in range(20)])
    assert all(set(order) == set(space.enumerate()) for order in asked)
    for place in (0, 1, 19):
        found = Counter(order[place] for order in asked)
        assert all(15 < found[architecture] < 85 for architecture in space.enumerate())


def test_walks_are_something_else():
    """One of four walks stops at once; one of twenty networks is that short."""
    firsts = [controllers.load("random", VariableLength(), seed=seed).ask() for seed in range(400)]
    assert 75 < firsts.count(("stop",)) < 125


def test_each_once_and_then_it_is_over():
    space = VariableLength()
    controller = uniform(space)
    told = space.nth(3)
    controller.tell(told, 0.5)
    assert sorted(controller.ask() for _ in range(19)) == sorted(set(space.enumerate()) - {told})
    with pytest.raises(Exhausted, match="all 20 architectures of the space were asked"):
        controller.ask()


def test_a_space_beyond_all_listing():
    controller = uniform(Digits(60, 9))
    asked = [controller.ask() for _ in range(50)]
    assert len(set(asked)) == 50
    assert {a[0] for a in asked} == set("0123456789")


def test_a_store_describes_both_by_their_names_alone():
    """A study of random search that was recorded before there were two kinds is still the same study."""
    for name in ("random", "random-uniform"):
        assert describe(controllers.load(name, VariableLength(), seed=7)) == {"name": name, "seed": 7}
