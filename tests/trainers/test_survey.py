"""A survey takes validation and test scores after chosen epochs, and changes nothing else of a training."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from nasedu import Study, controllers
from nasedu.core import BadValue
from nasedu.tasks import together
from nasedu.trainers.halving import Halving
from nasedu.trainers.parallel import Parallel
from nasedu.trainers.population import PopulationTrainer
from nasedu.trainers.sequential import SequentialTrainer

EPOCHS = (1, 2, 5)


@pytest.mark.parametrize("trainer", [SequentialTrainer, PopulationTrainer])
def test_a_survey_sees_what_a_search_sees_and_the_test_split(trainer, small_space, small_task):
    architecture = ("conv3-4", "pool2", "dense8", "stop")
    plain = trainer(small_space, small_task, patience=0)([architecture], epochs=5, seed=3)[0]
    survey = trainer(small_space, small_task, patience=0, survey=EPOCHS)([architecture], epochs=5, seed=3)[0]
    assert survey.curve == pytest.approx([plain.curve[epoch - 1] for epoch in EPOCHS])
    assert survey.losses == pytest.approx(plain.losses)
    swapped = _with_test_as_validation(small_task)
    judged = trainer(small_space, swapped, patience=0)([architecture], epochs=5, seed=3)[0]
    assert survey.metrics["test"] == pytest.approx([judged.curve[epoch - 1] for epoch in EPOCHS])


def _with_test_as_validation(task):
    return replace(task, name="swapped", validation=task.test.opened())


def test_of_several_tasks_each_has_its_own_curve(small_space, small_task):
    swapped = _with_test_as_validation(small_task)
    survey = PopulationTrainer(small_space, together(small_task, swapped), patience=0, survey=EPOCHS)
    found = survey([("dense8", "stop"), ("conv1-2", "stop")], epochs=5, seed=0)
    for evaluation in found:
        first, second = evaluation.metrics["curves"]
        assert len(first) == len(EPOCHS)
        assert second == pytest.approx(evaluation.metrics["tests"][0])
        assert evaluation.score == pytest.approx((max(first) + max(second)) / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"survey": ()}, "epochs rise"),
        ({"survey": (2, 1)}, "epochs rise"),
        ({"survey": (0, 1)}, "epochs rise"),
        ({"survey": (1, 2), "patience": 4}, "patience=0 and folds=0; given patience=4"),
        ({"survey": (1, 2), "folds": 3}, "patience=0 and folds=0"),
    ],
)
def test_a_survey_that_makes_no_sense_is_refused(arguments, message, small_space, small_task):
    with pytest.raises(BadValue, match=message):
        SequentialTrainer(small_space, small_task, **{"patience": 0, **arguments})


def in_threads(trainer):
    return Parallel(trainer, partial(ThreadPoolExecutor, 2))


@pytest.mark.parametrize("around", [lambda t: t, in_threads, Halving, lambda t: Halving(in_threads(t))])
def test_no_search_may_look_at_the_test_split(around, small_space, small_task, tmp_path):
    trainer = around(SequentialTrainer(small_space, small_task, patience=0, survey=EPOCHS))
    controller = controllers.load("random", small_space)
    with pytest.raises(BadValue, match=r"survey=\(1, 2, 5\) looks at the test split.*make the trainer without survey"):
        Study(small_space, controller, trainer, store=tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
