"""The figures of lesson 03, the loop.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from nasedu.plots.axes import new_axes


def hits(shares: Sequence[float], draws: int = 120) -> Axes:
    """Draw the probability of at least one hit against the number of draws, a line for each share of good networks."""
    ax = new_axes(7, 3)
    numbers = np.arange(1, draws + 1)
    for share in shares:
        ax.plot(numbers, 1 - (1 - share) ** numbers, label=f"the best {share:.0%}")
    ax.axhline(0.95, color="black", linestyle=":", label="0.95")
    ax.set(xlabel="draws", ylabel="probability of at least one hit")
    ax.legend()
    return ax


def marks(places: Mapping[str, Sequence[int]]) -> Axes:
    """Mark which networks of a list each search evaluated: a row of marks for each search."""
    ax = new_axes(7, 1.6)
    for row, numbers in enumerate(places.values()):
        ax.scatter(numbers, [row] * len(numbers), marker="|", s=200)
    ax.set(yticks=range(len(places)), yticklabels=places, ylim=(-0.6, len(places) - 0.4))
    ax.set_xlabel("number of the network in the list")
    return ax
