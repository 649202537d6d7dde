"""How far off a mean may be: the one formula that races, reports, figures and exercises use."""

import numpy as np

Z95 = 1.96
"""Standard errors to each side of a mean that hold the true one in 95 of 100 cases: the normal approximation."""


def standard_error(values: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over the first axis, s / sqrt(n) with n - 1 under s: (...,).

    Args:
        values: one row for each run, (runs, ...).

    Returns:
        NaN for a single run, which says nothing about the next.
    """
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(axis=0, ddof=1) / len(values) ** 0.5)
