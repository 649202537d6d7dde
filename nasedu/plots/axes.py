"""What every picture here is drawn with: new axes, a tidy frame, texts in the cells of an image."""

from matplotlib import pyplot as plt
from matplotlib.axes import Axes

MARKERS = "os^Dv"
"""Markers distinguish lines where colour alone does not."""


def new_axes(width: float, height: float) -> Axes:
    """Return the only axes of a new figure of this size, in inches."""
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


ABOVE_LEGEND = 24
"""The distance in points between the axes and a title above such a legend."""


def legend_above(ax: Axes) -> None:
    """Draw a legend in one row above the axes, where it covers no data."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.2)


def tidy(ax: Axes) -> Axes:
    """Return the same axes with a pale grid, and without the two sides of the frame that carry no numbers."""
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def in_cell(ax: Axes, cell: tuple[int, ...], text: str, size: float, dark: bool) -> None:
    """Write a text in the middle of a cell (row, column) of an image: white on a dark cell, black on any other."""
    row, column = cell
    ax.text(column, row, text, ha="center", va="center", size=size, color="white" if dark else "black")
