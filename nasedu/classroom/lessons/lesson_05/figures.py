"""The figures of lesson 05, policy gradients.

Each function draws one figure. It returns the axes, or the figure if it has several axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nasedu import plots
from nasedu.classroom.claims import interval
from nasedu.classroom.lessons.lesson_05.recording import RIVALS
from nasedu.core.palette import BLUE, LINES, ORANGE, RED, methods
from nasedu.core.themes import GREY
from nasedu.plots.axes import legend_above, new_axes, tidy

SIZE = 12
"""Of texts, in points: a figure is read from the last row of a lecture hall, too."""
COLOURS = dict(zip(RIVALS, methods(list(RIVALS)), strict=True))
"""Of the lines of a race: the same in each figure, whoever takes part."""


def clouds(estimates: Mapping[str, Mapping[int, np.ndarray]], exact: Sequence[float], names: Sequence[str]) -> Figure:
    """Draw estimates of two numbers of a gradient as dots: a row for each way, a column for each number of samples.

    Args:
        estimates: by way, then by number of samples; (repeats, 2).
        exact: the two true numbers. names: of the two choices.
    """
    counts = list(next(iter(estimates.values())))
    look: dict[str, Any] = {"sharex": True, "sharey": True, "layout": "constrained", "squeeze": False}
    figure, axes = plt.subplots(len(estimates), len(counts), figsize=(9, 2.8 * len(estimates)), **look)
    for row, way, colour in zip(axes, estimates, (ORANGE, BLUE), strict=True):
        for ax, count in zip(row, counts, strict=True):
            ax.scatter(*estimates[way][count].T, s=10, alpha=0.4, color=colour, linewidth=0)
            ax.plot(*exact, "+", color="black", markersize=16, markeredgewidth=2)
            ax.set_title(f"{way}, {count:,} sample{'s' if count > 1 else ''}", size=SIZE)
            tidy(ax).tick_params(labelsize=SIZE - 2)
    for ax in axes[-1]:
        ax.set_xlabel(f"logit of {names[0]}", size=SIZE)
    for ax in axes[:, 0]:
        ax.set_ylabel(f"logit of {names[1]}", size=SIZE)
    return figure


def own_sample(counts: Sequence[int], own: Sequence[Any], others: Sequence[Any]) -> Axes:
    """Draw which share of the exact gradient each baseline gives on average, over the size of the batch."""
    ax = new_axes(7, 3.4)
    for values, colour, label, marker in (
        (others, BLUE, "mean of the others", "o"),
        (own, RED, "own reward in it", "s"),
    ):
        means, halves = [one.mean for one in values], [one.half for one in values]
        look: dict[str, Any] = {"color": colour, "label": label, "capsize": 4, "markersize": 7, "linestyle": "none"}
        ax.errorbar(counts, means, yerr=halves, fmt=marker, **look)
    smooth = np.linspace(counts[0], counts[-1], 100)
    ax.plot(smooth, (smooth - 1) / smooth, color=GREY, linestyle=":", linewidth=2, label="(n − 1)/n")
    ax.axhline(1, color=GREY, linewidth=1)
    ax.set_xticks(counts)
    ax.set_xlabel("networks in a batch, n", size=SIZE)
    ax.set_ylabel("share of the exact gradient", size=SIZE)
    legend_above(ax)
    return tidy(ax)


def certainty(found: Mapping[str, np.ndarray], ylabels: Sequence[str], every: int) -> Figure:
    """Draw how policies change while they draw: one panel for each measure, a mean and a band for each setting.

    Args:
        found: by setting, (seeds, measures, times).
        every: draws between two times.
    """
    figure, axes = plt.subplots(1, len(ylabels), figsize=(9.5, 3.2), layout="constrained")
    for panel, (ax, ylabel) in enumerate(zip(axes, ylabels, strict=True)):
        for (label, runs), colour in zip(found.items(), LINES, strict=False):
            x = [every * time for time in range(runs.shape[-1])]
            plots.band(x, [interval(column) for column in runs[:, panel].T], ax=ax, label=label, color=colour)
        ax.set_xlabel("networks drawn", size=SIZE)
        ax.set_ylabel(ylabel, size=SIZE)
        if panel:
            ax.get_legend().remove()
    return figure


def races(found: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """Draw the mean regret of each method over the number of networks, with its 95% interval: a panel for each task.

    Args:
        found: by task, then by method, (seeds, networks).
    """
    figure, axes = _grid(len(found), 2.6)
    for ax, (task, by_method) in zip(axes, found.items(), strict=True):
        for method, runs in by_method.items():
            colour = COLOURS[method]
            x, ends = np.arange(1, runs.shape[1] + 1), [interval(column) for column in runs.T]
            ax.plot(x, [one.mean for one in ends], color=colour, label=method, linewidth=2)
            ax.fill_between(x, [o.low for o in ends], [o.high for o in ends], color=colour, alpha=0.2, linewidth=0)
        ax.set_yscale("log")
        ax.set_ylim(bottom=0.5 * min(runs[:, -1].mean() for runs in by_method.values()))  # no band to minus infinity
        ax.set_title(task, size=SIZE, loc="left")
        tidy(ax).tick_params(labelsize=SIZE - 2, which="both")
        ax.set_xlabel("networks", size=SIZE)
        ax.set_ylabel("regret", size=SIZE)
    look: dict[str, Any] = {"loc": "outside upper left", "ncols": 3, "frameon": False, "fontsize": SIZE}
    figure.legend(*axes[0].get_legend_handles_labels(), **look)
    return figure


def panels(found: Mapping[str, Mapping[str, Any]], xlabel: str) -> Figure:
    """Draw a panel for each table, with a row and an interval for each method, and a dotted line at zero."""
    figure, axes = _grid(len(found), 1 + 0.35 * max(map(len, found.values())))
    for ax, (task, by_method) in zip(axes, found.items(), strict=True):
        plots.whiskers(by_method, ax, "lead").legend().remove()  # one colour: a row is a difference of two methods
        ax.axvline(0, color=GREY, linestyle=":", linewidth=2)
        ax.set_title(task, size=SIZE, loc="left")
        ax.locator_params(axis="x", nbins=4)
        ax.tick_params(labelsize=SIZE - 2)
    figure.supxlabel(xlabel, size=SIZE)
    return figure


def _grid(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels in at most two columns, each of this height in inches."""
    rows, columns = (count + 1) // 2, min(count, 2)
    size = (4.8 * columns, height * rows) if count > 1 else (7, 1.4 * height)
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
    for ax in axes.flat[count:]:
        ax.remove()
    return figure, list(axes.flat[:count])


def rows(found: Mapping[str, Any], xlabel: str) -> Axes:
    """Draw an interval for each name, one below the other, with a dotted line at zero."""
    ax = plots.whiskers(found)
    ax.axvline(0, color=GREY, linestyle=":", linewidth=2)
    ax.set_xlabel(xlabel, size=SIZE)
    return ax
