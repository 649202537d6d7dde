"""Checks of a space's arguments: shapes, counts and names. Each error is one line."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

from nasedu.core import BadValue


def why_no_image(shape: Sequence[Any]) -> str:
    """Return why these inputs are no images of shape (channels, height, width); empty if they are."""
    if len(shape) == 3 and all(is_count(n) for n in shape):
        return ""
    return f"it needs images of shape (channels, height, width), and the inputs here have shape {tuple(shape)}"


def why_no_sequence(shape: Sequence[Any]) -> str:
    """Return why inputs cannot be read step by step; empty for (time, features) and for images, read row by row."""
    if len(shape) in (2, 3) and all(is_count(n) for n in shape):
        return ""
    return (
        "it needs sequences of shape (time, features), or images of shape (channels, height, width) that it reads row "
        f"by row, and the inputs here have shape {tuple(shape)}"
    )


def why_no_labels(kind: str) -> str:
    """Return why a network with one answer for each input does not fit this kind of task; empty if it fits."""
    if kind in ("classification", "regression"):
        return ""
    return f"it gives one answer for each input, and this is a {kind} task"


def is_count(value: Any) -> bool:
    """Return whether the value is a whole number of at least 1."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def check_most(name: str, argument: str, given: Any, most: int) -> None:
    """Raise BadValue for a number above the most that an argument takes, also in a list, or for a list of over 100."""
    if isinstance(given, tuple | list):
        if len(given) > 100:
            raise BadValue(f"{name} takes a list of at most 100 as {argument}; given {len(given)}")
        for value in given:
            check_most(name, argument, value, most)
    elif is_count(given) and given > most:
        raise BadValue(f"{name} takes at most {most:,} as {argument}; given {given!r}")


def check_positive(name: str, **counts: Any) -> None:
    """Raise BadValue for an argument that is no whole number of at least 1."""
    for argument, value in counts.items():
        if not is_count(value):
            raise BadValue(f"{name} needs a whole number of at least 1 as {argument}; given {value!r}")


def check_sizes(name: str, **lists: Any) -> None:
    """Raise BadValue for an argument that is not a list of different whole numbers of at least 1."""
    for argument, values in lists.items():
        listed = isinstance(values, Sequence) and not isinstance(values, str)
        if not listed or not values or not all(is_count(v) for v in values) or len(set(values)) < len(values):
            raise BadValue(f"{name} needs different whole numbers of at least 1 as {argument}; given {values!r}")


def check_names(name: str, argument: str, given: Any, known: Iterable[str]) -> None:
    """Raise BadValue for an argument that is not a list of different known names."""
    known = tuple(known)
    listed = isinstance(given, Sequence) and not isinstance(given, str)
    if not listed or not given or not all(item in known for item in given) or len(set(given)) < len(given):
        raise BadValue(f"{name} needs different names out of {', '.join(known)} as {argument}; given {given!r}")
