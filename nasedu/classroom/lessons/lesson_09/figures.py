"""The figures of lesson 09, less training.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREY, ORANGE
from nasedu.core.palette import task as colour_of
from nasedu.plots.axes import MARKERS, in_cell, name_lines, new_axes, tidy


def clear(leads: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the names whose lead is more than three standard errors above zero, and those with one as far below."""
    above = [name for name, one in leads.items() if one.mean > 1.5 * one.half]
    below = [name for name, one in leads.items() if one.mean < -1.5 * one.half]
    return above, below


def saved(leads: Mapping[str, Any], left: str, right: str) -> Axes:
    """Draw which share of the regret is saved on each task, the smallest first; what is not clear is grey.

    Args:
        leads: by task, each with `mean` and `half`.
        left, right: what is true on the left of zero, and on the right.
    """
    ax = new_axes(7.5, 1 + 0.28 * len(leads))
    above, below = clear(leads)
    ordered = sorted(leads.items(), key=lambda pair: pair[1].mean)
    for row, (name, one) in enumerate(ordered):
        colour = BLUE if name in above else ORANGE if name in below else GREY
        ax.plot([0, one.mean], [row, row], color=colour, linewidth=5, alpha=0.35, solid_capstyle="butt")
        ax.errorbar(one.mean, row, xerr=one.half, fmt="o", color=colour, capsize=4)
    ax.axvline(0, color=GREY)
    low, high = ax.get_xlim()
    ax.set_xlim(min(low, -0.3 * high), max(high, -0.3 * low))  # room for words on both sides
    bold: dict[str, Any] = {"weight": "bold", "annotation_clip": False}
    for words, colour, side, x in ((f"← {left}", ORANGE, "right", -6), (f"{right} →", BLUE, "left", 6)):
        ax.annotate(words, (0, len(leads) - 0.4), (x, 0), "data", "offset points", ha=side, color=colour, **bold)
    ax.set(yticks=range(len(leads)), yticklabels=[name for name, _ in ordered], ylim=(-0.6, len(leads) + 0.4))
    ax.set_xlabel("share of the regret that is saved (95% interval)")
    return tidy(ax)


def learning_curves(table: Any, tasks: Sequence[str], rows: Sequence[int]) -> Axes:
    """Draw the curves of some networks of a table on some tasks; blue: the final score is in the better half."""
    _, panels = plt.subplots(1, len(tasks), figsize=(4.5 * len(tasks), 3.4), layout="constrained", squeeze=False)
    for ax, name in zip(panels[0], tasks, strict=True):
        curves = table.curves(name)[rows]
        for curve in curves:
            good = curve[-1] >= np.median(curves[:, -1])
            style: dict[str, Any] = {"color": BLUE, "linestyle": "-"} if good else {"color": ORANGE, "linestyle": "--"}
            ax.plot(table.epochs, curve, linewidth=2, alpha=0.85, **style)
        _epochs_below(ax, table.epochs)
        ax.set_title(name)
        ax.set_ylabel("score")
        tidy(ax)
    return panels[0, 0]


def agreement(values: np.ndarray, epochs: Sequence[int], tasks: Sequence[str]) -> Axes:
    """Draw how well the order after n epochs agrees with the final one: a row for each task, the best at the top.

    Args:
        values: rank correlations, (tasks, epochs); the last but one column orders the rows.
    """
    order = np.argsort(-values[:, -2], kind="stable")
    ax = new_axes(7, 1 + 0.32 * len(tasks))
    ax.imshow(values[order], cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for cell, value in np.ndenumerate(values[order]):
        in_cell(ax, cell, f"{value:.2f}", size=11, dark=value <= 0.6)
    ax.set(xticks=range(len(epochs)), xticklabels=epochs, yticks=range(len(tasks)))
    ax.set_yticklabels([tasks[row] for row in order])
    ax.set_xlabel("epochs")
    return ax


def survival(kept: Mapping[str, Sequence[float]], epochs: Sequence[int]) -> Axes:
    """Draw the share of the best networks that remain if the better third is kept after n epochs."""
    ax = new_axes(7.5, 3.6)
    for (name, shares), marker in zip(kept.items(), MARKERS, strict=False):
        ax.plot(epochs, shares, marker=marker, color=colour_of(name), linewidth=2.5, label=name)
    ax.axhline(1 / 3, color=GREY, linestyle=":", label="blind")
    _epochs_below(ax, epochs)
    ax.set_ylim(0, 1.05)
    ax.set(xlabel="epochs before the cut", ylabel="of the best 5% left")
    name_lines(ax)
    return tidy(ax)


def stopped(whole: Sequence[float], cut: Sequence[float], label: str) -> Axes:
    """Draw a learning curve, and the part of it before early stopping."""
    ax = new_axes(7, 3)
    ax.plot(range(1, len(whole) + 1), whole, color=GREY, linewidth=5, alpha=0.5, label=f"all {len(whole)} epochs")
    ax.plot(range(1, len(cut) + 1), cut, marker="o", color=BLUE, label=f"{label}: {len(cut)} epochs")
    ax.set(xlabel="epoch", ylabel="validation score")
    ax.legend(loc="lower right")
    return tidy(ax)


def _epochs_below(ax: Axes, epochs: Sequence[int]) -> None:
    ax.set_xscale("log")
    ax.set_xticks(list(epochs), [str(e) for e in epochs])
    ax.minorticks_off()
    ax.set_xlabel("epochs")
