"""What data from outside go through before they are a task: copies, rare classes, splits, scales.

Used by `nasedu.tasks.openml`, `folder` and `csv_table`; one warning names and counts what is omitted. `task_of` puts
every task together.
"""

import sys
import warnings
from collections.abc import Sequence

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


def check_classes(
    where: str, names: Sequence[object], y: np.ndarray, what: str, advice: str, least: int = LEAST
) -> None:
    """Raise BadValue if there are fewer than two classes, or too few examples of one.

    Args:
        where: what is being loaded, for the message.
        names: of the classes 0, 1, ...
        what: what the examples are, in the plural ("images").
        advice: what to do about it.
        least: examples that each class needs; without a test split one fewer than usual.
    """
    if len(names) < 2:
        found = f"only the class {names[0]!r}" if names else "no class"
        raise BadValue(f"{where}: there is {found}; at least 2 are needed to tell apart")
    counts = np.bincount(y, minlength=len(names))
    rare = [f"{name!r} has {count}" for name, count in zip(names, counts, strict=True) if count < least]
    if rare:
        tested = ", 1 to test on" if least == LEAST else ""
        raise BadValue(
            f"{where}: every class needs at least {least} {what} (2 to train on, 1 to validate on{tested}), and "
            f"{listed(rare)}; {advice}"
        )


def divide(X: np.ndarray, y: np.ndarray, stratify: bool = True) -> tuple[Split, Split, Split]:
    """(train, validation, test): 60, 20 and 20 percent, of each class by itself if `stratify`."""
    train, validation, test = (
        Split(X[places], y[places]) for places in split_indices(y if stratify else np.zeros(len(y), np.int64))
    )
    return train, validation, test


def scale_of(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean, deviation) of each column of float64 values, by which it is standardised.

    Both are rounded to six digits, so that machines which add in another order get the same bytes. A column that never
    varies has the deviation 1, and so becomes 0.
    """
    power = 2.0 ** np.frexp(np.abs(values).max(0))[1].clip(-1000, 1000)  # exact; so that no square is out of range
    mean, deviation = (six_digits(numbers * power) for numbers in ((values / power).mean(0), (values / power).std(0)))
    never_varies = (values == values[:1]).all(0)
    return np.where(never_varies, values[0], mean), np.where(never_varies | (deviation == 0), 1, deviation)


def standardised(*parts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the parts as float32, less the mean of the first and divided by its deviation, column by column."""
    mean, deviation = scale_of(parts[0].astype(np.float64))
    return tuple(((part.astype(np.float64) - mean) / deviation).astype(np.float32) for part in parts)


def six_digits(values: np.ndarray) -> np.ndarray:
    """Round each value to six digits, on which machines that add in another order agree."""
    return np.array([float(f"{value:.6g}") for value in values])


def task_of(splits: Sequence[Split], **about: object) -> Task:
    """Make a task of three splits, for training, validation and test; the last of them is sealed."""
    train, validation, test = splits
    return Task(train=train, validation=validation, test=Sealed(test), **about)  # type: ignore[arg-type]


def warn(message: str) -> None:
    """Warn the caller of `openml`, `folder` or `csv`: the code that called into this part of the package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith("nasedu.tasks"):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, stacklevel=level)
