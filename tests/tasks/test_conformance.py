"""Every registered task passes the suite, and every rule of the suite is broken by a task that breaks it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from nasedu.tasks import Split, Task, tasks
from nasedu.tasks.base import Sealed
from nasedu.testing import check_task, task_checks


@pytest.mark.parametrize("check", task_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", tasks)
def test_registered_tasks(name, check):
    check(tasks[name])


def test_a_task_passes_as_it_stands(small_task):
    check_task(small_task)


# ---------------------------------------------------------------------- tasks that break one rule each


def double_precision(task):
    return replace(task, train=Split(task.train.X.astype(np.float64), task.train.y))


def hole_in_the_test(task):
    X, y = task.test.opened()
    X = X.copy()
    X[0, 0, 0, 0] = np.nan
    return replace(task, test=Sealed(Split(X, y)))


def short_answers(task):
    return replace(task, train=Split(task.train.X, task.train.y.astype(np.int32)))


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
