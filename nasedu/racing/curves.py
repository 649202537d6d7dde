"""What every picture of a race needs, in numbers: colours, middles and bands, and room for names next to the lines."""

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


def spread_out(heights: np.ndarray, gap: float) -> np.ndarray:
    """Return rising heights moved apart to at least `gap`, each as near to where it was as its group allows."""
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while len(groups) > 1 and _centred(groups[-1], gap)[0] - _centred(groups[-2], gap)[-1] < gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    return np.concatenate([_centred(group, gap) for group in groups]) if groups else heights


def _centred(group: list[float], gap: float) -> np.ndarray:
    """The heights of a group, `gap` apart, around the mean of where they were."""
    return np.mean(group) + gap * (np.arange(len(group)) - (len(group) - 1) / 2)
