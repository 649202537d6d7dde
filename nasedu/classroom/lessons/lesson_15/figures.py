"""The figures of lesson 15, meta-learned architecture search.

Each function draws one figure and returns its axes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, RED, methods
from nasedu.core.statistics import Z95, standard_error
from nasedu.meta.compare import COLD
from nasedu.plots.axes import in_cell, new_axes, tidy
from nasedu.racing.curves import spread_out


def leads(found: Any, ways: Sequence[str]) -> Axes:
    """Draw how much lower the regret of some ways is than that of a cold start, with 95% intervals.

    Args:
        found: a `nasedu.meta.compare.Comparison`.
        ways: which of its ways to draw.
    """
    ax = new_axes(8, 4)
    steps = np.arange(1, found.evaluations + 1)
    colours = dict(zip(found.regrets, methods(list(found.regrets)), strict=True))
    ends = []
    for way in ways:
        lead = found.regrets[COLD] - found.regrets[way]
        mean, half = lead.mean(axis=0), Z95 * standard_error(lead)
        ax.plot(steps, mean, color=colours[way], linewidth=2.5, label=way)
        ax.fill_between(steps, mean - half, mean + half, color=colours[way], alpha=0.2, linewidth=0)
        ends.append(mean[-1])
    ax.axhline(0, color=colours[COLD], linewidth=2, linestyle="--", label=COLD)
    low, high = ax.get_ylim()
    named = sorted(zip([*ends, 0.0], [*ways, COLD], strict=True))
    places = spread_out(np.array([end for end, _ in named]), 0.075 * (high - low))
    for (end, way), place in zip(named, places.tolist(), strict=True):
        ax.annotate(
            way,
            (steps[-1], end),
            (steps[-1] * 1.03, place),
            color=colours[way],
            fontsize=12,
            va="center",
            annotation_clip=False,
        )
    ax.set_title(found.task, fontsize=13)
    ax.set_xlabel("different networks evaluated", fontsize=12)
    ax.set_ylabel("lead over a cold start\n(regret, mean, 95% interval)", fontsize=12)
    return tidy(ax)


def effects(effect: np.ndarray, tasks: Sequence[str], layers: Sequence[str]) -> Axes:
    """Draw what a layer is worth on a task, as a map: orange helps, blue costs, each cell with its number.

    Args:
        effect: mean rank of the networks with the layer minus that of the others, (tasks, layers).
    """
    ax = new_axes(7, 0.45 * len(tasks) + 0.8)
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
    ax = new_axes(8, 4)
    pairs = ~np.eye(len(alike), dtype=bool)
    hurt = gained[pairs] < 0
    for chosen, colour, name in ((hurt, RED, "copying is worse"), (~hurt, BLUE, "copying is better")):
        ax.scatter(alike[pairs][chosen], gained[pairs][chosen], s=30, color=colour, alpha=0.7, label=name)
    ax.axhline(0, color="0.5", linewidth=1.5)
    ax.set_xlabel("rank correlation of source and target", fontsize=12)
    ax.set_ylabel("best of 10 copied\nminus best of 10 drawn", fontsize=12)
    ax.legend(loc="lower right", fontsize=12)
    return tidy(ax)
