"""A task that cannot be: one class, numbers that are none, a class that a split lacks. Each is told at the door."""

from dataclasses import replace

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.tasks import Split, split_indices
from nasedu.tasks.preparing import LEAST, standardised


def test_a_single_class_is_refused(small_task):
    train, validation = (Split(s.X[s.y == 0], s.y[s.y == 0]) for s in (small_task.train, small_task.validation))
    with pytest.raises(BadValue, match="at least 2 classes to tell apart; given outputs=1"):
        replace(small_task, train=train, validation=validation, outputs=1)


def test_pixels_that_are_no_numbers_are_counted_and_the_first_is_named(small_task):
    X = small_task.train.X.copy()
    X[[7, 20], 0, :2, 3] = np.nan
    wanted = r"4 values are NaN or infinite, in 2 of 96 examples, the first of them X\[7\]; remove or fill them first"
    with pytest.raises(BadValue, match=wanted):
        replace(small_task, train=Split(X, small_task.train.y))


@pytest.mark.parametrize("part", ["train", "validation"])
def test_a_class_that_a_split_lacks_is_named(small_task, part):
    X, y = getattr(small_task, part)
    there = y != 2
    wanted = (
        rf"split '{part}': the classes are \[0, 1, 3\]; expected every one of 0 to 3; of \[2\] there is no example: "
        "each split needs every class"
    )
    with pytest.raises(BadValue, match=wanted):
        replace(small_task, **{part: Split(X[there], y[there])})


def test_long_lists_of_classes_are_cut(small_task):
    with pytest.raises(BadValue, match=r"of \[4, 5, .*13, and 986 more\] there is no example"):
        replace(small_task, outputs=1000)


@pytest.mark.parametrize("count", range(1, 40))
def test_a_class_needs_four_examples_to_be_in_every_split(count):
    """Of three, none would be left to validate on."""
    enough = all(len(part) for part in split_indices(np.zeros(count, np.int64)))
    assert enough == (count >= LEAST)


def test_scales_are_those_of_the_first_part():
    first, second = standardised(np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[5.0, 6.0]]))
    assert first.tolist() == [[-1, 0], [1, 0]]
    assert second.tolist() == [[3, 1]]
