"""Means with their uncertainty: a band along an axis, or one row with whiskers for each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from nasedu.core.palette import LINES, METHODS, methods_or_one
from nasedu.plots.axes import MARKERS, new_axes, tidy


def band(
    x: Sequence[float],
    intervals: Sequence[Any],
    ax: Axes | None = None,
    label: str | None = None,
    color: str | None = None,
) -> Axes:
    """Draw means as a line, with their uncertainty as a band.

    Args:
        x: where each of them was measured.
        intervals: each with `mean`, `low` and `high`, such as `nasedu.classroom.interval(values)`.
        label: for the legend, if several bands share the axes.
        color: by default that of a method, if the label is one, or else the next of matplotlib's.
    """
    ax = ax or new_axes(6, 3.2)
    color = color or METHODS.get(label or "")
    (line,) = ax.plot(x, [one.mean for one in intervals], marker="o", markersize=5, color=color, label=label)
    low, high = [one.low for one in intervals], [one.high for one in intervals]
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if label:
        ax.legend(loc="best")
    return tidy(ax)


def whiskers(intervals: Mapping[str, Any], ax: Axes | None = None, label: str | None = None) -> Axes:
    """Draw means with their uncertainty, one row for each; a second call on the same axes draws slightly lower.

    Args:
        intervals: by name, each with `mean` and `half`, such as `nasedu.classroom.interval(values)`.
        label: for the legend, if several sets share the axes.
    """
    ax = ax or new_axes(7, min(1 + 0.5 * len(intervals), 2.5 + 0.25 * len(intervals)))
    drawn = sum(isinstance(artist, PathCollection) for artist in ax.collections)
    rows = np.arange(len(intervals)) + 0.22 * drawn
    means, halves = [one.mean for one in intervals.values()], [one.half for one in intervals.values()]
    colour = METHODS.get(label or "", LINES[drawn % len(LINES)])
    colours: Any = [colour] * len(rows) if label else methods_or_one(list(intervals), colour)
    for mean, row, half, one in zip(means, rows, halves, colours, strict=True):  # caps take one colour a call
        ax.errorbar(mean, row, xerr=half, fmt="none", capsize=4, ecolor=one, elinewidth=2)
    ax.scatter(means, rows, s=40, color=colours, marker=MARKERS[drawn % len(MARKERS)], label=label, zorder=3)
    ax.set(yticks=np.arange(len(intervals)), yticklabels=intervals, ylim=(len(intervals) - 0.4, -0.5))
    if label:
        ax.legend(loc="best")
    return tidy(ax)
