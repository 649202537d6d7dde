"""A record_test_at takes validation and test scores after chosen epochs, and changes nothing else of a training."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from nasedu import Study, controllers
from nasedu.core import BadValue
from nasedu.tasks import together
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.sequential import SequentialTrainer

EPOCHS = (1, 2, 5)


@pytest.mark.parametrize("trainer", [SequentialTrainer, PopulationTrainer])
def test_a_survey_sees_what_a_search_sees_and_the_test_split(trainer, small_space, small_task):
    architecture = ("conv3-4", "pool2", "dense8", "stop")
    plain = trainer(small_space, small_task, patience=0)([architecture], epochs=5, seed=3)[0]
    record_test_at = trainer(small_space, small_task, patience=0, record_test_at=EPOCHS)(
        [architecture], epochs=5, seed=3
    )[0]
    assert record_test_at.curve == pytest.approx([plain.curve[epoch - 1] for epoch in EPOCHS])
    assert record_test_at.losses == pytest.approx(plain.losses)
    swapped = _with_test_as_validation(small_task)
    judged = trainer(small_space, swapped, patience=0)([architecture], epochs=5, seed=3)[0]
    assert record_test_at.metrics["test"] == pytest.approx([judged.curve[epoch - 1] for epoch in EPOCHS])


def _with_test_as_validation(task):
    return replace(task, name="swapped", validation=task.test.opened())


def test_of_several_tasks_each_has_its_own_curve(small_space, small_task):
    swapped = _with_test_as_validation(small_task)
    record_test_at = PopulationTrainer(small_space, together(small_task, swapped), patience=0, record_test_at=EPOCHS)
    found = record_test_at([("dense8", "stop"), ("conv1-2", "stop")], epochs=5, seed=0)
    for evaluation in found:
        first, second = evaluation.metrics["curves"]
        assert len(first) == len(EPOCHS)
        assert second == pytest.approx(evaluation.metrics["tests"][0])
        assert evaluation.score == pytest.approx((max(first) + max(second)) / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"record_test_at": ()}, "record_test_at rise"),
        ({"record_test_at": (2, 1)}, "record_test_at rise"),
        ({"record_test_at": (0, 1)}, "record_test_at rise"),
        ({"record_test_at": (1, 2), "patience": 4}, "patience=0 and folds=0; given patience=4"),
        ({"record_test_at": (1, 2), "folds": 3}, "patience=0 and folds=0"),
    ],
)
def test_a_survey_that_makes_no_sense_is_refused(arguments, message, small_space, small_task):
    with pytest.raises(BadValue, match=message):
        SequentialTrainer(small_space, small_task, **{"patience": 0, **arguments})


def in_threads(trainer):
    return Parallel(trainer, partial(ThreadPoolExecutor, 2))


@pytest.mark.parametrize("around", [lambda t: t, in_threads, Halving, lambda t: Halving(in_threads(t))])
def test_no_search_may_look_at_the_test_split(around, small_space, small_task, tmp_path):
    trainer = around(SequentialTrainer(small_space, small_task, patience=0, record_test_at=EPOCHS))
    controller = controllers.load("random", small_space)
    with pytest.raises(
        BadValue, match=r"record_test_at=\(1, 2, 5\) looks at the test split.*make the trainer without record_test_at"
    ):
        Study(small_space, controller, trainer, store=tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
