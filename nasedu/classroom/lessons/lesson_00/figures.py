"""The figures of lesson 00, a search in ten minutes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import GREY, METHODS, methods
from nasedu.plots.axes import new_axes, tidy

SIZE = 13
"""Of texts, in points: a figure is read from the last row of a lecture hall, too."""


def landscape(scores: np.ndarray, marks: Mapping[str, float]) -> Axes:
    """Draw how many networks of a table have which score, with a named line for each mark; return the axes."""
    ax = new_axes(7, 3)
    ax.hist(scores, bins=np.linspace(scores.min(), scores.max(), 50).tolist(), color=GREY)
    top = ax.get_ylim()[1]
    for (name, score), colour in zip(marks.items(), methods(list(marks)), strict=True):
        ax.axvline(score, color=colour, linewidth=3)
        ax.annotate(
            f"{name}: {score:.0%}",
            (score, top),
            (-5, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            color=colour,
            weight="bold",
            size=SIZE,
        )
    ax.set(xlabel="share of images counted right", ylabel="networks")
    return tidy(ax)


def race(result: Any, hand_picked: float) -> Axes:
    """Draw the best score so far of each controller, with its interval; a dashed line is the hand-picked network."""
    ax: Axes = result.plot(ax=new_axes(9, 4.2), of="best", band="interval")
    ax.set_title("", loc="left")
    ax.axhline(hand_picked, linestyle="--", linewidth=2, color=METHODS["hand-picked"])
    ax.text(
        len(result.curves(result.labels[0], "best")[0]), hand_picked, "hand-picked", **_name("hand-picked", "right")
    )
    ax.text(1.2, result.best, "the best of all", size=SIZE, color=GREY, va="top")
    for words in ax.texts[: len(result.labels)]:
        words.set_fontsize(SIZE - 2)
    ax.set_xlabel("tries", size=SIZE)
    ax.set_ylabel(f"best score so far\n(mean of {len(result.seeds)} seeds)", size=SIZE)
    ax.tick_params(labelsize=SIZE - 1)
    ax.set_ylim(0.6, 1)
    return ax


def add_you(ax: Axes, best_so_far: Sequence[float]) -> None:
    """Add the line of the student, with its name at its end."""
    tries = range(1, len(best_so_far) + 1)
    ax.plot(tries, best_so_far, linewidth=3, color=METHODS["you"])
    ax.text(tries[-1] + 0.2, best_so_far[-1], "you", **_name("you", "left"))


def _name(method: str, ha: str) -> dict[str, Any]:
    return {"color": METHODS[method], "size": SIZE, "weight": "bold", "ha": ha, "va": "bottom"}
