"""What all 64 cells of a convolution or a skip connection on each edge are worth, each trained alone.

    python -m nasedu.classroom.lessons.lesson_11.ground_truth       # records them again, in some five minutes

The lesson compares each derived cell with all others. To train 64 cells there would take too long.
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
TASK, WIDTH, EPOCHS, TWICE = "what/digits", 4, 12, 16
RECIPE = Recipe(schedule="cosine", batch_size=64, learning_rate=1e-2)
PAIR = ("skip_connect", "nor_conv_3x3")
CELLS: tuple[Architecture, ...] = tuple(product(PAIR, repeat=6))


def space() -> Any:
    """Return the space in which the lesson searches: NAS-Bench-201's cell, with few channels."""
    return spaces.load("cell-201", tasks.load(TASK), width=WIDTH)


def kept() -> np.ndarray:
    """Return the table (edges, operations) in which each edge may have one of `PAIR`."""
    edges = Edges(space())
    return np.tile(np.isin(edges.operations, PAIR), (len(edges.rows), 1))


def recorded() -> dict[str, list[float]]:
    """Return what was measured: "first", of all cells with seed 0; "again", of the first ones with seed 1."""
    found: dict[str, list[float]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def scores() -> dict[Architecture, float]:
    """Return the recorded accuracy of each cell: on the validation split, after the last epoch of one training."""
    return dict(zip(CELLS, recorded()["first"], strict=True))


def noise() -> float:
    """Return the standard deviation of one training, from the cells that were trained twice."""
    found = recorded()
    twice = len(found["again"])
    return float(np.std(np.subtract(found["first"][:twice], found["again"])) / 2**0.5)


def measure(cells: Sequence[Architecture], seed: int) -> list[float]:
    """Return the accuracy of each cell after its last epoch, trained alone."""
    trainer = trainers.load("population", space(), tasks.load(TASK), patience=0, threads=1, recipe=RECIPE)
    return [round(one.curve[-1], 4) for one in trainer(cells, epochs=EPOCHS, seed=seed)]


if __name__ == "__main__":
    found = {"first": measure(CELLS, 0), "again": measure(CELLS[:TWICE], 1)}
    FILE.write_text(json.dumps(found) + "\n", encoding="utf-8")
