"""The figures of lesson 04, tabular Q-learning.

Each function draws one figure. It returns the axes, or the figure if it has several axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nasedu import plots
from nasedu.core.palette import METHODS, methods
from nasedu.core.themes import GREY
from nasedu.plots.axes import new_axes, tidy

SIZE = 13
"""Of texts, in points: a figure is read from the last row of a lecture hall, too."""


def schedules(budget: int) -> Axes:
    """Draw epsilon over a budget: the linear schedule, and MetaQNN's steps scaled to the budget."""
    from nasedu.controllers import schedules as known

    ax = new_axes(8, 3)
    labels = {"metaqnn": ("MetaQNN, scaled", 62, 0.98), "linear": ("ours: linear", 22, 0.66)}
    for (name, (label, x, y)), colour in zip(labels.items(), methods(["MetaQNN", "q-learning"]), strict=True):
        heights = [known.epsilon(name, n, budget) for n in range(budget)]
        ax.step(range(budget), heights, where="post", color=colour, linewidth=2.5, label=name)
        ax.text(x, y, label, size=SIZE, color=colour, ha="left" if name == "metaqnn" else "center")
    ax.set(ylim=(0, 1.05), xlim=(0, budget))
    ax.set_xlabel(f"networks asked for, of a budget of {budget}", size=SIZE)
    ax.set_ylabel("epsilon", size=SIZE)
    return _large(tidy(ax))


def two_tables(learned: Mapping[str, Sequence[dict[str, Any]]]) -> Figure:
    """Draw what controllers learned side by side, each below its name."""
    figure, axes = plt.subplots(1, len(learned), figsize=(12, 2.9), layout="constrained")
    for ax, (name, rows) in zip(axes, learned.items(), strict=True):
        plots.learned(rows, ax).set_title(name, size=SIZE + 1)
        for words in ax.texts:
            words.set_size(SIZE)
        _large(ax).set_xlabel("slot", size=SIZE)
    for bar in figure.axes[len(learned) :]:  # the cells have their numbers: no scale is needed
        bar.remove()
    return figure


def dial(values: Sequence[float], gaps: Sequence[Any], truth: float) -> Axes:
    """Draw the gap between two choices over lambda, with its interval, and the true gap as a dotted line."""
    ax = plots.band(values, gaps, ax=new_axes(8, 3.4))
    ax.axhline(truth, color=GREY, linestyle=":", linewidth=2)
    ax.text(values[0], truth, "the truth", size=SIZE, color=GREY, va="bottom")
    ax.set_xlabel("lambda: 0 is the published target, 1 the return", size=SIZE)
    ax.set_ylabel("first slot: c minus a", size=SIZE)
    return _large(ax)


def races(found: Mapping[str, Any]) -> Figure:
    """Draw races one above the other, each below the name of its task, with 95% intervals."""
    figure, axes = plt.subplots(len(found), 1, figsize=(9, 4 * len(found)), layout="constrained")
    for ax, (name, race) in zip(axes, found.items(), strict=True):
        race.plot(ax=ax, band="interval").set_title(name, size=SIZE + 2, loc="left")
        for words in (*ax.texts, ax.xaxis.label, ax.yaxis.label):
            words.set_size(SIZE - 1)
        _large(ax)
    return figure


def ahead(leads: Mapping[str, Mapping[str, Any]]) -> Axes:
    """Draw how far learners are ahead of random search: for each task, a row with an interval for each learner.

    Args:
        leads: by task, then by learner, each with `mean` and `half`.
    """
    ax = new_axes(9, 3.6)
    names = [(task, learner) for task, of in leads.items() for learner in of]
    colours = methods(["random", *dict.fromkeys(learner for _, learner in names)])[1:]
    by_name = dict(zip(dict.fromkeys(learner for _, learner in names), colours, strict=True))
    rows = np.arange(len(names)) + 0.6 * np.array([list(leads).index(task) for task, _ in names])
    for row, (task, learner) in zip(rows, names, strict=True):
        lead = leads[task][learner]
        look: dict[str, Any] = {"color": by_name[learner], "markersize": 9, "linewidth": 2.5, "capsize": 5}
        ax.errorbar(lead.mean, row, xerr=lead.half, fmt="o", **look)
    ax.axvline(0, color=METHODS["random"], linestyle=":", linewidth=2)
    ax.set_yticks(rows, [f"{task.split('/')[0]}: {learner}" for task, learner in names])
    ax.invert_yaxis()
    ax.set_xlabel("ahead of random search after 100 networks (95% interval)", size=SIZE)
    return _large(tidy(ax))


def _large(ax: Axes) -> Axes:
    ax.tick_params(labelsize=SIZE - 1)
    return ax
