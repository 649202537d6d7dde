"""What gives the answer away, and what no network can know: columns that tell it alone, and rows that contradict."""

from collections.abc import Mapping

import numpy as np

from nasedu.tasks.table.cells import Cells, Texts, numbers_of
from nasedu.tasks.table.sorts import Sort


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
        codes = cells.codes if isinstance(cells, Texts) else np.unique(cells, return_inverse=True)[1]
        if classes and _decides(codes, y):
            many = len(np.unique(codes))
            told.append(
                f"{name!r} tells the answer by itself: each of its {many} values has one answer; if it is not known "
                "before the answer is, remove it"
                + (f", and if its rows belong together, divide by it (:by {name})" if many > 2 * len(set(y)) else "")
            )
        elif not classes and sort.numbers and _is_multiple(numbers_of(cells, sort.numbers), y):
            told.append(f"{name!r} is the answer itself, in other units perhaps; remove it")
    return told


def _decides(codes: np.ndarray, y: np.ndarray) -> bool:
    """Return whether each of several values has one answer, although it comes twice or more on average."""
    different = len(np.unique(codes))
    if different < 2 or 2 * different > len(codes):
        return False
    return np.unique(np.stack([codes, y]), axis=1).shape[1] == different


def _is_multiple(numbers: np.ndarray, y: np.ndarray) -> bool:
    there = np.isfinite(numbers)
    x, y = numbers[there], y[there]
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        return False
    return bool(abs(np.mean((x - x.mean()) * (y - y.mean())) / (x.std() * y.std())) > 1 - 1e-9)
