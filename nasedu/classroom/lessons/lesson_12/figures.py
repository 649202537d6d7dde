"""The figures of lesson 12, learning to learn.

Each function draws one figure and returns its axes; `one_line_changes` returns a table.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREY, LINES, RED
from nasedu.metalearning.anil import ANIL
from nasedu.metalearning.first_order import FirstOrderMAML
from nasedu.metalearning.inner_loop import InnerLoop
from nasedu.metalearning.meta_sgd import MetaSGD
from nasedu.metalearning.reptile import Reptile
from nasedu.plots.axes import MARKERS, name_lines, new_axes, tidy

CHANGES: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("MAML", InnerLoop.moved, "the step of one rate for all"),
    ("first-order MAML", FirstOrderMAML.moved, "the gradient counts as a constant"),
    ("Meta-SGD", MetaSGD.moved, "a learned rate for each weight"),
    ("ANIL", ANIL.moved, "only the head, the last layer, moves"),
    ("Reptile", Reptile.meta_gradient, "from the end back to the start; no queries"),
)


def one_line_changes() -> Any:
    """Return a table of the line in which each method differs, read from its own code."""
    from IPython.display import Markdown

    rows = [f"| {name} | {what} | `{line_of(function)}` |" for name, function, what in CHANGES]
    return Markdown("\n".join(["| method | what is different | its line in nasedu |", "|---|---|---|", *rows]))


def line_of(function: Callable[..., Any]) -> str:
    """Return what a function computes for each weight: the last value that its code gives by name."""
    code = inspect.getsource(function)
    of_each = re.findall(r"\{name: (.+) for name, .+\}", code.partition("losses, ways")[0])
    return str(of_each[-1]) if of_each else code.strip().rpartition("return ")[2]


def two_starts(tasks: Sequence[tuple[float, float]], alpha: float) -> tuple[Axes, tuple[float, float]]:
    """Draw the mean loss after one inner step over the start, and where MAML and first-order MAML come to rest.

    Args:
        tasks: curvature a and lowest point c of the loss of each.
        alpha: the inner rate.

    Returns:
        The axes, and both places of rest: of MAML, of first-order MAML.
    """
    a, c = np.transpose(tasks)
    one = 1 - alpha * a
    rests = tuple(float((weight * c).sum() / weight.sum()) for weight in (a * one**2, a * one))
    theta = np.linspace(c.min() - 0.5, c.max() + 0.5, 200)
    losses = (a * (one * (theta[:, None] - c)) ** 2 / 2).mean(1)
    ax = new_axes(6.5, 2.8)
    ax.plot(theta, losses, color=GREY, linewidth=3)
    for rest, name, marker, colour in zip(rests, ("MAML", "first-order MAML"), "os", (BLUE, RED), strict=True):
        height = float((a * (one * (rest - c)) ** 2 / 2).mean())
        ax.plot(rest, height, marker, color=colour, markersize=10, label=f"{name} comes to rest")
    ax.set(xlabel="start", ylabel="mean loss after one step", ylim=(0, None))
    ax.legend()
    return tidy(ax), (rests[0], rests[1])


def over_steps(found: Mapping[str, Any]) -> Axes:
    """Draw the error on new waves over the number of inner steps: a line for the mean, a band from seed to seed.

    Args:
        found: by the name of the method, errors (seeds, inner steps), or those of one seed, (inner steps,).
    """
    ax = new_axes(7.5, 3.6)
    for place, (name, values) in enumerate(found.items()):
        rows = np.atleast_2d(np.asarray(values, float))
        colour = LINES[place % len(LINES)]
        ax.plot(rows.mean(0), marker=MARKERS[place % len(MARKERS)], markersize=5, color=colour, label=name)
        ax.fill_between(range(rows.shape[1]), rows.min(0), rows.max(0), color=colour, alpha=0.2, linewidth=0)
    ax.set(yscale="log", xlabel="inner steps on a new wave", ylabel="mean squared error")
    low, high = ax.get_ylim()
    ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10) if low <= tick <= high]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])  # plain numbers in place of powers of ten
    ax.set_yticks([], minor=True)
    name_lines(ax)
    return tidy(ax)


def exploded(found: Mapping[str, np.ndarray]) -> Axes:
    """Draw on which share of new waves the error exploded, over the number of inner steps; a line for each seed."""
    ax = new_axes(7.5, 2.8)
    for place, (name, rows) in enumerate(found.items()):
        for number, row in enumerate(rows):
            style: dict[str, Any] = {"color": LINES[place], "marker": MARKERS[place], "markersize": 5}
            ax.plot(100 * row, label=name if number == 0 else None, alpha=0.8, **style)
    ax.set(xlabel="inner steps on a new wave", ylabel="exploded, % of waves")
    ax.legend()
    return tidy(ax)
