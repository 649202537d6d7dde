"""The figures of lesson 02, what one architecture is worth.

Each function draws one figure and returns its axes. Names stand at the lines, and all text is large enough for a
lecture hall.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu import plots
from nasedu.classroom.claims import interval
from nasedu.core.palette import BLUE, GREY, RED
from nasedu.plots.axes import tidy

LARGE = 13


def loss_and_mistakes(weights: Sequence[float], losses: Sequence[float], mistakes: Sequence[float]) -> Axes:
    """Draw the loss as a curve, and below it the share of mistakes as the steps that it is."""
    _, (above, below) = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
    above.plot(weights, losses, color=BLUE, linewidth=3)
    below.plot(weights, mistakes, color=RED, linewidth=3, drawstyle="steps-mid")
    _readable(above, title="cross-entropy: a slope everywhere")
    _readable(below, title="share of mistakes: flat, then a jump", xlabel="second weight")
    return above


def spreads(groups: Mapping[str, Sequence[float]]) -> Axes:
    """Draw each score as a dot, one row for each group, with the mean of the group as a bar."""
    ax = plt.subplots(figsize=(8, 1.2 + 0.9 * len(groups)), layout="constrained")[1]
    for row, (scores, colour) in enumerate(zip(groups.values(), (BLUE, RED), strict=False)):
        heights = row + np.linspace(-0.28, 0.28, len(scores))
        ax.scatter(scores, heights, s=45, color=colour, alpha=0.75, linewidth=0)
        ax.plot([np.mean(scores)] * 2, [row - 0.4, row + 0.4], color=colour, linewidth=4)
    ax.set(yticks=range(len(groups)), yticklabels=groups, ylim=(len(groups) - 0.5, -0.5))
    return _readable(ax, xlabel="validation score")


def means(scores: Sequence[float]) -> Axes:
    """Draw the mean of the first two scores, of the first three, and so on, each with its interval."""
    ax = plt.subplots(figsize=(8, 3.2), layout="constrained")[1]
    _band(ax, range(2, len(scores) + 1), [interval(scores[:n]) for n in range(2, len(scores) + 1)], BLUE)
    return _readable(ax, title="mean score, with its interval", xlabel="seeds in the mean")


def training(evaluations: Sequence[Any]) -> Axes:
    """Draw the training loss and the validation score for each epoch: means over the trainings, with bands."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for ax, name, colour in ((left, "losses", BLUE), (right, "curve", RED)):
        means = [interval(values) for values in zip(*(getattr(one, name) for one in evaluations), strict=True)]
        _band(ax, range(1, len(means) + 1), means, colour)
    best = int(np.argmax(right.get_lines()[0].get_ydata())) + 1
    right.axvline(best, color=GREY, linestyle=":", linewidth=2)
    _readable(left, title="training loss", xlabel="epoch")
    _readable(right, title="validation score", xlabel="epoch")
    return left


def drops(sizes: Sequence[int], curves: Mapping[str, Sequence[Any]]) -> Axes:
    """Draw how far the winner's score falls, for each number of networks to choose from; names stand at the lines."""
    ax = plt.subplots(figsize=(8, 4), layout="constrained")[1]
    ax.axhline(0, color=GREY, linewidth=1)
    for (name, means), colour in zip(curves.items(), (RED, BLUE), strict=False):
        _band(ax, sizes, means, colour)
        label = name.replace(", ", ",\n")
        ax.annotate(label, (sizes[-1], means[-1].mean), (12, 0), textcoords="offset points", color=colour, va="center")
    marks = [size for size in (1, 3, 10, 30, 100, 300, 1000) if size in sizes]
    ax.set(xscale="log", xticks=marks, xticklabels=marks)
    ax.minorticks_off()
    return _readable(ax, title="drop of the winner's score", xlabel="networks to choose from")


def wrong_decisions(edges: Sequence[float], shares: Sequence[Any]) -> Axes:
    """Draw how often the higher of two scores belongs to the worse network, by the difference of the scores."""
    ax = plt.subplots(figsize=(8, 3.8), layout="constrained")[1]
    ax.axhline(0.5, color=GREY, linestyle=":", linewidth=2)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    ax.annotate("a coin toss", (middles[-1], 0.5), (0, -5), textcoords="offset points", ha="right", va="top")
    _band(ax, middles, shares, RED)
    ax.set(ylim=(0, 0.55))
    return _readable(ax, title="share of wrong decisions", xlabel="difference of the two scores")


def _band(ax: Axes, x: Sequence[float], means: Sequence[Any], colour: str) -> None:
    plots.band(x, means, ax)
    ax.get_lines()[-1].set(color=colour, linewidth=3)
    ax.collections[-1].set_color(colour)


def _readable(ax: Axes, title: str = "", xlabel: str = "") -> Axes:
    """Enlarge all text; what goes up is said above the axes, where it stands upright."""
    ax.set_title(title, loc="left", fontsize=LARGE + 1)
    ax.set_xlabel(xlabel, fontsize=LARGE)
    ax.tick_params(labelsize=LARGE)
    for text in ax.texts:
        text.set_fontsize(LARGE)
    return tidy(ax)
