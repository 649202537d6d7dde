"""The figures of lesson 07, surrogates. Each function draws one figure and returns its axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREEN, GREY, METHODS, ORANGE, RED
from nasedu.plots.axes import MARKERS, name_lines, new_axes, tidy

LOOKS = ((RED, "-"), (BLUE, "--"), (GREEN, "-."), (ORANGE, ":"))


def along(values: Mapping[str, np.ndarray], known: Sequence[int]) -> Axes:
    """Draw what trials are worth at each place of a walk, one line for each function, scaled to its largest value.

    Args:
        values: by name, (places,), none negative.
        known: places whose scores are known: dotted lines.
    """
    ax = new_axes(7, 2.8)
    for (name, worth), (colour, style) in zip(values.items(), LOOKS, strict=False):
        ax.plot(range(1, len(worth) + 1), worth / worth.max(), color=colour, linestyle=style, label=name)
    for place in known:
        ax.axvline(place + 1, color=GREY, linestyle=":", linewidth=1)
    ax.set(xlabel="place in the walk; dotted: known", ylabel="share of its largest")
    name_lines(ax)
    return tidy(ax)


def dial(found: Mapping[float, Any]) -> Axes:
    """Draw the regret of each value of the dial with its interval."""
    ax = new_axes(6, 2.6)
    values = [found[name] for name in found]
    heights, halves = [one.mean for one in values], [one.half for one in values]
    ax.errorbar(range(len(found)), heights, yerr=halves, fmt="o", color=BLUE, capsize=4)
    ax.set_xticks(range(len(found)), [f"{name:g}" for name in found])
    ax.set(xlabel="dial: 0 exploits, the largest explores", ylabel="regret after 8 trials", ylim=(0, None))
    return tidy(ax)


def judged(found: Mapping[str, Mapping[str, Any]], joined: Sequence[str]) -> Axes:
    """Draw each predictor on each task by rank correlation and by precision among the top 5%.

    Args:
        found: by predictor, then by task: (seeds, 3) of `measuring.Judged`.
        joined: predictors that a line joins on each task.
    """
    ax = new_axes(7, 4)
    means = {kind: {task: runs.mean(0) for task, runs in of.items()} for kind, of in found.items()}
    for task in next(iter(means.values())):
        ax.plot(*np.array([means[kind][task][:2] for kind in joined]).T, color=GREY, linewidth=0.8, zorder=1)
    for (kind, of), marker, (colour, _) in zip(means.items(), MARKERS, LOOKS, strict=False):
        rank, top, _found = np.array(list(of.values())).T
        ax.scatter(rank, top, color=colour, marker=marker, label=kind, zorder=2)
    ax.set(xlabel="rank correlation over all other networks", ylabel="precision among the top 5%")
    ax.legend(loc="upper left")
    return tidy(ax)


def rates(scores: Mapping[str, Sequence[float]], values: Sequence[float]) -> Axes:
    """Draw the score of each network over the learning rate."""
    ax = new_axes(6.5, 3)
    for (name, of), marker, (colour, style) in zip(scores.items(), MARKERS, LOOKS, strict=False):
        ax.semilogx(values, of, marker=marker, color=colour, linestyle=style, label=name)
    ax.set(xlabel="learning rate", ylabel="validation accuracy")
    name_lines(ax)
    return tidy(ax)


def raced(regret: Mapping[str, Mapping[str, Any]]) -> Axes:
    """Draw the regret of each controller on each task, with its interval.

    Args:
        regret: by task, then by controller, each with `mean` and `half`.
    """
    ax = new_axes(7.5, 3.4)
    names = list(next(iter(regret.values())))
    for place, (name, marker) in enumerate(zip(names, MARKERS, strict=False)):
        values = [of[name] for of in regret.values()]
        at = np.arange(len(values)) + 0.13 * (place - (len(names) - 1) / 2)
        look: dict[str, Any] = {"fmt": marker, "color": METHODS.get(name, ORANGE), "capsize": 3, "label": name}
        ax.errorbar(at, [one.mean for one in values], yerr=[one.half for one in values], **look)
    ax.set_xticks(range(len(regret)), list(regret))
    ax.set(ylabel="regret (95% interval)", ylim=(0, None))
    ax.legend(loc="upper right")
    return tidy(ax)
