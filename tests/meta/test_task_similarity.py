"""How alike tasks are."""

import numpy as np
import pytest

from nasedu.core import rng_from
from nasedu.meta import Evidence
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.task_similarity import (
    TaskSimilarity,
    landmark_places,
    recorded,
    task_similarity,
    weights_by_description,
)
from nasedu.testing import FixedLength
from nasedu.testing.spaces import additive
from tests.meta import unlike

MEMBERS = tuple(FixedLength().enumerate())
WIDE = Evidence("wide", tuple((a, additive(a)) for a in MEMBERS))
ALSO_WIDE = Evidence("also wide", tuple((a, 50 + 9 * additive(a)) for a in MEMBERS))
NARROW = Evidence("narrow", tuple((a, -additive(a)) for a in MEMBERS))


@pytest.fixture(scope="module")
def table():
    return unlike.table()


def studied(table, task, count=80):
    scores = table.scores(task, seed=0)
    chosen = rng_from(0, "studied", task).choice(len(table), count, replace=False).tolist()
    return Evidence(task, tuple((table.architectures[row], float(scores[row])) for row in chosen))


def test_the_map_of_tasks_by_hand():
    np.testing.assert_allclose(
        task_similarity([WIDE, ALSO_WIDE, NARROW], FixedLength()), [[1, 1, -1], [1, 1, -1], [-1, -1, 1]]
    )


@pytest.mark.parametrize("landmarks", [None, 12])
def test_the_map_shows_the_groups(table, landmarks):
    tasks = table.tasks[:6]  # four of the first group, two of the second
    alike = task_similarity([studied(table, task) for task in tasks], table.space, landmarks=landmarks)
    assert alike.shape == (6, 6)
    same = np.equal.outer([0, 0, 0, 0, 1, 1], [0, 0, 0, 0, 1, 1])
    assert alike[same].min() > alike[~same].max() + 0.2


def test_what_was_recorded_stands_in_place_of_what_is_predicted():
    some = Evidence("some", WIDE.trials[::2])
    pool = CandidatePool(FixedLength(), [some])
    found = recorded(pool)[0]
    tried = [pool.place(a) for a in some.scores]
    order = np.argsort(list(some.scores.values()), kind="stable")
    assert (np.diff(found[tried][order]) >= 0).all()
    others = [place for place in range(len(MEMBERS)) if place not in tried]
    np.testing.assert_array_equal(found[others], pool.said[0, others])


def test_landmarks_by_hand():
    said = np.array([[5.0, 0, 4, 3], [0, 5, 4, 3], [0, 4, 4, 3]])
    assert landmark_places(said, 1) == [2]  # best on the average
    assert landmark_places(said, 2) == [2, 1]  # then what adds most to the best of each task: 1 for two tasks alike,
    assert landmark_places(said, 3) == [2, 1, 0]  # and of equals the better on the average
    assert landmark_places(said, 9) == [2, 1, 0, 3]
    assert landmark_places(said, 1, np.array([1.0, 0, 0])) == [0]
    assert landmark_places(said, 0) == []


def test_the_weight_goes_to_the_tasks_that_are_alike():
    alike = TaskSimilarity(CandidatePool(FixedLength(), [WIDE, NARROW]), rng_from(0, "x"))
    assert alike.weights.tolist() == [0.5, 0.5]
    for number, architecture in enumerate(MEMBERS[::2]):
        alike.tell(architecture, 100 - 7 * additive(architecture))
        assert number >= 2 or alike.weights.tolist() == [0.5, 0.5]  # two observations say nothing yet
    assert alike.weights[1] > 0.9
    assert alike.correlations()["narrow"] > 0.9 > -0.9 > alike.correlations()["wide"]


def test_told_twice_the_last_reward_counts():
    alike = TaskSimilarity(CandidatePool(FixedLength(), [WIDE]), rng_from(0, "x"))
    for reward in (0.1, 0.7):
        alike.tell(MEMBERS[3], reward)
    assert (alike.places, alike.rewards) == ([3], [0.7])


def test_tasks_of_like_size_weigh_more():
    evidence = [Evidence(str(n), WIDE.trials, {"examples": n, "classes": 10}) for n in (60, 600, 6000)]
    weights = weights_by_description(evidence, {"examples": 500, "classes": 10})
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > weights[0] > weights[2]  # 500 is 8 times 60, and a twelfth of 6,000
    np.testing.assert_allclose(weights_by_description(evidence, {}), 1 / 3)
    np.testing.assert_allclose(weights_by_description(evidence, {"colours": 3}), 1 / 3)
    nothing_known = [*evidence, Evidence("?", WIDE.trials)]
    np.testing.assert_allclose(weights_by_description(nothing_known, {"examples": 500}), 1 / 4)
