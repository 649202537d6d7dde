"""Ranks and rank correlation: how to compare scores that are on different scales."""

from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

import numpy as np

ROUNDING = 1e-9
"""Relative difference of two computed values that means nothing."""


def ranks(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the rank of each value among all, from 0 (lowest) to 1 (highest): (values,).

    Equal values share their mean rank. A single value has the rank 0.5.
    """
    _, places, counts = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((ends - counts / 2) / len(places))[places]


def normal_scores(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the quantiles of a standard normal distribution at the ranks of the values, in their order: (values,)."""
    return np.array([_quantile(rank) for rank in ranks(values).tolist()])


@cache
def _quantile(rank: float) -> float:
    return NormalDist().inv_cdf(rank)


def first_best(values: np.ndarray) -> int:
    """Return the place of the highest value; of values that are equal but for rounding, the first.

    Sums of products differ in their last digits from one processor to the next, and a tie would be decided by them.
    """
    top = float(values.max())
    return int((values >= top - ROUNDING * abs(top)).argmax()) if np.isfinite(top) else int(values.argmax())


def rank_correlation(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> float:
    """Return Spearman's rank correlation, from -1 to 1; 0 if all values of one argument are equal, or for one value."""
    x, y = ranks(a) - 0.5, ranks(b) - 0.5
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum()) / size if size > 1e-12 else 0.0


def kendall_tau(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> float:
    """Return Kendall's tau-b, from -1 to 1: of all pairs, the share in one order less that in opposite orders.

    Pairs that are equal in one of the two count in neither; the divisor is the geometric mean of the pairs that differ
    in `a` and of those that differ in `b` (Kendall, "The Treatment of Ties in Ranking Problems", Biometrika 33, 1945).
    0 if all values of one argument are equal.
    """
    x, y = (np.asarray(values, dtype=float) for values in (a, b))
    above = np.triu_indices(len(x), 1)
    one, other = (np.sign(values[:, None] - values[None, :])[above] for values in (x, y))
    differ = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / differ if differ else 0.0
