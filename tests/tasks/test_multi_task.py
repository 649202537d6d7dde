"""Several tasks as one, and the folds of a cross-validation."""

from dataclasses import replace

import numpy as np
import pytest

from nasedu import tasks
from nasedu.core import BadValue
from nasedu.tasks import Split, Task, folds_of, together
from nasedu.tasks.base import Sealed

# ---------------------------------------------------------------------- together


def test_tasks_together_have_the_face_of_one(digits):
    noisy = tasks.load("digits-noisy")
    both = together(digits, noisy)
    assert both.tasks == (digits, noisy)
    assert both.name == "digits+digits-noisy"
    assert (both.input_shape, both.outputs, both.kind) == ((1, 8, 8), 10, "classification")
    assert both.metrics == digits.metrics
    assert both.summary == "The mean score on 2 tasks: digits, digits-noisy."


def test_chance_is_the_mean_over_the_tasks():
    """Class 0 is guessed: the most frequent in training, and half or a fifth of the validation examples."""
    even, rare = labelled((9, 1), (3, 3)), replace(labelled((9, 1), (1, 4)), name="rare")
    assert together(even, rare).chance == pytest.approx((1 / 2 + 1 / 5) / 2)


def labelled(train, validation):
    """A task with so many examples of two classes."""
    parts = [np.repeat([0, 1], counts) for counts in (train, validation)]
    X = np.arange(sum(map(len, parts)), dtype=np.float32).reshape(-1, 1)
    splits = [Split(x, y) for x, y in zip(np.split(X, [len(parts[0])]), parts, strict=True)]
    return Task("lines", "?", *splits, Sealed(splits[1]), 2, "made up", "CC0")


def test_one_task_alone_is_together_with_nobody(digits):
    assert together(digits).tasks == (digits,)


def test_tasks_that_do_not_go_together_are_refused(digits, small_task):
    with pytest.raises(BadValue, match="at least one task; none was given"):
        together()
    with pytest.raises(BadValue, match="different tasks; given digits, digits"):
        together(digits, tasks.load("digits"))
    with pytest.raises(BadValue, match=r"one shape, .*digits: classification of \(1, 8, 8\) to 10, .*; corners: "):
        together(digits, small_task)
    with pytest.raises(BadValue, match="outputs, kind and metrics"):
        together(digits, replace(digits, name="other", metrics=("f1",)))


# ---------------------------------------------------------------------- folds


def places(split, task):
    """Where these examples stand in training and validation split, put together."""
    everywhere = [example.tobytes() for part in (task.train, task.validation) for example in part.X]
    assert len(set(everywhere)) == len(everywhere)
    return [everywhere.index(example.tobytes()) for example in split.X]


def test_every_example_is_validated_on_once_and_trained_on_otherwise(small_task):
    folds = folds_of(small_task, 4)
    assert [fold.name for fold in folds] == [f"corners/fold {n} of 4" for n in (1, 2, 3, 4)]
    seen = []
    for fold in folds:
        validated, trained = places(fold.validation, small_task), places(fold.train, small_task)
        assert sorted(validated + trained) == list(range(128))
        seen += validated
    assert sorted(seen) == list(range(128))


def test_answers_stay_with_their_examples(small_task):
    y = np.concatenate([small_task.train.y, small_task.validation.y])
    for fold in folds_of(small_task, 3):
        for split in (fold.train, fold.validation):
            assert split.y.tolist() == y[places(split, small_task)].tolist()


def test_folds_are_stratified():
    for fold in folds_of(labelled((90, 10), (10, 5)), 5):
        assert np.bincount(fold.validation.y).tolist() == [20, 3]


def test_the_seed_alone_divides(small_task):
    once, again, other = (folds_of(small_task, 3, seed=s)[0] for s in (0, 0, 1))
    assert places(once.validation, small_task) == places(again.validation, small_task)
    assert set(places(once.validation, small_task)) != set(places(other.validation, small_task))
    assert places(once.validation, small_task) != places(small_task.validation, small_task)


def test_the_test_split_stays_sealed(small_task):
    assert all(fold.test is small_task.test for fold in folds_of(small_task, 2))


@pytest.mark.parametrize("folds", [0, 1, 33, -2, 2.0, "3", True])
def test_impossible_folds_are_refused(small_task, folds):
    with pytest.raises(BadValue, match="from 2 to 32, the examples of its rarest class of 'corners'; given"):
        folds_of(small_task, folds)


def test_numbers_are_divided_too(heights):
    folds = folds_of(heights, 5)
    assert [len(fold.validation.y) for fold in folds] == [16] * 5
    assert sorted(np.concatenate([fold.validation.y[:, 0] for fold in folds]).tolist()) == sorted(
        [*heights.train.y[:, 0].tolist(), *heights.validation.y[:, 0].tolist()]
    )
    with pytest.raises(BadValue, match="from 2 to 40, the half of the examples of 'heights'; given 41"):
        folds_of(heights, 41)
