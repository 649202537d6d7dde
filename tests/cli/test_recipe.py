"""`nasedu search --recipe NAME=VALUE`: how networks are trained, and that a store knows it."""

from dataclasses import replace

import pytest

from nasedu.cli.study_record import records_in
from nasedu.core import describe
from nasedu.oneshot.spos import SUPERNET_RECIPE
from nasedu.trainers import Recipe
from tests.cli.conftest import SMALL

CHANGED = ("--recipe", "batch_size=64", "--recipe", "schedule=cosine", "--recipe", "batch_norm=true")
EXPECTED = describe(Recipe(batch_size=64, schedule="cosine", batch_norm=True))


def test_a_recipe_reaches_the_trainer_and_the_store(nasedu):
    assert nasedu(*SMALL, "--trials", 1, *CHANGED, "--store", "a.db").exit_code == 0
    assert nasedu(*SMALL, "--trials", 1, "--store", "a.db").exit_code == 0
    changed, usual = records_in("a.db").values()
    assert changed.identity["trainer"]["recipe"] == EXPECTED
    assert usual.identity["trainer"]["recipe"] == describe(Recipe())
    assert changed.best.evaluation.losses != usual.best.evaluation.losses


def test_shared_weights_keep_a_recipe_of_their_own(nasedu):
    """What the command line does not name stays as shared weights need it, above all their normalisation."""
    shared = (*SMALL, "--trials", 1, "--trainer", "shared", "--trainer-option", "steps=2")
    assert nasedu(*shared, "--store", "a.db").exit_code == 0
    assert nasedu(*shared, "--recipe", "batch_size=16", "--store", "a.db").exit_code == 0
    usual, smaller = (record.identity["trainer"]["recipe"] for record in records_in("a.db").values())
    assert usual == describe(SUPERNET_RECIPE)
    assert smaller == describe(replace(SUPERNET_RECIPE, batch_size=16))
    assert usual["batch_norm"]


def test_the_same_recipe_goes_on_with_the_same_study(nasedu):
    nasedu(*SMALL, "--trials", 1, "--recipe", "learning_rate=1", "--recipe", "mixup=0.2", "--store", "a.db")
    again = nasedu(*SMALL, "--trials", 1, "--recipe", "mixup=0.2", "--recipe", "learning_rate=1.0", "--store", "a.db")
    assert "nothing is left to train" in again.stderr
    assert len(records_in("a.db")) == 1


def test_a_trainer_inside_another_gets_the_recipe(nasedu):
    result = nasedu(*SMALL, "--trainer", "halving", "--trials", 2, *CHANGED, "--store", "a.db")
    assert result.exit_code == 0
    (record,) = records_in("a.db").values()
    assert record.identity["trainer"]["trainer"]["recipe"] == EXPECTED


def test_folds_are_an_option_of_the_trainer(nasedu):
    result = nasedu(*SMALL, "--trials", 1, "--trainer-option", "folds=5", "--store", "a.db")
    assert result.exit_code == 0
    (record,) = records_in("a.db").values()
    assert record.identity["trainer"]["folds"] == 5
    scores = record.best.evaluation.metrics["scores"]
    assert len(scores) == 5
    assert record.best.score == pytest.approx(sum(scores) / 5)


def test_impossible_folds_are_one_line(nasedu, tmp_path):
    result = nasedu(*SMALL, "--trials", 1, "--trainer-option", "folds=500", "--store", "a.db")
    assert result.exit_code == 2
    assert "folds is a whole number from 2 to " in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


NAMES = (
    "optimiser, learning_rate, schedule, warmup, weight_decay, momentum, label_smoothing, batch_size, shift, rotate, "
    "cutout, mixup, batch_norm, dropout"
)

CASES = {
    "unknown field": (("batchsize=64",), f"a recipe has no field 'batchsize'; it has: {NAMES}"),
    "no value": (("batch_size",), "--recipe takes name=value, such as batch_size=64; given 'batch_size'"),
    "a word for a number": (("batch_size=many",), "batch_size is a whole number of at least 2; given 'many'"),
    "no number": (("learning_rate=NaN",), "learning_rate is a number above 0; given 'NaN'"),
    "out of range": (("mixup=-1",), "mixup is a number of at least 0; given -1"),
    "unknown schedule": (("schedule=cos",), "schedule is one of constant, cosine, one-cycle, step; given 'cos'"),
    "yes": (("batch_norm=yes",), "(at the terminal: true, false, null); given 'yes'"),
    "farther than the image": (("shift=8",), "shift=8: the images of task 'digits' are 8 pixels a side"),
    "a trainer without": (
        ("shift=1", "--trainer", "table"),
        "the trainer 'table' trains by no recipe; those that do: sequential, population",
    ),
    "a trainer around one without": (
        ("shift=1", "--trainer", "halving", "--trainer-option", "trainer=table"),
        "the trainer 'table' trains by no recipe; those that do: sequential, population",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_a_recipe_is_one_line(nasedu, tmp_path, case):
    arguments, expected = CASES[case]
    result = nasedu(*SMALL, "--store", "new.db", "--recipe", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_word_is_no_recipe(nasedu, tmp_path):
    result = nasedu(*SMALL, "--store", "new.db", "--trainer-option", "recipe=cosine")
    assert result.exit_code == 2
    assert "a trainer takes a Recipe" in result.stderr
    assert list(tmp_path.iterdir()) == []
