"""What is carried over: evidence from a store, a warmed table, and the best of before."""

import math

import pytest

from nasedu import controllers, meta
from nasedu.controllers.q_learning import QLearning
from nasedu.core import BadValue, Evaluation, Mismatch, StoreError, UnknownName, describe
from nasedu.meta import Evidence, evidence_in
from nasedu.meta.copy_best import CopyBest
from nasedu.meta.warm_q import WarmQ
from nasedu.store import Store, Trial
from nasedu.study import Study, identity_of
from nasedu.testing import FixedLength, VariableLength, check_controller
from nasedu.testing.spaces import additive, rough

A, B, C, D = ("4", "4", "4"), ("4", "8", "8"), ("8", "16", "4"), ("8", "16", "8")


class Table:
    """Scores by a formula, as a trainer that looks them up."""

    name = "table"
    group = 1

    def __init__(self, space, task, worth=additive):
        self.space, self.task, self._worth = space, task, worth
        self.worth = worth.__name__

    def __call__(self, architectures, *, epochs, seed):
        return [Evaluation(a, self._worth(a), epochs=epochs, seed=seed) for a in architectures]

    def judge(self, architecture, *, epochs, seed):
        return self([architecture], epochs=epochs, seed=seed)[0]


def everything(space, task="before", worth=additive):
    return Evidence(task, tuple((a, worth(a)) for a in space.enumerate()))


# ---------------------------------------------------------------------- WarmQ


def test_a_warm_table_knows_what_was_good():
    space = FixedLength()
    q = QLearning(space, seed=0)
    assert WarmQ([everything(space)]).open(q) is q
    assert q.q[0]["8"] > q.q[0]["4"]
    assert q.q[1]["16"] > q.q[1]["8"] > q.q[1]["4"]
    assert q.q[2]["8"] > q.q[2]["4"]
    assert q.walk(0.0) == D


def test_one_sweep_over_one_trial_by_hand():
    """Target return, alpha 0.1: every choice of the trial moves from 0.5 to 0.5 + 0.1 * (1 - 0.5); twice: to 0.595."""
    for sweeps, value in ((1, 0.55), (2, 0.595)):
        q = WarmQ([Evidence("before", ((D, 1.0),))], sweeps=sweeps).open(QLearning(FixedLength()))
        assert [q.q[0]["8"], q.q[1]["16"], q.q[2]["8"]] == pytest.approx([value] * 3)
        assert [q.q[0]["4"], q.q[1]["4"], q.q[2]["4"]] == [0.5] * 3


def test_a_warm_start_explores_less_and_replays_only_its_own_trials():
    q = WarmQ([everything(FixedLength())], epsilon_first=0.3).open(QLearning(FixedLength(), budget=10))
    assert q.status()["epsilon"] == pytest.approx(0.3)
    assert (q.memory, q.visits, q.rewards, q.asked) == ([], {}, {}, 0)
    q.tell(q.ask(), 0.5)
    assert len(q.memory) == 1


def test_first_questions_of_a_warm_start_are_better_than_a_cold_ones():
    space = FixedLength()
    cold = [additive(QLearning(space, seed=seed).ask()) for seed in range(200)]
    warm = [additive(WarmQ([everything(space)]).open(QLearning(space, seed=seed)).ask()) for seed in range(200)]
    assert sum(warm) / 200 > sum(cold) / 200 + 0.08


def test_only_a_table_can_be_warmed():
    with pytest.raises(
        Mismatch, match="the controller is 'random': use the controller q-learning, or the prior copy-best"
    ):
        WarmQ([everything(FixedLength())]).open(controllers.load("random", FixedLength()))


@pytest.mark.parametrize("options", [{"sweeps": 0}, {"epsilon_first": 1.5}, {"epsilon_first": -0.1}])
def test_an_impossible_warm_start_is_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        WarmQ([everything(FixedLength())], **options)


# ---------------------------------------------------------------------- CopyBest


def asked(controller, count):
    found = []
    for _ in range(count):
        found.append(controller.ask())
        controller.tell(found[-1], 0.5)
    return found


def test_the_best_of_every_task_take_turns():
    first = Evidence("one", ((A, 0.1), (B, 0.4), (C, 0.9), (C, 0.2)))
    second = Evidence("two", ((C, 0.3), (D, 0.8), (A, 0.5)))
    opening = CopyBest([first, second], most=4).open(controllers.load("random", FixedLength()))
    # One's best, two's best; then B, A. (C is two's third, and was asked before.)
    assert asked(opening, 4) == [C, D, B, A]


def test_it_asks_no_more_than_it_may_and_then_hands_over():
    q = QLearning(FixedLength(), seed=1)
    opening = CopyBest([Evidence("one", ((D, 0.9), (C, 0.8), (B, 0.7)))], most=2).open(q)
    found = asked(opening, 12)
    assert found[:2] == [D, C]
    assert set(found) == set(FixedLength().enumerate())  # what was copied is not asked again
    assert q.rewards.keys() == set(found)
    assert opening.status() == q.status()
    assert opening.learned() == q.learned() != []


def test_what_is_copied_is_not_asked_again_in_the_same_batch():
    for seed in range(30):
        opening = CopyBest([Evidence("one", ((D, 0.9), (C, 0.8)))]).open(QLearning(FixedLength(), seed=seed))
        batch = [opening.ask() for _ in range(12)]
        assert len(set(batch)) == 12


def test_nothing_to_copy_is_refused():
    with pytest.raises(BadValue, match="most >= 1; given 0"):
        CopyBest([everything(FixedLength())], most=0)


# ---------------------------------------------------------------------- every prior


@pytest.mark.parametrize("name", meta.priors)
def test_an_opened_controller_keeps_the_contract_of_controllers(name):
    def make(space, *, seed):
        return meta.load(name, [everything(space, worth=rough)]).open(QLearning(space, seed=seed))

    check_controller(make)


@pytest.mark.parametrize("name", meta.priors)
def test_a_prior_of_another_space_is_refused(name):
    prior = meta.load(name, [everything(VariableLength(), "elsewhere")])
    with pytest.raises(Mismatch, match="the prior is from another space: its study of 'elsewhere' holds"):
        prior.open(QLearning(FixedLength()))


@pytest.mark.parametrize("name", meta.priors)
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
@pytest.mark.parametrize("name", meta.priors)
def test_no_evidence_is_refused(name, evidence):
    with pytest.raises(BadValue, match="at least one earlier study with a trial"):
        meta.load(name, evidence)


def test_load_refuses_unknown_names_and_parameters():
    with pytest.raises(UnknownName, match="unknown prior 'best'; known: copy-best, warm-q"):
        meta.load("best", [])
    with pytest.raises(BadValue, match="prior 'copy-best' has no parameter 'sweeps'; it has: evidence, most"):
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
    best = max((a for e in prior.evidence for a in e.trials), key=lambda trial: trial[1])[0]
    assert additive(warm[0]) <= additive(best)
    assert warm[:3] == list(prior._best())[:3]
    with Study(space, QLearning(space), Table(space, small_task), store=store) as study:
        assert len(study.trials) == 5
