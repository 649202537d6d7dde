"""What every picture of a race needs, in numbers: middles and bands."""

import numpy as np

from nasedu.core.statistics import Z95, standard_error

BANDS = {
    "error": "mean ± standard error",
    "interval": "mean and its 95% interval",
    "quartiles": "median and middle half",
}
HALF_WIDTHS = {"error": 1.0, "interval": Z95}


def statistics(curves: np.ndarray, band: str) -> np.ndarray:
    """Return (lower edge, middle, upper edge) of a band after each evaluation, from curves of (seeds, evaluations)."""
    if band == "quartiles":
        return np.quantile(curves, (0.25, 0.5, 0.75), axis=0)
    mean = curves.mean(axis=0)
    half = HALF_WIDTHS[band] * np.nan_to_num(standard_error(curves))  # a single run has no band
    return np.stack([mean - half, mean, mean + half])
