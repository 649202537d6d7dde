"""Plots of what was chosen: which choice mattered, each choice with its scores, and whole networks as lines."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nasedu.core import BadValue, best_first
from nasedu.core.palette import BLUE, GREY, ORANGE, RED
from nasedu.plots.axes import legend_above, new_axes, tidy
from nasedu.plots.search import by_kind_and_number, evaluated
from nasedu.spaces.importance import Importance, importance_of
from nasedu.spaces.places import ENDED, Place, places
from nasedu.store import Trial

COLUMNS = 3
"""Slices side by side."""


def importance(trials: Sequence[Trial], space: Any, ax: Axes | None = None, found: Importance | None = None) -> Axes:
    """Draw how much the choice at each place mattered, and how much it would by chance (`importance_of`).

    The line at each bar goes from the smallest to the largest share that one of the forests gave. A grey, hatched bar
    is not above chance.

    Args:
        trials: of a search; those that failed are omitted.
        space: the space that was searched; of a pruned one, the space inside.
        found: if it is known already; otherwise it is computed, which takes some seconds.

    Raises:
        BadValue: fewer than 20 different networks, or scores that are all equal.
    """
    if found is None:
        good = [t for t in _distinct(trials) if _ok(t)]
        found = importance_of(space, [t.architecture for t in good], [t.score for t in good])
    order = np.argsort(found.shares, kind="stable")
    ax = ax or new_axes(7, 1.2 + 0.32 * len(order))
    for row, i in enumerate(order):
        above = found.names[i] in found.important
        ax.barh(row, max(found.shares[i], 0), color=BLUE if above else GREY, hatch="" if above else "//", alpha=0.85)
    whiskers = np.array([found.low, found.high])[:, order].clip(0)
    ax.hlines(range(len(order)), *whiskers, color=plt.rcParams["text.color"], linewidth=1.5)
    ax.axvline(found.chance, color=RED, linestyle="--", label="chance: 95 of 100 shuffles stay below")
    ax.set(yticks=range(len(order)), yticklabels=[found.names[i] for i in order], xlim=(0, None))
    ax.set(xlabel="share of the variance of the scores that goes with the choice")
    legend_above(ax)
    return tidy(ax)


def slices(trials: Sequence[Trial], space: Any, axes: Sequence[Axes] | None = None) -> np.ndarray:
    """Draw the scores of each choice, one plot for each place: a dot for each network, a stroke at their median.

    A failed trial is a cross at the chance score.

    Args:
        trials, space: as for `importance`.
        axes: one for each place at which the networks differ; None makes a figure.

    Returns:
        The axes that were drawn on, in the order of the walk.

    Raises:
        BadValue: no trial, networks that differ nowhere, or another number of axes than places.
    """
    known = _distinct(trials)
    found = _places(space, known)
    drawn = _grid(found) if axes is None else np.asarray(axes, dtype=object).ravel()
    if len(drawn) != len(found):
        raise BadValue(f"the networks differ at {len(found)} places: as many axes are needed; given {len(drawn)}")
    scores, ok = np.array([t.score for t in known]), np.array([_ok(t) for t in known])
    for ax, place in zip(drawn, found, strict=True):
        _slice(ax, place, scores, ok)
    return drawn


def _slice(ax: Axes, place: Place, scores: np.ndarray, ok: np.ndarray) -> None:
    values = np.array(place.values)
    choices = _ordered(place)
    for row, choice in enumerate(choices):
        here = values == choice
        spread = row + np.linspace(-0.25, 0.25, max(here.sum(), 2))[: here.sum()] * (here.sum() > 1)
        ax.scatter(scores[here & ok], spread[ok[here]], s=16, color=BLUE, alpha=0.7)
        ax.scatter(scores[here & ~ok], spread[~ok[here]], s=24, color=RED, marker="x")
        if (here & ok).any():
            median = float(np.median(scores[here & ok]))
            ax.vlines(median, row - 0.4, row + 0.4, color=plt.rcParams["text.color"], linewidth=2)
    ax.set(yticks=range(len(choices)), yticklabels=choices, ylim=(len(choices) - 0.4, -0.6))
    ax.set_title(place.name, size=11)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    tidy(ax)


def _grid(found: list[Place]) -> np.ndarray:
    """Return axes in rows of three, each row as high as its longest list of choices needs."""
    rows = [found[start : start + COLUMNS] for start in range(0, len(found), COLUMNS)]
    heights = [0.7 + 0.24 * max(len(set(place.values)) for place in row) for row in rows]
    figure, axes = plt.subplots(
        len(rows),
        COLUMNS,
        figsize=(9, sum(heights) + 0.4),
        height_ratios=heights,
        sharex=True,
        squeeze=False,
        layout="constrained",
    )
    figure.supxlabel("validation score", size=11)
    for ax in axes.ravel()[len(found) :]:
        ax.remove()
    for above in axes.ravel()[: len(found)][-COLUMNS:]:
        above.tick_params(labelbottom=True)
    return axes.ravel()[: len(found)]


def parallel_coordinates(trials: Sequence[Trial], space: Any, ax: Axes | None = None) -> Axes:
    """Draw each network as a line through its choices, from left to right, to its score.

    The better quarter is drawn in blue, the best network as a thick line in orange; failed trials are omitted.

    Args:
        trials, space: as for `importance`.

    Raises:
        BadValue: no trial that succeeded, or networks that differ nowhere.
    """
    good = sorted((t for t in _distinct(trials) if _ok(t)), key=_rank, reverse=True)
    found = _places(space, good)
    ax = ax or new_axes(max(7, 1.3 * (len(found) + 1)), 4)
    scores = np.array([t.score for t in good])
    lowest, width = scores.min(), np.ptp(scores) or 1
    heights = [_heights(place) for place in found]
    points = [[at[value] for value in place.values] for place, at in zip(found, heights, strict=True)]
    quarter = np.quantile(scores, 0.75)
    styles: list[dict[str, Any]] = [
        {"color": BLUE if s >= quarter else GREY, "linewidth": 1, "alpha": 0.7} for s in scores
    ]
    styles[-1] = {"color": ORANGE, "linewidth": 3, "label": "the best network"}
    for line, style in zip(np.array([*points, (scores - lowest) / width]).T, styles, strict=True):
        ax.plot(range(len(found) + 1), line, **style)
    ticks: dict[str, Any] = {"ha": "center", "va": "center", "size": 8}
    box: dict[str, Any] = {"facecolor": plt.rcParams["axes.facecolor"], "edgecolor": "none", "alpha": 0.8, "pad": 1}
    for x, at in enumerate(heights):
        for choice, height in at.items():
            ax.text(x, height, choice, bbox=box, **ticks)
    for share in (0, 0.5, 1):
        ax.text(len(found), share, f"{lowest + share * width:.3f}", bbox=box, **ticks)
    ax.set_xticks(range(len(found) + 1), [*(place.name for place in found), "score"], rotation=20, ha="right", size=9)
    ax.set_yticks([])
    ax.margins(x=0.06)
    ax.spines[:].set_visible(False)
    ax.grid(axis="x", alpha=0.3)
    legend_above(ax)
    return ax


# ---------------------------------------------------------------------- small things


def _distinct(trials: Sequence[Trial]) -> list[Any]:
    """Return the evaluated trials, the first of each architecture."""
    found: dict[Any, Any] = {}
    for trial in evaluated(trials):
        found.setdefault(trial.architecture, trial)
    return list(found.values())


def _ok(trial: Any) -> bool:
    return bool(trial.evaluation.ok)


def _rank(trial: Any) -> tuple[Any, ...]:
    """A key that sorts the best first; on a tie in everything, the earlier trial."""
    return (*best_first(trial.evaluation), trial.number)


def _places(space: Any, trials: list[Any]) -> list[Place]:
    found = places(space, [t.architecture for t in trials])
    if not found:
        raise BadValue(f"{len(trials)} different networks differ at no place: there is no choice to compare yet")
    return found


def _ordered(place: Place) -> list[str]:
    return sorted(set(place.values), key=lambda choice: (choice == ENDED, by_kind_and_number(choice)))


def _heights(place: Place) -> dict[str, float]:
    """Return where each choice stands on an axis from 0 to 1, the first on top."""
    choices = _ordered(place)
    return {choice: 1 - row / (len(choices) - 1) for row, choice in enumerate(choices)}
