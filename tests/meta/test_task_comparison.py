"""Warm against cold on tasks: the same searches as on a table, each network is trained once, and errors at the door."""

import numpy as np
import pytest

import nasedu
from nasedu import Table, meta, trainers
from nasedu.core import BadValue, Mismatch, UnknownName
from nasedu.meta import Evidence
from nasedu.meta.comparison import compare, earlier_study
from nasedu.meta.task_comparison import TaskComparison
from tests.meta.made import WORDS
from tests.meta.test_comparison import BASELINES, SCORES
from tests.tables.spaces import MEMBERS, Letters


@pytest.fixture
def table():
    return Table(Letters(), MEMBERS, SCORES, name="nine")


def of_table(table, *names):
    return [table.task(name) for name in names or SCORES]


def run(table, of=None, priors=("warm-q",), seeds=3, evaluations=6, **options):
    return meta.compare(
        table.space, of_table(table) if of is None else of, priors, seeds, evaluations, **({"earlier": 7} | options)
    )


class Counting(trainers.Wrapper):
    """Counts what is really trained: (task, architecture, seed)."""

    def __init__(self, trainer, trained):
        super().__init__(trainer)
        self.trained = trained

    def __call__(self, architectures, *, epochs, seed):
        self.trained += [(self.task.name, a, seed) for a in architectures]
        return super().__call__(architectures, epochs=epochs, seed=seed)


class InCohorts(trainers.Wrapper):
    """Compares the networks of a call, as successive halving does."""

    name = "in-cohorts"
    cohort = 4


def counting(trained):
    return lambda space, task: Counting(trainers.load("table", space, task), trained)


def test_searches_of_tasks_are_those_of_the_table_that_knows_their_scores(table):
    priors, seeds = ["warm-q", "mixture", ("guarded", {"budget": 6, "share": 0.5})], [2, 5]
    evidence = [earlier_study(table, task, 0, 7) for task in "abc"]
    known = compare(table, "target", priors, seeds, 6, evidence=evidence, workers=1)
    found = run(table, priors=priors, seeds=seeds, evidence=evidence)
    assert list(found.found) == list(known.regrets) == [*BASELINES, *list(known.regrets)[len(BASELINES) :]]
    for way, curve in found.found.items():
        np.testing.assert_allclose(curve, table.best("target").score - known.regrets[way])
    assert found.twins == known.twins
    assert found.lead("mixture", "gp-cold", 2) == pytest.approx(known.lead("mixture", "gp-cold", 2), nan_ok=True)


def test_every_network_is_trained_once_for_a_task_and_a_seed(table):
    trained = []
    found = run(table, priors=["warm-q", "mixture"], trainer=counting(trained))
    assert len(trained) == len(set(trained)) == found.trained
    assert {task for task, *_ in trained} == {f"nine/{name}" for name in SCORES}
    asked = len(found.found) * 3 * found.evaluations + 3 * 3 * 7
    assert found.trained < asked / 2


def test_each_prior_is_beside_its_own_cold_twin(table):
    found = run(table, priors=["warm-q", "mixture"])
    twins = {
        "copy-best, then local-search": "local-search",
        "copy-best": "cold",
        "warm-q": "cold",
        "mixture": "gp-cold",
    }
    assert found.twins == twins
    frame = found.summary(at=(1, 5))
    assert list(frame.index) == [*BASELINES, "warm-q", "mixture"]
    for way, twin in twins.items():
        assert frame.loc[way, ("twin", "")] == twin
        lead = (frame.loc[way, ("lead over it", "mean")], frame.loc[way, ("lead over it", "±")])
        assert lead == pytest.approx(found.lead(way, twin))
    assert frame.loc["random", ("after 5", "mean")] == pytest.approx(found.found["random"][:, 4].mean())
    assert [head for head, unit in found.summary().columns if unit == "±"] == [
        *(f"after {n}" for n in (1, 2, 5, 6)), "lead over it",
    ]  # fmt: skip
    with pytest.raises(BadValue, match="1 to 6 networks"):
        found.summary(at=(7,))


def test_a_twin_that_is_no_baseline_runs_too(table):
    found = run(table, priors={"guard": ("guarded", {"budget": 6, "share": 0.5, "twin": "reinforce"})})
    assert found.twins["guard"] == "reinforce"
    assert found.found["reinforce"].shape == (3, 6)


def test_the_table_has_the_same_summary_of_regrets(table):
    found = compare(table.space, table, ["mixture"], 3, 6, target="target", earlier=7, workers=1)
    frame = found.summary(at=(1,))
    assert frame.loc["mixture", ("after 1", "mean")] == pytest.approx(found.regrets["mixture"][:, 0].mean())
    better = (found.regrets["gp-cold"] - found.regrets["mixture"])[:, -1].mean()
    assert frame.loc["mixture", ("lead over it", "mean")] == pytest.approx(better)


def test_given_evidence_nothing_is_searched_before(table):
    trained, evidence = [], [earlier_study(table, "a", 9, 5)]
    found = run(table, of_table(table, "target"), evidence=evidence, trainer=counting(trained))
    assert {task for task, *_ in trained} == {"nine/target"}
    copied = max(dict(evidence[0].trials), key=dict(evidence[0].trials).get)
    assert set(found.found["copy-best"][:, 0]) == {table.scores("target")[table.row(copied)]}


def test_the_last_task_is_the_target_unless_another_is_named(table):
    assert run(table, seeds=1).task == "nine/target"
    trained = []
    found = run(table, seeds=1, target="nine/b", sources=["nine/c"], trainer=counting(trained))
    assert found.task == "nine/b"
    assert {task for task, *_ in trained} == {"nine/b", "nine/c"}


def test_tables_stand_for_all_their_tasks(table):
    other = Table(Letters(), MEMBERS, {"a": SCORES["a"]}, name="other")
    found = run(table, [other, table], seeds=2)
    one_by_one = run(table, [*of_table(other, "a"), *of_table(table)], seeds=2)
    for way, curve in found.found.items():
        np.testing.assert_array_equal(curve, one_by_one.found[way])


def test_several_processes_find_the_same(table):
    one, two = run(table), run(table, workers=2)
    for way, curve in one.found.items():
        np.testing.assert_array_equal(curve, two.found[way])
    assert two.trained == one.trained


def test_a_search_that_has_nothing_left_to_ask_stays_where_it_was(table):
    found = run(table, evaluations=12)
    assert found.found["cold"].shape == (3, 12)
    assert (found.found["cold"][:, 8:] == table.best("target").score).all()


def test_networks_of_real_tasks_are_trained():
    found = meta.compare("mlp", ["digits", "digits-noisy"], ["copy-best"], 1, 2, epochs=1, earlier=2)
    assert isinstance(found, TaskComparison)
    assert found.task == "digits-noisy"
    assert all(0 <= curve[0, 0] <= curve[0, 1] <= 1 for curve in found.found.values())
    task = nasedu.tasks.load("digits-noisy")
    space = nasedu.spaces.load("mlp", task)
    first = nasedu.controllers.load("local-search", space, seed=0).ask()
    (alone,) = trainers.load("sequential", space, task)([first], epochs=1, seed=0)
    assert found.found["local-search"][0, 0] == alone.score


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"of": "digits"}, BadValue, "a table, or a list of tasks"),
        ({"of": [3]}, BadValue, "a registered name, a task or a table"),
        ({"of": ["nothing"]}, UnknownName, "unknown task 'nothing'"),
        ({"of": []}, BadValue, "the list is empty"),
        ({"target": "target"}, BadValue, "the tasks are nine/a, nine/b, nine/c, nine/target; given 'target'"),
        ({"sources": ["z"]}, BadValue, "given 'z'"),
        ({"sources": ["nine/target"]}, BadValue, "are other tasks"),
        ({"sources": []}, BadValue, "at least one"),
        ({"priors": ["nothing"]}, UnknownName, "nothing"),
        ({"priors": ["warm-q"], "controller": "local-search"}, Mismatch, "the controller is 'local-search'"),
        ({"controller": "nobody"}, UnknownName, "unknown controller 'nobody'"),
        ({"trainer": "nobody"}, UnknownName, "unknown trainer 'nobody'"),
        ({"trainer": "sequential"}, BadValue, "trains on examples"),
        ({"trainer": lambda space, task: InCohorts(trainers.load("table", space, task))}, BadValue, "of a call with"),
        ({"trainer": lambda space, task: 3}, BadValue, "needs a trainer"),
        ({"seeds": 0}, BadValue, "seeds is how many"),
        ({"earlier": 0}, BadValue, "at least one network"),
        ({"evaluations": 0}, BadValue, "evaluations"),
        ({"epochs": 0}, BadValue, "epochs is a whole number"),
        ({"workers": 0}, BadValue, "workers is a whole number"),
        ({"reward": "one-seed"}, BadValue, "is for a table"),
        ({"evidence": [Evidence("x", ((("z", "z"), 1.0),))]}, BadValue, "can read nothing that was found on x"),
        ({"evidence": [Evidence("nine/target", ((MEMBERS[0], 1.0),))]}, BadValue, "are other tasks"),
        ({"evidence": []}, BadValue, "at least one"),
    ],
)
def test_what_cannot_be_compared(table, options, error, words):
    trained = []
    given = {"trainer": counting(trained)} | options
    with pytest.raises(error, match=words):
        run(table, **({"of": of_table(table)} | given))
    assert trained == []


def test_a_table_takes_nothing_that_is_for_tasks(table):
    with pytest.raises(BadValue, match="trainer and epochs are for tasks"):
        compare(table.space, table, epochs=3)
    with pytest.raises(Mismatch, match="the space given is"):
        compare(WORDS, table)
    with pytest.raises(BadValue, match="takes the name of a task"):
        compare(table, table)


def test_a_task_twice_would_learn_from_its_own_answers(table):
    with pytest.raises(BadValue, match="comes twice"):
        run(table, [table, table.task("a")])
