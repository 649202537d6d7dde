"""The figures of lesson 15, meta-learned architecture search.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREY, ORANGE, RED, methods
from nasedu.core.statistics import Z95, standard_error
from nasedu.meta.comparison import COLD
from nasedu.plots.axes import in_cell, legend_above, name_lines, new_axes, tidy

FIRST = 5
"""Networks before a lead is drawn: the first few differ by so much that nothing else could be seen."""


def leads(found: Any, ways: Sequence[str], over: str = COLD) -> Axes:
    """Draw how much lower the regret of some ways is than that of another one, with 95% intervals.

    Args:
        found: a `nasedu.meta.compare.Comparison`.
        ways: which of its ways to draw. A second way of one colour is dashed: the twin of `surrogate`, for example.
        over: the way that is the line at 0.
    """
    ax = new_axes(6.6, 2.8)
    _lines(ax, found, ways, over)
    name_lines(ax)
    return ax


def two_leads(left: Any, right: Any, ways: Sequence[str], over: str = COLD) -> Axes:
    """Draw the leads of the same ways on two tasks, each on a scale of its own."""
    _, (first, second) = plt.subplots(1, 2, figsize=(7.2, 2.6), layout="constrained")
    _lines(first, left, ways, over)
    _lines(second, right, ways, over)
    second.set_ylabel("")
    name_lines(second)
    return second


def _lines(ax: Axes, found: Any, ways: Sequence[str], over: str) -> None:
    """Draw a line with its band for each way, and the way that they are compared with as the line at 0."""
    first = min(FIRST, found.evaluations)
    steps = np.arange(first, found.evaluations + 1)
    (colour,) = methods([over])
    ax.axhline(0, color=colour, linewidth=2, label=over)
    drawn = []
    for way in ways:
        lead = (found.regrets[over] - found.regrets[way])[:, first - 1 :]
        mean, half = lead.mean(axis=0), Z95 * standard_error(lead)
        (colour,) = methods([way])
        ax.plot(steps, mean, color=colour, linestyle="--" if colour in drawn else "-", linewidth=2.5, label=way)
        ax.fill_between(steps, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0)
        drawn.append(colour)
    ax.set_xlim(steps[0], steps[-1])
    ax.set_title(found.task, fontsize=13)
    ax.set_xlabel("networks evaluated", fontsize=12)
    ax.set_ylabel(f"lead over {'a cold start' if over == COLD else over}\n(mean, 95% interval)", fontsize=12)
    tidy(ax)


def effects(effect: np.ndarray, tasks: Sequence[str], layers: Sequence[str]) -> Axes:
    """Draw what a layer is worth on a task, as a map: orange helps, blue costs, each cell with its number.

    Args:
        effect: mean rank of the networks with the layer minus that of the others, (tasks, layers).
    """
    ax = new_axes(6, 0.4 * len(tasks) + 0.5)
    ax.imshow(effect, cmap="PuOr_r", vmin=-0.6, vmax=0.6, aspect="auto")
    for cell, value in np.ndenumerate(effect):
        in_cell(ax, cell, f"{value:+.2f}".replace("-", "−"), size=12, dark=abs(value) > 0.4)
    ax.set_xticks(range(len(layers)), layers, fontsize=12)
    ax.set_yticks(range(len(tasks)), tasks, fontsize=12)
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.spines[:].set_visible(False)
    return ax


def gains(alike: np.ndarray, gained: np.ndarray) -> Axes:
    """Draw for each pair of tasks their rank correlation, and the gain from copying networks from one to the other."""
    ax = new_axes(6.5, 3)
    pairs = ~np.eye(len(alike), dtype=bool)
    hurt = gained[pairs] < 0
    for chosen, colour, name in ((hurt, RED, "copying is worse"), (~hurt, BLUE, "copying is better")):
        ax.scatter(alike[pairs][chosen], gained[pairs][chosen], s=22, color=colour, linewidth=0, label=name)
    ax.axhline(0, color="0.5", linewidth=1.5)
    ax.set_xlabel("rank correlation of source and target", fontsize=12)
    ax.set_ylabel("best of 10 copied\nminus best of 10 drawn", fontsize=12)
    ax.legend(loc="lower right", fontsize=12)
    return tidy(ax)


SHORT = {"none": "none", "skip_connect": "skip", "nor_conv_1x1": "1x1", "nor_conv_3x3": "3x3", "avg_pool_3x3": "pool"}


def annealed(shares: Sequence[Sequence[np.ndarray]], edges: Any, steps: Sequence[int]) -> Axes:
    """Draw the shares of a cell after some inner steps, from 0 (white) to 1 (dark): a row of pictures for each task.

    Args:
        shares: by task, then by step: (edges, operations).
        edges: the `nasedu.oneshot.edges.Edges` of the space.
        steps: which of them, from 0.
    """
    height, width = len(shares), len(steps)
    _, axes = plt.subplots(height, width, figsize=(1.8 * width, 1.75 * height), layout="constrained", squeeze=False)
    for task, row in enumerate(axes):
        for step, ax in zip(steps, row, strict=True):
            ax.imshow(shares[task][step], cmap="Blues", vmin=0, vmax=1, aspect="auto")
            ax.set_xticks(range(len(edges.operations)), [SHORT[name] for name in edges.operations], rotation=90)
            ax.set_yticks(range(len(edges.rows)), [f"{edge.source}→{edge.node}" for edge in edges.rows])
            ax.tick_params(length=0, labelleft=ax is row[0], labelbottom=task == height - 1)
            if task == 0:
                ax.set_title(f"step {step + 1}", fontsize=12)
        row[0].set_ylabel(f"task {task + 1}", fontsize=12)
    return axes[0, 0]


def together(found: Mapping[str, np.ndarray], ways: Sequence[str], shots: Sequence[int]) -> Axes:
    """Draw the accuracy of each way on new tasks: a small mark for each seed, a large one for their mean.

    Args:
        found: by way: (seeds, shots).
        ways: from top to bottom.
        shots: examples of each class, of each column.
    """
    ax = new_axes(7, 0.36 * len(ways) + 0.8)
    for column, (many, colour, marker) in enumerate(zip(shots, (ORANGE, BLUE), "os", strict=True)):
        for row, way in enumerate(ways):
            values = found[way][:, column]
            ax.plot(values, np.full(len(values), row), "|", color=colour, markersize=11, alpha=0.7)
            label = f"{many} shot{'s' * (many > 1)}" if row == 0 else None
            ax.plot(values.mean(), row, marker, color=colour, markersize=8, label=label, linestyle="none")
    for row in range(0, len(ways), 2):
        ax.axhspan(row - 0.5, row + 0.5, color=GREY, alpha=0.12, linewidth=0)
    ax.set(yticks=range(len(ways)), yticklabels=ways, ylim=(len(ways) - 0.5, -0.5))
    ax.set_xlabel("accuracy on new tasks", fontsize=12)
    legend_above(ax)
    return tidy(ax)
