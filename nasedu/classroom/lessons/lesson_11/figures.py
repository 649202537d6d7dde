"""The figures of lesson 11, differentiable search.

Each function draws one figure and returns its axes.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes

from nasedu.core.palette import BLUE, GREEN, GREY, ORANGE, RED
from nasedu.oneshot.darts import hypergradient
from nasedu.plots.axes import MARKERS, name_lines, new_axes, tidy

CURVED = (0.5, 2.0, 3.0, 2.0, 1.0)
"""The numbers a, w, y, z and xi of a loss that is no parabola: half of (tanh(a w) - y) squared."""


def error_of(radius: float, dtype: torch.dtype) -> float:
    """Return the relative error of the finite difference in one hypergradient, compared with the exact one."""
    a, w, y, z, xi = (torch.tensor(number, dtype=dtype) for number in CURVED)
    a.requires_grad_(), w.requires_grad_()

    def loss(goal: torch.Tensor) -> "object":
        return lambda weights, alpha: (torch.tanh(alpha * weights[0]) - goal) ** 2 / 2

    train, validation = loss(y), loss(z)
    found, _ = hypergradient(train, validation, (w,), a, float(xi), radius)  # type: ignore[arg-type]
    (slope,) = torch.autograd.grad(train((w,), a), w, create_graph=True)  # type: ignore[operator]
    (exact,) = torch.autograd.grad(validation((w - xi * slope,), a), a)  # type: ignore[operator]
    return float(abs(found - exact) / abs(exact))


def errors(radii: Sequence[float]) -> tuple[Axes, dict[str, list[float]]]:
    """Draw the error of the finite difference for some radii, in both precisions; return the errors, too."""
    found = {str(dtype)[6:]: [error_of(radius, dtype) for radius in radii] for dtype in (torch.float32, torch.float64)}
    ax = new_axes(7, 3)
    for (name, values), marker, colour in zip(found.items(), MARKERS, (ORANGE, BLUE), strict=False):
        ax.loglog(radii, np.maximum(values, 1e-16), marker=marker, color=colour, label=name)
    ax.axvline(0.01, color=GREY, linestyle=":")
    ax.set(xlabel="radius: epsilon times the length of v", ylabel="relative error")
    name_lines(ax)
    return tidy(ax), found


def gap(rows: Sequence[Sequence[float]]) -> Axes:
    """Draw a line for each search: its mixture, the derived cell with the same weights, the cell trained alone."""
    ax = new_axes(6.5, 3)
    for place, row in enumerate(rows):
        ax.plot(range(3), row, marker=MARKERS[place % 5], linewidth=2.5, label=f"seed {place}")
    ax.set(xticks=range(3), xticklabels=["mixture", "derived cell,\nits weights", "derived cell,\ntrained alone"])
    ax.set(ylabel="validation accuracy", xlim=(-0.2, 2.2), ylim=(0, 1))
    ax.legend()
    return tidy(ax)


def skip_share(away: Sequence[float], learned: Sequence[float], formula: Sequence[float]) -> Axes:
    """Draw the share of the skip connection, learned and computed, over how far the input is from the best mixture."""
    ax = new_axes(6.5, 3)
    ax.plot(away, formula, color=GREY, linewidth=6, alpha=0.5, label="formula")
    ax.plot(away, learned, "o", color=RED, label="learned by descent")
    ax.axhline(0.5, color=GREY, linestyle="--")
    ax.annotate("above: the edge becomes a skip", (max(away), 0.5), (4, 4), "data", "offset points")
    ax.set(xlabel="var(x - m): the supernet gets better →", ylabel="share of the skip", ylim=(0, 1))
    ax.invert_xaxis()
    ax.legend()
    return tidy(ax)


def derived(truth: Sequence[float], found: Mapping[str, Sequence[float]], best: float, label: str) -> Axes:
    """Draw what all cells are worth as grey strokes, and the cells that each way found as markers.

    Args:
        truth: of all cells of the space.
        found: what the cells of each way are worth, a number for each seed.
        best, label: a cell to compare with, as a dashed line, and its name.
    """
    ax = new_axes(7.5, 1.2 + 0.5 * len(found))
    for row, (values, marker, colour) in enumerate(zip(found.values(), MARKERS, (RED, BLUE, GREEN), strict=False)):
        ax.vlines(truth, row - 0.3, row + 0.3, color=GREY, alpha=0.35)
        ax.plot(values, [row] * len(values), marker, color=colour, markersize=10, markeredgecolor="white")
    ax.axvline(best, color=GREY, linestyle="--")
    ax.annotate(label, (best, len(found) - 0.45), (-4, 0), "data", "offset points", ha="right")
    ax.set(yticks=range(len(found)), yticklabels=list(found), ylim=(-0.6, len(found) - 0.1))
    ax.set_xlabel("accuracy of the cell, trained alone")
    return tidy(ax)


def effects(trainings: Sequence[Sequence[float]], leads: Sequence[Sequence[float]]) -> Axes:
    """Draw for each edge what a convolution there is worth, and by how much alpha prefers it in each search.

    Args:
        trainings: what a convolution is worth on each edge, by one training of all cells and by another; a line
            reaches from the one to the other, and the marker of a search stands between.
        leads: the lead of its share on each edge, in each search.
    """
    ax = new_axes(7, 3.2)
    worth, least, most = (of(trainings, axis=0) for of in (np.mean, np.min, np.max))
    for place, values in enumerate(leads):
        ax.hlines(values, least, most, color=GREY, alpha=0.5)
        ax.plot(worth, values, MARKERS[place % 5], markersize=9, label=f"seed {place}")
    ax.axhline(0, color=GREY)
    ax.axvline(0, color=GREY)
    ax.set(xlabel="what a convolution on this edge is worth", ylabel="lead of its share")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return tidy(ax)
