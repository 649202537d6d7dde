"""The best of before, in what order and how many."""

import numpy as np
import pytest

from nasedu import controllers
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue
from nasedu.meta import Evidence
from nasedu.meta.copy_best import CopyBest, mean_ranks, ranks_by_task
from nasedu.testing import FixedLength
from nasedu.testing.spaces import additive

A, B, C, D = ("4", "4", "4"), ("4", "8", "8"), ("8", "16", "4"), ("8", "16", "8")


def asked(controller, count, worth=lambda _: 0.5):
    found = []
    for _ in range(count):
        found.append(controller.ask())
        controller.tell(found[-1], worth(found[-1]))
    return found


def test_ranks_of_tasks_with_other_scales_are_alike():
    one = Evidence("one", ((A, 0.01), (B, 0.02), (C, 0.03)))
    two = Evidence("two", ((C, 900.0), (D, 100.0)))
    architectures, table = ranks_by_task([one, two])
    assert architectures == [A, B, C, D]
    np.testing.assert_allclose(table, [[0.2, 0.6, 1, np.nan], [np.nan, np.nan, 1, 1 / 3]])


def test_the_mean_rank_counts_one_more_task_that_was_middling():
    table = np.array([[1.0, 0.9, 1.0], [np.nan, 0.9, np.nan], [np.nan, 0.9, 0.2]])
    # (1 + 0.5) / 2; (2.7 + 0.5) / 4; (1.2 + 0.5) / 3: good on three tasks is worth more than the best of one.
    np.testing.assert_allclose(mean_ranks(table), [0.75, 0.8, 1.7 / 3])
    # All weight on the first task: (3 * 1 + 0.5) / 4 for its best.
    np.testing.assert_allclose(mean_ranks(table, np.array([1.0, 0, 0])), [3.5 / 4, 3.2 / 4, 3.5 / 4])


def test_the_best_by_mean_rank_come_first():
    first = Evidence("one", ((A, 0.1), (B, 0.4), (C, 0.9)))
    second = Evidence("two", ((C, 0.3), (D, 0.8), (A, 0.5)))
    opening = CopyBest([first, second], most=4).open(controllers.load("random", FixedLength()))
    # D: (1 + .5) / 2 = .75; C: (1 + .2 + .5) / 3 = .57; B: (.6 + .5) / 2 = .55; A: (.2 + .6 + .5) / 3 = .43
    assert asked(opening, 4) == [D, C, B, A]


def test_of_a_network_that_was_tried_twice_the_last_score_counts():
    evidence = Evidence("one", ((C, 0.9), (D, 0.5), (B, 0.4), (C, 0.1)))
    assert asked(CopyBest([evidence]).open(controllers.load("random", FixedLength())), 3) == [D, B, C]


def test_it_asks_no_more_than_it_may_and_then_hands_over():
    q = QLearning(FixedLength(), seed=1)
    opening = CopyBest([Evidence("one", ((D, 0.9), (C, 0.8), (B, 0.7)))], most=2).open(q)
    found = asked(opening, 12)
    assert found[:2] == [D, C]
    assert set(found) == set(FixedLength().enumerate())  # what was copied is not asked again
    assert q.rewards.keys() == set(found)
    assert opening.status() == q.status()
    assert opening.learned() == q.learned() != []


@pytest.mark.parametrize("weighted", [False, True])
def test_what_is_copied_is_not_asked_again_in_the_same_batch(weighted):
    for seed in range(30):
        prior = CopyBest([Evidence("one", ((D, 0.9), (C, 0.8)))], weighted=weighted)
        opening = prior.open(QLearning(FixedLength(), seed=seed))
        batch = [opening.ask() for _ in range(12)]
        assert batch[:2] == [D, C]
        assert len(set(batch)) == 12


def test_weighted_it_turns_to_the_task_that_is_like_the_new_one():
    members = list(FixedLength().enumerate())
    wide = [Evidence(f"wide {i}", tuple((a, additive(a)) for a in members)) for i in range(3)]
    narrow = Evidence("narrow", tuple((a, -additive(a)) for a in members))
    first = {}
    for weighted in (False, True):
        opening = CopyBest([*wide, narrow], most=8, weighted=weighted).open(QLearning(FixedLength()))
        first[weighted] = asked(opening, 8, worth=lambda a: -additive(a))
    assert A not in first[False][:6]
    assert A in first[True][:6]  # three wide ones disappointed; the narrow task foretold it


def test_nothing_to_copy_is_refused():
    with pytest.raises(BadValue, match="most >= 1; given 0"):
        CopyBest([Evidence("one", ((A, 0.1),))], most=0)
