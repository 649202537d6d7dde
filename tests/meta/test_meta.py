"""What is carried over: what holds for every prior, and evidence from a store."""

import math

import pytest

from nasedu import controllers, meta
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue, Evaluation, Mismatch, StoreError, UnknownName, describe
from nasedu.meta import Evidence, evidence_in
from nasedu.meta.copy_best import CopyBest
from nasedu.meta.pruned_space import PrunedSpace, place
from nasedu.meta.warm_q import WarmQ
from nasedu.store import Store, Trial
from nasedu.study import Study, identity_of
from nasedu.testing import FixedLength, VariableLength, check_controller
from nasedu.testing.spaces import additive, rough

A, B, C, D = ("4", "4", "4"), ("4", "8", "8"), ("8", "16", "4"), ("8", "16", "8")


class Table:
    """Scores by a formula, as a trainer that looks them up."""

    name = "table"
    preferred_batch = 1

    def __init__(self, space, task, worth=additive):
        self.space, self.task, self._worth = space, task, worth
        self.worth = worth.__name__

    def __call__(self, architectures, *, epochs, seed):
        return [Evaluation(a, self._worth(a), epochs=epochs, seed=seed) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return self([architecture], epochs=epochs, seed=seed)[0]


def everything(space, task="before", worth=additive):
    return Evidence(task, tuple((a, worth(a)) for a in space.enumerate()))


# ---------------------------------------------------------------------- every prior


OPENED = {name: ("reinforce" if name == "warm-policy" else "q-learning", name, {}) for name in meta.registry}
OPENED |= {
    "warm-policy": ("reinforce", "warm-policy", {"rounds": 4}),
    "copy-best, weighted": ("q-learning", "copy-best", {"weighted": True}),
    "surrogate, scores": ("local-search", "surrogate", {"combine": "scores", "landmarks": 0}),
    "guarded warm-q": ("q-learning", "guarded", {"prior": "warm-q", "budget": 20}),
    "guarded evolution": ("regularized-evolution", "guarded", {"prior": "copy-best", "budget": 20}),
}
"""How each kind of search is opened: the controller, the prior, and the prior's parameters."""


@pytest.mark.parametrize("how", OPENED)
def test_an_opened_controller_keeps_the_contract_of_controllers(how):
    controller, name, parameters = OPENED[how]

    def make(space, *, seed):
        evidence = [everything(space, "one", worth=rough), everything(space, "two")]
        return meta.load(name, evidence, **parameters).open(controllers.load(controller, space, seed=seed))

    draws_nothing = how.partition(",")[0] in ("surrogate", "mixture", "guarded", "guarded warm-q")
    without = ["different_seeds_ask_differently"] if draws_nothing else []
    if name in ("copy-best", "surrogate", "mixture"):  # of half a tiny space, what was best before is nearly all
        without.append("learns_from_what_it_was_told_first")
    check_controller(make, without=tuple(without))


@pytest.mark.parametrize("how", OPENED)
def test_a_search_that_was_opened_by_a_prior_is_continued_by_replay(how, tmp_path, small_task):
    controller, name, parameters = OPENED[how]
    space = FixedLength()
    evidence = [everything(space, "one", worth=rough), Evidence("two", ((A, 0.1), (D, 0.9)))]

    def study(store):
        opened = controllers.load(controller, space, seed=5)
        prior = meta.load(name, evidence, **parameters)
        return Study(space, opened, Table(space, small_task), store=store, prior=prior)

    with study(tmp_path / "at_once.db") as one:
        whole = [t.architecture for t in one.run(trials=9, batch=2)]
    with study(tmp_path / "in_two.db") as first:
        list(first.run(trials=4, batch=2))
    with study(tmp_path / "in_two.db") as again:
        assert [t.architecture for t in again.run(trials=9, batch=2)] == whole[4:]


@pytest.mark.parametrize("name", meta.registry)
def test_limits_hold_for_what_a_prior_asks(name):
    space = FixedLength()
    inner = controllers.load(OPENED[name][0], space, seed=0)
    limited = controllers.Constrained(inner, limits={"parameters": 200})
    opened = meta.load(name, [everything(space)]).open(limited)
    assert isinstance(opened, controllers.Constrained)
    for _ in range(4):
        architecture = opened.ask()
        assert space.measure("parameters", architecture) <= 200
        opened.tell(architecture, additive(architecture))
    assert space.measure("parameters", D) > 200  # what was best before does not fit


@pytest.mark.parametrize("name", meta.registry)
def test_a_prior_of_another_space_is_refused(name):
    prior = meta.load(name, [everything(VariableLength(), "elsewhere")])
    with pytest.raises(Mismatch, match="the prior is from another space: its study of 'elsewhere' holds"):
        prior.open(controllers.load(OPENED[name][0], FixedLength()))


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_evidence_with_a_score_that_is_no_number_is_refused(score):
    with pytest.raises(
        BadValue, match=f"the study of 'broken' says that .* scored {score}; a score is a finite number"
    ):
        Evidence("broken", ((A, 0.5), (B, score)))


def test_what_is_known_about_a_task_is_evidence_too():
    known = Evidence("t", ((A, 0.5),), {"examples": 60, "classes": 10})
    assert known.about == (("classes", 10), ("examples", 60))
    assert known == Evidence.from_data(known.data()) == Evidence("t", ((A, 0.5),), {"classes": 10, "examples": 60})
    assert Evidence("t", ((A, 0.5),)).data() == ["t", [[list(A), 0.5]]]  # as stores of before have it
    assert CopyBest([known]).digest != CopyBest([Evidence("t", ((A, 0.5),))]).digest
    with pytest.raises(BadValue, match="what is known about the task 't' are finite numbers; given classes=nan"):
        Evidence("t", (), {"classes": math.nan})


def test_a_recorded_prior_can_be_made_again():
    evidence = [everything(FixedLength())]
    for name, (_, _, parameters) in ((how, OPENED[how]) for how in meta.registry):
        prior = meta.load(name, evidence, **parameters)
        described = {key: value for key, value in prior.identity().items() if key != "digest"}
        again = meta.load(described.pop("name"), [Evidence.from_data(d) for d in prior.data()], **described)
        assert again.identity() == prior.identity()


@pytest.mark.parametrize("name", meta.registry)
def test_the_identity_is_kind_parameters_and_evidence(name):
    one = meta.load(name, [Evidence("t", ((A, 0.5), (B, 0.6)))])
    twin = meta.load(name, [Evidence.from_data(entry) for entry in one.data()])
    assert one.identity() == twin.identity()
    assert one.identity()["name"] == name
    others = [
        [Evidence("t", ((A, 0.5), (B, math.nextafter(0.6, 1))))],
        [Evidence("t", ((B, 0.6), (A, 0.5)))],
        [Evidence("u", ((A, 0.5), (B, 0.6)))],
        [Evidence("t", ((A, 0.5),))],
    ]
    assert len({one.digest, *(meta.load(name, evidence).digest for evidence in others)}) == 5


def test_parameters_are_part_of_the_identity():
    evidence = [everything(FixedLength())]
    assert WarmQ(evidence, sweeps=3).identity() != WarmQ(evidence).identity()
    assert CopyBest(evidence, most=3).identity() != CopyBest(evidence).identity()


@pytest.mark.parametrize("evidence", [[], [Evidence("t", ())]])
@pytest.mark.parametrize("name", meta.registry)
def test_no_evidence_is_refused(name, evidence):
    with pytest.raises(BadValue, match="at least one earlier study with a trial"):
        meta.load(name, evidence)


def test_load_refuses_unknown_names_and_parameters():
    with pytest.raises(
        UnknownName, match="unknown prior 'best'; known: copy-best, guarded, mixture, surrogate, warm-policy, warm-q"
    ):
        meta.load("best", [])
    with pytest.raises(
        BadValue, match="prior 'copy-best' has no parameter 'sweeps'; it has: evidence, most, weighted, about"
    ):
        meta.load("copy-best", [], sweeps=3)


# ---------------------------------------------------------------------- evidence in a store


@pytest.fixture
def store(tmp_path, small_task):
    """Three studies of one space (two by Q-learning, one at random) and one of another."""
    path = tmp_path / "earlier.db"
    for space, name, seed in (
        (FixedLength(), "q-learning", 0),
        (FixedLength(), "q-learning", 1),
        (FixedLength(), "random", 0),
        (VariableLength(), "random", 0),
    ):
        with Study(space, controllers.load(name, space, seed=seed), Table(space, small_task), store=path) as study:
            list(study.run(trials=5))
    return path


def identity(task, seed):
    space = FixedLength()
    return identity_of(space, QLearning(space, seed=seed), Table(space, task), epochs=8, seed=0)


def test_evidence_is_every_trial_of_every_study_of_the_space(store, small_task):
    found = evidence_in(store, FixedLength())
    assert [(e.task, len(e.trials)) for e in found] == [("corners", 5)] * 3
    assert all(score == additive(a) for e in found for a, score in e.trials)
    with Study(FixedLength(), QLearning(FixedLength()), Table(FixedLength(), small_task), store=store) as study:
        assert [a for a, _ in found[0].trials] == [t.architecture for t in study.trials]


def test_a_pruned_search_is_evidence_and_may_be_the_coming_study_itself(tmp_path, small_task):
    whole, path = FixedLength(), tmp_path / "pruned.db"
    first = whole.choices(whole.start())[0]
    space = PrunedSpace(whole, {place(whole, whole.start()): [first]})
    with Study(space, QLearning(space), Table(space, small_task), store=path) as study:
        tried = tuple((t.architecture, t.score) for t in study.run(trials=5))
    (found,) = evidence_in(path, whole)
    assert found.trials == tried
    with pytest.raises(Mismatch, match="no other study with trials"):
        evidence_in(path, whole, leave_out=identity(small_task, seed=0))


def test_the_coming_study_does_not_learn_from_itself(store, small_task):
    everyone = evidence_in(store, FixedLength())
    without = evidence_in(store, FixedLength(), leave_out=identity(small_task, seed=1))
    assert without == [everyone[0], everyone[2]]


def test_a_store_without_this_space_says_which_it_has(store, small_space):
    with pytest.raises(Mismatch, match="no earlier study of the space 'chain-cnn': its studies searched FixedLength"):
        evidence_in(store, small_space)


def test_a_store_with_only_the_coming_study_has_nothing_to_teach(tmp_path, small_task):
    space, path = FixedLength(), tmp_path / "one.db"
    with Study(space, QLearning(space), Table(space, small_task), store=path) as study:
        list(study.run(trials=2))
    with pytest.raises(Mismatch, match="no other study with trials"):
        evidence_in(path, space, leave_out=identity(small_task, seed=0))


def test_trials_without_an_evaluation_teach_nothing(tmp_path):
    path = tmp_path / "killed.db"
    store = Store(path)
    number = store.begin(
        {"task": "t", "space": describe(FixedLength()), "controller": {"name": "random"}, "prior": None}
    )
    token = store.hold(number)
    store.add_batch(number, token, [Trial(0, 0, A, {}), Trial(1, 0, B, {})])
    store.add_evaluations(number, token, {1: Evaluation(B, 0.25)})
    store.close()
    assert evidence_in(path, FixedLength()) == [Evidence("t", ((B, 0.25),))]


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="there is no store"):
        evidence_in(tmp_path / "missing.db", FixedLength())
    assert list(tmp_path.iterdir()) == []


def test_a_study_with_a_prior_is_another_study_than_the_cold_one(store, small_task):
    space = FixedLength()
    prior = CopyBest(evidence_in(store, space), most=3)
    with Study(space, QLearning(space), Table(space, small_task), store=store, prior=prior) as study:
        warm = [t.architecture for t in study.run(trials=4)]
    assert warm[:3] == prior.open(QLearning(space)).first
    with Study(space, QLearning(space), Table(space, small_task), store=store) as study:
        assert len(study.trials) == 5
