"""Plots of a search: its scores, its epsilon, what its controller learned, and all three in one figure."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nasedu.core import BadValue
from nasedu.core.palette import BLUE, GREEN, METHODS, ORANGE, RED
from nasedu.plots.axes import ABOVE_LEGEND, in_cell, legend_above, new_axes, tidy
from nasedu.store import Trial


def scores(trials: Sequence[Trial], ax: Axes | None = None, controller: str = "") -> Axes:
    """Draw the score of every trial in the order asked; a line for the best so far, crosses for failed trials.

    Args:
        controller: its name, such as `study.controller.name`: the dots have its colour.
    """
    ax = ax or new_axes(7, 3.6)
    done = evaluated(trials)
    numbers = np.array([t.number + 1 for t in done])
    values = np.array([t.score for t in done])
    ok = np.array([t.evaluation.ok for t in done])
    ax.scatter(numbers[ok], values[ok], s=30, color=METHODS.get(controller, BLUE), alpha=0.8, label="a trial", zorder=3)
    if not ok.all():
        ax.scatter(numbers[~ok], values[~ok], s=30, color=RED, marker="x", label="failed: chance score", zorder=3)
    ax.step(numbers, np.maximum.accumulate(values), where="post", color=ORANGE, linewidth=2.5, label="best so far")
    ax.set(xlabel="trial", ylabel="validation score", xlim=(0, numbers[-1] + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(ax)
    return tidy(ax)


def epsilon(trials: Sequence[Trial], ax: Axes | None = None) -> Axes:
    """Draw the probability of a random choice at each step, for each trial. Raise BadValue if no trial has one."""
    ax = ax or new_axes(7, 2)
    known = [t for t in trials if "epsilon" in t.status]
    if not known:
        raise BadValue("none of these trials has an epsilon: their controller does not explore in this way")
    ax.step([t.number + 1 for t in known], [t.status["epsilon"] for t in known], where="mid", color=GREEN, linewidth=2)
    ax.set(xlabel="trial", ylabel="epsilon", ylim=(0, 1.05), xlim=(0, known[-1].number + 2))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return tidy(ax)


def learned(rows: Sequence[dict[str, Any]], ax: Axes | None = None) -> Axes:
    """Draw the values that a controller learned: depth across, choice down, each cell with its value.

    Args:
        rows: `controller.learned()`: depth, choice, value, visits. A cell that was never visited stays empty.
    """
    if not rows:
        raise BadValue("this controller has learned nothing that can be drawn: its `learned()` is empty")
    choices = sorted({row["choice"] for row in rows}, key=by_kind_and_number)
    depths = sorted({row["depth"] for row in rows})
    ax = ax or new_axes(1.6 + 0.75 * len(depths), 0.8 + 0.3 * len(choices))
    values = np.full((len(choices), len(depths)), np.nan)
    for row in rows:
        values[choices.index(row["choice"]), depths.index(row["depth"])] = row["value"]
    image = ax.imshow(values, cmap="cividis", aspect="auto")
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for cell, value in np.ndenumerate(values):
        if np.isfinite(value):
            in_cell(ax, cell, f"{value:.2f}", size=10, dark=value < middle)
    ax.set(xlabel="layer", xticks=range(len(depths)), xticklabels=[depth + 1 for depth in depths])
    ax.set(yticks=range(len(choices)), yticklabels=choices)
    ax.figure.colorbar(image, ax=ax, label="value", fraction=0.05)
    return ax


def search_figure(
    trials: Sequence[Trial],
    learned_rows: Sequence[dict[str, Any]] = (),
    path: str | os.PathLike[str] | None = None,
    title: str = "",
) -> Figure:
    """Draw a whole search in one figure: scores, epsilon and what the controller learned, if they exist.

    Args:
        trials: evaluated trials.
        learned_rows: `controller.learned()`; if empty, that panel is omitted.
        path: where to save it (.png, .svg, .pdf); None saves nothing.

    Raises:
        BadValue: no trials, or a path that matplotlib cannot write to.
    """
    explores = any("epsilon" in t.status for t in trials)
    figure = Figure(figsize=(12 if learned_rows else 7.5, 6), layout="constrained")
    left: Any = figure
    right: Any = None
    if learned_rows:
        left, right = figure.subfigures(1, 2, width_ratios=[1.35, 1])  # type: ignore[misc]
    panels = left.subplots(2 if explores else 1, 1, height_ratios=[3, 1] if explores else None, squeeze=False)[:, 0]
    scores(trials, panels[0])
    if explores:
        epsilon(trials, panels[1])
    if right is not None:
        ax = learned(learned_rows, right.subplots())
        ax.set_title("what the controller learned", size=11)
    panels[0].set_title(title or "the search", size=11, pad=ABOVE_LEGEND)
    if path is not None:
        _save(figure, Path(path))
    return figure


def _save(figure: Figure, path: Path) -> None:
    if not path.parent.is_dir():
        raise BadValue(f"there is no folder {path.parent} for the figure {path.name}: make it first")
    known = sorted(figure.canvas.get_supported_filetypes())
    if path.suffix.lstrip(".").lower() not in known:
        raise BadValue(f"a figure's name ends in one of {', '.join('.' + kind for kind in known)}; given {path.name!r}")
    try:
        figure.savefig(path, dpi=120)
    except OSError as error:
        raise BadValue(f"the figure {path} cannot be written: {error.strerror}") from error


def evaluated(trials: Sequence[Trial]) -> list[Any]:
    """Return the trials that are evaluated. Raise BadValue if there is none."""
    done = [t for t in trials if t.evaluation is not None]
    if not done:
        raise BadValue("there is no evaluated trial to draw yet")
    return done


def by_kind_and_number(choice: str) -> tuple[Any, ...]:
    """Return a sort key: layers of one kind together, by their numbers: conv1-16, conv1-32, conv3-16, pool2."""
    word = "".join(c if c.isalpha() else " " for c in choice).split()
    numbers = "".join(c if c.isdigit() else " " for c in choice).split()
    return (choice == "stop", word, [int(n) for n in numbers])
