"""Checks of a table. Each refuses a table with an error before anyone uses its numbers."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from nasedu.core import Architecture, BadArchitecture, BadValue, NaseduError

MOST_MEMBERS = 5_000_000
"""The size of the largest space whose members are checked one by one."""

Where = Callable[[int], str]


def refuse_what_is_not_finite(array: np.ndarray, where: Where) -> None:
    """Raise BadValue with the place and the value of the first number that is NaN or infinite."""
    if np.isfinite(array).all():
        return
    first = np.argwhere(~np.isfinite(array))[0]
    count = int((~np.isfinite(array)).sum())
    raise BadValue(
        f"{where(int(first[0]))}: {array[tuple(first)]} is not a finite number ({count} such in all); leave out "
        "networks that were not trained, and give those that failed their chance score"
    )


def rows_of(architectures: Sequence[Architecture], space: Any, where: Where) -> dict[Architecture, int]:
    """Return architecture to row. Raise BadArchitecture for one that the space cannot read, BadValue for a double.

    Args:
        where: the place of a row, in words.
    """
    rows: dict[Architecture, int] = {}
    for row, architecture in enumerate(architectures):
        if not isinstance(architecture, tuple):
            raise BadArchitecture(f"{where(row)}: an architecture is a tuple of choices; given {architecture!r}")
        try:
            space.walk(architecture)
        except NaseduError as error:
            raise BadArchitecture(f"{where(row)}: {error}") from error
        first = rows.setdefault(architecture, row)
        if first != row:
            raise BadValue(f"{where(row)}: {architecture} is there twice; the first is {where(first)}")
    return rows


def by_seed_and_epoch(scores: Mapping[str, Any], rows: int, what: str, where: Where) -> np.ndarray:
    """Return scores of all tasks as one array: (rows, tasks, seeds, epochs).

    Args:
        scores: task to an array of (rows,), (rows, seeds) or (rows, seeds, epochs).
        what: what they are, for messages ("score").

    Raises:
        BadValue: no task, an array of another shape, tasks that differ in shape, numbers that are not finite.
    """
    if not scores:
        raise BadValue("a table needs the scores of at least one task")
    parts = []
    for task, values in scores.items():
        try:
            array = np.asarray(values, dtype=np.float64)
        except (ValueError, TypeError) as error:
            raise BadValue(f"the {what}s of task {task!r} are not numbers: {error}") from error
        if not 1 <= array.ndim <= 3 or len(array) != rows or not array.size:
            raise BadValue(
                f"the {what}s of task {task!r} have shape {array.shape}; expected ({rows},), ({rows}, seeds) or "
                f"({rows}, seeds, epochs)"
            )
        refuse_what_is_not_finite(array, lambda row, task=task: f"{where(row)}, {what} of task {task!r}")  # type: ignore[misc]
        parts.append(array.reshape(*array.shape, *[1] * (3 - array.ndim)))
    if len({part.shape for part in parts}) > 1:
        shapes = ", ".join(f"{task}: {part.shape[1:]}" for task, part in zip(scores, parts, strict=True))
        raise BadValue(f"every task needs as many seeds and epochs; the {what}s have {shapes}")
    return np.stack(parts, axis=1)


def amounts(values: Any, rows: int, what: str, where: Where, whole: bool = False) -> np.ndarray | None:
    """Return one number of 0 or more for each row; None stays None. Raise BadValue for anything else."""
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (rows,):
        raise BadValue(f"{what} has shape {array.shape}; expected ({rows},)")
    refuse_what_is_not_finite(array, lambda row: f"{where(row)}, {what}")
    wrong = (array < 0) | ((array % 1 != 0) if whole else False)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        kind = "a whole number" if whole else "a number"
        raise BadValue(f"{where(row)}: {what} is {kind} of at least 0; given {array[row]:g}")
    return array


def check_epochs(epochs: Sequence[int] | None, recorded: int) -> tuple[int, ...]:
    """Return the epochs of the last axis; empty for final scores. Raise BadValue if they do not fit."""
    if epochs is None:
        return tuple(range(1, recorded + 1)) if recorded > 1 else ()
    epochs = tuple(epochs)
    if len(epochs) != recorded or any(e < 1 for e in epochs) or list(epochs) != sorted(set(epochs)):
        raise BadValue(f"the scores have {recorded} epochs; `epochs` says after which, rising from 1: given {epochs}")
    return epochs


def check_complete(space: Any, rows: Mapping[Architecture, int], knows: Callable[[Architecture], bool]) -> None:
    """Raise BadValue if a member of the space is in no row; the message says how many, and which."""
    size = space.size()
    if size > MOST_MEMBERS:
        raise BadValue(
            f"complete=True looks at every member of the space, and {space.title!r} has {size:,}: leave it out"
        )
    missing = (architecture for architecture in space.enumerate() if not knows(architecture))
    first = list(islice(missing, 3))
    if first:
        count = len(first) + sum(1 for _ in missing)
        shown = ", ".join(map(str, first)) + (", …" if count > len(first) else "")
        raise BadValue(f"{count:,} of the {size:,} members of the space {space.title!r} are in no row: {shown}")
