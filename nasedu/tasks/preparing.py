"""What data from outside go through before they are a task: copies, rare classes, splits, scales.

Used by `nasedu.tasks.openml`, `folder` and `csv_table`. One warning names and counts what is omitted.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.base import Sealed, Split, Task, split_indices

LEAST = 4
"""Examples that a class needs: two to train on, one to validate on and one to test on."""


def listed(names: Sequence[object], most: int = 5) -> str:
    """Return `a, b, c`, and how many more there are if there are more than `most`."""
    told = ", ".join(map(str, names[:most]))
    return f"{told} and {len(names) - most} more" if len(names) > most else told


def first_copies(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(places, original): where each different example stands first, and for every example the place of its first.

    Two examples are copies if they are the same byte for byte.
    """
    seen: dict[bytes, int] = {}
    original = np.array([seen.setdefault(x.tobytes(), n) for n, x in enumerate(np.ascontiguousarray(X))], np.int64)
    return np.flatnonzero(original == np.arange(len(X))), original


def check_classes(where: str, names: Sequence[object], y: np.ndarray, what: str, advice: str) -> None:
    """Raise BadValue if there are fewer than two classes, or too few examples of one.

    Args:
        where: what is being loaded, for the message.
        names: of the classes 0, 1, ...
        what: what the examples are, in the plural ("images").
        advice: what to do about it.
    """
    if len(names) < 2:
        found = f"only the class {names[0]!r}" if names else "no class"
        raise BadValue(f"{where}: there is {found}; at least 2 are needed to tell apart")
    counts = np.bincount(y, minlength=len(names))
    rare = [f"{name!r} has {count}" for name, count in zip(names, counts, strict=True) if count < LEAST]
    if rare:
        raise BadValue(
            f"{where}: every class needs at least {LEAST} {what} (2 to train on, 1 to validate on, 1 to test on), and "
            f"{listed(rare)}; {advice}"
        )


def divide(X: np.ndarray, y: np.ndarray, stratify: bool = True) -> tuple[Split, Split, Split]:
    """(train, validation, test): 60, 20 and 20 percent, of each class by itself if `stratify`."""
    train, validation, test = (
        Split(X[places], y[places]) for places in split_indices(y if stratify else np.zeros(len(y), np.int64))
    )
    return train, validation, test


def standardised(*parts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the parts as float32, less the mean of the first and divided by its deviation, column by column.

    Mean and deviation are rounded to six digits, so that machines which add in another order get the same bytes. A
    column that never varies in the first part becomes 0 there.
    """
    first = parts[0].astype(np.float64)
    mean, deviation = (six_digits(values) for values in (first.mean(0), first.std(0)))
    never_varies = (first == first[:1]).all(0)
    mean, deviation = np.where(never_varies, first[0], mean), np.where(never_varies | (deviation == 0), 1, deviation)
    return tuple(((part.astype(np.float64) - mean) / deviation).astype(np.float32) for part in parts)


def six_digits(values: np.ndarray) -> np.ndarray:
    """Round each value to six digits, on which machines that add in another order agree."""
    return np.array([float(f"{value:.6g}") for value in values])


def without_shared(splits: Sequence[Split]) -> tuple[list[Split], int]:
    """Return the splits without the examples that an earlier split or example has too, and how many those were.

    Filling and scaling can make two examples equal that were different before.
    """
    kept, _ = first_copies(np.concatenate([split.X for split in splits]))
    starts = np.cumsum([0, *(len(split.y) for split in splits)])
    places = [kept[(kept >= a) & (kept < b)] - a for a, b in pairwise(starts)]
    return [Split(s.X[p], s.y[p]) for s, p in zip(splits, places, strict=True)], int(starts[-1]) - len(kept)


def task_of(splits: Sequence[Split], **about: object) -> Task:
    """Make a task of three splits, the last of them sealed."""
    train, validation, test = splits
    return Task(train=train, validation=validation, test=Sealed(test), **about)  # type: ignore[arg-type]
