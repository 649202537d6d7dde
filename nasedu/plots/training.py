"""Plots of a training: the learning curve, the confusion matrix, and scores against size."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nasedu.core import BadValue, Evaluation
from nasedu.core.palette import BLUE, GREY
from nasedu.plots.axes import in_cell, legend_above, new_axes, tidy


def curve(evaluation: Evaluation, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Draw the learning curve of one network: its score after each epoch."""
    ax = ax or new_axes(5, 3.2)
    epochs = range(1, len(evaluation.curve) + 1)
    ax.plot(epochs, evaluation.curve, marker="o", markersize=4, label=label or " ".join(evaluation.architecture))
    ax.set(xlabel="epoch", ylabel="validation score")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(ax)
    return tidy(ax)


def confusion(matrix: Sequence[Sequence[int]], ax: Axes | None = None, names: Sequence[str] | None = None) -> Axes:
    """Draw a confusion matrix: how often each class (row) was taken for each class (column).

    Args:
        matrix: (classes, classes), such as `evaluation.metrics["confusion"]`.
        names: of the classes, in order; without them they are numbered from 0.

    Raises:
        BadValue: more names than classes, or fewer.
    """
    counts = np.asarray(matrix)
    if names is not None and len(names) != len(counts):
        raise BadValue(f"a confusion of {len(counts)} classes needs as many names; given {len(names)}: {list(names)}")
    ax = ax or new_axes(4.6, 4.2)
    ax.imshow(counts, cmap="Blues")
    for cell, count in np.ndenumerate(counts):
        if count:
            in_cell(ax, cell, str(count), size=10, dark=count > counts.max() / 2)
    ax.set(xlabel="answer", ylabel="truth", xticks=range(len(counts)), yticks=range(len(counts)))
    if names is not None:
        _name_classes(ax, names)
    return ax


def _name_classes(ax: Axes, names: Sequence[str]) -> None:
    """Write names at both axes; rotate those below only if one of them is wider than its column."""
    ax.set_xticks(range(len(names)), names, fontsize=10)
    ax.set_yticks(range(len(names)), names, fontsize=10)
    ax.figure.canvas.figure.draw_without_rendering()  # the width of a column is known only after the layout
    column = ax.get_window_extent().width / len(names)
    if any(label.get_window_extent().width > column for label in ax.get_xticklabels()):
        ax.set_xticks(range(len(names)), names, fontsize=10, rotation=45, ha="right", rotation_mode="anchor")


def residuals(truth: np.ndarray, answers: np.ndarray, ax: Axes | None = None) -> Axes:
    """Draw how far each answer of a regression is off; on the line at 0 an answer is right.

    Args:
        truth, answers: of the same shape and in the same units; the outputs of one example are dots of their own.
    """
    if np.shape(truth) != np.shape(answers):
        raise BadValue(f"each answer needs one truth; given {np.shape(answers)} and {np.shape(truth)}")
    ax = ax or new_axes(7, 3.4)
    ax.axhline(0, color=GREY, linestyle="--")
    ax.scatter(np.ravel(answers), np.ravel(truth) - np.ravel(answers), s=18, color=BLUE, alpha=0.7)
    ax.set(xlabel="answer", ylabel="truth − answer")
    return tidy(ax)


def by_size(evaluations: Sequence[Evaluation], ax: Axes | None = None) -> Axes:
    """Draw score against parameters, each dot with its architecture; for a dozen networks or fewer."""
    ax = ax or new_axes(7, 3.4)
    known = [(float(e.parameters), e.score, " ".join(e.architecture)) for e in evaluations if e.parameters is not None]
    if not known:
        raise BadValue("none of these evaluations says how many parameters its network has")
    ax.scatter([size for size, _, _ in known], [score for _, score, _ in known], color=BLUE)
    for size, score, name in known:
        ax.annotate(name, (size, score), (7, 0), textcoords="offset points", va="center", size=10)
    ax.set(xlabel="parameters", ylabel="validation score")
    ax.margins(x=0.3)
    return tidy(ax)
