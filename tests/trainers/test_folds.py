"""One score from several trainings: folds, tasks of one shape, and how their results are put together."""

from dataclasses import replace

import pytest

from nasedu import Study, controllers, spaces, tasks
from nasedu.core import BadValue, Evaluation
from nasedu.tasks import Split, folds_of, together
from nasedu.tasks.base import Sealed
from nasedu.trainers import Recipe, load
from nasedu.trainers.single.folds import mean_evaluation, subtasks_of
from nasedu.trainers.single.sequential import SequentialTrainer

NETWORK = ("conv3-4", "pool2", "dense8", "stop")
TRAINERS = pytest.mark.parametrize("name", ["sequential", "population"])


def found(score, **values):
    return Evaluation(("a",), score, **{"curve": (score,), "losses": (1.0,), "seconds": 1.0, **values})


# ---------------------------------------------------------------------- putting together


def test_the_mean_and_the_spread_by_hand():
    one = found(0.4, curve=(0.2, 0.4), losses=(2.0, 1.0), metrics={"f1": 0.1, "confusion": [[1]]}, parameters=7)
    two = found(0.8, curve=(0.8, 0.6), losses=(4.0, 3.0), metrics={"f1": 0.3, "confusion": [[2]]}, parameters=7)
    both = mean_evaluation([one, two], chance=0.1)
    assert (both.status, both.architecture, both.parameters, both.seconds) == ("ok", ("a",), 7, 2.0)
    assert both.score == pytest.approx(0.6)
    assert both.curve == pytest.approx((0.5, 0.5))
    assert both.losses == pytest.approx((3.0, 2.0))
    assert both.metrics["f1"] == pytest.approx(0.2)
    assert both.metrics["scores"] == [0.4, 0.8]
    assert both.metrics["deviation"] == pytest.approx(0.2 * 2**0.5)  # squares 0.04 and 0.04, over n - 1
    assert "confusion" not in both.metrics


def test_a_curve_goes_as_far_as_all_of_them_went():
    both = mean_evaluation([found(0.5, curve=(0.5, 0.3, 0.1)), found(0.7, curve=(0.7, 0.5))], chance=0.1)
    assert both.curve == pytest.approx((0.6, 0.4))


def test_one_alone_is_given_back_as_it_is():
    one = found(0.4, metrics={"confusion": [[1]]})
    assert mean_evaluation([one], chance=0.1) is one


def test_if_one_part_failed_all_of_it_did():
    broken = found(0.25, status="diverged", reason="the loss was nan in epoch 1", curve=(), losses=(), metrics={})
    both = mean_evaluation([found(0.9, metrics={"accuracy": 0.9}), broken, found(0.8)], chance=0.1)
    assert (both.status, both.score, both.metrics) == ("diverged", 0.1, {})
    assert both.reason == "part 2 of 3: the loss was nan in epoch 1"
    assert (both.curve, both.losses, both.seconds) == ((), (), 3.0)


# ---------------------------------------------------------------------- what a network is trained on


def test_the_parts_of_a_task(small_task, digits):
    assert subtasks_of(small_task, 0) == (small_task,)
    assert [one.name for one in subtasks_of(small_task, 2)] == ["corners/fold 1 of 2", "corners/fold 2 of 2"]
    family = together(digits, tasks.load("digits-noisy"))
    assert subtasks_of(family, 0) == family.tasks
    assert [one.name for one in subtasks_of(family, 2)] == [
        "digits/fold 1 of 2",
        "digits/fold 2 of 2",
        "digits-noisy/fold 1 of 2",
        "digits-noisy/fold 2 of 2",
    ]


def test_folds_that_stop_early_do_not_hide_that_others_learned_on():
    early = found(0.5, curve=(0.5, 0.4, 0.4))
    late = found(0.9, curve=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9))
    assert mean_evaluation([early, late], 0.0).best_epoch == 4  # the mean curve ends at 3
    level = found(0.9, curve=(0.1, 0.2, 0.9))
    assert mean_evaluation([early, level], 0.0).best_epoch == 3  # of the mean curve, not the mean of 1 and 3


def test_each_task_has_its_own_best_epoch():
    quick, slow = found(0.5, curve=(0.5, 0.4, 0.4)), found(0.9, curve=(0.1, 0.2, 0.3, 0.4, 0.9))
    e = mean_evaluation([quick, quick, slow, slow], 0.0, tasks=2)
    assert (e.best_epochs, e.best_epoch) == ((1, 5), 3)
    assert Evaluation.from_json(e.to_json()).best_epochs == (1, 5)


def test_a_task_without_examples_is_refused():
    class Recorded:
        name, kind = "table/cifar10", "classification"

    with pytest.raises(BadValue, match="trains on examples of classes or numbers; task 'table/cifar10' is"):
        subtasks_of(Recorded(), 0)


# ---------------------------------------------------------------------- in the trainers


@TRAINERS
def test_a_cross_validation_is_the_mean_over_its_folds(small_space, small_task, name):
    options = {"device": "cpu", "patience": 0}
    (e,) = load(name, small_space, small_task, folds=3, **options)([NETWORK], epochs=2, seed=1)
    alone = [
        SequentialTrainer(small_space, fold, **options)([NETWORK], epochs=2, seed=1)[0]
        for fold in folds_of(small_task, 3)
    ]
    assert e.metrics["scores"] == [one.score for one in alone]
    assert e.score == pytest.approx(sum(one.score for one in alone) / 3)
    assert e.curve == pytest.approx([sum(scores) / 3 for scores in zip(*(one.curve for one in alone), strict=True)])
    assert e.metrics["accuracy"] == pytest.approx(e.score)
    assert len(set(e.metrics["scores"])) > 1, "or the mean could be any of them"


@TRAINERS
def test_tasks_together_are_the_mean_over_the_tasks(digits, name):
    family = together(digits, tasks.load("digits-shuffled"))
    space, network = spaces.load("mlp", digits), ("16-relu", "stop")
    (e,) = load(name, space, family, device="cpu", patience=0)([network], epochs=2, seed=1)
    alone = [
        SequentialTrainer(space, task, device="cpu", patience=0)([network], epochs=2, seed=1)[0].score
        for task in family.tasks
    ]
    assert e.metrics["scores"] == pytest.approx(alone, abs=0.01)
    assert e.score == pytest.approx(sum(e.metrics["scores"]) / 2)


@TRAINERS
def test_the_last_word_is_trained_on_all_examples_and_not_on_folds(small_space, small_task, name):
    with_folds = load(name, small_space, small_task, device="cpu", folds=3).retrain_and_test(NETWORK, epochs=2, seed=1)
    without = load(name, small_space, small_task, device="cpu").retrain_and_test(NETWORK, epochs=2, seed=1)
    assert (with_folds.score, with_folds.metrics) == (without.score, without.metrics)


def test_a_study_of_several_tasks_trains_each_until_its_own_best_epoch(small_space, small_task):
    X, y = small_task.validation
    harder = replace(small_task, name="harder", validation=Split(X, (y + 1) % 4))  # gets worse
    family, asked = together(small_task, harder), []

    class Watched(SequentialTrainer):
        def _test(self, task, job):
            asked.append((task.name, job.epochs, job.total))
            return super()._test(task, job)

    trainer = Watched(small_space, family, device="cpu", patience=2)
    with Study(small_space, controllers.load("random", small_space), trainer, epochs=6) as study:
        list(study.run(1))
        study.finish()
        stops = study.best.evaluation.best_epochs
    assert len(set(stops)) == 2, "or one for both would do"
    assert asked[:2] == [("corners", stops[0], 6), ("harder", stops[1], 6)]
    with pytest.raises(BadValue, match="2 tasks and 3 best epochs"):
        trainer.retrain_and_test(NETWORK, epochs=6, seed=0, best_epoch=[1, 2, 3])


def test_the_last_word_on_tasks_together_is_their_mean(small_space, small_task):
    X, y = small_task.test.opened()
    harder = replace(small_task, name="harder", test=Sealed(Split(X[::-1].copy(), y)))
    options = {"device": "cpu", "recipe": Recipe(learning_rate=0.03)}
    parts = [
        SequentialTrainer(small_space, task, **options).retrain_and_test(NETWORK, epochs=8, seed=1).score
        for task in (small_task, harder)
    ]
    e = SequentialTrainer(small_space, together(small_task, harder), **options).retrain_and_test(
        NETWORK, epochs=8, seed=1
    )
    assert e.score == pytest.approx(sum(parts) / 2)
    assert e.metrics["scores"] == parts
    assert parts[0] > 0.8 > parts[1]


def test_a_fold_that_fails_fails_the_candidate(small_space, small_task):
    trainer = SequentialTrainer(small_space, small_task, device="cpu", folds=2, time_limit=1e-9)
    (e,) = trainer([NETWORK], epochs=1, seed=0)
    assert (e.status, e.score) == ("timeout", small_task.chance)
    assert e.reason.startswith("part 1 of 2: ")
