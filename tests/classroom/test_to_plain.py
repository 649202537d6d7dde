"""An answer is judged by what it gives, whatever library it computes with, in the lesson and where it is graded."""

from array import array
from collections import UserDict, deque
from decimal import Decimal
from fractions import Fraction
from itertools import count

import numpy as np
import pandas as pd
import pytest
import torch

from nasedu.classroom.grading import wire_format
from nasedu.classroom.to_plain import MOST_ITEMS, as_plain, to_plain

NAMES = {"a": 1, "b": 2}
SAME = [
    (np.array([1.0, 2.0]), [1.0, 2.0]),
    (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (np.array(["a", "b"]), ["a", "b"]),
    (np.array(3), 3),
    ([np.float32(0.5), np.int64(3), np.bool_(True)], [0.5, 3, True]),
    (torch.tensor([0.5, 1.0]), [0.5, 1.0]),
    (torch.tensor(3), 3),
    ((np.arange(2), {"a": torch.zeros(1)}), ([0, 1], {"a": [0.0]})),
    (NAMES.keys(), ["a", "b"]),
    (NAMES.values(), [1, 2]),
    (NAMES.items(), [("a", 1), ("b", 2)]),
    (range(3), [0, 1, 2]),
    (deque([1, 2]), [1, 2]),
    (Fraction(1, 2), 0.5),
    (Decimal("0.5"), 0.5),
    (np.longdouble(0.5), 0.5),
    (array("d", [0.5]), [0.5]),
    (pd.Series([1, 2]), [1, 2]),
    (pd.Series({"a": 1}).index, ["a"]),
    (pd.Series({"a": 1}), {"a": 1}),
    (pd.Series([3, 4], [1, 0]), [3, 4]),
    (pd.DataFrame({"a": {"x": 1.5}}), {"a": {"x": 1.5}}),
    (pd.DataFrame([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    ([np.str_("a")], ["a"]),
    (UserDict(a=np.array(1)), {"a": 1}),
    ({"a", "b"}, {"a", "b"}),
    ([True, None, "a", 1, 0.5, ...], [True, None, "a", 1, 0.5, ...]),
]


def typed(value):
    if isinstance(value, list | tuple):
        return type(value), [typed(item) for item in value]
    return type(value), value


@pytest.mark.parametrize(("value", "wanted"), SAME)
def test_it_is_the_same_in_the_lesson_and_where_it_is_graded(value, wanted):
    sent = wire_format.unpack(wire_format.load(wire_format.dump(wire_format.pack(value))))
    assert typed(as_plain(value)) == typed(wanted)
    assert typed(as_plain(sent)) == typed(wanted)


def test_iterators_are_gone_through_up_to_an_end():
    assert as_plain(iter("ab")) == ["a", "b"]
    assert as_plain(n * n for n in range(3)) == [0, 1, 4]
    assert wire_format.unpack(wire_format.pack(map(str, [1, 2]))) == ["1", "2"]
    assert len(as_plain(count())) == MOST_ITEMS


def test_what_a_function_and_a_method_give_is_plain():
    class Counts:
        secret = 7

        def __init__(self, start):
            self.start = start

        def up_to(self, end):
            return np.arange(self.start, end)

    assert to_plain(lambda x: np.array([x]))(3) == [3]
    made = to_plain(Counts, ("up_to", "down_to"))(1)
    assert made.up_to(end=3) == [1, 2]
    assert not hasattr(made, "secret")
    assert not hasattr(made, "down_to")
    assert to_plain(np.float64(2.0)) == 2.0
