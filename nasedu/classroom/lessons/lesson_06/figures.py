"""The figures of lesson 06, evolution and swarms.

Each function draws one figure. It returns the axes, or the figure if it has several axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nasedu import plots
from nasedu.core.palette import BLUE, ORANGE, methods
from nasedu.plots.axes import in_cell, new_axes, tidy

SIZE = 13
"""Of texts, in points: a figure is read from the last row of a lecture hall, too."""


def pressure(samples: Sequence[int], expected: Sequence[float], counted: Sequence[float]) -> Axes:
    """Draw how probable it is that the best member is the parent, by formula (line) and by simulation (dots)."""
    ax = new_axes(7.5, 3.2)
    ax.plot(samples, expected, color=BLUE, linewidth=2.5, label="formula")
    ax.plot(samples, counted, "o", color=ORANGE, markersize=8, label="counted")
    ax.set(ylim=(0, 1.03), xticks=list(samples))
    ax.set_xlabel("members drawn for a tournament, of 10", size=SIZE)
    ax.set_ylabel("the best is the parent", size=SIZE)
    ax.legend(loc="lower right", fontsize=SIZE)
    return _large(tidy(ax))


def deaths(leads: Mapping[str, Mapping[str, Any]]) -> Axes:
    """Draw leads with their intervals: for each kind of reward a set of rows, one row for each task.

    Args:
        leads: by kind of reward, then by task, each with `mean` and `half`.
    """
    ax = new_axes(8, 4.2)
    for label, by_task in leads.items():
        plots.whiskers(by_task, ax, label)
    ax.axvline(0, color="black", linestyle=":")
    ax.set_xlabel("lead of ageing over elitism (regret, 95% interval)", size=SIZE)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(leads), frameon=False, fontsize=SIZE - 1)
    return _large(ax)


def panels(found: Mapping[str, Mapping[str, Any]], xlabel: str, zero: bool = True) -> Figure:
    """Draw a panel for each task, with a row and an interval for each method."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 1.5 + 0.75 * len(next(iter(found.values())))), layout="constrained")
    for ax, (task, by_method) in zip(axes.flat, found.items(), strict=True):
        plots.whiskers(by_method, ax)
        ax.set_title(task, size=SIZE, loc="left")
        if zero:
            ax.axvline(0, color="black", linestyle=":")
        _large(ax)
    figure.supxlabel(xlabel, size=SIZE)
    return figure


def sweep(swept: Mapping[str, Mapping[tuple[int, int], np.ndarray]]) -> Figure:
    """Draw the mean regret for each population (rows) and sample (columns), a map for each task: darker is worse."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 4.2), layout="constrained")
    for ax, (task, regret) in zip(axes.flat, swept.items(), strict=True):
        populations, samples = (sorted({key[place] for key in regret}) for place in (0, 1))
        grid = np.array([[regret[p, s].mean() for s in samples] for p in populations])
        ax.imshow(grid, cmap="Blues", aspect="auto")
        middle = (grid.min() + grid.max()) / 2
        for cell, value in np.ndenumerate(grid):
            in_cell(ax, cell, f"{value:.3f}", size=SIZE, dark=value > middle)
        ax.set_xticks(range(len(samples)), samples)
        ax.set_yticks(range(len(populations)), populations)
        ax.set_xlabel("sample", size=SIZE)
        ax.set_ylabel("population", size=SIZE)
        ax.set_title(f"{task}: mean regret", size=SIZE, loc="left")
        ax.spines[:].set_visible(False)
        _large(ax)
    return figure


def duel(leads: Mapping[str, Mapping[int, Any]]) -> Figure:
    """Draw the lead of evolution over REINFORCE by the number of networks: a panel for each table."""
    rows = (len(leads) + 1) // 2
    figure, axes = plt.subplots(rows, 2, figsize=(9.2, 2.2 * rows), layout="constrained", squeeze=False)
    (colour,) = methods(["regularized-evolution"])
    for ax in axes.flat[len(leads) :]:
        ax.remove()
    for ax, (name, found) in zip(axes.flat, leads.items(), strict=False):
        plots.band(list(found), list(found.values()), ax=ax, color=colour)
        ax.axhline(0, color="black", linestyle=":")
        ax.set_title(name, size=SIZE, loc="left")
        _large(ax)
    figure.supxlabel("networks evaluated", size=SIZE)
    figure.supylabel("lead of evolution over REINFORCE (regret)", size=SIZE)
    return figure


def _large(ax: Axes) -> Axes:
    ax.tick_params(labelsize=SIZE - 1)
    return ax
