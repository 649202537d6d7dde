"""A task that cannot be: one class, numbers that are none, a class that a split lacks. Each is told at the door."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from nasedu.core import BadValue
from nasedu.tasks import Split, split_indices
from nasedu.tasks.base import Sealed, digest_of
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


# ---------------------------------------------------------------------- what somebody gives, instead of arrays


def flat(task):
    """The same task with rows of numbers instead of images."""
    parts = [Split(s.X.reshape(len(s.X), -1), s.y) for s in (task.train, task.validation, task.test.opened())]
    return replace(task, train=parts[0], validation=parts[1], test=Sealed(parts[2]))


FORMS = {
    "lists": lambda X, y: (X.tolist(), y.tolist()),
    "doubles": lambda X, y: Split(X.astype(np.float64), y.astype(np.float64)),
    "small": lambda X, y: Split(X, y.astype(np.uint8)[:, None]),
    "tensors": lambda X, y: [torch.tensor(X, requires_grad=True), torch.tensor(y)],
    "frames": lambda X, y: Split(pd.DataFrame(X), pd.Series(y, index=range(9, 9 + len(y)))),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_clear_is_converted_in_every_split(small_task, form):
    task = flat(small_task)
    given = {part: FORMS[form](*split) for part, split in (("train", task.train), ("test", task.test.opened()))}
    found = replace(task, **given)
    assert digest_of(found) == digest_of(task)
    assert (found.train.X.dtype, found.train.y.dtype) == (np.float32, np.int64)
    assert isinstance(found.test, Sealed)


def test_arrays_that_are_right_are_not_copied(small_task):
    again = replace(small_task, name="again")
    assert again.train is small_task.train
    assert again.test is small_task.test


def test_one_number_for_each_example_is_a_column(heights):
    halves = {part: getattr(heights, part) for part in ("train", "validation")}
    halves = {part: Split(X, y[:, 0].astype(float)) for part, (X, y) in halves.items()}
    found = replace(heights, outputs=np.int64(1), test=heights.test.opened()._replace(y=[0.5] * 20), **halves)
    assert (found.train.y.shape, found.test.opened().y.shape, found.outputs) == ((60, 1), (20, 1), 1)


X = np.zeros((2, 3), np.float32)
BAD = {
    "no pair": (X, "expected Split.X, y.; given ndarray"),
    "text": ((np.array([["a", "b"], ["c", "d"]]), [0, 1]), "X is of type <U1 .the first is str_., and no array of num"),
    "objects": (
        (pd.DataFrame({"a": [1, "x"]}), [0, 1]),
        "X is of type object .the first is int., and no array",
    ),
    "dates": ((np.array([["2020-01-01"]] * 2, "datetime64[D]"), [0, 1]), "X is of type datetime64.D. "),
    "ragged": (([[1.0], [1.0, 2.0]], [0, 1]), "X: the examples have different shapes; give all of them one shape"),
    "masked": ((np.ma.masked_array(X, X == 0), [0, 1]), "X is a masked array: fill what is masked"),
    "nothing": ((None, [0, 1]), "X is no array of examples but a NoneType"),
    "a line": (([1.0, 2.0], [0, 1]), r"X has shape .2,.; .* use X.reshape.-1, 1."),
    "too large": ((X.astype(float) + 1e39, [0, 1]), "6 values are NaN or infinite, in 2 of 2 examples"),
    "names": (
        (X, ["cat", "dog"]),
        "y is of type <U3 .the first is str_., .* number the classes: classes, y = ",
    ),
    "one hot": ((X, np.eye(4)[:2]), r"y has shape .2, 4.; expected the class of each example, such as y.argmax"),
    "halves": ((X, [0.5, 1.0]), "numbers that are not whole, or NaN, .* give kind='regression'"),
    "holes": ((X, [np.nan, 1.0]), "numbers that are not whole, or NaN"),
    "another shape": (
        (np.zeros((4, 1, 6, 5)), [0, 1, 2, 3]),
        r"examples of shape .1, 6, 5., and those of 'train'",
    ),
    "too few answers": ((np.zeros((4, 1, 6, 6)), [0, 1, 2]), "4 examples and 3 answers"),
}


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("case", BAD)
def test_what_is_not_clear_is_refused_at_the_door(small_task, case, part):
    given, message = BAD[case]
    with pytest.raises(BadValue, match=rf"(?s)task 'corners', split '{part}'.*{message}"):
        replace(small_task, **{part: given})


def test_a_test_split_is_looked_at_and_not_told(small_task):
    X, y = small_task.test.opened()
    with pytest.raises(BadValue) as refused:
        replace(small_task, test=Split(X, np.where(y == 2, 57, y)))
    assert str(refused.value) == "task 'corners', split 'test': 8 of 32 answers are no class; expected 0 to 3"
    holes = X.copy()
    holes[3, 0, 0, 0] = np.nan
    with pytest.raises(BadValue, match="split 'test': 1 values are NaN or infinite, in 1 of 32 examples"):
        replace(small_task, test=Sealed(Split(holes, y)))
    assert len(replace(small_task, test=Split(X[y != 2], y[y != 2])).test) == 24  # a rare class may be in no test


def test_outputs_and_the_names_of_classes_agree(small_task):
    with pytest.raises(BadValue, match="2 names of classes and outputs=4; give one each"):
        replace(small_task, classes=("a", "b"))
    with pytest.raises(BadValue, match=r"outputs is a whole number of at least 1; given 2\.5"):
        replace(small_task, outputs=2.5)
