"""Figures that a single lesson needs, from plain numbers; those that others can use are in `nasedu.plots`.

Each function draws one figure, takes `ax=None` where it fills one panel, and returns the axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu import plots
from nasedu.classroom.claims import interval
from nasedu.plots.axes import ABOVE_LEGEND, BLUE, GREY, ORANGE, new_axes

MARKERS = "os^Dv"
HATCHES = ("", "//", "..", "xx")


# ---------------------------------------------------------------------- lesson 00


def progress(trials: Sequence[Any]) -> Axes:
    """Every trial of a search, and epsilon below; above, the mean score of its first and of its second half."""
    _, (above, below) = plt.subplots(2, 1, figsize=(7, 5), height_ratios=[3, 1], layout="constrained")
    plots.scores(trials, above).set_xlabel("")
    plots.epsilon(trials, below)
    half = len(trials) // 2
    first, second = (np.mean([trial.score for trial in part]) for part in (trials[:half], trials[half:]))
    title = f"mean score of the first {half}: {first:.3f}; of the other {len(trials) - half}: {second:.3f}"
    above.set_title(title, pad=ABOVE_LEGEND)
    return above


def abreast(searches: Mapping[str, Sequence[Any]]) -> Axes:
    """The trials of some searches in panels side by side, on one scale, each with its mean score."""
    width = 4.5 * len(searches)
    _, panels = plt.subplots(1, len(searches), figsize=(width, 3.4), sharey=True, squeeze=False, layout="constrained")
    for ax, (name, trials) in zip(panels[0], searches.items(), strict=True):
        mean = np.mean([trial.score for trial in trials])
        plots.scores(trials, ax).set_title(f"{name}: mean {mean:.3f}", pad=ABOVE_LEGEND)
        ax.label_outer()
    return panels[0, 0]


def leads(intervals: Mapping[str, Any], xlabel: str) -> Axes:
    """By how much one is ahead of the other, a row for each task, the least first; a dotted line where nobody is."""
    ax = plots.whiskers(dict(sorted(intervals.items(), key=lambda pair: pair[1].mean)))
    ax.axvline(0, color="black", linestyle=":")
    ax.set_xlabel(xlabel)
    return ax


# ---------------------------------------------------------------------- lesson 03


def hits(shares: Sequence[float], draws: int = 120) -> Axes:
    """The probability of at least one hit among so many draws, a line for each share of good networks."""
    ax = new_axes(7, 3)
    numbers = np.arange(1, draws + 1)
    for share in shares:
        ax.plot(numbers, 1 - (1 - share) ** numbers, label=f"the best {share:.0%}")
    ax.axhline(0.95, color="black", linestyle=":", label="0.95")
    ax.set(xlabel="draws", ylabel="probability of at least one hit")
    ax.legend()
    return ax


def marks(places: Mapping[str, Sequence[int]]) -> Axes:
    """Where along a list some searches looked: a row of marks for each."""
    ax = new_axes(7, 1.6)
    for row, numbers in enumerate(places.values()):
        ax.scatter(numbers, [row] * len(numbers), marker="|", s=200)
    ax.set(yticks=range(len(places)), yticklabels=places, ylim=(-0.6, len(places) - 0.4))
    ax.set_xlabel("number of the network in the list")
    return ax


def side_by_side(values: Mapping[str, Sequence[float]], names: Sequence[Any], xlabel: str, ylabel: str) -> Axes:
    """Groups of bars: for each name one bar of every set, told apart by hatching too."""
    ax = new_axes(max(6, 1.9 * len(names)), 3)
    width = 0.8 / len(values)
    for place, (label, heights) in enumerate(values.items()):
        x = np.arange(len(names)) + width * (place - (len(values) - 1) / 2)
        ax.bar(x, heights, width, label=label, hatch=HATCHES[place % 4], edgecolor="white")
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xticks=range(len(names)), xticklabels=names, xlabel=xlabel, ylabel=ylabel)
    ax.legend(ncols=len(values), loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax


# ---------------------------------------------------------------------- lesson 04


def schedules(budget: int) -> Axes:
    """Epsilon over a budget: the straight line, and MetaQNN's steps squeezed into it."""
    from nasedu.controllers import schedules as known

    ax = new_axes(7, 2.6)
    for name in ("linear", "metaqnn"):
        ax.step(range(budget), [known.epsilon(name, n, budget) for n in range(budget)], where="post", label=name)
    ax.set(xlabel=f"networks asked for, of a budget of {budget}", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return ax


def runs(values: Mapping[str, Sequence[float]], xlabel: str, best: float | None = None) -> Axes:
    """Every run as a dot, a row for each name; a dotted line where the best is."""
    ax = new_axes(7, 0.9 + 0.5 * len(values))
    for row, numbers in enumerate(values.values()):
        ax.scatter(numbers, row + np.linspace(-0.25, 0.25, len(numbers)), s=14, color=BLUE)
        ax.scatter(np.mean(numbers), row, marker="|", s=300, color="black")
    if best is not None:
        ax.axvline(best, color="black", linestyle=":")
    ax.set(yticks=range(len(values)), yticklabels=values, ylim=(len(values) - 0.5, -0.5), xlabel=xlabel)
    return ax


# ---------------------------------------------------------------------- lesson 08


def humps(values: Mapping[str, np.ndarray], xlabel: str) -> Axes:
    """Histograms above each other, on the same axes, with a dotted line at the mean of each."""
    size = (7, 1.8 * len(values))
    _, panels = plt.subplots(
        len(values), 1, figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    bins = np.linspace(0, max(float(np.max(numbers)) for numbers in values.values()), 20)
    for ax, (name, numbers) in zip(panels[:, 0], values.items(), strict=True):
        ax.hist(numbers, bins.tolist(), color=BLUE, edgecolor="white")
        ax.axvline(np.mean(numbers), color="black", linestyle=":")
        ax.set_title(f"{name}: mean {np.mean(numbers):.3f}", loc="right", y=0.72, size=11)
        ax.set_ylabel(f"of {len(numbers)} seeds")
    panels[-1, 0].set_xlabel(xlabel)
    axes: Axes = panels[-1, 0]
    return axes


def kept_promises(coverage: Mapping[int, float]) -> Axes:
    """How often intervals from so many seeds held the truth, beside the 95% that they promise."""
    ax = new_axes(6, 2.6)
    ax.plot(list(coverage), list(coverage.values()), marker="o")
    ax.axhline(0.95, color="black", linestyle=":", label="promised")
    ax.set(xscale="log", xlabel="seeds", ylabel="intervals that hold the truth")
    ax.set_xticks(list(coverage), [str(n) for n in coverage])
    ax.minorticks_off()
    ax.legend()
    return ax


# ---------------------------------------------------------------------- lesson 09


def learning_curves(table: Any, tasks: Sequence[str], rows: Sequence[int]) -> Axes:
    """The curves of some networks of a table on some tasks; blue ones end in the better half, orange ones do not."""
    _, panels = plt.subplots(1, len(tasks), figsize=(4.5 * len(tasks), 3.2), layout="constrained", squeeze=False)
    for ax, name in zip(panels[0], tasks, strict=True):
        curves = table.curves(name)[rows]
        for curve in curves:
            good = curve[-1] >= np.median(curves[:, -1])
            ax.plot(table.epochs, curve, color=BLUE if good else ORANGE, linestyle="-" if good else "--", alpha=0.8)
        _epochs_below(ax, table.epochs)
        ax.set(ylabel="score", title=name)
    return panels[0, 0]


def agreement(values: np.ndarray, epochs: Sequence[int], tasks: Sequence[str]) -> Axes:
    """How well the order after so many epochs agrees with the last one: a row for each task, each cell a number."""
    ax = new_axes(7, 0.8 + 0.26 * len(tasks))
    ax.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color="black" if value > 0.6 else "white", size=8)
    ax.set(xticks=range(len(epochs)), xticklabels=epochs, yticks=range(len(tasks)), yticklabels=tasks)
    ax.set_xlabel("epochs")
    return ax


def survival(kept: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Axes:
    """Which share of the best networks is still there, if the field was cut after so many epochs."""
    ax = new_axes(7.5, 2.8)
    for (name, shares), marker in zip(kept.items(), MARKERS, strict=False):
        ax.plot(epochs, shares, marker=marker, label=name)
    ax.axhline(1 / 3, color="black", linestyle=":", label="a third, drawn blindly")
    _epochs_below(ax, epochs)
    ax.set(xlabel="epochs when the better third was kept", ylabel="of the best 5%")
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)  # the lines need all the room
    return ax


def stopped(whole: Sequence[float], cut: Sequence[float], label: str) -> Axes:
    """A learning curve, and where early stopping ended it."""
    ax = new_axes(6, 2.6)
    ax.plot(range(1, len(whole) + 1), whole, color=GREY, linewidth=4, alpha=0.5, label=f"all {len(whole)} epochs")
    ax.plot(range(1, len(cut) + 1), cut, marker="o", color=BLUE, label=f"{label}: {len(cut)} epochs")
    ax.set(xlabel="epoch", ylabel="validation score")
    ax.legend()
    return ax


def _epochs_below(ax: Axes, epochs: Sequence[int]) -> None:
    ax.set_xscale("log")
    ax.set_xticks(list(epochs), [str(e) for e in epochs])
    ax.minorticks_off()
    ax.set_xlabel("epochs")


# ---------------------------------------------------------------------- lesson 15


def comparison(found: Any, ways: Sequence[str]) -> Axes:
    """Warm against cold: mean regret of some ways with its 95% interval, from a `nasedu.meta.compare.Comparison`."""
    ax = new_axes(8, 4)
    steps = np.arange(1, found.evaluations + 1)
    shown = {way: found.regrets[way] for way in ways}
    places = {way: place for place, way in enumerate(found.regrets)}  # a way looks alike in all figures of a lesson
    for way, curves in shown.items():
        place = places[way]
        mean = curves[:, : len(steps)].mean(axis=0)
        half = 1.96 * curves[:, : len(steps)].std(axis=0, ddof=1) / len(curves) ** 0.5
        mark = MARKERS[place % 5]
        (line,) = ax.plot(steps, mean, color=f"C{place}", marker=mark, markevery=(place % 6, 6), label=way)
        ax.fill_between(steps, mean - half, mean + half, color=line.get_color(), alpha=0.15, linewidth=0)
    highest = max(float(curves.mean(axis=0).max()) for curves in shown.values())
    ax.set(xlabel="different networks evaluated", ylabel="regret (mean, 95% interval)", title=found.task)
    ax.set(yscale="log", ylim=(highest / 300, highest * 1.5))  # a logarithmic axis has no place for 0
    ax.legend(ncols=2, fontsize=8)
    return ax


def gains(alike: np.ndarray, gained: np.ndarray) -> Axes:
    """For each pair of tasks: how alike they are, and what copying from one to the other gains."""
    ax = new_axes(7, 3.4)
    pairs = ~np.eye(len(alike), dtype=bool)
    ax.scatter(alike[pairs], gained[pairs], s=16, color=BLUE, alpha=0.7)
    ax.axhline(0, color="black", linestyle=":")
    ax.set(xlabel="rank correlation of source and target", ylabel="best of 10 copied,\nminus best of 10 drawn")
    return ax


# ---------------------------------------------------------------------- lesson 02


def training(evaluations: Sequence[Any]) -> Axes:
    """The loss of a training and its validation score, epoch by epoch; of several trainings the means, with bands."""
    _, panels = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    for ax, name, ylabel in zip(panels, ("losses", "curve"), ("training loss", "validation score"), strict=True):
        by_epoch = list(zip(*(getattr(one, name) for one in evaluations), strict=True))
        epochs = range(1, len(by_epoch) + 1)
        if len(evaluations) > 1:
            plots.band(epochs, [interval(values) for values in by_epoch], ax)
        else:
            plots.lines(epochs, {" ".join(evaluations[0].architecture): [value for (value,) in by_epoch]}, ax)
        ax.set(xlabel="epoch", ylabel=ylabel)
    axes: Axes = panels[0]
    return axes
