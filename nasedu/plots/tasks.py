"""Plots of tasks: their examples, and how similar several tasks are."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from nasedu.core import BadValue
from nasedu.plots.axes import in_cell, legend_above, new_axes, tidy


def examples(task: Any, ax: Axes | None = None, rows: int = 2, columns: int = 10) -> Axes:
    """Draw training images of a task in a grid: one column for each of its first classes."""
    if len(task.input_shape) != 3:
        raise BadValue(f"task {task.name!r} has no images: its inputs have shape {task.input_shape}")
    columns = min(columns, task.outputs)
    names = getattr(task, "classes", ()) or range(task.outputs)
    side = max(0.7, 5 / columns)  # few columns are drawn larger
    ax = ax or new_axes(side * columns, side * rows + 0.3)
    channels, height, width = task.input_shape
    grid = np.full((channels, rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan if channels == 1 else 1.0)
    for column in range(columns):
        for row, place in enumerate(np.flatnonzero(task.train.y == column)[:rows]):
            y, x = row * (height + 1), column * (width + 1)
            grid[:, y : y + height, x : x + width] = task.train.X[place]
    ax.imshow(grid[0] if channels == 1 else grid.transpose(1, 2, 0), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[column * (width + 1) + width / 2 - 0.5 for column in range(columns)], xticklabels=names[:columns])
    ax.set(yticks=[], xlabel="class")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def classes(X: np.ndarray, y: np.ndarray, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw examples of two numbers each as dots, with a colour and a shape for each class.

    Args:
        X: (examples, 2).
        y: the class of each, a whole number from 0.
        names: of the classes, in order.
    """
    if X.ndim != 2 or X.shape[1] != 2:
        raise BadValue(f"a plane has two directions: X is of shape (examples, 2); given {X.shape}")
    ax = ax or new_axes(5, 3.6)
    for place, name in enumerate(names):
        ax.scatter(*X[y == place].T, marker="os^Dv"[place % 5], alpha=0.6, label=name)
    legend_above(ax)  # dots are everywhere
    return tidy(ax)


def alike(matrix: np.ndarray, tasks: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw how similar tasks are, as a map: rank correlations from -1 to 1, each cell with its number.

    Args:
        matrix: (tasks, tasks), such as `nasedu.tables.task_correlation.task_correlation(table)` or a similarity.
        tasks: their names, in the same order.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.shape != (len(tasks), len(tasks)):
        raise BadValue(f"a map of {len(tasks)} tasks needs a matrix of that side; given shape {matrix.shape}")
    ax = ax or new_axes(2.6 + 0.48 * len(tasks), 2 + 0.44 * len(tasks))
    ax.imshow(matrix, cmap="cividis", vmin=-0.2, vmax=1)
    for cell, value in np.ndenumerate(matrix):
        in_cell(ax, cell, f"{value:.2f}".replace("0.", "."), size=9, dark=value <= 0.55)
    ax.set_xticks(range(len(tasks)), tasks, rotation=45, ha="right", fontsize=10)
    ax.set_yticks(range(len(tasks)), tasks, fontsize=10)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax
