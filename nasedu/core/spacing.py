"""Room for names at the ends of lines: heights moved apart, so that no name covers another one."""

import numpy as np


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
