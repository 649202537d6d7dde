"""What somebody gives as examples and answers, made into the arrays of a split; or refused, with what to do."""

from typing import Any

import numpy as np

from nasedu.core import BadValue

LEARNED = ("classification", "regression")
"""Kinds of tasks whose arrays have fixed types; those of other kinds stay as they are."""


def as_split(where: str, given: Any, kind: str, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    """Return examples and answers as arrays: float32 X; int64 y of classes, float32 y (examples, outputs) of numbers.

    Lists, data frames, tensors and arrays of other numbers are converted, and what is one already is not copied.

    Args:
        where: names the task and the split, for a message.
        given: a pair of examples and answers.
        kind: of the task.
        outputs: of the task.

    Raises:
        BadValue: no pair, no numbers, or answers of another shape.
    """
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise BadValue(f"{where}: expected Split(X, y); given {type(given).__name__}")
    X, y = (as_array(f"{where}, {name}", values) for name, values in zip("Xy", given, strict=True))
    if kind not in LEARNED:
        return X, y
    _refuse_no_numbers(f"{where}, X", X, "turn each value into a number first; nasedu.tasks.load('csv/...') does that")
    if X.ndim < 2:
        raise BadValue(f"{where}: X has shape {X.shape}; its first axis are the examples: use X.reshape(-1, 1)")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused as such
        X = np.asarray(X, np.float32)
    return X, as_classes(where, y) if kind == "classification" else as_numbers(where, y, outputs)


def as_array(where: str, given: Any) -> np.ndarray:
    """Return a list, data frame, tensor or array as an array. Raise BadValue for anything that is none."""
    if isinstance(given, np.ma.MaskedArray):
        raise BadValue(f"{where} is a masked array: fill what is masked, or leave it out")
    if hasattr(given, "detach"):  # torch's, perhaps on a GPU
        given = given.detach().cpu()
    try:
        found = np.asarray(given)
    except ValueError as error:
        raise BadValue(f"{where}: the examples have different shapes; give all of them one shape ({error})") from error
    if found.ndim == 0:
        advice = ": use .toarray()" if hasattr(given, "toarray") else ""
        raise BadValue(f"{where} is no array of examples but a {type(given).__name__}{advice}")
    return found


def as_classes(where: str, y: np.ndarray) -> np.ndarray:
    """Return the classes as int64, (examples,). Raise BadValue for what are no numbers of classes."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise BadValue(f"{where}: y has shape {y.shape}; expected the class of each example, such as y.argmax(axis=1)")
    _refuse_no_numbers(
        f"{where}, y", y, "number the classes: classes, y = np.unique(y, return_inverse=True); Task(classes=classes)"
    )
    whole = y if y.dtype.kind in "iub" else np.where(np.isfinite(y), y, 0.5)
    if not np.array_equal(whole, np.floor(whole)):
        raise BadValue(
            f"{where}: y has numbers that are not whole, or NaN, and a class is 0, 1, ...; for numbers as answers give "
            "kind='regression'"
        )
    return np.asarray(y, np.int64)


def as_numbers(where: str, y: np.ndarray, outputs: int) -> np.ndarray:
    """Return numbers as float32, (examples, outputs); of one output, also from (examples,)."""
    _refuse_no_numbers(f"{where}, y", y, "turn each answer into a number first")
    y = y[:, None] if y.ndim == 1 and outputs == 1 else y
    with np.errstate(over="ignore"):
        return np.asarray(y, np.float32)


def _refuse_no_numbers(where: str, values: np.ndarray, advice: str) -> None:
    """Raise BadValue, with the class of the first value and what to do, for text, dates and objects."""
    if values.dtype.kind in "fiub":
        return
    first = type(values.flat[0]).__name__ if values.size else "nothing"
    raise BadValue(f"{where} is of type {values.dtype} (the first is {first}), and no array of numbers: {advice}")
