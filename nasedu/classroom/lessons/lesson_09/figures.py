"""The figures of lesson 09, less training.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREY, ORANGE
from nasedu.plots.axes import MARKERS, new_axes


def learning_curves(table: Any, tasks: Sequence[str], rows: Sequence[int]) -> Axes:
    """Draw the curves of some networks of a table on some tasks; blue: the final score is in the better half."""
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
    """Draw how well the order after n epochs agrees with the final one: a row for each task, a number in each cell."""
    ax = new_axes(7, 0.8 + 0.26 * len(tasks))
    ax.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color="black" if value > 0.6 else "white", size=8)
    ax.set(xticks=range(len(epochs)), xticklabels=epochs, yticks=range(len(tasks)), yticklabels=tasks)
    ax.set_xlabel("epochs")
    return ax


def survival(kept: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Axes:
    """Draw the share of the best networks that remain if the better third is kept after n epochs."""
    ax = new_axes(7.5, 2.8)
    for (name, shares), marker in zip(kept.items(), MARKERS, strict=False):
        ax.plot(epochs, shares, marker=marker, label=name)
    ax.axhline(1 / 3, color="black", linestyle=":", label="a third, drawn blindly")
    _epochs_below(ax, epochs)
    ax.set(xlabel="epochs when the better third was kept", ylabel="of the best 5%")
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)  # the lines need all the room
    return ax


def stopped(whole: Sequence[float], cut: Sequence[float], label: str) -> Axes:
    """Draw a learning curve, and the part of it before early stopping."""
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
