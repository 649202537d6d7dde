"""Reptile on the weights of a policy."""

import numpy as np
import pytest

from nasedu import controllers
from nasedu.controllers.reinforce import Adam, Reinforce
from nasedu.core import BadValue, Mismatch
from nasedu.meta import Evidence
from nasedu.meta.warm_policy import WarmPolicy
from nasedu.testing import FixedLength
from nasedu.testing.spaces import additive

D = ("8", "16", "8")
MEMBERS = tuple(FixedLength().enumerate())
WIDE = Evidence("wide", tuple((a, additive(a)) for a in MEMBERS))
NARROW = Evidence("narrow", tuple((a, -additive(a)) for a in MEMBERS))


def test_one_round_by_hand():
    """weights + step * (adapted - weights), the weights adapted by Adam on one network's log-probability."""
    only = Evidence("one", ((D, 0.9),))
    warm = WarmPolicy([only], rounds=1, inner=3, step=0.5).open(Reinforce(FixedLength(), seed=4))
    by_hand = Reinforce(FixedLength(), seed=4)
    start = {name: value.copy() for name, value in by_hand.weights.items()}
    adam = Adam(by_hand.weights, by_hand.learning_rate)
    for _ in range(3):
        adam.climb(by_hand.weights, by_hand.gradient(D, 1.0))
    for name, value in warm.weights.items():
        np.testing.assert_allclose(value, start[name] + 0.5 * (by_hand.weights[name] - start[name]))


def test_the_rounds_take_turns_and_their_steps_fall_to_nothing():
    rounds = list(WarmPolicy([WIDE, NARROW], rounds=4, step=0.8).meta_train(Reinforce(FixedLength())))
    assert [one.task for one in rounds] == ["wide", "narrow", "wide", "narrow"]
    assert [one.step for one in rounds] == pytest.approx([0.8, 0.6, 0.4, 0.2])
    assert all(one.distance > 0 for one in rounds)


def test_the_policy_writes_what_was_good():
    space = FixedLength()
    cold = [additive(Reinforce(space, seed=seed).draw()) for seed in range(20)]
    warm = [additive(WarmPolicy([WIDE]).open(Reinforce(space, seed=seed)).draw()) for seed in range(20)]
    assert sum(warm) / 20 > sum(cold) / 20 + 0.08


def test_of_two_contrary_tasks_it_learns_neither_but_adapts_to_each():
    space = FixedLength()
    between = WarmPolicy([WIDE, NARROW], rounds=60).open(Reinforce(space, seed=1))
    drawn = [additive(between.draw()) for _ in range(200)]
    everyone = sum(map(additive, MEMBERS)) / len(MEMBERS)
    assert sum(drawn) / 200 == pytest.approx(everyone, abs=0.12)


def test_rewards_of_earlier_tasks_are_no_rewards_of_the_new_one():
    warm = WarmPolicy([WIDE]).open(Reinforce(FixedLength()))
    assert (warm.rewards, warm.average, warm.spread) == ({}, None, 0.0)


def test_the_unit_of_an_earlier_task_does_not_matter():
    other = Evidence("wide", tuple((a, 1000 * score - 7) for a, score in WIDE.trials))
    one, two = (WarmPolicy([e]).open(Reinforce(FixedLength(), seed=2)) for e in (WIDE, other))
    assert all(np.array_equal(one.weights[name], two.weights[name]) for name in one.weights)


def test_only_a_policy_can_be_warmed():
    with pytest.raises(Mismatch, match="the controller is 'q-learning': use the controller reinforce"):
        WarmPolicy([WIDE]).open(controllers.load("q-learning", FixedLength()))


@pytest.mark.parametrize("options", [{"rounds": 0}, {"inner": 0}, {"step": 1.5}, {"step": 0}, {"temperature": 0}])
def test_an_impossible_meta_training_is_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        WarmPolicy([WIDE], **options)
