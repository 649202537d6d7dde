"""What gives the answer away, and what no network can know: columns that tell it alone, and rows that contradict."""

from collections.abc import Mapping

import numpy as np

from nasedu.tasks.table.cells import Cells, Texts, numbers_of
from nasedu.tasks.table.sorts import Sort

LEAST_BLOCK = 10
"""Rows for each class from which it is no chance that a number has the classes in blocks."""

SAME, NEARLY_SAME = 1 - 1e-9, 0.9999
"""A number with this correlation with the answer is the answer in other units, or rounded."""


def best_possible(groups: np.ndarray, y: np.ndarray) -> float:
    """Return the highest accuracy that is possible: rows of one group have equal features, and get one answer."""
    pairs, counts = np.unique(np.stack([groups, y]), axis=1, return_counts=True)
    most = np.zeros(int(groups.max()) + 1, np.int64)
    np.maximum.at(most, pairs[0], counts)
    return float(most.sum() / len(y))


def tell_tales(columns: Mapping[str, Cells], sorts: Mapping[str, Sort], y: np.ndarray, classes: bool) -> list[str]:
    """Return a sentence for each column that gives the answer away.

    For classes: each of its values comes twice or more on average, and has one answer only. For numbers: it is the
    answer itself, or a fixed multiple of it.
    """
    told = []
    for name, cells in columns.items():
        sort = sorts[name]
        if sort.reason:
            continue
        codes, there = _codes(cells)
        numbers = numbers_of(cells, sort.numbers) if sort.numbers else None
        if classes and _decides(codes[there], y[there]):
            many = len(np.unique(codes[there]))
            told.append(
                f"{name!r} tells the answer by itself: each of its {many} values has one answer; if it is not known "
                "before the answer is, remove it"
                + (f", and if its rows belong together, divide by it (:by {name})" if many > 2 * len(set(y)) else "")
            )
        elif not classes and numbers is not None and _correlation(numbers, y) > SAME:
            told.append(f"{name!r} is the answer itself, in other units perhaps; remove it")
    return told


def hints(columns: Mapping[str, Cells], sorts: Mapping[str, Sort], y: np.ndarray, classes: bool) -> list[str]:
    """Return a sentence for each column of numbers that may give the answer away.

    For classes: each of them is an interval of it, as of a score and "passed". For numbers: it is nearly the answer.
    """
    told = []
    for name, cells in columns.items():
        notation = sorts[name].numbers
        if notation is None or sorts[name].reason:
            continue
        numbers = numbers_of(cells, notation)
        if classes and _in_blocks(numbers, y):
            told.append(f"in the order of {name!r} each answer is one block of rows")
        elif not classes and SAME > _correlation(numbers, y) > NEARLY_SAME:
            told.append(f"{name!r} is nearly the answer itself, rounded perhaps")
    return [f"{one}; if it is not known before the answer is, remove it" for one in told]


def _codes(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the number of its value, and whether there is one."""
    if isinstance(cells, Texts):
        return cells.codes, ~cells.empty
    return np.unique(cells, return_inverse=True)[1], ~np.isnan(cells)


def _in_blocks(numbers: np.ndarray, y: np.ndarray) -> bool:
    """Return whether the classes are intervals of a number, as of a score and what is passed with it."""
    there = np.isfinite(numbers)
    x, y = numbers[there], y[there]
    if len(x) < LEAST_BLOCK * len(np.unique(y)):
        return False
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    changes = np.flatnonzero(np.diff(y))
    return len(changes) == len(np.unique(y)) - 1 and bool((x[changes] < x[changes + 1]).all())


def _decides(codes: np.ndarray, y: np.ndarray) -> bool:
    """Return whether each of several values has one answer, although it comes twice or more on average."""
    different = len(np.unique(codes))
    if different < 2 or 2 * different > len(codes):
        return False
    return np.unique(np.stack([codes, y]), axis=1).shape[1] == different


def _correlation(numbers: np.ndarray, y: np.ndarray) -> float:
    there = np.isfinite(numbers)
    x, y = numbers[there], y[there]
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        return 0.0
    return float(abs(np.mean((x - x.mean()) * (y - y.mean())) / (x.std() * y.std())))
