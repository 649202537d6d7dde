"""Ranks and rank correlation: how to compare scores that are on different scales."""

from collections.abc import Sequence

import numpy as np


def ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the rank of each value among all, from 0 (lowest) to 1 (highest): (values,).

    Equal values share their mean rank. A single value has the rank 0.5.
    """
    _, places, counts = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts / 2) / len(places))[places]


def rank_correlation(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> float:
    """Return Spearman's rank correlation, from -1 to 1; 0 if all values of one argument are equal, or for one value."""
    x, y = ranks(a) - 0.5, ranks(b) - 0.5
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size > 1e-12 else 0.0
