"""Converts the results of an answer to Python's own numbers, strings and lists, whatever library it uses."""

import numbers
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from decimal import Decimal
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np

LIBRARIES = ("numpy", "torch", "pandas", "array")
"""Their arrays, tensors, columns and numbers have a method `tolist`."""
MOST_ITEMS = 100_000
"""How many items are read from an iterator, which may be endless."""


def to_plain(answer: Any, methods: tuple[str, ...] = ()) -> Any:
    """Return an answer whose value, or whose functions' and methods' results, are plain data.

    Args:
        answer: a value, a function, or a class.
        methods: if it is a class, the methods of its objects that a check calls; no other attribute remains.
    """
    return convert_results(as_plain, answer, methods)


def as_plain(value: Any) -> Any:
    """Convert a value to Python's own types: lists for arrays, tensors, views, ranges and iterators; int and float.

    What pandas labels with words becomes a dictionary. Sets and values of other types stay unchanged.
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)  # of numpy, for instance
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, list):
        return [as_plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(as_plain(item) for item in value)
    if isinstance(value, Mapping):
        return {as_plain(key): as_plain(item) for key, item in value.items()}
    if isinstance(value, np.floating):
        return float(value)
    if type(value).__name__ in ("Series", "DataFrame") and hasattr(value, "to_dict"):
        labels = value.axes[-1]
        return as_plain(value.to_dict() if all(isinstance(one, str) for one in labels) else value.to_numpy().tolist())
    if type(value).__module__.partition(".")[0] in LIBRARIES and hasattr(value, "tolist"):
        return as_plain(value.tolist())
    if isinstance(value, numbers.Real | Decimal):
        return float(value)
    if isinstance(value, KeysView | ValuesView | ItemsView | Iterator | range | deque):
        return [as_plain(item) for item in islice(value, MOST_ITEMS)]
    return value


def convert_results(change: Callable[[Any], Any], answer: Any, methods: tuple[str, ...] = ()) -> Any:
    """Return the answer with a function applied to everything that it returns. Arguments: see `to_plain`."""
    if not callable(answer):
        return change(answer)
    if not methods:
        return lambda *arguments, **named: change(answer(*arguments, **named))

    def make(*arguments: Any, **named: Any) -> SimpleNamespace:
        made = answer(*arguments, **named)
        there = [name for name in methods if hasattr(made, name)]
        return SimpleNamespace(**{name: convert_results(change, getattr(made, name)) for name in there})

    return make
