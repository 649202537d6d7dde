"""Warm against cold: the same searches as by hand, and nothing of the target is known before it is searched."""

import numpy as np
import pytest

import nasedu
from nasedu import Table, controllers, meta
from nasedu.core import BadValue, UnknownName
from nasedu.meta.comparison import Comparison, compare, earlier_study, source_weights
from tests.tables.spaces import MEMBERS, Letters

RNG = np.random.default_rng(3)
TRUTH = RNG.uniform(0, 1, 9)
SCORES = {"a": TRUTH, "b": TRUTH**2, "c": 1 - TRUTH, "target": TRUTH / 2}
BASELINES = [
    "random",
    "cold",
    "cold, warm schedule",
    "local-search",
    "gp-cold",
    "copy-best, then local-search",
    "copy-best",
]


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, SCORES, name="nine")


def run(table, target="target", priors=("warm-q",), seeds=3, evaluations=6, **options):
    return compare(table, target, priors, seeds, evaluations, **({"earlier": 7, "workers": 1} | options))


def test_the_baselines_are_always_beside_the_priors(table):
    found = run(table)
    assert list(found.regrets) == [*BASELINES, "warm-q"]
    assert all(regrets.shape == (3, 6) for regrets in found.regrets.values())
    assert list(found.weights) == ["a", "b", "c"]


def by_hand(table, prior, seed, evidence, evaluations):
    controller = controllers.load("q-learning", table.space, seed=seed, budget=evaluations)
    controller = meta.load(prior, evidence).open(controller) if prior else controller
    seen = {}
    while len(seen) < evaluations:
        architecture = controller.ask()
        seen[architecture] = table.scores("target")[table.row(architecture)]
        controller.tell(architecture, seen[architecture])
    return table.best("target").score - np.maximum.accumulate(list(seen.values()))


def test_each_search_is_the_one_made_by_hand(table):
    seeds, sources = [2, 4, 6], ["c", "a", "b"]
    found = run(table, seeds=seeds, evaluations=5, earlier=4, sources=sources)
    for row, seed in enumerate(seeds):
        evidence = [earlier_study(table, task, seed, 4) for task in sources]
        for way, prior in (("cold", None), ("copy-best", "copy-best"), ("warm-q", "warm-q")):
            np.testing.assert_allclose(found.regrets[way][row], by_hand(table, prior, seed, evidence, 5))


def test_any_controller_can_be_opened_with_any_evidence(table):
    evidence = [earlier_study(table, "a", 9, 5)]
    found = run(table, priors=["surrogate"], controller=("regularized-evolution", {"population": 3}), evidence=evidence)
    assert list(found.regrets) == [*(way for way in BASELINES if way != "cold, warm schedule"), "surrogate"]
    assert list(found.weights) == ["a"]
    cold = controllers.load("regularized-evolution", table.space, seed=1, population=3)
    assert found.regrets["cold"][1, 0] == table.best("target").score - table.scores("target")[table.row(cold.ask())]
    with pytest.raises(BadValue, match="either the evidence, or the sources"):
        run(table, evidence=evidence, sources=["a"])


def test_a_guard_is_told_how_long_the_search_is(table):
    told = run(table, priors={"told": ("guarded", {"prior": "copy-best", "share": 0.2})}, seeds=8, evaluations=9)
    given = ("guarded", {"prior": "copy-best", "share": 0.2, "budget": 9})
    same = run(table, priors={"given": given}, seeds=8, evaluations=9)
    np.testing.assert_array_equal(told.regrets["told"], same.regrets["given"])
    with pytest.raises(BadValue, match="of budget=6 networks has no credit"):
        run(table, priors=["guarded"], evaluations=6)


def test_copying_from_like_tasks_is_ahead_and_from_unlike_ones_behind(table):
    near = run(table, sources=["a", "b"], seeds=12)
    mean, half = near.lead("copy-best", after=1)
    assert mean > half
    far = run(table, sources=["c"], seeds=12)
    mean, half = far.lead("copy-best", after=1)
    assert mean < -half


def test_what_is_known_of_the_target_is_not_used(table):
    other = Table(Letters(), MEMBERS, {**SCORES, "target": RNG.uniform(0, 1, 9)}, name="nine")
    for task in ("a", "b", "c"):
        assert earlier_study(table, task, 0, 7) == earlier_study(other, task, 0, 7)
    with pytest.raises(BadValue, match="other tasks of the table"):
        run(table, sources=["a", "target"])


def test_a_task_that_ranks_alike_counts_and_one_that_does_not_counts_little(table):
    weights = run(table, earlier=9, evaluations=9, seeds=5).weights
    assert np.mean(weights["a"]) + np.mean(weights["b"]) > 0.9
    assert sum(np.mean(w) for w in weights.values()) == pytest.approx(1)


def test_the_same_seeds_give_the_same(table):
    one, two = run(table), run(table, workers=2)
    for way in one.regrets:
        np.testing.assert_array_equal(one.regrets[way], two.regrets[way])
    for task in one.weights:
        np.testing.assert_array_equal(one.weights[task], two.weights[task])


def test_an_earlier_search_is_told_one_recorded_training_where_that_is_asked_for():
    scores = {"a": np.random.default_rng(0).uniform(0, 1, (9, 3))}
    table = Table(Letters(), MEMBERS, scores, name="three")
    for reward, told in (("mean", scores["a"].mean(axis=1)), ("one-seed", scores["a"][:, 1])):
        for architecture, score in earlier_study(table, "a", 4, 9, reward).trials:
            assert score == told[table.row(architecture)]


def test_weights_of_a_single_source(table):
    assert source_weights(table, "target", [earlier_study(table, "c", 0, 7)], 0, 6, "mean").tolist() == [1.0]


def test_priors_may_have_parameters(table):
    assert "copy-best, most 2" in run(table, priors=[("copy-best", {"most": 2})]).regrets


def test_priors_may_have_labels(table):
    way = ("copy-best", {"most": 2})
    plain, labelled = run(table, priors=[way]), run(table, priors={"copies two": way})
    assert list(labelled.regrets) == [*BASELINES, "copies two"]
    np.testing.assert_array_equal(labelled.regrets["copies two"], plain.regrets["copy-best, most 2"])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"target": "z"}, BadValue, "has the tasks"),
        ({"sources": ["z"]}, BadValue, "has the tasks"),
        ({"sources": []}, BadValue, "at least one"),
        ({"priors": ["nothing"]}, UnknownName, "nothing"),
        ({"priors": ["warm-q", "warm-q"]}, BadValue, "every prior once"),
        ({"priors": {"cold": "warm-q"}}, BadValue, "'cold' is there already"),
        ({"priors": {"copy-best": ("copy-best", {"most": 2})}}, BadValue, "a label of its own"),
        ({"seeds": 0}, BadValue, "seeds is how many"),
        ({"earlier": 0}, BadValue, "at least one network"),
        ({"evaluations": 0}, BadValue, "evaluations"),
    ],
)
def test_what_cannot_be_compared(table, options, error, words):
    with pytest.raises(error, match=words):
        run(table, **options)


def test_a_lead_is_the_mean_of_the_differences_and_half_of_its_interval():
    warm, cold = np.array([[0.3, 0.1], [0.1, 0.0]]), np.array([[0.4, 0.2], [0.4, 0.1]])
    found = Comparison("x", {"cold": cold, "warm": warm}, {})
    mean, half = found.lead("warm", after=1)
    assert mean == pytest.approx(0.2)
    assert half == pytest.approx(1.96 * 0.1)
    assert found.lead("warm")[0] == pytest.approx(0.1)
    assert found.lead("cold", over="warm", after=1)[0] == pytest.approx(-0.2)
    for wrong in ({"way": "hot"}, {"way": "warm", "over": "hot"}, {"way": "warm", "after": 3}):
        with pytest.raises(BadValue, match="this comparison has cold, warm for 1 to 2 networks"):
            found.lead(**wrong)


def test_the_atlas_can_be_compared():
    atlas = nasedu.tables.atlas()
    found = compare(atlas, "gratings/angle", ["copy-best"], 2, 10, sources=["gratings/width", "what/digits"])
    assert found.regrets["copy-best"].shape == (2, 10)
