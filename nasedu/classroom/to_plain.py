"""An answer as its check sees it: whatever library it computes with, it gives Python's own numbers, texts and lists."""

import numbers
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np

LIBRARIES = ("numpy", "torch", "pandas", "array")
"""Whose arrays, tensors, columns and numbers have a method `tolist`."""
MOST_ITEMS = 100_000
"""Of an iterator that may have no end."""


def to_plain(answer: Any, methods: tuple[str, ...] = ()) -> Any:
    """An answer, and whatever its functions and methods give, as plain data.

    Args:
        answer: a value, a function, or a class.
        methods: if it is a class, the methods of its objects that a check calls; nothing else is there.
    """
    return through(as_plain, answer, methods)


def as_plain(value: Any) -> Any:
    """The same in Python's own types: arrays, tensors, views, ranges and iterators become lists, numbers int or float.

    What is none of these, and sets, stay as they are.
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, list):
        return [as_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(as_plain(item) for item in value)
    if isinstance(value, Mapping):
        return {as_plain(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, np.floating):
        return float(value)
    if type(value).__module__.partition(".")[0] in LIBRARIES and hasattr(value, "tolist"):
        return as_plain(value.tolist())
    if isinstance(value, numbers.Real | Decimal):
        return float(value)
    if isinstance(value, KeysView | ValuesView | ItemsView | Iterator | range | deque):
        return [as_plain(item) for item in islice(value, MOST_ITEMS)]
    return value


def through(change: Callable[[Any], Any], answer: Any, methods: tuple[str, ...] = ()) -> Any:
    """The same answer, with everything that it gives changed by a function. Arguments: see `to_plain`."""
    if not callable(answer):
        return change(answer)
    if not methods:
        return lambda *arguments, **named: change(answer(*arguments, **named))

    def make(*arguments: Any, **named: Any) -> Methods:
        made = answer(*arguments, **named)
        there = [name for name in methods if hasattr(made, name)]
        return Methods({name: through(change, getattr(made, name)) for name in there})

    return make


class Methods:
    """An object with some methods, and nothing else."""

    def __init__(self, calls: dict[str, Callable[..., Any]]):
        vars(self).update(calls)
