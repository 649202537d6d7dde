"""Models of earlier tasks and of the new one, and what they ask together."""

import numpy as np
import pytest

from nasedu import controllers, meta
from nasedu.controllers import candidates
from nasedu.controllers.candidates import features
from nasedu.controllers.gaussian import kernel
from nasedu.core import BadValue, rng_from
from nasedu.meta import Evidence
from nasedu.meta.candidate_pool import MODELS, CandidatePool, fitted
from nasedu.meta.ensemble import by_scores, scale_of, vote
from nasedu.meta.surrogate import Surrogate
from nasedu.meta.task_similarity import TaskSimilarity, landmark_places
from nasedu.testing import FixedLength, VariableLength
from nasedu.testing.spaces import additive
from tests.meta import unlike

MEMBERS = tuple(FixedLength().enumerate())
WIDE = Evidence("wide", tuple((a, additive(a)) for a in MEMBERS))
NARROW = Evidence("narrow", tuple((a, -additive(a)) for a in MEMBERS))


@pytest.fixture(scope="module")
def table():
    return unlike.table()


def studied(table, task, seed=0, count=80):
    """A random search of a task."""
    scores = table.scores(task, seed=seed % 3)
    chosen = rng_from(seed, "studied", task).choice(len(table), count, replace=False).tolist()
    return Evidence(task, tuple((table.architectures[row], float(scores[row])) for row in chosen))


def found(controller, table, task, evaluations):
    """The share of the table that is worse than the best that a search found."""
    scores = table.scores(task)
    best = -np.inf
    for _ in range(evaluations):
        architecture = controller.ask()
        row = table.row(architecture)
        controller.tell(architecture, float(table.scores(task, seed=0)[row]))
        best = max(best, scores[row])
    return float((scores < best).mean())


# ---------------------------------------------------------------------- the models


@pytest.mark.parametrize("model", MODELS)
def test_a_model_predicts_what_was_not_tried(table, model):
    evidence = studied(table, "g0-0", count=150)
    said = fitted(table.space, evidence, model).predict(features(table.space, table.architectures))
    others = [row for a, row in table.rows.items() if a not in evidence.scores]
    assert np.corrcoef(said[others], table.scores("g0-0")[others])[0, 1] > 0.6


def test_features_are_the_code_and_the_counts():
    space = VariableLength()
    X = features(space, [("8", "8", "stop")])
    column, longest = space.vocabulary()
    np.testing.assert_allclose(X[0, : -len(column)], space.encode(("8", "8", "stop")) / np.sqrt(4 * longest))
    assert X[0, -len(column) :][column["8"]] == pytest.approx(2 / (2 * longest))


def test_a_pool_of_a_large_space_is_a_sample_that_grows(monkeypatch):
    monkeypatch.setattr(candidates, "LARGEST", 5)
    monkeypatch.setattr(candidates, "SAMPLED", 3)
    some = Evidence("some", WIDE.trials[:2])
    pool = CandidatePool(FixedLength(), [some], seed=1)
    assert pool.architectures[:2] == list(some.scores)
    assert len(pool.architectures) <= 5
    new = next(a for a in MEMBERS if a not in pool.places)
    place = pool.place(new)
    assert (pool.architectures[place], pool.place(new)) == (new, place)
    assert pool.X.shape[0] == pool.said.shape[1] == len(pool.architectures)
    np.testing.assert_allclose(pool.X[place], features(pool.space, [new])[0])
    again = CandidatePool(FixedLength(), [some], seed=1)
    assert new not in again.places


def test_architectures_that_build_the_same_stand_in_one_place(monkeypatch):
    monkeypatch.setattr(FixedLength, "canonical", lambda self, a: tuple(sorted(a)), raising=False)
    space = FixedLength()
    pool = CandidatePool(space, [WIDE])
    assert len(pool.architectures) == len({tuple(sorted(a)) for a in MEMBERS}) < len(MEMBERS)
    assert pool.place(("4", "8", "8")) == pool.place(("8", "8", "4"))


# ---------------------------------------------------------------------- together


def seen(evidence, told):
    alike = TaskSimilarity(CandidatePool(FixedLength(), evidence), rng_from(0, "seen"))
    for architecture, reward in told.items():
        alike.tell(architecture, reward)
    return alike


@pytest.mark.parametrize("combine", [lambda alike: vote(alike).expected, lambda alike: by_scores(alike, 0.0)])
def test_what_the_new_task_shows_corrects_what_the_earlier_ones_say(combine):
    alike = seen([WIDE], {a: -additive(a) for a in MEMBERS[1:9]})
    expected = combine(alike)
    truth = np.array([-additive(a) for a in MEMBERS])
    assert np.corrcoef(alike.pool.said[0], truth)[0, 1] < -0.9
    assert np.corrcoef(expected, truth)[0, 1] > 0.5


def test_a_vote_counts_the_pairs_that_each_model_has_in_the_wrong_order():
    told = {MEMBERS[i]: score for i, score in ((0, 0.1), (4, 0.9), (7, 0.2), (11, 0.6))}
    ballot = vote(seen([WIDE, NARROW], told))
    rewards = list(told.values())
    for row, wrong in zip(ballot.predictions, ballot.wrong, strict=True):
        pairs = [(i, j) for i in range(4) for j in range(i)]
        assert wrong == sum((row[i] > row[j]) != (rewards[i] > rewards[j]) for i, j in pairs)
    assert ballot.weights.sum() + ballot.own_weight == pytest.approx(1)
    by_hand = sum(weight * said for weight, said in zip(ballot.weights, ballot.said, strict=True))
    np.testing.assert_allclose(ballot.expected, by_hand + ballot.own_weight * ballot.own)


def test_a_search_says_what_chose_its_question_and_keeps_the_last_vote():
    search = Surrogate([WIDE, NARROW], copied=2, landmarks=1).open(controllers.load("random", FixedLength()))
    chosen, told = [], []
    for _ in range(5):
        architecture = search.ask()
        chosen.append(search.asked_by)
        if search.asked_by == "models":
            free = np.delete(np.arange(len(MEMBERS)), told)
            assert search.pool.place(architecture) == free[search.vote.expected[free].argmax()]
        search.tell(architecture, additive(architecture))
        told.append(search.pool.place(architecture))
    assert chosen == ["copied", "copied", "landmark", "models", "models"]


def test_by_scores_is_the_posterior_of_a_weighted_sum_of_tasks_and_a_process():
    """Against the same model written as a Bayesian regression on drawn functions: covariance from its definition."""
    told = {MEMBERS[i]: score for i, score in ((0, 0.3), (4, 0.9), (7, 0.2), (11, 0.6))}
    alike = seen([WIDE, NARROW, Evidence("rest", WIDE.trials[::3])], told)
    pool, places = alike.pool, alike.places
    F, mean = pool.said, alike.weights @ pool.said
    covariance = 10 + F.T @ F / 3 + 0.5 * kernel(pool.X, pool.X, 1.0)
    y = np.array(list(told.values()))
    y = (y - y.mean()) / scale_of(y, mean[places])
    K = covariance[np.ix_(places, places)] + 0.1 * np.eye(4)
    expected = mean + covariance[:, places] @ np.linalg.solve(K, y - mean[places])
    spread = covariance - covariance[:, places] @ np.linalg.solve(K, covariance[places])
    np.testing.assert_allclose(by_scores(alike, 0.0), expected, atol=1e-9)
    np.testing.assert_allclose(by_scores(alike, 2.0), expected + 2 * np.sqrt(np.diag(spread)), atol=1e-7)


def test_the_unit_of_the_new_task_does_not_matter():
    told = {a: additive(a) + 0.1 * i for i, a in enumerate(MEMBERS[::2])}
    plain, other = (seen([WIDE, NARROW], {a: factor * r - 3 for a, r in told.items()}) for factor in (1, 250))
    np.testing.assert_allclose(by_scores(plain, 1.0), by_scores(other, 1.0))
    np.testing.assert_allclose(vote(plain).expected, vote(other).expected)


def test_the_scale_by_hand():
    rewards, expected = np.array([0.0, 10, 20, 30]), np.array([-1.5, -0.5, 0.5, 1.5])
    spread = rewards.std()  # 11.18; the slope of the line is 10
    assert scale_of(rewards, expected) == pytest.approx((50 + 2 * spread) / (5 + 2))
    assert scale_of(-rewards, expected) == pytest.approx(spread / 4)
    assert scale_of(np.ones(4), expected) > 0


# ---------------------------------------------------------------------- the search


@pytest.mark.parametrize("combine", ["ranks", "scores"])
@pytest.mark.parametrize("task", ["g0-0", "g2-1"])
def test_ten_evaluations_are_enough_where_others_of_the_kind_were_searched(table, task, combine):
    evidence = [studied(table, other) for other in table.tasks if other != task]
    opened = Surrogate(evidence, combine=combine).open(controllers.load("random", table.space))
    assert found(opened, table, task, 10) > 0.99


@pytest.mark.parametrize("combine", ["ranks", "scores"])
def test_a_task_that_is_like_none_is_found_too(table, combine):
    task = "g3-0"
    evidence = [studied(table, other) for other in table.tasks if other != task]
    opened = Surrogate(evidence, combine=combine).open(controllers.load("random", table.space))
    assert found(opened, table, task, 40) > 0.98


def test_landmarks_come_first_and_are_told_like_any_other():
    opened = Surrogate([WIDE, NARROW], copied=0, landmarks=2).open(controllers.load("q-learning", FixedLength()))
    first = [opened.ask(), opened.ask()]
    assert set(first) == {("8", "16", "8"), ("4", "4", "4")}  # one for each of two tasks that disagree
    for architecture in first:
        opened.tell(architecture, additive(architecture))
    assert opened.inner.rewards.keys() == set(first)
    assert opened.ask() not in first


def test_what_copying_asks_comes_before_the_landmarks():
    evidence = [WIDE, WIDE, NARROW]
    copying = meta.load("copy-best", evidence, most=2).open(controllers.load("random", FixedLength()))
    opened = Surrogate(evidence, copied=2, landmarks=1).open(controllers.load("random", FixedLength()))
    assert [opened.ask() for _ in range(3)] == [copying.ask(), copying.ask(), ("4", "4", "4")]  # the best of NARROW


def test_what_is_asked_anyway_is_no_landmark():
    said = np.array([[5.0, 0, 4, 3], [0, 5, 4, 3]])
    assert landmark_places(said, 2, asked=[0]) == [1, 2]
    assert landmark_places(said, 9, asked=[2, 3]) == [0, 1]


def test_what_it_was_told_without_asking_is_not_asked():
    opened = Surrogate([WIDE]).open(controllers.load("q-learning", FixedLength(), seed=1))
    for architecture in MEMBERS[1::2]:
        opened.tell(architecture, additive(architecture))
    assert {opened.ask() for _ in range(6)} == set(MEMBERS[::2])


def test_a_batch_has_no_network_twice_and_the_whole_space_is_asked_once():
    opened = Surrogate([WIDE]).open(controllers.load("q-learning", FixedLength(), seed=1))
    batch = [opened.ask() for _ in range(12)]
    assert sorted(batch) == sorted(MEMBERS)


def test_in_a_large_space_it_asks_neighbours_of_the_best(monkeypatch, table):
    monkeypatch.setattr(candidates, "LARGEST", 100)
    monkeypatch.setattr(candidates, "SAMPLED", 20)
    evidence = [studied(table, other, count=40) for other in ("g0-1", "g0-2")]
    sizes = []
    opened = Surrogate(evidence).open(controllers.load("random", unlike.Chain()))
    for _ in range(25):
        sizes.append(len(opened.pool.architectures))
        architecture = opened.ask()
        opened.tell(architecture, float(table.scores("g0-0")[table.row(architecture)]))
    assert sizes[-1] > sizes[0] + 5
    tried = {a for e in evidence for a in e.scores}
    assert any(a not in tried for a in opened.inner.rewards)


def test_status_says_how_alike_the_most_alike_task_is():
    opened = Surrogate([WIDE, NARROW]).open(controllers.load("random", FixedLength()))
    assert opened.status() == {"similarity": 0.0}
    for architecture in MEMBERS:
        opened.tell(architecture, additive(architecture))
    assert opened.status()["similarity"] == pytest.approx(1, abs=0.05)


def test_tasks_that_are_described_alike_weigh_more_at_the_start():
    small = Evidence("wide", WIDE.trials, {"examples": 60})
    large = Evidence("narrow", NARROW.trials, {"examples": 6000})
    for examples, best in ((60, ("8", "16", "8")), (6000, ("4", "4", "4"))):
        prior = Surrogate([small, large], copied=0, landmarks=0, about={"examples": examples})
        assert prior.open(controllers.load("random", FixedLength())).ask() == best
        assert prior.identity()["about"] == {"examples": examples}


@pytest.mark.parametrize(
    "options",
    [
        {"model": "oracle"},
        {"combine": "votes"},
        {"landmarks": -1},
        {"copied": -1},
        {"optimism": -0.5},
        {"about": {"x": np.nan}},
    ],
)
def test_an_impossible_surrogate_is_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options))) if "about" not in options else "finite numbers"):
        meta.load("surrogate", [WIDE], **options)
