"""The figures of lesson 15, meta-learned architecture search.

Each function draws one figure and returns its axes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE
from nasedu.core.statistics import Z95, standard_error
from nasedu.plots.axes import MARKERS, new_axes


def comparison(found: Any, ways: Sequence[str]) -> Axes:
    """Draw the mean regret of some ways, warm and cold, with 95% intervals.

    Args:
        found: a `nasedu.meta.compare.Comparison`.
        ways: which of its ways to draw.
    """
    ax = new_axes(8, 4)
    steps = np.arange(1, found.evaluations + 1)
    shown = {way: found.regrets[way] for way in ways}
    places = {way: place for place, way in enumerate(found.regrets)}  # a way looks alike in all figures of a lesson
    for way, curves in shown.items():
        place = places[way]
        mean = curves[:, : len(steps)].mean(axis=0)
        half = Z95 * standard_error(curves[:, : len(steps)])
        mark = MARKERS[place % 5]
        (line,) = ax.plot(steps, mean, color=f"C{place}", marker=mark, markevery=(place % 6, 6), label=way)
        ax.fill_between(steps, mean - half, mean + half, color=line.get_color(), alpha=0.15, linewidth=0)
    highest = max(float(curves.mean(axis=0).max()) for curves in shown.values())
    ax.set(xlabel="different networks evaluated", ylabel="regret (mean, 95% interval)", title=found.task)
    ax.set(yscale="log", ylim=(highest / 300, highest * 1.5))  # a logarithmic axis has no place for 0
    ax.legend(ncols=2, fontsize=8)
    return ax


def gains(alike: np.ndarray, gained: np.ndarray) -> Axes:
    """Draw for each pair of tasks their rank correlation, and the gain from copying networks from one to the other."""
    ax = new_axes(7, 3.4)
    pairs = ~np.eye(len(alike), dtype=bool)
    ax.scatter(alike[pairs], gained[pairs], s=16, color=BLUE, alpha=0.7)
    ax.axhline(0, color="black", linestyle=":")
    ax.set(xlabel="rank correlation of source and target", ylabel="best of 10 copied,\nminus best of 10 drawn")
    return ax
