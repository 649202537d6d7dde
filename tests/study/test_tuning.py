"""A recipe tuned for one architecture: by the same study, and as if by hand."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest

import nasedu
from nasedu import controllers, spaces
from nasedu.cli.report import brief, full
from nasedu.cli.study_record import records_in
from nasedu.core import BadArchitecture, BadValue, Evaluation, UnknownName
from nasedu.spaces.base import Space
from nasedu.study import Study
from nasedu.study.tuning import USUAL_RANGES, RecipeSpace, RecipeTrainer, tune
from nasedu.testing import check_controller, check_trainer
from nasedu.trainers import Recipe
from nasedu.trainers.base import remade
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import nasedu as terminal  # noqa: F401

NETWORK = ("conv3-4", "pool2", "dense8", "stop")
RANGES = {"batch_size": [16, 96], "learning_rate": [1e-5, 3e-2]}
BEST = ("learning_rate=0.03", "batch_size=16")


def tuned(small_task, small_space, **options):
    given = {"space": small_space, "trials": 4, "epochs": 3, "device": "cpu"} | options
    return tune(given.pop("ranges", RANGES), given.pop("network", NETWORK), small_task, **given)


# ---------------------------------------------------------------------- what is searched


def test_a_recipe_is_a_walk_in_the_order_of_the_fields():
    space = RecipeSpace({"dropout": [None, 0], "batch_norm": [True, None], "learning_rate": [1, 0.001]})
    assert list(space.ranges) == ["learning_rate", "batch_norm", "dropout"]
    assert space.size() == 8
    assert next(space.enumerate()) == ("learning_rate=1.0", "batch_norm=True", "dropout=None")
    changes = space.changes(("learning_rate=0.001", "batch_norm=None", "dropout=0.0"))
    assert changes == {"learning_rate": 0.001, "batch_norm": None, "dropout": 0.0}


def test_numbers_from_numpy_are_values():
    space = RecipeSpace({"learning_rate": np.logspace(-3, -1, 3), "batch_size": [np.int64(8)]})
    assert space.ranges == {"learning_rate": [0.001, 0.01, 0.1], "batch_size": [8]}
    json.dumps(space.ranges)


def test_the_same_values_in_another_notation_are_the_same_space():
    assert repr(RecipeSpace({"rotate": (0, 10)})) == repr(RecipeSpace({"rotate": [0.0, 10.0]}))


@pytest.mark.parametrize("name", ["random", "grid", "regularized-evolution", "q-learning"])
def test_every_kind_of_controller_can_search_it(name):
    space = RecipeSpace({**RANGES, "schedule": ["constant", "cosine"]})
    check_controller(controllers.registry[name], spaces=[space])


def test_a_recipe_is_no_network():
    with pytest.raises(BadValue, match="it says how a network is trained, and there is none to build"):
        RecipeSpace(RANGES).build(BEST)


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ({}, "a recipe space is"),
        (["learning_rate"], "a recipe space is"),
        ({"lr": [1]}, "a recipe has no field 'lr'; it has: optimiser, learning_rate, .*dropout"),
        ({"batch_size": []}, r"the values of batch_size are a list such as \[16, 32, 64, 128\]; given \[\]"),
        ({"batch_size": 32}, "the values of batch_size are a list"),
        ({"schedule": "cosine"}, "the values of schedule are a list"),
        ({"batch_size": [32, 1]}, "a recipe's batch_size is a whole number of at least 2; given 1"),
        ({"schedule": ["cosine", "cos"]}, "a recipe's schedule is one of constant, .*; given 'cos'"),
        ({"rotate": [1, 1.0]}, r"rotate may have each value once; given \[1, 1.0\]"),
        ({"mixup": [[0.1], [0.2]]}, "a recipe's mixup is a number of at least 0"),
    ],
)
def test_impossible_ranges_are_refused(ranges, message):
    with pytest.raises(BadValue, match=message):
        RecipeSpace(ranges)


def test_the_usual_ranges_hold_the_usual_recipe():
    assert RecipeSpace(USUAL_RANGES).hand_picked() == (("learning_rate=0.002", "batch_size=32"),)
    assert RecipeSpace(RANGES).hand_picked() == ()


# ---------------------------------------------------------------------- what a recipe is worth


@pytest.fixture
def trainer(small_task, small_space):
    inner = SequentialTrainer(small_space, small_task, device="cpu", patience=1, recipe=Recipe(weight_decay=0.01))
    return RecipeTrainer(RecipeSpace(RANGES), NETWORK, inner, small_space)


def test_a_score_is_that_of_the_network_trained_with_the_recipe(trainer, small_task, small_space):
    recipe = Recipe(weight_decay=0.01, learning_rate=3e-2, batch_size=16)
    by_hand = SequentialTrainer(small_space, small_task, device="cpu", patience=1, recipe=recipe)
    (found,), (expected,) = trainer([BEST], epochs=3, seed=5), by_hand([NETWORK], epochs=3, seed=5)
    assert found.architecture == BEST
    assert (found.score, found.losses, found.parameters) == (expected.score, expected.losses, expected.parameters)
    judged, last = trainer.retrain_and_test(BEST, epochs=2, seed=5), by_hand.retrain_and_test(NETWORK, epochs=2, seed=5)
    assert (judged.score, judged.metrics, judged.architecture) == (last.score, last.metrics, BEST)


THAT_WATCH_IT_BUILD = (
    "evaluations_are_sound",
    "nonsense_is_refused_before_training",
    "a_failing_candidate_is_a_result",
)
"""Rules that put a space of their own in the place of the candidates', and of recipes no network is built."""


def test_it_keeps_the_rules_of_a_trainer(trainer):
    check_trainer(lambda: trainer, [BEST, ("learning_rate=1e-05", "batch_size=96")], without=THAT_WATCH_IT_BUILD)


def test_a_trainer_with_another_recipe_is_otherwise_the_same(trainer):
    other = remade(trainer.trainer, recipe=Recipe(shift=1))
    assert (other.recipe, other.patience) == (Recipe(shift=1), 1)
    assert trainer.trainer.recipe == Recipe(weight_decay=0.01)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"network": ("conv9-1", "stop")}, BadArchitecture, "cannot be read by the space 'chain-cnn'"),
        ({"ranges": {"shift": [0, 1, 6]}}, BadValue, "shift=6: the images of task 'corners' are 6 pixels a side"),
        ({"trials": 0}, BadValue, "trials is a whole number of at least 1"),
        ({"batch": 0}, BadValue, "batch is a whole number of at least 1"),
        ({"epochs": 0}, BadValue, "epochs is a whole number of at least 1"),
        ({"controller": "guess"}, UnknownName, "unknown controller 'guess'"),
        ({"patiense": 2}, BadValue, "has no parameter 'patiense'"),
    ],
)
def test_what_can_never_be_trained_is_refused_before_anything_is_written(
    small_task, small_space, tmp_path, options, error, message
):
    with pytest.raises(error, match=message):
        tuned(small_task, small_space, store=tmp_path / "tune.db", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_trainer_without_a_recipe_is_refused(small_task, small_space):
    class Plain:
        task = small_task

    with pytest.raises(BadValue, match="a Plain trains by no recipe, so there is none to tune"):
        RecipeTrainer(RecipeSpace(RANGES), NETWORK, Plain(), small_space)


# ---------------------------------------------------------------------- tuning


def test_it_finds_the_recipe_that_learns(small_task, small_space):
    result = tuned(small_task, small_space)
    assert result.recipe == Recipe(learning_rate=3e-2, batch_size=16)
    assert result.trial.architecture == BEST
    assert result.trial.score == result.study.best.score > 0.8
    assert result.study.space.size() == len(result.study.trials) == 4


def test_the_recipe_says_what_is_not_tuned(small_task, small_space):
    result = tuned(small_task, small_space, recipe=Recipe(weight_decay=0.5, batch_size=7), trials=1)
    assert (result.recipe.weight_decay, result.recipe.batch_size in (16, 96)) == (0.5, True)


def test_the_frame_has_a_column_for_each_field(small_task, small_space):
    result = tuned(small_task, small_space, ranges={**RANGES, "dropout": [None]})
    frame = result.trials_dataframe()
    assert list(frame.columns)[:6] == ["number", "batch", "learning_rate", "batch_size", "dropout", "score"]
    for row, trial in zip(frame.itertuples(), result.study.trials, strict=True):
        learning_rate, batch_size, _ = trial.architecture
        assert (f"learning_rate={row.learning_rate}", f"batch_size={row.batch_size}") == (learning_rate, batch_size)
        assert (row.score, row.status) == (trial.score, "ok")


def test_the_same_call_goes_on_where_it_stopped(small_task, small_space, tmp_path, monkeypatch):
    path = tmp_path / "tune.db"
    tuned(small_task, small_space, trials=2, store=path).close()
    trained = []
    original = RecipeTrainer._evaluate
    monkeypatch.setattr(RecipeTrainer, "_evaluate", lambda *a, **k: trained.append(a[1]) or original(*a, **k))
    longer = tuned(small_task, small_space, trials=4, store=path)
    straight = [(t.architecture, t.score) for t in tuned(small_task, small_space, trials=4).study.trials]
    assert [(t.architecture, t.score) for t in longer.study.trials] == straight
    assert trained[:2] == [architecture for architecture, _ in straight[2:]]
    longer.close()
    assert len(records_in(path)) == 1


def test_one_seed_for_the_choices_and_for_the_training(small_task, small_space):
    identity = tuned(small_task, small_space, trials=1, seed=7).study.identity
    assert (identity["controller"]["name"], identity["controller"]["seed"], identity["seed"]) == ("random", 7, 7)


@pytest.mark.parametrize("other", [{"seed": 1}, {"epochs": 2}, {"recipe": Recipe(momentum=0.5)}, {"folds": 2}])
def test_another_tuning_is_another_study(small_task, small_space, tmp_path, other):
    path = tmp_path / "tune.db"
    tuned(small_task, small_space, trials=1, store=path).close()
    tuned(small_task, small_space, trials=1, store=path, **other).close()
    assert len(records_in(path)) == 2


def test_another_network_is_another_study(small_task, small_space, tmp_path):
    path = tmp_path / "tune.db"
    tuned(small_task, small_space, trials=1, store=path).close()
    tune(RANGES, ("stop",), small_task, space=small_space, trials=1, epochs=3, device="cpu", store=path).close()
    narrow = spaces.load("chain-cnn", small_task, depth=3, filters=(4,), kernels=(3,), dense=(8,))
    tuned(small_task, narrow, trials=1, store=path).close()
    assert len(records_in(path)) == 3


def test_tpe_tunes_too(small_task, small_space):
    pytest.importorskip("optuna")
    result = tuned(small_task, small_space, controller="tpe", trials=3)
    assert result.study.controller.name == "tpe"
    assert len({trial.architecture for trial in result.study.trials}) == 3


def test_the_usual_ranges_and_a_task_by_its_name():
    result = tune(None, ("stop",), "digits", trials=1, epochs=1, device="cpu")
    assert list(result.study.space.ranges) == list(USUAL_RANGES)
    assert result.study.trainer.task.name == "digits"
    assert nasedu.tune is tune


def test_it_is_tested_once_beside_the_usual_recipe(small_task, small_space):
    ranges = {"learning_rate": [1e-5, 2e-3, 3e-2]}
    result = tuned(small_task, small_space, ranges=ranges, trials=9)
    final = result.finish()
    by_hand = SequentialTrainer(small_space, small_task, device="cpu", recipe=result.recipe)
    assert final.score == by_hand.retrain_and_test(NETWORK, epochs=3, seed=0).score
    assert [e.architecture for e in result.study.hand_picked] == [("learning_rate=0.002",)]
    assert result.finish() == final


# ---------------------------------------------------------------------- what goes wrong


def test_a_recipe_that_fails_is_a_result(small_task, small_space):
    result = tuned(small_task, small_space, ranges={"learning_rate": [1e-2, 1e38]}, trials=2)
    scores = {t.architecture: t for t in result.study.trials}
    failed = scores[("learning_rate=1e+38",)]
    assert (failed.evaluation.status, failed.score) == ("diverged", small_task.chance)
    assert result.recipe.learning_rate == 1e-2


def test_if_none_works_it_says_why_and_gives_the_store_back(digits, tmp_path):
    space, path = spaces.load("recurrent", digits), tmp_path / "tune.db"
    network = space.sample(np.random.default_rng(0))
    options = {"space": space, "trials": 1, "epochs": 1, "store": path, "device": "cpu"}
    with pytest.raises(BadValue, match=r"no recipe worked; .* works on the steps of a sequence") as kept_alive:
        tune({"batch_norm": [True]}, network, digits, **options)
    assert holders(path) == [None]
    assert kept_alive.traceback


def test_an_interrupted_tuning_gives_the_store_back(small_task, small_space, tmp_path, monkeypatch):
    path, options = tmp_path / "tune.db", {"trials": 2, "store": tmp_path / "tune.db"}
    with monkeypatch.context() as patch:
        patch.setattr(RecipeTrainer, "_evaluate", interrupted)
        with pytest.raises(KeyboardInterrupt) as kept_alive:  # with the study, which else would give itself back
            tuned(small_task, small_space, **options)
    assert holders(path) == [None]
    assert kept_alive.traceback
    assert len(tuned(small_task, small_space, **options).study.trials) == 2
    assert len(records_in(path)) == 1


def holders(path):
    """Who has each study of a store."""
    with closing(sqlite3.connect(path)) as db:
        return [holder for (holder,) in db.execute("SELECT holder FROM studies")]


def interrupted(*_, **__):
    raise KeyboardInterrupt


# ---------------------------------------------------------------------- who else reads the store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("tuned") / "tune.db"
    result = tune(RANGES, ("stop",), "digits", trials=3, epochs=1, device="cpu", store=path)
    result.finish()
    result.close()
    return path


@pytest.mark.parametrize("arguments", [(), ("--study", 1), ("--study", 1, "--figure", "a.png")])
def test_the_terminal_shows_it(terminal, store, arguments):  # noqa: F811
    result = terminal("show", store, *arguments)
    assert result.exit_code == 0
    if "--figure" not in arguments:
        assert "random in recipes on digits: 3 trials" in result.stdout
        assert "learning_rate=" in result.stdout


def test_a_search_for_networks_does_not_take_it_for_a_prior(terminal, store):  # noqa: F811
    result = terminal("search", "--space", "mlp", "--trials", 1, "--store", "new.db", "--prior", store)
    assert result.exit_code == 2
    assert "has no earlier study of the space 'mlp': its studies searched recipes" in result.stderr


def test_the_report_can_tell_of_it(store):
    for record in records_in(store).values():
        assert brief(1, record)
        assert full(record, None)
        assert record.identity["trainer"]["architecture"] == ["stop"]
        assert record.identity["space"]["ranges"] == {"learning_rate": [1e-5, 3e-2], "batch_size": [16, 96]}


def test_a_space_and_a_study_know_recipes_as_they_know_networks(trainer):
    assert isinstance(trainer.space, Space)
    study = Study(trainer.space, controllers.load("random", trainer.space), trainer, epochs=1)
    (trial,) = study.run(1)
    assert isinstance(trial.evaluation, Evaluation)
