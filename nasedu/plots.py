"""Pictures of a search. Every function takes `ax=None` and returns the axes it drew on.

Colours are Okabe and Ito's (2008), told apart by colour-blind eyes too; nothing is said by colour alone.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nasedu.core import BadValue, Evaluation
from nasedu.store import Trial

BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#999999"


def scores(trials: Sequence[Trial], ax: Axes | None = None) -> Axes:
    """The score of every trial in the order asked, and the best so far as a line; crosses are trials that failed."""
    ax = ax or _axes(7, 3.6)
    done = _evaluated(trials)
    numbers = np.array([t.number + 1 for t in done])
    values = np.array([t.score for t in done])
    ok = np.array([t.evaluation.ok for t in done])
    ax.scatter(numbers[ok], values[ok], s=22, color=BLUE, alpha=0.8, label="a trial", zorder=3)
    if not ok.all():
        ax.scatter(numbers[~ok], values[~ok], s=30, color=RED, marker="x", label="failed: chance score", zorder=3)
    ax.step(numbers, np.maximum.accumulate(values), where="post", color=ORANGE, linewidth=2, label="best so far")
    ax.set(xlabel="trial", ylabel="validation score", xlim=(0, numbers[-1] + 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="best")
    return _tidy(ax)


def epsilon(trials: Sequence[Trial], ax: Axes | None = None) -> Axes:
    """The probability of a random choice at each step, trial by trial. Raises BadValue if no trial has one."""
    ax = ax or _axes(7, 2)
    known = [t for t in trials if "epsilon" in t.status]
    if not known:
        raise BadValue("none of these trials has an epsilon: their controller does not explore in this way")
    ax.step([t.number + 1 for t in known], [t.status["epsilon"] for t in known], where="mid", color=GREEN, linewidth=2)
    ax.set(xlabel="trial", ylabel="epsilon", ylim=(0, 1.05), xlim=(0, known[-1].number + 2))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _tidy(ax)


def learned(rows: Sequence[dict[str, Any]], ax: Axes | None = None) -> Axes:
    """What a controller holds its choices to be worth: depth across, choice down, each cell with its value.

    Args:
        rows: `controller.learned()`: depth, choice, value, visits. A cell that was never visited stays empty.
    """
    if not rows:
        raise BadValue("this controller has learned nothing that can be drawn: its `learned()` is empty")
    choices = sorted({row["choice"] for row in rows}, key=_kind_then_number)
    depths = sorted({row["depth"] for row in rows})
    ax = ax or _axes(1.6 + 0.75 * len(depths), 0.8 + 0.3 * len(choices))
    values = np.full((len(choices), len(depths)), np.nan)
    for row in rows:
        values[choices.index(row["choice"]), depths.index(row["depth"])] = row["value"]
    image = ax.imshow(values, cmap="cividis", aspect="auto")
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            ax.text(
                j, i, f"{value:.2f}", ha="center", va="center", size=8, color="white" if value < middle else "black"
            )
    ax.set(xlabel="layer", xticks=range(len(depths)), xticklabels=[depth + 1 for depth in depths])
    ax.set(yticks=range(len(choices)), yticklabels=choices)
    ax.figure.colorbar(image, ax=ax, label="value", fraction=0.05)
    return ax


def curve(evaluation: Evaluation, ax: Axes | None = None, label: str | None = None) -> Axes:
    """The learning curve of one network: its score after each epoch."""
    ax = ax or _axes(5, 3.2)
    epochs = range(1, len(evaluation.curve) + 1)
    ax.plot(epochs, evaluation.curve, marker="o", markersize=4, label=label or " ".join(evaluation.architecture))
    ax.set(xlabel="epoch", ylabel="validation score")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="best")
    return _tidy(ax)


def confusion(matrix: Sequence[Sequence[int]], ax: Axes | None = None) -> Axes:
    """Which class (row) was taken for which (column), as counts."""
    ax = ax or _axes(4.6, 4.2)
    counts = np.asarray(matrix)
    ax.imshow(counts, cmap="Blues")
    for (i, j), count in np.ndenumerate(counts):
        if count:
            ax.text(
                j,
                i,
                str(count),
                ha="center",
                va="center",
                size=8,
                color="white" if count > counts.max() / 2 else "black",
            )
    ax.set(xlabel="answer", ylabel="truth", xticks=range(len(counts)), yticks=range(len(counts)))
    return ax


def alike(matrix: np.ndarray, tasks: Sequence[str], ax: Axes | None = None) -> Axes:
    """How alike tasks are, as a map: rank correlations from -1 to 1, each cell with its number.

    Args:
        matrix: (tasks, tasks), such as `nasedu.tables.agreement.agreement(table)` or a likeness.
        tasks: their names, in the same order.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.shape != (len(tasks), len(tasks)):
        raise BadValue(f"a map of {len(tasks)} tasks needs a matrix of that side; given shape {matrix.shape}")
    ax = ax or _axes(2.4 + 0.46 * len(tasks), 1.8 + 0.42 * len(tasks))
    ax.imshow(matrix, cmap="cividis", vmin=-0.2, vmax=1)
    for (i, j), value in np.ndenumerate(matrix):
        ink = "black" if value > 0.55 else "white"
        ax.text(j, i, f"{value:.2f}".replace("0.", "."), ha="center", va="center", color=ink, fontsize=7)
    ax.set_xticks(range(len(tasks)), tasks, rotation=45, ha="right", fontsize=8)
    ax.set_yticks(range(len(tasks)), tasks, fontsize=8)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)
    return ax


def examples(task: Any, ax: Axes | None = None, rows: int = 2, columns: int = 10) -> Axes:
    """Training images of a task in a grid: one column for each of its first classes."""
    if len(task.input_shape) != 3:
        raise BadValue(f"task {task.name!r} has no images: its inputs have shape {task.input_shape}")
    columns = min(columns, task.outputs)
    ax = ax or _axes(0.7 * columns, 0.7 * rows + 0.3)
    channels, height, width = task.input_shape
    grid = np.full((channels, rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan if channels == 1 else 1.0)
    for column in range(columns):
        for row, place in enumerate(np.flatnonzero(task.train.y == column)[:rows]):
            y, x = row * (height + 1), column * (width + 1)
            grid[:, y : y + height, x : x + width] = task.train.X[place]
    ax.imshow(grid[0] if channels == 1 else grid.transpose(1, 2, 0), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[column * (width + 1) + width / 2 - 0.5 for column in range(columns)], xticklabels=range(columns))
    ax.set(yticks=[], xlabel="class")
    ax.tick_params(length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    return ax


def decisions(space: Any, ax: Axes | None = None) -> Axes:
    """A space as a graph: each dot a state with the number of architectures that go on from it, each line a choice.

    Args:
        space: any `nasedu.Space` of at most 40 states; the lines of choices that lead from one state to the same next
            one are drawn as one, with all their names.

    Raises:
        BadValue: more states than can be told apart in a picture.
    """
    from nasedu.spaces import counting

    ways = counting.counts(space)
    states = list(reversed(ways))
    if len(states) > MOST_DECISIONS:
        raise BadValue(f"{len(states)} states cannot be told apart in a picture; at most {MOST_DECISIONS} can")
    places = _by_depth(space, states)
    xs, ys = zip(*places.values(), strict=True)
    low, high = min(ys) - 0.3, max(ys) + 0.35 + 0.17 * max(xs)
    ax = ax or _axes(1.6 * (max(xs) + 0.6), 1.6 * (high - low))
    for state in states:
        names: dict[Any, list[str]] = {}
        for choice, after in space.moves(state).items():
            names.setdefault(after, []).append(choice)
        for after, choices in names.items():
            _decision(ax, places[state], places[after], ", ".join(choices))
    for state, (x, y) in places.items():
        ax.scatter(x, y, s=620, color="white" if space.moves(state) else GREEN, edgecolor="black", zorder=3)
        ax.text(x, y, str(ways[state]), ha="center", va="center", zorder=4)
    ax.set(xlim=(-0.3, max(xs) + 0.3), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    return ax


MOST_DECISIONS = 40


def _by_depth(space: Any, states: Sequence[Any]) -> dict[Any, tuple[int, float]]:
    """Where each state stands: as far right as the longest walk to it is long, each column around the middle."""
    depth = dict.fromkeys(states, 0)
    for state in states:
        for after in space.moves(state).values():
            depth[after] = max(depth[after], depth[state] + 1)
    columns: dict[int, list[Any]] = {}
    for state in states:
        columns.setdefault(depth[state], []).append(state)
    return {s: (x, (len(column) - 1) / 2 - i) for x, column in columns.items() for i, s in enumerate(column)}


def _decision(ax: Axes, start: tuple[int, float], end: tuple[int, float], name: str) -> None:
    """An arrow with a name; one that passes over a column bends around what stands there."""
    bend = 0.0 if end[0] - start[0] == 1 else -0.32
    style = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 13, "shrinkB": 13, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, arrowprops=style)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - bend * (end[0] - start[0]) / 2)
    ax.text(*middle, name, ha="center", va="center", size=9, bbox={"color": "white", "pad": 1})


def lines(x: Sequence[float], curves: Mapping[str, Sequence[float]], ax: Axes | None = None) -> Axes:
    """Several curves over the same x, each with its name in the legend."""
    ax = ax or _axes(7, 3.2)
    for name, values in curves.items():
        ax.plot(x, values, label=name)
    ax.legend(loc="best")
    return _tidy(ax)


def classes(X: np.ndarray, y: np.ndarray, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Examples of two numbers each as dots, with a colour and a shape for each class.

    Args:
        X: (examples, 2).
        y: the class of each, a whole number from 0.
        names: of the classes, in order.
    """
    if X.ndim != 2 or X.shape[1] != 2:
        raise BadValue(f"a plane has two directions: X is of shape (examples, 2); given {X.shape}")
    ax = ax or _axes(5, 3.6)
    for place, name in enumerate(names):
        ax.scatter(*X[y == place].T, marker="os^Dv"[place % 5], alpha=0.6, label=name)
    ax.legend(loc="best")
    return _tidy(ax)


def by_size(evaluations: Sequence[Evaluation], ax: Axes | None = None) -> Axes:
    """Score against parameters, each dot with its architecture; for a dozen networks or fewer."""
    ax = ax or _axes(7, 3.4)
    known = [(float(e.parameters), e.score, " ".join(e.architecture)) for e in evaluations if e.parameters is not None]
    if not known:
        raise BadValue("none of these evaluations says how many parameters its network has")
    ax.scatter([size for size, _, _ in known], [score for _, score, _ in known], color=BLUE)
    for size, score, name in known:
        ax.annotate(name, (size, score), (7, 0), textcoords="offset points", va="center", size=9)
    ax.set(xlabel="parameters", ylabel="validation score")
    ax.margins(x=0.3)
    return _tidy(ax)


def bars(values: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Positive numbers of very different size, smallest below, on a logarithmic axis; each with its value."""
    if not values or min(values.values()) <= 0:
        raise BadValue(f"a logarithmic axis has room for positive numbers alone; given {dict(values)}")
    names = sorted(values, key=lambda name: values[name])
    numbers = [float(values[name]) for name in names]
    ax = ax or _axes(7, 0.7 + 0.28 * len(names))
    ax.barh(names, numbers, color=BLUE, log=True)
    for row, number in enumerate(numbers):
        text = f"{number:,.0f}" if 1 <= number < 1e7 else f"{number:.2g}"
        ax.annotate(text, (number, row), (5, 0), textcoords="offset points", va="center")
    ax.set_xlim(right=numbers[-1] * (numbers[-1] / numbers[0]) ** 0.15)
    return _tidy(ax)


def encodings(space: Any, architectures: Sequence[Sequence[str]]) -> Axes:
    """Architectures as the vectors of `space.encode`, side by side: one row to a place, one column to a choice.

    Returns:
        The axes of the first; its figure holds them all.
    """
    _, panels = plt.subplots(
        1, len(architectures), figsize=(3 * len(architectures), 2.4), layout="constrained", sharey=True, squeeze=False
    )
    for ax, architecture in zip(panels[0], architectures, strict=True):
        ax.imshow(space.encode(tuple(architecture)).reshape(-1, len(space.vocabulary()[0])), cmap="Blues", vmax=1.4)
        ax.set(xlabel="choice", xticks=[])
        ax.set_title(" ".join(architecture), size=9)
    panels[0, 0].set_ylabel("place")
    return panels[0, 0]


def band(x: Sequence[float], intervals: Sequence[Any], ax: Axes | None = None, label: str | None = None) -> Axes:
    """Means as a line, with their uncertainty as a band.

    Args:
        x: where each of them was measured.
        intervals: each with `mean`, `low` and `high`, such as `nasedu.classroom.interval(values)`.
        label: for the legend, if several bands share the axes.
    """
    ax = ax or _axes(6, 3.2)
    (line,) = ax.plot(x, [one.mean for one in intervals], marker="o", markersize=4, label=label)
    low, high = [one.low for one in intervals], [one.high for one in intervals]
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if label:
        ax.legend(loc="best")
    return _tidy(ax)


def whiskers(intervals: Mapping[str, Any], ax: Axes | None = None, label: str | None = None) -> Axes:
    """Means with their uncertainty, one row to each; called again on the same axes, the next ones a little lower.

    Args:
        intervals: by name, each with `mean` and `half`, such as `nasedu.classroom.interval(values)`.
        label: for the legend, if several sets share the axes.
    """
    ax = ax or _axes(7, min(1 + 0.5 * len(intervals), 2.5 + 0.25 * len(intervals)))
    drawn = len(ax.containers)
    rows = np.arange(len(intervals)) + 0.22 * drawn
    means, halves = [one.mean for one in intervals.values()], [one.half for one in intervals.values()]
    ax.errorbar(means, rows, xerr=halves, fmt="os^Dv"[drawn % 5], capsize=4, label=label)
    ax.set(yticks=np.arange(len(intervals)), yticklabels=intervals, ylim=(len(intervals) - 0.4, -0.5))
    if label:
        ax.legend(loc="best")
    return _tidy(ax)


def search_figure(
    trials: Sequence[Trial],
    learned_rows: Sequence[dict[str, Any]] = (),
    path: str | os.PathLike[str] | None = None,
    title: str = "",
) -> Figure:
    """A whole search in one picture: scores, epsilon and what the controller learned, as far as there are any.

    Args:
        trials: evaluated trials.
        learned_rows: `controller.learned()`; empty leaves that panel out.
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
    panels[0].set_title(title or "the search", size=11)
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


def _evaluated(trials: Sequence[Trial]) -> list[Any]:
    done = [t for t in trials if t.evaluation is not None]
    if not done:
        raise BadValue("there is no evaluated trial to draw yet")
    return done


def _kind_then_number(choice: str) -> tuple[Any, ...]:
    """Layers of one kind together, by the numbers in their names: conv1-16, conv1-32, conv3-16, pool2."""
    word = "".join(c if c.isalpha() else " " for c in choice).split()
    numbers = "".join(c if c.isdigit() else " " for c in choice).split()
    return (choice == "stop", word, [int(n) for n in numbers])


def _axes(width: float, height: float) -> Axes:
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def _tidy(ax: Axes) -> Axes:
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
