"""The figures of lesson 08, a fair race.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.classroom.claims import interval
from nasedu.core.palette import BLUE, GREY, ORANGE, methods
from nasedu.plots import band
from nasedu.plots.axes import name_lines, new_axes, tidy


def humps(values: Mapping[str, np.ndarray], xlabel: str) -> Axes:
    """Draw histograms one above the other, on the same axes, with a line at the mean of each; name the tallest bar."""
    size = (7.5, 1.9 * len(values))
    _, panels = plt.subplots(
        len(values), 1, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    bins = np.linspace(0, max(float(np.max(numbers)) for numbers in values.values()), 20)
    for ax, (name, numbers), colour in zip(panels[:, 0], values.items(), methods(list(values)), strict=True):
        counts, _, bars = ax.hist(numbers, bins.tolist(), color=colour, alpha=0.55, rwidth=0.92)
        ax.axvline(np.mean(numbers), color=colour, linewidth=3)
        words = f"{name}: mean {np.mean(numbers):.3f}"
        ax.text(0.99, 0.9, words, transform=ax.transAxes, ha="right", va="top", color=colour, weight="bold")
        tallest = max(counts)
        ax.bar_label(bars, [f"{count:.0f}" if count == tallest else "" for count in counts], weight="bold")
        ax.set_ylabel(f"of {len(numbers)} seeds")
        tidy(ax).margins(y=0.2)
    panels[-1, 0].set_xlabel(xlabel)
    axes: Axes = panels[-1, 0]
    return axes


def seeds_needed(holds: Mapping[int, float], sees: Mapping[int, float]) -> Axes:
    """Draw how often an interval from n seeds contains the true lead, and how often it lies above zero."""
    ax = new_axes(7.5, 3.4)
    ax.axhline(0.95, color=GREY, linestyle=":", label="promised: 95%")
    ax.plot(list(holds), list(holds.values()), marker="o", color=BLUE, linewidth=2.5, label="holds the true lead")
    ax.plot(list(sees), list(sees.values()), marker="s", color=ORANGE, linewidth=2.5, label="shows who is better")
    ax.set(xscale="log", ylim=(0, 1.05), xlabel="seeds", ylabel="share of intervals")
    ax.set_xticks(list(holds), [str(n) for n in holds])
    ax.minorticks_off()
    name_lines(ax)
    return tidy(ax)


def flattered(tasks: Sequence[str], by_test: np.ndarray, by_validation: np.ndarray) -> Axes:
    """Draw how much a reported test score exceeds others of its network, for two ways to choose it.

    Args:
        by_test, by_validation: (searches, tasks).
    """
    ax = new_axes(7.5, 1.2 + 0.26 * len(tasks))
    order = by_test.mean(axis=0).argsort(kind="stable")
    for found, colour, marker, words, side in (
        (by_validation, BLUE, "s", "chosen by validation", "right"),
        (by_test, ORANGE, "o", "chosen by the test set", "left"),
    ):
        ends = [interval(found[:, place]) for place in order]
        means, halves = [one.mean for one in ends], [one.half for one in ends]
        rows = np.arange(len(tasks)) + (0.15 if side == "left" else -0.15)
        ax.errorbar(means, rows, xerr=halves, fmt=marker, color=colour, capsize=3)
        ax.annotate(f" {words} ", (means[-1], len(tasks) - 0.4), color=colour, weight="bold", ha=side, va="bottom")
    ax.axvline(0, color=GREY, linestyle=":")
    ax.set(yticks=range(len(tasks)), yticklabels=[tasks[place] for place in order], ylim=(-0.6, len(tasks) + 0.5))
    ax.set_xlabel("reported test score, minus that of two other trainings")
    return tidy(ax)


def crossing(inner: np.ndarray, outer: np.ndarray) -> Axes:
    """Draw the regret of random search in a lucky space, and of local search in the whole space.

    Args:
        inner, outer: (seeds, networks tried).
    """
    ax = new_axes(7.5, 3.6)
    tried = range(5, inner.shape[1] + 1, 5)
    for name, runs in (("random, lucky space", inner), ("local-search, whole space", outer)):
        band(tried, [interval(runs[:, n - 1]) for n in tried], ax, name, methods([name])[0])
    ax.set(yscale="log", xlabel="networks tried", ylabel="regret")
    name_lines(ax)
    return ax


def rank_curves(budgets: Sequence[int], ranks: Mapping[str, Sequence[Any]]) -> Axes:
    """Draw the mean rank of each controller after several budgets, the best at the top."""
    ax = new_axes(8, 4)
    for (name, intervals), colour in zip(ranks.items(), methods(list(ranks)), strict=True):
        band(budgets, intervals, ax, name, colour)
    ax.invert_yaxis()
    ax.set(xlabel="networks tried", ylabel="mean rank (1 is best)")
    name_lines(ax)
    return ax
