"""The figures of lesson 03, the loop.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import LINES, methods
from nasedu.core.themes import GREY
from nasedu.plots.axes import new_axes, tidy


def hits(shares: Sequence[float], draws: Sequence[int], counted: Sequence[float]) -> Axes:
    """Draw the probability of at least one hit over the number of draws, and dots where it was counted.

    Args:
        shares: the share of good networks for each line.
        draws: the numbers of draws at which searches were counted; the last one ends the axis.
        counted: the counted share of searches with a hit, for the first line.
    """
    ax = new_axes(8, 3.6)
    numbers = np.arange(1, max(draws) + 1)
    for share, colour in zip(shares, LINES, strict=False):
        heights = 1 - (1 - share) ** numbers
        ax.plot(numbers, heights, color=colour, linewidth=2.5, label=f"the best {share:.0%}")
        ax.annotate(
            f"the best {share:.0%}",
            (numbers[-1], heights[-1]),
            (8, 0),
            textcoords="offset points",
            size=13,
            color=colour,
            va="center",
        )
    ax.scatter(draws, counted, s=60, color=LINES[0], zorder=3, label="counted")
    ax.axhline(0.95, color=GREY, linestyle=":", linewidth=1.5)
    ax.set(xlim=(0, max(draws)), ylim=(0, 1.06), yticks=(0, 0.25, 0.5, 0.75, 0.95))
    ax.set_xlabel("draws", size=13)
    ax.set_ylabel("probability of a hit", size=13)
    ax.tick_params(labelsize=12)
    return tidy(ax)


def marks(places: Mapping[str, Sequence[int]]) -> Axes:
    """Mark which networks of a list each search evaluated: a row of marks for each search."""
    ax = new_axes(8, 1.9)
    colours = methods(list(places))
    for row, (numbers, colour) in enumerate(zip(places.values(), colours, strict=True)):
        ax.scatter(numbers, [row] * len(numbers), marker="|", s=700, linewidth=3, color=colour)
    ax.set(yticks=range(len(places)), ylim=(len(places) - 0.4, -0.6))
    ax.set_yticklabels(places, size=13)
    ax.set_xlabel("number of the network in the list", size=12)
    ax.spines[["top", "right", "left"]].set_visible(False)
    return ax
