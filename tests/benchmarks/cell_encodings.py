"""Which encoding of cells lets a predictor rank them: one-hot or paths, on random cells of NAS-Bench-201's space.

White, Neiswanger, Savani (BANANAS, AAAI 2021) report on NAS-Bench-101 that the path encoding predicts better than the
adjacency matrix. Here are other cells, with operations on edges, each trained once on `digits`. A cell without a path
from input to output is not drawn, nor a second way to write a cell. Ten minutes of processor time.
"""

import numpy as np

import nasedu
from nasedu import trainers
from nasedu.controllers.predictor import ENCODINGS, MODELS
from nasedu.core.ranking import rank_correlation
from tests.benchmarks.row import Row, spread

CELLS, EPOCHS = 150, 4
KNOWN, MEMBERS, SPLITS = 50, 5, 40


def measure() -> list[Row]:
    task = nasedu.tasks.load("digits")
    space = nasedu.spaces.load("cell-201", task, width=4)
    cells = drawn(space, CELLS)
    trainer = trainers.load("sequential", space, task)
    return rows(space, cells, np.array([trainer([cell], epochs=EPOCHS, seed=0)[0].score for cell in cells]))


def drawn(space, count: int) -> list:
    """Draw different cells, each of which carries something from its input to its output."""
    rng, found = np.random.default_rng(0), {}
    while len(found) < count:
        cell = space.sample_uniform(rng)
        if space.paths(cell):
            found.setdefault(space.canonical(cell), cell)
    return list(found.values())


def rows(space, cells: list, scores: np.ndarray) -> list[Row]:
    """Return the rank correlation over the cells that a predictor did not see, a row for each model.

    All splits are of the same cells, so the interval says how much the split matters, and not what other cells would
    say.
    """
    X = {name: encode(space, cells, cells) for name, encode in ENCODINGS.items()}
    measured = []
    for model in MODELS:
        found = {name: [judged(model, X[name], scores, split) for split in range(SPLITS)] for name in X}
        gain = np.subtract(found["path"], found["one-hot"])
        said = (
            f"one-hot {np.mean(found['one-hot']):.2f}, path {np.mean(found['path']):.2f}; path ahead by {spread(gain)}"
        )
        measured.append(Row(f"{model}: rank correlation over {len(cells) - KNOWN} cells, {SPLITS} splits", "", said))
    return measured


def judged(model: str, X: np.ndarray, scores: np.ndarray, split: int) -> float:
    """Fit an ensemble to `KNOWN` cells, and return its rank correlation over the others."""
    order = np.random.default_rng(split).permutation(len(scores))
    seen, rest = order[:KNOWN], order[KNOWN:]
    y = (scores[seen] - scores[seen].mean()) / scores[seen].std()
    said = np.mean([MODELS[model](X[seen], y, seed).predict(X[rest]) for seed in range(MEMBERS)], axis=0)
    return rank_correlation(said, scores[rest])
