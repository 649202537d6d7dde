"""A prior whose expectations and learned features can be forgotten, and whose every second question expects nothing."""

import numpy as np
import pytest

from nasedu import controllers, meta
from nasedu.controllers.candidates import features
from nasedu.core import BadValue
from nasedu.meta import Evidence, candidate_pool
from nasedu.meta.copy_best import best_of_before
from nasedu.meta.mixture import Mixture
from tests.meta import unlike

SPACE = unlike.Chain()
MEMBERS = tuple(SPACE.enumerate())
WIDTH = features(SPACE, MEMBERS[:1]).size


def worth(architecture):
    return sum(layer == "conv3" for layer in architecture) - 0.4 * len(architecture)


NOISE = dict(zip(MEMBERS, np.random.default_rng(4).permutation(len(MEMBERS)).tolist(), strict=True))


def by_chance(architecture):
    return NOISE[architecture]


def evidence(score=worth):
    return [
        Evidence(name, tuple((a, score(a)) for a in MEMBERS[start::9]))
        for start, name in enumerate(("one", "two", "three"))
    ]


def searched(questions, score=worth, **parameters):
    search = meta.load("mixture", evidence(score), **parameters).open(controllers.load("local-search", SPACE, seed=1))
    asked, by = [], []
    for _ in range(questions):
        asked.append(search.ask())
        by.append(search.asked_by)
        search.tell(asked[-1], worth(asked[-1]))
    return search, asked, by


def test_it_copies_then_asks_landmarks_and_then_alternates():
    _, asked, by = searched(10, copied=2, landmarks=2)
    assert by == ["copied"] * 2 + ["landmark"] * 2 + ["own", "all"] * 3
    assert asked[:2] == best_of_before(evidence(), 2)
    assert len(set(asked)) == 10


def by_twin(asked):
    """What the twin asks after the same answers."""
    twin = controllers.load(Mixture.twin, SPACE, seed=1)
    for architecture in asked:
        twin.expect(architecture)
        twin.tell(architecture, worth(architecture))
    return twin.ask()


def test_its_own_questions_are_those_of_its_twin_in_all_but_the_learned_features(monkeypatch):
    _, asked, by = searched(9)
    assert by[8] == "own"
    assert by_twin(asked[:8]) != asked[8]  # it counts the same layer as the earlier tasks
    monkeypatch.setattr(candidate_pool, "learned_map", lambda *_: np.eye(WIDTH))
    for questions in (7, 9, 15):
        _, asked, by = searched(questions)
        assert by[-1] == "own"
        assert by_twin(asked[:-1]) == asked[-1]


def test_earlier_tasks_that_say_nothing_of_this_one_come_to_count_for_nothing():
    weights = {}
    for score in (worth, by_chance):
        search, *_ = searched(30, score)
        search.model.best(search.expectations, search.before)
        weights[score] = search.model.last.weights
        assert search.status()["memory"] == pytest.approx(1 - weights[score][0], abs=0.1)
    assert weights[by_chance][0] > 0.9
    assert weights[worth][0] < 0.05
    assert weights[worth].sum() == pytest.approx(1)


def test_likelier_in_advance_are_tasks_that_are_described_alike():
    about = [replace_about(one, n) for one, n in zip(evidence(), (10, 10, 1000), strict=True)]
    search = meta.load("mixture", about, about={"examples": 1000}).open(controllers.load("random", SPACE))
    assert search.before[3] > search.before[1]
    assert search.before.sum() == pytest.approx(1)


def replace_about(one, examples):
    return Evidence(one.task, one.trials, {"examples": examples})


def test_it_goes_on_with_the_controller_when_all_networks_are_known():
    search = meta.load("mixture", evidence()).open(controllers.load("random", SPACE))
    for architecture in MEMBERS:
        search.tell(architecture, worth(architecture))
    with pytest.raises(Exception, match="all 936 architectures"):
        search.ask()
    assert np.isfinite(list(search.model.seen.values())).all()


def test_a_start_without_any_question_is_refused():
    with pytest.raises(BadValue, match="at least one of both; given copied=0, landmarks=0"):
        meta.load("mixture", evidence(), copied=0, landmarks=0)
