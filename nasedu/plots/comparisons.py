"""Plots that compare a few searches or methods: their runs, their differences, bars in groups."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import methods, methods_or_one
from nasedu.plots.axes import new_axes
from nasedu.plots.intervals import whiskers

HATCHES = ("", "//", "..", "xx")


def runs(values: Mapping[str, Sequence[float]], xlabel: str, best: float | None = None) -> Axes:
    """Draw every run as a dot, one row for each name; a dotted line marks the best score."""
    ax = new_axes(7, 0.9 + 0.5 * len(values))
    for row, (numbers, colour) in enumerate(zip(values.values(), methods_or_one(list(values)), strict=True)):
        ax.scatter(numbers, row + np.linspace(-0.25, 0.25, len(numbers)), s=18, color=colour)
        ax.scatter(np.mean(numbers), row, marker="|", s=400, color="black", linewidth=2)
    if best is not None:
        ax.axvline(best, color="black", linestyle=":")
    ax.set(yticks=range(len(values)), yticklabels=values, ylim=(len(values) - 0.5, -0.5), xlabel=xlabel)
    return ax


def leads(intervals: Mapping[str, Any], xlabel: str) -> Axes:
    """Draw the lead of one method over another, one row for each task, the smallest first; a dotted line marks zero."""
    ax = whiskers(dict(sorted(intervals.items(), key=lambda pair: pair[1].mean)))
    ax.axvline(0, color="black", linestyle=":")
    ax.set_xlabel(xlabel)
    return ax


def grouped_bars(values: Mapping[str, Sequence[float]], names: Sequence[Any], xlabel: str, ylabel: str) -> Axes:
    """Draw groups of bars: for each name one bar of every set; hatching distinguishes the sets too."""
    ax = new_axes(max(6, 1.9 * len(names)), 3)
    width = 0.8 / len(values)
    for place, ((label, heights), colour) in enumerate(zip(values.items(), methods(list(values)), strict=True)):
        x = np.arange(len(names)) + width * (place - (len(values) - 1) / 2)
        ax.bar(x, heights, width, color=colour, label=label, hatch=HATCHES[place % 4], edgecolor="white")
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xticks=range(len(names)), xticklabels=names, xlabel=xlabel, ylabel=ylabel)
    ax.legend(ncols=len(values), loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax
