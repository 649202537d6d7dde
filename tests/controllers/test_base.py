"""What every controller is given: `first_new`, and a choice by weight."""

import pytest

from nasedu.controllers import Controller
from nasedu.controllers.base import choices_by_weight
from nasedu.core import BadArchitecture, BadValue, Exhausted, rng_from
from nasedu.testing import FixedLength
from tests.controllers.games import Dice, Digits

A, B, C = ("0", "0"), ("0", "1"), ("1", "0")


class Proposing(Controller):
    """Proposes what a test wants."""

    def __init__(self, space, *, seed=0, propose=None):
        super().__init__(space, seed=seed)
        self.propose = propose
        self.attempts = []

    def ask(self, tries=100):
        def propose(attempt):
            self.attempts.append(attempt)
            return self.propose(attempt)

        return self.first_new(propose, tries)


def proposing(*architectures):
    return Proposing(Digits(2, 1), propose=lambda attempt: architectures[min(attempt, len(architectures) - 1)])


def test_the_first_new_proposal_is_asked_and_pending():
    controller = proposing(A, B, C)
    controller.tell(A, 1.0)
    controller.pending[B] = None
    assert controller.ask() == C
    assert controller.attempts == [0, 1, 2]
    assert list(controller.pending) == [B, C]


def test_after_so_many_tries_random_walks_are_tried():
    controller = proposing(A)
    controller.tell(A, 1.0)
    sampled = []
    controller.space.sample = lambda rng: sampled.append(rng) or [A, A, B][len(sampled) - 1]
    assert controller.ask(tries=4) == B
    assert controller.attempts == [0, 1, 2, 3]
    assert sampled == [controller.rng] * 3


def test_then_what_is_new_in_the_spaces_own_order_until_nothing_is():
    controller = proposing(A)
    controller.space.sample = lambda _: A
    assert [controller.ask(tries=3) for _ in range(4)] == [A, B, C, ("1", "1")]
    with pytest.raises(Exhausted, match="all 4 architectures of the space were asked"):
        controller.ask(tries=3)
    assert len(controller.attempts) == 1 + 4 * 3


def test_the_pass_over_the_space_is_made_once_and_sees_what_is_told_meanwhile():
    controller = proposing(A)
    controller.space.sample = lambda _: A
    passes, enumerate_ = [], controller.space.enumerate
    controller.space.enumerate = lambda: passes.append(1) or enumerate_()
    controller.ask(tries=1), controller.ask(tries=1)
    controller.tell(C, 0.5)
    assert controller.ask(tries=1) == ("1", "1")
    assert len(passes) == 1


def test_told_is_not_pending_any_more():
    controller = proposing(A, B)
    controller.ask()
    controller.tell(A, 2)
    assert controller.pending == {}
    assert controller.rewards == {A: 2.0}
    controller.tell(A, 3)
    assert controller.rewards == {A: 3.0}


def test_a_refused_tell_changes_nothing():
    controller = proposing(A)
    with pytest.raises(BadArchitecture):
        controller.tell(("0",), 1.0)
    with pytest.raises(BadValue):
        controller.tell(A, float("nan"))
    assert controller.rewards == {}


@pytest.mark.parametrize(("number", "expected"), [(0.0, "a"), (0.199, "a"), (0.2, "b"), (0.699, "b"), (0.7, "d")])
def test_a_choice_by_weight_by_hand(number, expected):
    """Weights 2, 5, 0 and 3 of 10: a below 0.2, b below 0.7, c never, d above."""
    assert choices_by_weight(Dice(number), "abcd", [2, 5, 0, 3]) == expected


def test_weights_need_not_sum_to_one_and_zero_is_never_drawn():
    rng = rng_from(0)
    drawn = [choices_by_weight(rng, ["x", "y", "z"], [0.0, 1e-9, 3e-9]) for _ in range(2000)]
    assert drawn.count("x") == 0
    assert abs(drawn.count("y") - 500) < 80


def test_without_limits_everything_is_allowed():
    space = FixedLength()
    assert all(proposing(A).allows(architecture) for architecture in space.enumerate())
