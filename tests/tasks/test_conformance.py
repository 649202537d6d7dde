"""Every registered task passes the suite, and every rule of the suite is broken by a task that breaks it."""

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest

from nasedu.tasks import QUESTIONS, Split, Task, load
from nasedu.tasks import registry as tasks
from nasedu.tasks.base import Sealed
from nasedu.testing import check_task, task_checks

MEMBERS = ("glyphs/greek", "gratings/width", "sinusoids/7", *(f"{question}/hebrew" for question in QUESTIONS))
"""One of each family; the digits' relatives, OpenML, folders and tables have tests of their own."""


@pytest.mark.parametrize("check", task_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [*tasks, *MEMBERS])
def test_registered_tasks(name, check):
    check(lambda: load(name))


def test_a_task_passes_as_it_stands(small_task):
    check_task(small_task)


def test_a_task_of_numbers_passes_as_it_stands(heights):
    check_task(heights)
    never_varies = [split.y.copy() for split in (heights.train, heights.validation)]
    for y in never_varies:
        y[:, 0] = 3
    train, validation = (Split(s.X, y) for s, y in zip((heights.train, heights.validation), never_varies, strict=True))
    check_task(replace(heights, train=train, validation=validation))


@pytest.mark.parametrize("metric", ["balanced_accuracy", "precision", "recall", "f1"])
def test_a_task_with_another_score_passes(small_task, metric):
    check_task(replace(small_task, metrics=(metric,)))


# ---------------------------------------------------------------------- tasks that break one rule each


def altered(task, **changes):
    """A copy that was altered behind the door, where the task itself would convert or refuse it."""
    twin = copy.copy(task)
    for name, value in changes.items():
        object.__setattr__(twin, name, value)
    return twin


def double_precision(task):
    return altered(task, train=Split(task.train.X.astype(np.float64), task.train.y))


def hole_in_the_test(task):
    X, y = task.test.opened()
    X = X.copy()
    X[0, 0, 0, 0] = np.nan
    return altered(task, test=Sealed(Split(X, y)))


def short_answers(task):
    return altered(task, train=Split(task.train.X, task.train.y.astype(np.int32)))


def class_missing_in_the_test(task):
    X, y = task.test.opened()
    return replace(task, test=Sealed(Split(X[y > 0], y[y > 0])))


def trained_on_a_test_example(task):
    X, y = task.test.opened()
    return replace(
        task, test=Sealed(Split(np.concatenate([X, task.train.X[:1]]), np.concatenate([y, task.train.y[:1]])))
    )


def lopsided_validation(task):
    X, y = task.validation
    keep = np.flatnonzero((y > 0) | (np.cumsum(y == 0) <= 3))
    return replace(task, validation=Split(X[keep], y[keep]))


class Optimist(Task):
    chance = 0.5


def wrong_chance(task):
    return Optimist(**{name: getattr(task, name) for name in task.__dataclass_fields__})


def numbers(task):
    """The same examples with their answers as numbers."""

    def turned(split):
        return Split(split.X, split.y[:, None].astype(np.float32))

    train, validation, test = turned(task.train), turned(task.validation), turned(task.test.opened())
    changed = {"train": train, "validation": validation, "test": Sealed(test), "outputs": 1}
    return replace(task, kind="regression", metrics=(), **changed)


def wrong_chance_of_numbers(task):
    return wrong_chance(numbers(task))


def double_precision_in_the_test_answers(task):
    X, y = numbers(task).test.opened()
    return altered(numbers(task), test=Sealed(Split(X, y.astype(np.float64))))


def hole_in_the_test_answers(task):
    X, y = numbers(task).test.opened()
    y[0] = np.nan
    return altered(numbers(task), test=Sealed(Split(X, y)))


def no_licence(task):
    return replace(task, licence="")


def open_test(task):
    class Open(Sealed):
        X = property(lambda self: self.opened().X)

    return replace(task, test=Open(task.test.opened()))


BROKEN = {
    double_precision: "examples_are_finite_numbers_of_one_shape",
    hole_in_the_test: "examples_are_finite_numbers_of_one_shape",
    short_answers: "classes_are_numbered_from_zero",
    class_missing_in_the_test: "classes_are_numbered_from_zero",
    trained_on_a_test_example: "no_example_is_in_two_splits",
    lopsided_validation: "every_split_has_its_share_of_every_class",
    wrong_chance: "chance_is_the_best_blind_guess",
    wrong_chance_of_numbers: "chance_is_the_best_blind_guess",
    double_precision_in_the_test_answers: "numbers_are_finite",
    hole_in_the_test_answers: "numbers_are_finite",
    no_licence: "it_says_where_it_comes_from",
    open_test: "the_test_split_is_sealed",
}


@pytest.mark.parametrize("damage", BROKEN, ids=lambda function: function.__name__)
def test_a_broken_task_is_caught_by_its_rule(damage, small_task):
    check = next(check for check in task_checks if check.__name__ == BROKEN[damage])
    with pytest.raises(AssertionError, match=rf"(?s)task rule '{BROKEN[damage]}'.*seen: .+to mend: "):
        check(lambda: damage(small_task))
    with pytest.raises(AssertionError, match="task rule"):
        check_task(damage(small_task))


def test_a_task_that_is_drawn_anew_is_caught(small_task):
    shifts = itertools.count()

    def load():
        X, y = small_task.train
        return replace(small_task, train=Split(X + np.float32(next(shifts)), y))

    with pytest.raises(AssertionError, match="task rule 'loading_twice_gives_the_same_bytes'"):
        check_task(load)


def test_every_rule_of_the_suite_is_broken_by_something():
    assert {check.__name__ for check in task_checks} - set(BROKEN.values()) == {"loading_twice_gives_the_same_bytes"}
