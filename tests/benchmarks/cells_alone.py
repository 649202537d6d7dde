"""What a cell is worth: trained alone, several times, and judged on the validation split after its last epoch.

Beside it, the baseline of every search by shared weights: random cells, scored by one set of weights.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from math import comb
from typing import Any

import numpy as np

from nasedu import trainers
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.metrics import score_of
from nasedu.trainers.single.training import Data

EPOCHS = 12
RECIPE = Recipe(schedule="cosine", batch_size=32, learning_rate=5e-3)
SEEDS = (101, 102)
"""Of the trainings that judge; no search has them."""


class Alone:
    """Trains each architecture once with each seed, and remembers it."""

    def __init__(self, space: Any, task: Any, *, epochs: int = EPOCHS, seeds: Sequence[int] = SEEDS):
        self.seeds, self.epochs = seeds, epochs
        self.trainer = trainers.load(  # only the last epoch is recorded: a best one would be chosen after the fact
            "sequential", space, task, threads=1, patience=0, recipe=RECIPE, record_test_at=(epochs,)
        )
        self._found: dict[Architecture, list[float]] = {}
        self._spent: list[float] = []

    def scores(self, architecture: Architecture) -> list[float]:
        """Return the validation score of each training."""
        if architecture not in self._found:
            self._remember(architecture, *self._trained(architecture))
        return self._found[architecture]

    def train_all(self, architectures: Iterable[Architecture], workers: Executor) -> None:
        """Train those that are not known yet, several at a time."""
        new = [one for one in dict.fromkeys(architectures) if one not in self._found]
        for architecture, found in zip(new, workers.map(self._trained, new), strict=True):
            self._remember(architecture, *found)

    def _trained(self, architecture: Architecture) -> tuple[list[float], float]:
        started = time.process_time()
        runs = [self.trainer([architecture], epochs=self.epochs, seed=seed)[0] for seed in self.seeds]
        return [run.curve[-1] for run in runs], time.process_time() - started

    def _remember(self, architecture: Architecture, scores: list[float], seconds: float) -> None:
        self._found[architecture] = scores
        self._spent.append(seconds)

    def worth(self, architecture: Architecture) -> float:
        """Return the mean validation score."""
        return float(np.mean(self.scores(architecture)))

    @property
    def seconds(self) -> float:
        """Return the mean processor seconds of one training."""
        return float(np.mean(self._spent)) / len(self.seeds)

    def known(self) -> tuple[Architecture, ...]:
        """Return the architectures that were trained so far."""
        return tuple(self._found)

    def noise(self) -> float:
        """Return the standard deviation of one training around the mean of its architecture."""
        return float(np.sqrt(np.mean([np.var(scores, ddof=1) for scores in self._found.values()])))


DRAWN, SHARED_RECIPE = 64, Recipe(schedule="cosine", learning_rate=5e-3)
Draw = Callable[[np.random.Generator], Architecture]


def shared_random(space: Any, task: Any, seed: int, draw: Draw, steps: int) -> Architecture:
    """Return the best of `DRAWN` random cells by weights that all of them share.

    Li and Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, section 3.2: weights
    are trained along random paths, and then score random cells.
    """
    supernet, rng = Supernet(space, seed=seed, recipe=SHARED_RECIPE), rng_from(seed, "cells")
    for _ in SupernetTraining(supernet, task, steps=steps, seed=seed, paths=lambda rng: (draw(rng),)):
        pass
    seen, judge = Data.of(task.train, supernet.device), Data.of(task.validation, supernet.device)
    cells = sorted({draw(rng) for _ in range(DRAWN)})
    found = answers(supernet, cells, judge.X, statistics="re-estimated", seen=seen.X[:256])
    return max(found, key=lambda pair: score_of(task, pair[1], judge.y))[0]


def spread(values: Sequence[float] | np.ndarray) -> str:
    """Return mean, standard deviation, least and most."""
    values = np.asarray(values)
    return f"{values.mean():.3f} ± {values.std(ddof=1):.3f} (sd), {values.min():.3f} to {values.max():.3f}"


def interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the mean and half its 95% interval, by Student's distribution."""
    from scipy.stats import t

    n = len(differences)
    if n < 2:
        return float(np.mean(differences)) if n else float("nan"), float("nan")
    return float(np.mean(differences)), float(t.ppf(0.975, n - 1) * np.std(differences, ddof=1) / np.sqrt(n))


def best_of(n: int, chosen_by: Sequence[float] | np.ndarray, worths: Sequence[float] | np.ndarray) -> float:
    """Return the expected worth of the cell that scored best among n different ones drawn from the pool."""
    order = np.argsort(chosen_by)
    ways = [comb(place, n - 1) for place in range(len(order))]  # draws in which the cell at this place is the best
    return float(np.average(np.array(worths)[order], weights=ways))
