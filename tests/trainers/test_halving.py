"""Successive halving: who survives which rung, what it costs, and what is lost."""

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nasedu import Study, Table, controllers, spaces, trainers
from nasedu.core import BadArchitecture, BadValue, UnknownName, describe
from nasedu.trainers.base import Trainer
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.halving.hyperband import Hyperband
from nasedu.trainers.halving.successive_halving import Bracket
from nasedu.trainers.single import network_trainer
from nasedu.trainers.single.sequential import SequentialTrainer
from nasedu.trainers.table import TableTrainer
from tests.benchmarks import mlp_tables
from tests.tables.spaces import MEMBERS, Letters
from tests.trainers.curves import CURVES, Scripted, table_of


@pytest.fixture
def recorded():
    return table_of(CURVES)


# ---------------------------------------------------------------------- who survives


def test_the_rungs_by_hand(recorded):
    """Nine networks; after one epoch the best three go on, after three epochs the best one."""
    rungs = list(Halving(recorded).rungs(MEMBERS, epochs=9, seed=0))
    assert [(r.number, r.epochs, r.spent, r.bracket) for r in rungs] == [(0, 1, 9, 2), (1, 3, 6, 2), (2, 9, 6, 2)]
    assert [[MEMBERS[place] for place in r.kept] for r in rungs] == [
        [("a", "a"), ("b", "c"), ("b", "a")],
        [("b", "a")],
        [],
    ]
    assert [r.dropped for r in rungs] == [(1, 2, 4, 6, 7, 8), (0, 5), (3,)]
    assert rungs[0].scores == {place: curve[0] for place, curve in enumerate(CURVES.values())}
    assert rungs[1].scores == {0: 0.60, 3: 0.80, 5: 0.48}  # the best so far, not the last
    assert rungs[2].scores == {3: 0.85}


def test_the_evaluations_say_how_far_each_was_trained(recorded):
    found = dict(zip(MEMBERS, Halving(recorded)(MEMBERS, epochs=9, seed=4), strict=True))
    assert [e.architecture for e in found.values()] == MEMBERS
    reached = {a: (e.score, e.epochs, e.metrics["rung"]) for a, e in found.items()}
    assert reached["b", "a"] == (0.85, 9, 2)
    assert reached["a", "a"] == (0.60, 3, 1)
    assert reached["b", "c"] == (0.48, 3, 1)
    assert reached["a", "b"] == (0.10, 1, 0)
    assert reached["c", "c"] == (0.05, 1, 0)
    assert {e.seed for e in found.values()} == {4}
    assert sum(e.epochs for e in found.values()) == 9 * 1 + 3 * 2 + 1 * 6


def test_the_late_bloomer_is_lost_where_curves_cross(recorded):
    """What halving cannot do: the best network of all is behind after one epoch, and nobody ever knows."""
    truth = recorded(MEMBERS, epochs=9, seed=0)
    assert max(truth, key=lambda e: e.score).architecture == ("a", "b")
    found = Halving(recorded)(MEMBERS, epochs=9, seed=0)
    assert max(found, key=lambda e: e.score).architecture == ("b", "a")
    later = Halving(recorded, first=9)(MEMBERS, epochs=9, seed=0)
    assert max(later, key=lambda e: e.score).architecture == ("a", "b")


@pytest.mark.parametrize("seed", range(5))
def test_where_curves_do_not_cross_the_best_is_found(seed):
    rng = np.random.default_rng(seed)
    skill = rng.permutation(9) / 10
    curves = {a: tuple(s * level for level in (0.3, 0.6, 1.0)) for a, s in zip(MEMBERS, skill, strict=True)}
    found = Halving(table_of(curves))(MEMBERS, epochs=9, seed=0)
    assert max(found, key=lambda e: e.score).architecture == MEMBERS[int(skill.argmax())]
    order = [e.architecture for e in sorted(found, key=lambda e: (-e.epochs, -e.score))]
    assert order[:3] == [MEMBERS[i] for i in np.argsort(-skill)[:3]]


def test_of_equals_the_one_asked_first_goes_on():
    script = {a: {} for a in MEMBERS}
    rungs = list(Halving(Scripted(script)).rungs(MEMBERS, epochs=9, seed=0))
    assert [r.kept for r in rungs] == [(0, 1, 2), (0,), ()]
    backwards = list(Halving(Scripted(script)).rungs(MEMBERS[::-1], epochs=9, seed=0))
    assert [r.kept for r in backwards] == [(0, 1, 2), (0,), ()]


def test_one_that_failed_never_survives_over_one_that_did_not():
    """The failures here have a higher score than the successes: chance may be better than a bad network."""
    script = {a: {1: None} for a in MEMBERS} | {MEMBERS[4]: {1: 0.1, 3: 0.2}, MEMBERS[7]: {1: 0.3, 3: None}}
    rungs = list(Halving(Scripted(script)).rungs(MEMBERS, epochs=9, seed=0))
    assert [r.kept for r in rungs] == [(7, 4), (4,), ()]
    found = Halving(Scripted(script))(MEMBERS, epochs=9, seed=0)
    assert [e.status for e in found] == ["error"] * 4 + ["ok"] + ["error"] * 4
    assert found[4].epochs == 9
    assert (found[7].epochs, found[7].metrics["rung"], found[7].reason) == (3, 1, "it broke")


def test_if_all_fail_the_race_is_over():
    trainer = Scripted({a: {1: None} for a in MEMBERS})
    found = Halving(trainer)(MEMBERS, epochs=9, seed=0)
    assert [(e.status, e.epochs) for e in found] == [("error", 1)] * 9
    assert len(trainer.asked) == 1


def test_what_the_trainer_inside_is_asked():
    """In the order asked, each with its own seed, and from the state that the rung before left."""
    trainer = Scripted({a: {1: i / 10, 3: -i / 10} for i, a in enumerate(MEMBERS)})
    Halving(trainer)(MEMBERS, epochs=9, seed=list(range(10, 19)))
    assert trainer.asked == [
        (MEMBERS, 1, list(range(10, 19)), 9, [None] * 9),
        (MEMBERS[6:], 3, [16, 17, 18], 9, [(a, 1) for a in MEMBERS[6:]]),
        (MEMBERS[6:7], 9, [16], 9, [(MEMBERS[6], 3)]),
    ]


def test_twins_with_different_seeds_race_as_two():
    trainer = Scripted({MEMBERS[0]: {1: 0.5}})
    found = Halving(trainer, factor=2)([MEMBERS[0]] * 2, epochs=2, seed=[1, 2])
    assert [(e.seed, e.epochs) for e in found] == [(1, 2), (2, 1)]


@pytest.mark.parametrize("candidates", [0, 1, 2, 3, 4, 8, 10])
def test_any_number_of_candidates(recorded, candidates):
    architectures = (MEMBERS + MEMBERS)[:candidates]
    trainer = Halving(recorded)
    found = trainer(architectures, epochs=9, seed=0)
    assert [e.architecture for e in found] == architectures
    assert sum(e.epochs == 9 for e in found) == trainer.plan(candidates, 9).sizes[-1] == min(candidates, 1)
    assert sum(e.epochs for e in found) == trainer.plan(candidates, 9).epochs


# ---------------------------------------------------------------------- the plan


@pytest.mark.parametrize(
    ("epochs", "options", "rungs"),
    [
        (1, {}, (1,)),
        (2, {}, (1, 2)),
        (3, {}, (1, 3)),
        (8, {}, (1, 3, 8)),
        (9, {}, (1, 3, 9)),
        (10, {}, (1, 3, 10)),
        (16, {}, (1, 3, 9, 16)),
        (27, {}, (1, 3, 9, 27)),
        (9, {"first": 3}, (3, 9)),
        (9, {"first": 9}, (9,)),
        (12, {"first": 2}, (2, 6, 12)),
        (4, {"first": 3}, (4,)),
        (16, {"factor": 2}, (1, 2, 4, 8, 16)),
        (16, {"factor": 4, "first": 1}, (1, 4, 16)),
        (3**40, {}, tuple(3**i for i in range(41))),
    ],
)
def test_the_rungs_of_a_plan(recorded, epochs, options, rungs):
    assert Halving(recorded, **options).plan(9, epochs).rungs == rungs


def test_half_go_on_as_jamieson_and_talwalkar_have_it(recorded):
    """Their section 3: each round keeps the better half, rounded down."""
    assert Halving(recorded, factor=2).plan(13, 8).sizes == (13, 6, 3, 1)


@pytest.mark.parametrize("epochs", [8, 2, True, 0])
def test_fewer_epochs_than_the_first_rung_are_refused(recorded, epochs):
    with pytest.raises(BadValue, match=rf"given (epochs=)?{epochs}"):
        Halving(recorded, first=9).plan(9, epochs)


@pytest.mark.parametrize("wrapper", [Halving, Hyperband])
@pytest.mark.parametrize("epochs", [0, True, 2.0])
def test_epochs_are_a_whole_number(recorded, wrapper, epochs):
    with pytest.raises(BadValue, match=f"epochs is a whole number of at least 1; given {epochs}"):
        wrapper(recorded)(MEMBERS, epochs=epochs, seed=0)


def test_what_a_bracket_costs():
    assert Bracket(9, (1, 3, 9), 3).epochs == 9 * 1 + 3 * (3 - 1) + 1 * (9 - 3)
    assert Bracket(0, (1, 3, 9), 3).epochs == 0


# ---------------------------------------------------------------------- real training


ARCHITECTURES = [
    ("stop",),
    ("conv3-4", "pool2", "dense8", "stop"),
    ("conv1-2", "gap", "stop"),
    ("dense8", "stop"),
    ("dense4", "stop"),
    ("conv3-2", "stop"),
]


@pytest.fixture(scope="module")
def noisy_space(small_task):
    return spaces.load(
        "chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4), batch_norm=True, dropout=0.3
    )


@pytest.fixture
def epochs_trained(monkeypatch):
    """One entry for each epoch that any network is trained."""
    trained = []
    train_epoch = network_trainer.train_epoch
    counted = lambda training, run: (trained.append(training.done), train_epoch(training, run))[1]  # noqa: E731
    monkeypatch.setattr(network_trainer, "train_epoch", counted)
    return trained


def test_survivors_go_on_from_where_they_were(noisy_space, small_task, epochs_trained):
    inner = SequentialTrainer(noisy_space, small_task, device="cpu", patience=0)
    found = Halving(inner, factor=2)(ARCHITECTURES, epochs=4, seed=3)
    assert len(epochs_trained) == 6 * 1 + 3 * 1 + 1 * 2 == sum(e.epochs for e in found)
    assert sorted(e.epochs for e in found) == [1, 1, 1, 2, 2, 4]
    for evaluation in found:
        ((alone, _),) = inner.extend([evaluation.architecture], epochs=evaluation.epochs, seed=3, total=4)
        rung = {"rung": evaluation.metrics["rung"]}
        assert evaluation == replace(alone, seconds=evaluation.seconds, metrics=alone.metrics | rung)
    (winner,) = [e for e in found if e.epochs == 4]
    whole = inner([winner.architecture], epochs=4, seed=3)[0]
    assert (winner.score, winner.curve, winner.losses) == (whole.score, whole.curve, whole.losses)


def test_alone_everybody_is_trained_to_the_end(noisy_space, small_task):
    inner = SequentialTrainer(noisy_space, small_task, device="cpu")
    for trainer in (Halving(inner), Hyperband(inner)):
        (evaluation,) = trainer(ARCHITECTURES[:1], epochs=4, seed=3)
        assert evaluation.curve == inner(ARCHITECTURES[:1], epochs=4, seed=3)[0].curve


def test_the_test_split_is_asked_of_the_trainer_inside(noisy_space, small_task):
    inner = SequentialTrainer(noisy_space, small_task, device="cpu")
    judged = inner.retrain_and_test(ARCHITECTURES[1], epochs=2, seed=0)
    for trainer in (Halving(inner), Hyperband(inner)):
        again = trainer.retrain_and_test(ARCHITECTURES[1], epochs=2, seed=0)
        assert (again.score, again.metrics, again.epochs) == (judged.score, judged.metrics, 2)


# ---------------------------------------------------------------------- the door


def test_a_trainer_that_begins_anew_is_refused(recorded):
    class Anew:
        name = "anew"
        preferred_batch = 1
        space, task = recorded.space, recorded.task

        def __call__(self, architectures, *, epochs, seed):
            return []

        def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
            return None

    for wrapper in (Halving, Hyperband):
        with pytest.raises(BadValue, match=r"the trainer 'anew' cannot: it has no `extend`.*such as 'sequential'"):
            wrapper(Anew())
        with pytest.raises(BadValue, match="the trainer 'halving' cannot"):
            wrapper(Halving(recorded))
        with pytest.raises(BadValue, match=r"a class: make one"):
            wrapper(TableTrainer)
        with pytest.raises(BadValue, match=r"needs a trainer .*given 3"):
            wrapper(3)


@pytest.mark.parametrize(
    "options",
    [{"factor": 1}, {"factor": 2.5}, {"factor": True}, {"cohort": 0}, {"cohort": True}, {"first": 0}, {"first": 1.0}],
)
def test_impossible_numbers_are_refused(recorded, options):
    ((name, value),) = options.items()
    with pytest.raises(BadValue, match=rf"{name} is a whole number of at least \d; given {value}"):
        Halving(recorded, **options)
    if name != "first":
        with pytest.raises(BadValue, match=rf"{name} is a whole number of at least \d; given {value}"):
            Hyperband(recorded, **options)


@pytest.mark.parametrize("wrapper", [Halving, Hyperband])
def test_a_race_is_refused_before_it_begins(wrapper):
    trainer = Scripted({})
    for error, call in (
        (BadValue, {"architectures": MEMBERS, "epochs": 0, "seed": 0}),
        (BadValue, {"architectures": MEMBERS, "epochs": 3, "seed": [0]}),
        (BadArchitecture, {"architectures": [*MEMBERS, ("z",)], "epochs": 3, "seed": 0}),
    ):
        with pytest.raises(error):
            wrapper(trainer).rungs(**call)
    assert trainer.asked == []


def test_a_table_says_which_epochs_it_has(recorded):
    with pytest.raises(BadValue, match=r"has scores after 1, 3, 9 epochs, and none after 2"):
        Halving(recorded, first=2)(MEMBERS, epochs=9, seed=0)
    with pytest.raises(BadValue, match=r"and none after 8"):
        recorded.extend(MEMBERS, epochs=1, seed=0, total=8)
    final = TableTrainer(Letters(), Table(Letters(), MEMBERS, {"x": range(9)}))
    with pytest.raises(BadValue, match=r"has scores at the end of its trainings alone, and none after 1"):
        Halving(final)(MEMBERS, epochs=9, seed=0)


def test_a_real_table_of_final_scores_is_no_ground_for_halving():
    table = mlp_tables.load()
    if table is None:
        pytest.skip(f"no {mlp_tables.FILE.name} beside the repository")
    trainer = Halving(TableTrainer(table.space, table.task("car")))
    with pytest.raises(BadValue, match="has scores after 243 epochs, and none after 1"):
        trainer(table.architectures[:9], epochs=243, seed=0)


def test_races_on_a_table_run_without_torch():
    code = """
import sys
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.halving.hyperband import Hyperband
from tests.trainers.curves import CURVES, MEMBERS, table_of
for wrapper in (Halving, Hyperband):
    wrapper(table_of(CURVES))(MEMBERS, epochs=9, seed=0)
print("torch" in sys.modules)
"""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == "False\n"


def test_a_table_goes_on_as_a_training_does():
    curves = {a: [0.1 * i, 0.9 - 0.1 * i, 0.5] for i, a in enumerate(MEMBERS)}
    trainer = table_of(curves, epochs=None, seconds=[9.0] * 9)
    trainer = TableTrainer(trainer.space, trainer.task, cost="recorded")
    for epochs in (1, 2, 3):
        found = trainer.extend(MEMBERS, epochs=epochs, seed=0, total=3, states=[epochs - 1] * 9)
        assert [e for e, _ in found] == trainer(MEMBERS, epochs=epochs, seed=0)
        assert [e.score for e, _ in found] == [max(curves[a][:epochs]) for a in MEMBERS]
        assert [e.seconds for e, _ in found] == pytest.approx([3.0 * epochs] * 9)
        assert pickle.loads(pickle.dumps([state for _, state in found])) == [epochs] * 9


# ---------------------------------------------------------------------- by name, and in a study


def test_a_store_knows_what_is_inside(small_space, small_task):
    trainer = trainers.load("halving", small_space, small_task, factor=2, device="cpu", patience=1)
    inner = describe(SequentialTrainer(small_space, small_task, device="cpu", patience=1))
    assert describe(trainer) == {"name": "halving", "trainer": inner, "factor": 2, "first": 1, "cohort": 9}
    other = trainers.load("hyperband", small_space, small_task, device="cpu", patience=1)
    assert describe(other) == {"name": "hyperband", "trainer": inner, "factor": 3, "cohort": 17}
    assert isinstance(trainer, Trainer)
    assert isinstance(other, Trainer)
    assert (trainer.preferred_batch, other.preferred_batch) == (9, 17)


def test_by_name_with_another_trainer_inside(recorded):
    trainer = trainers.load("halving", recorded.space, recorded.task, trainer="table", seeds="mean", cohort=3)
    assert isinstance(trainer.trainer, TableTrainer)
    assert (trainer.trainer.seeds, trainer.cohort) == ("mean", 3)


@pytest.mark.parametrize("name", ["halving", "hyperband"])
def test_wrong_names_are_refused_by_name(small_space, small_task, name):
    with pytest.raises(UnknownName, match=r"unknown trainer 'fast'; known: .*halving, hyperband"):
        trainers.load(name, small_space, small_task, trainer="fast")
    with pytest.raises(BadValue, match=r"trainer 'sequential' has no parameter 'patients'; it has: .*patience"):
        trainers.load(name, small_space, small_task, patients=3)
    with pytest.raises(BadValue, match="the trainer 'hyperband' cannot"):
        trainers.load(name, small_space, small_task, trainer="hyperband")


def study_of(trainer, store=":memory:"):
    controller = controllers.load("random", trainer.space, seed=2)
    return Study(trainer.space, controller, trainer, store=store, epochs=9)


def outcome(study):
    return [(t.architecture, t.score, t.evaluation.epochs, t.evaluation.metrics["rung"]) for t in study.trials]


def test_a_study_that_was_left_goes_on_as_if_it_had_not_been(recorded, tmp_path):
    """Nine letters in batches of three: each batch races, however often the study is opened again."""
    whole = study_of(Halving(recorded, cohort=3))
    list(whole.run(trials=9, batch=3))
    assert [e for _, _, e, _ in outcome(whole)].count(9) == 3
    for trials in (1, 4, 9):
        with study_of(Halving(recorded, cohort=3), tmp_path / "s.db") as study:
            for trial in study.run(trials=9, batch=3):
                if trial.number + 1 >= trials:
                    break
    with study_of(Halving(recorded, cohort=3), tmp_path / "s.db") as study:
        assert outcome(study) == outcome(whole)


def test_no_company_is_larger_than_it_likes(recorded):
    """A batch of nine, for a trainer that compares three: three races."""
    study = study_of(Halving(recorded, cohort=3))
    list(study.run(trials=9, batch=9))
    assert [sum(e == 9 for _, _, e, _ in outcome(study)[i : i + 3]) for i in (0, 3, 6)] == [1, 1, 1]
