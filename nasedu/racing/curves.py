"""What every picture of a race needs, in numbers: colours, middles and bands, and room for names beside the lines."""

import numpy as np

from nasedu.core.statistics import Z95, standard_error

BANDS = {
    "error": "mean ± standard error",
    "interval": "mean and its 95% interval",
    "quartiles": "median and middle half",
}
HALF_WIDTHS = {"error": 1.0, "interval": Z95}


def statistics(curves: np.ndarray, band: str) -> np.ndarray:
    """(lower edge, middle, upper edge) after each evaluation, from (seeds, evaluations)."""
    if band == "quartiles":
        return np.quantile(curves, (0.25, 0.5, 0.75), axis=0)
    mean = curves.mean(axis=0)
    half = HALF_WIDTHS[band] * np.nan_to_num(standard_error(curves))  # a single run has no band
    return np.stack([mean - half, mean, mean + half])


def spread_out(heights: np.ndarray, gap: float) -> np.ndarray:
    """Rising heights moved apart to at least `gap`, each as near to where it was as its crowd allows."""
    crowds: list[list[float]] = []
    for height in heights:
        crowds.append([height])
        while len(crowds) > 1 and centre(crowds[-1], gap)[0] - centre(crowds[-2], gap)[-1] < gap:
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    return np.concatenate([centre(crowd, gap) for crowd in crowds]) if crowds else heights


def centre(crowd: list[float], gap: float) -> np.ndarray:
    """So many places, `gap` apart, around the middle of where the crowd wants to be."""
    return np.mean(crowd) + gap * (np.arange(len(crowd)) - (len(crowd) - 1) / 2)
