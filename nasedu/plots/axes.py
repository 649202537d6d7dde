"""What every picture here is drawn with: new axes, a tidy frame, texts in the cells of an image."""

from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.core.spacing import spread_out

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


def name_lines(ax: Axes) -> None:
    """Write the label of each line at its right end, in its colour and moved apart, in place of a legend.

    Call it when the axes have their limits. A line that crosses the axes (`axhline`) is named at their right edge.
    """
    if legend := ax.get_legend():
        legend.remove()
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    ax.figure.canvas.figure.draw_without_rendering()  # pixels are known only after the layout
    drawn = [line.get_transform().transform_path(line.get_path()) for line in lines]
    ends = np.array([np.asarray(path.vertices)[-1, 1] for path in drawn])
    order, frame = ends.argsort(kind="stable"), ax.get_window_extent()
    gap = 1.3 * plt.rcParams["font.size"] * ax.figure.dpi / 72
    look: dict[str, Any] = {"va": "center", "weight": "bold", "annotation_clip": False}
    for place, height in zip(order, spread_out(ends[order], gap), strict=True):
        line, at = lines[place], (1, (height - frame.y0) / frame.height)
        ax.annotate(line.get_label(), at, (8, 0), "axes fraction", "offset points", color=line.get_color(), **look)


def tidy(ax: Axes) -> Axes:
    """Return the same axes with a pale grid, and without the two sides of the frame that carry no numbers."""
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def in_cell(ax: Axes, cell: tuple[int, ...], text: str, size: float, dark: bool) -> None:
    """Write a text in the middle of a cell (row, column) of an image: white on a dark cell, black on any other."""
    row, column = cell
    ax.text(column, row, text, ha="center", va="center", size=size, color="white" if dark else "black")
