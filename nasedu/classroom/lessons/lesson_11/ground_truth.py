"""What all 64 cells of a convolution or a skip connection on each edge are worth, each trained alone, twice.

    python -m nasedu.classroom.lessons.lesson_11.ground_truth       # records them again, in some seven minutes

The lesson compares each derived cell with all others. To train 64 cells there would take too long. The recipe is that
of the benchmark with twenty supernets (`tests/benchmarks/cells_alone.py`). Some cells are the same network, drawn in
two ways: they have the same numbers.
"""

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from nasedu import spaces, tasks, trainers
from nasedu.core import Architecture
from nasedu.oneshot.edges import Edges
from nasedu.trainers.recipe import Recipe

FILE = Path(__file__).with_name("ground_truth.json")
TASK, WIDTH, EPOCHS = "what/digits", 4, 12
RECIPE = Recipe(schedule="cosine", batch_size=32, learning_rate=5e-3)
SEEDS = (0, 1)
TOGETHER = 8
"""Cells that are trained together; more of them need more memory."""
PAIR = ("skip_connect", "nor_conv_3x3")
CELLS: tuple[Architecture, ...] = tuple(product(PAIR, repeat=6))


def space() -> Any:
    """Return the space in which the lesson searches: NAS-Bench-201's cell, with few channels."""
    return spaces.load("cell-201", tasks.load(TASK), width=WIDTH)


def kept() -> np.ndarray:
    """Return the table (edges, operations) in which each edge may have one of `PAIR`."""
    edges = Edges(space())
    return np.tile(np.isin(edges.operations, PAIR), (len(edges.rows), 1))


def recorded() -> list[list[float]]:
    """Return what was measured: for each of `SEEDS` the accuracy of each of `CELLS`."""
    found: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return [found[str(seed)] for seed in SEEDS]


def scores() -> dict[Architecture, float]:
    """Return the mean accuracy of each cell: on the validation split, after the last epoch of two trainings."""
    return dict(zip(CELLS, np.mean(recorded(), axis=0).tolist(), strict=True))


def noise() -> float:
    """Return the standard deviation of one training around the mean of its network; each network counts once."""
    pairs = np.array(sorted(set(zip(*recorded(), strict=True))))
    return float(np.sqrt(np.var(pairs, axis=1, ddof=1).mean()))


def measure(cells: Sequence[Architecture], seed: int) -> list[float]:
    """Return the accuracy of each cell after its last epoch, trained alone."""
    trainer = trainers.load("population", space(), tasks.load(TASK), patience=0, threads=1, recipe=RECIPE)
    groups = (cells[at : at + TOGETHER] for at in range(0, len(cells), TOGETHER))
    return [round(one.curve[-1], 4) for group in groups for one in trainer(group, epochs=EPOCHS, seed=seed)]


if __name__ == "__main__":
    FILE.write_text(json.dumps({str(seed): measure(CELLS, seed) for seed in SEEDS}) + "\n", encoding="utf-8")
