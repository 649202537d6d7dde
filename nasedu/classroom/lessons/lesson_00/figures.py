"""The figure of lesson 00, a search in ten minutes."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import GREY, methods
from nasedu.plots.axes import new_axes, tidy


def landscape(scores: np.ndarray, marks: Mapping[str, float]) -> Axes:
    """Draw how many networks of a table have which score, with a named line for each mark; return the axes."""
    ax = new_axes(7, 3)
    ax.hist(scores, bins=np.linspace(scores.min(), scores.max(), 50).tolist(), color=GREY)
    top = ax.get_ylim()[1]
    for (name, score), colour in zip(marks.items(), methods(list(marks)), strict=True):
        ax.axvline(score, color=colour, linewidth=3)
        ax.annotate(
            f"{name}: {score:.0%}",
            (score, top),
            (-5, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            color=colour,
            weight="bold",
            size=13,
        )
    ax.set(xlabel="share of images counted right", ylabel="networks")
    return tidy(ax)
