"""The figures of lesson 13, few examples. Each function but `told` draws one figure and returns its axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.classroom.claims import Interval, interval
from nasedu.classroom.lessons.lesson_10.figures import clear
from nasedu.classroom.prediction import Prediction
from nasedu.core.palette import BLUE, GREY, LINES, ORANGE
from nasedu.plots.axes import legend_above, name_lines, new_axes, tidy

__all__ = ["clear", "intervals", "learning", "rows", "shots_and_ways", "told"]


def told(prediction: Prediction, lead: Interval) -> str:
    """Return the first of three choices if a lead is clearly above 0, the last if clearly below, else the middle."""
    return prediction.choices[1 - clear(lead)]


def rows(found: Mapping[str, Mapping[str, Any]], title: str = "accuracy, mean of 600 episodes") -> Axes:
    """Draw several trainings of each method: a dot for each seed, and the mean with its 95% interval over seeds.

    Args:
        found: by panel, such as "1 shot", then by method: a number for each seed.
        title: of the axis below.
    """
    names = list(next(iter(found.values())))
    _, panels = plt.subplots(
        1, len(found), figsize=(8, 1.1 + 0.36 * len(names)), layout="constrained", sharey=True, squeeze=False
    )
    for ax, (panel, by_name) in zip(panels[0], found.items(), strict=True):
        for row, values in enumerate(by_name.values()):
            ax.plot(values, np.full(len(values), row), "o", color=BLUE, alpha=0.4, markersize=4)
            mean, half = np.mean(values), interval(values).half if len(values) > 1 else 0
            ax.errorbar(mean, row, xerr=half, fmt="|", color=ORANGE, capsize=5, markersize=14, linewidth=2.5)
        ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlabel=title)
        ax.set_title(panel, fontsize=11)
        tidy(ax)
    return panels[0, 0]


def learning(curve: Mapping[int, float], pixels: float) -> Axes:
    """Draw the accuracy by the number of meta-steps, and that of pixels."""
    ax = new_axes(7, 2.8)
    ax.axhline(pixels, color=GREY, linestyle="--", label="pixels")
    ax.plot(list(curve), list(curve.values()), "o-", color=BLUE, label="prototypes")
    ax.set(xlabel="meta-steps", ylabel="accuracy, 1 shot")
    legend_above(ax)
    return tidy(ax)


def shots_and_ways(shots: Sequence[int], by_ways: Mapping[int, Sequence[float]]) -> Axes:
    """Draw the accuracy by the number of shots, a line for each number of ways, with guessing as a dotted line."""
    ax = new_axes(7, 3)
    for colour, (ways, scores) in zip(LINES, by_ways.items(), strict=False):
        ax.plot(shots, scores, "o-", color=colour, label=f"{ways} ways")
        ax.axhline(1 / ways, color=colour, linestyle=":", linewidth=1)
    ax.set(xlabel="shots", xticks=shots, ylabel="accuracy (dotted: guessing)", ylim=(0, 1))
    name_lines(ax)
    return tidy(ax)


def intervals(groups: Mapping[str, Sequence[Interval]]) -> Axes:
    """Draw groups of intervals next to each other, in one panel: the mean of the first of all is a grey line."""
    ax = new_axes(8, 3)
    first = next(iter(groups.values()))[0]
    ax.axhspan(first.low, first.high, color=GREY, alpha=0.25, linewidth=0)
    start = 0
    middles = []
    for colour, found in zip(LINES, groups.values(), strict=False):
        x = start + np.arange(len(found))
        ax.errorbar(x, [one.mean for one in found], yerr=[one.half for one in found], fmt="o", color=colour, capsize=3)
        middles.append(x.mean())
        start += len(found) + 2
    ax.set(xticks=middles, xticklabels=list(groups), ylabel="accuracy")
    return tidy(ax)
