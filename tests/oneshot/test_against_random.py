"""The comparison of a derived network with random ones: the same compute, new seeds, one look at the test."""

import time
from itertools import islice

import numpy as np
import pytest

from nasedu import spaces, tasks
from nasedu.core import Evaluation
from nasedu.oneshot.against_random import AgainstRandom, difference


class Counting:
    """A trainer that takes a known time, and whose scores are known."""

    def __init__(self, space, seconds):
        self.space, self.seconds, self.tests = space, seconds, []

    def __call__(self, architectures, *, epochs, seed):
        until = time.process_time() + self.seconds
        while time.process_time() < until:
            pass
        return [self.found(a, seed) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch):
        self.tests.append((architecture, seed))
        return self.found(architecture, seed)

    def found(self, architecture, seed):
        return Evaluation(architecture, score=architecture.count("nor_conv_3x3") / 6, epochs=1, seed=seed)


def test_random_search_gets_the_seconds_of_search_and_training_and_its_best_is_tested_with_new_seeds():
    space = spaces.load("cell-201", tasks.load("digits"))
    trainer, derived = Counting(space, 0.01), ("nor_conv_3x3",) * 5 + ("none",)
    against = AgainstRandom(space, trainer, derived, 0.05, epochs=1, seed=7, repeats=3)
    roles = [trained.role for trained in against.run()]
    assert roles[:2] == ["derived", "random"]
    assert against.used >= against.budget > 0.05
    last = [t.seconds for t in against.done if t.role == "random"][-1]
    assert against.used - last < against.budget
    best = max(against.of("random"), key=lambda e: e.score)
    assert against.best.score == best.score
    assert trainer.tests == [(a, seed) for seed in (8, 9, 10) for a in (derived, against.best.architecture)]
    begun = against.done[:3]
    again = AgainstRandom(space, Counting(space, 0.01), derived, 0.05, epochs=1, seed=7, repeats=3, done=begun)
    rest = list(again.run())
    assert [t.role for t in rest if t.role == "derived"] == []
    asked = [e.architecture for e in again.of("random")]
    common = min(len(asked), len(against.of("random")))
    assert asked[:common] == [e.architecture for e in against.of("random")][:common]
    assert len(set(asked)) == len(asked)


def test_random_cells_of_darts_have_no_none_as_derived_ones_have_none():
    space = spaces.load("darts", tasks.load("digits"), nodes=2)
    against = AgainstRandom(space, None, space.hand_picked()[0], 1.0, epochs=1, seed=0)
    assert not [a for a in islice(against._drawn(), 30) if any(choice.startswith("none") for choice in a)]


@pytest.mark.parametrize(
    ("mine", "theirs", "outcome"),
    [
        ([0.9, 0.91, 0.9], [0.8, 0.8, 0.81], "win"),
        ([0.8, 0.8, 0.81], [0.9, 0.91, 0.9], "loss"),
        ([0.9, 0.8, 0.85], [0.8, 0.9, 0.85], "tie"),
        ([0.9, 0.9], [0.9, 0.9], "tie"),
        ([0.92, 0.99], [0.9, 0.9], "tie"),  # both ahead: two seeds are too few
        ([0.375, 0.375], [0.25, 0.25], "tie"),  # no spread, as of networks that guess: no evidence either
    ],
)
def test_the_outcome_needs_an_interval_without_zero(mine, theirs, outcome):
    found = difference(mine, theirs)
    assert found.outcome == outcome
    assert found.mean == pytest.approx(np.mean(mine) - np.mean(theirs))


def test_the_interval_is_that_of_students_t():
    found = difference([0.1, 0.2, 0.3, 0.4, 0.5], [0.0] * 5)
    assert found.high - found.mean == pytest.approx(2.776445 * np.std([1, 2, 3, 4, 5], ddof=1) / 10 / 5**0.5, rel=1e-5)
