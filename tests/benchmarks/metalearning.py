"""Learning to learn: waves after a few inner steps, and letters of scripts that nobody has trained on.

Settings were chosen with learner seed 0, on waves of another seed and on the validation scripts; what is reported are
other seeds, other waves and the test scripts. Seconds are processor seconds of one thread.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.networks import image_network, wave_network
from nasedu.metalearning.pools import held_out_glyphs
from nasedu.metalearning.sinusoids import Sinusoids
from tests.benchmarks.row import Row, mean_and_error

SEEDS = (1, 2, 3, 4, 5)
EPISODES = 600
RATES = {"meta_rate": 0.005, "batch": 25}

WAVES: dict[str, tuple[str, dict[str, Any], int, tuple[float, ...]]] = {
    "MAML": ("maml", {}, 2800, (0.64, 0.28)),
    "MAML, four times as long": ("maml", {}, 12_000, (0.51, 0.17)),
    "first-order MAML": ("first-order-maml", {}, 4000, (1.17, 0.61)),
    "Reptile": ("reptile", {"inner_rate": 0.02}, 1200, (2.14, 1.12)),
    "ANIL": ("anil", {}, 2800, (1.40, 0.68)),
    "Meta-SGD, trained for one step": ("meta-sgd", {}, 2500, (0.49,)),
    "Meta-SGD, trained for one to five": ("meta-sgd", {"inner_steps": 5, "every_step": True}, 700, ()),
}
"""The method, its settings, its meta-steps, and the promised error after 1 and 5 inner steps."""

LETTERS: dict[str, tuple[str, dict[str, Any], int, tuple[float, ...]]] = {
    "pixels, nearest centroid": ("centroid", {}, 0, ()),
    "untrained trunk, nearest centroid": ("centroid", {}, 0, ()),
    "transfer, nearest centroid": ("centroid", {"meta_rate": 0.003}, 1000, (0.87, 0.97)),
    "transfer, linear probe": ("linear-probe", {"meta_rate": 0.003}, 1000, (0.87, 0.97)),
    "matching": ("matching", {"meta_rate": 0.003, "batch": 1}, 1200, ()),
    "prototypes": ("prototypes", {"meta_rate": 0.003, "batch": 1}, 1200, (0.91, 0.978)),
}
"""The method, its settings, its meta-steps, and the promised accuracy with 1 and 5 shots."""


def measure() -> list[Row]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = [(run, label, pool.map(run, [label] * len(SEEDS), SEEDS)) for run, label in everything()]
        return [row(run is waves, label, list(found)) for run, label, found in jobs]


def everything() -> Iterator[tuple[Any, str]]:
    yield from ((waves, label) for label in WAVES)
    yield from ((letters, label) for label in LETTERS)


def row(lower: bool, label: str, found: list[tuple[list[float], float]]) -> Row:
    """Return means over the seeds, with their standard errors, and whether each is what was promised."""
    *_, promised = (WAVES if lower else LETTERS)[label]
    scores = np.array([scores for scores, _ in found])
    seconds = np.mean([seconds for _, seconds in found])
    measured = " / ".join(mean_and_error(column.tolist()) for column in scores.T)
    means = scores.mean(0)[: len(promised)].round(2 if lower else 3)
    kept = bool(np.all(means <= promised if lower else means >= promised)) if promised else None
    what = f"waves, {label}: error after 1 / 5 steps" if lower else f"letters, {label}: accuracy with 1 / 5 shots"
    sign = "at most" if lower else "at least"
    return Row(
        what, f"{sign} {' / '.join(map(str, promised))}" if promised else "", f"{measured} ({seconds:.0f} s)", kept
    )


def waves(label: str, seed: int) -> tuple[list[float], float]:
    """Return the errors after 1 and 5 inner steps on new waves, and the processor seconds of the training."""
    torch.set_num_threads(1)
    name, how, steps, _ = WAVES[label]
    learner = load(name, wave_network(), seed=seed, **RATES, **how)
    seconds = trained(learner, Sinusoids(shots=10, queries=10), steps)
    test = Sinusoids(shots=10, queries=100)
    return [meta_test(learner, test, EPISODES, seed=1, steps=k).mean for k in (1, 5)], seconds


def letters(label: str, seed: int) -> tuple[list[float], float]:
    """Return the accuracies of 5 ways with 1 and 5 shots on the test scripts, and the seconds of the training."""
    torch.set_num_threads(1)
    name, how, steps, _ = LETTERS[label]
    network = nn.Flatten() if "pixels" in label else image_network((1, 12, 12), width=32)
    learner = load(name, network, seed=seed, **how)
    seconds = 0.0
    if steps:
        seconds = trained(learner, FewShotTasks(held_out_glyphs("train"), ways=20, shots=1, queries=5), steps)
    pool = held_out_glyphs("test")
    tests = [FewShotTasks(pool, ways=5, shots=shots, queries=15) for shots in (1, 5)]
    return [meta_test(learner, test, EPISODES, seed=seed).mean for test in tests], seconds


def trained(learner: Any, tasks: Any, steps: int) -> float:
    """Train a learner; return the processor seconds."""
    start = time.process_time()
    for _ in learner.meta_train(tasks, steps):
        pass
    return time.process_time() - start
