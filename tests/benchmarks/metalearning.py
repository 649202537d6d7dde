"""Learning to learn: waves after a few inner steps, and letters of scripts that nobody has trained on.

Settings were chosen with learner seed 0, on waves of another seed and on the validation scripts; what is reported are
other seeds, other waves and the test scripts. Seconds are processor seconds of one thread.
"""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.networks import image_network, wave_network
from nasedu.metalearning.pools import held_out_glyphs
from nasedu.metalearning.sinusoids import Sinusoids
from tests.benchmarks.row import Row, mean_and_error

SEEDS = (1, 2, 3, 4, 5)
EPISODES = 600
WAVES: dict[str, tuple[str, dict[str, Any], int, tuple[float, ...]]] = {
    "MAML": ("maml", {"meta_rate": 0.01}, 2000, (0.64, 0.28)),
    "MAML, four times as long": ("maml", {"meta_rate": 0.01}, 8000, (0.51, 0.17)),
    "first-order MAML": ("first-order-maml", {"meta_rate": 0.01}, 2500, (1.17, 0.61)),
    "Reptile": ("reptile", {"meta_rate": 0.005, "inner_rate": 0.02}, 1000, (2.14, 1.12)),
    "ANIL": ("anil", {"meta_rate": 0.01}, 2000, (1.40, 0.68)),
    "Meta-SGD, trained for one step": ("meta-sgd", {"meta_rate": 0.005, "share": 0.1}, 2000, (0.49,)),
    "Meta-SGD, trained for one to five": (
        "meta-sgd",
        {"meta_rate": 0.003, "share": 0.1, "inner_steps": 5, "every_step": True},
        600,
        (),
    ),
}
"""The method, its settings, its meta-steps, and the promised error after 1 and 5 inner steps."""

LETTERS: dict[str, tuple[float, ...]] = {
    "pixels, nearest centroid": (),
    "untrained trunk, nearest centroid": (),
    "transfer, nearest centroid": (0.87, 0.97),
    "transfer, linear probe": (0.87, 0.97),
    "matching": (),
    "prototypes": (0.91, 0.978),
}
"""The promised accuracy with 1 and 5 shots."""

META_STEPS = 1000
"""Of prototypes and of matching, each with 20 letters; transfer has as many steps of as many images."""


def measure() -> list[Row]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        on_letters = list(pool.map(letters, SEEDS))
        on_waves = {label: pool.map(waves, [label] * len(SEEDS), SEEDS) for label in WAVES}
        rows = [row(f"waves, {label}", "after 1 / 5 steps", WAVES[label][-1], list(on_waves[label])) for label in WAVES]
    for label, promised in LETTERS.items():
        rows.append(row(f"letters, {label}", "with 1 / 5 shots", promised, [found[label] for found in on_letters]))
    return rows


def row(what: str, at: str, promised: tuple[float, ...], every: list[tuple[list[float], float] | None]) -> Row:
    """Return means over the seeds, with their standard errors, and whether each is what was promised."""
    lower = what.startswith("waves")
    found = [one for one in every if one is not None]
    if len(found) < len(every):
        what += f", {len(every) - len(found)} of {len(every)} trainings exploded"
    scores = np.array([scores for scores, _ in found])
    seconds = np.mean([seconds for _, seconds in found])
    measured = " / ".join(mean_and_error(column.tolist()) for column in scores.T)
    means = scores.mean(0)[: len(promised)].round(2 if lower else 3)
    kept = bool(np.all(means <= promised if lower else means >= promised)) if promised else None
    told = f"{'at most' if lower else 'at least'} {' / '.join(map(str, promised))}" if promised else ""
    return Row(f"{what}: {'error' if lower else 'accuracy'} {at}", told, f"{measured} ({seconds:.0f} s)", kept)


def waves(label: str, seed: int) -> tuple[list[float], float] | None:
    """Return the errors after 1 and 5 inner steps on new waves, and the processor seconds; None if it explodes."""
    torch.set_num_threads(1)
    name, how, steps, _ = WAVES[label]
    learner = load(name, wave_network(), seed=seed, batch=25, **how)
    try:
        seconds = trained(learner, Sinusoids(shots=10, queries=10), steps)
    except BadValue:  # learned rates may
        return None
    test = Sinusoids(shots=10, queries=100)
    return [meta_test(learner, test, EPISODES, seed=1, steps=k).mean for k in (1, 5)], seconds


def letters(seed: int) -> dict[str, tuple[list[float], float]]:
    """Return by each way the accuracies of 5 ways with 1 and 5 shots on the test scripts, and the seconds to train."""
    torch.set_num_threads(1)
    tasks = FewShotTasks(held_out_glyphs("train"), ways=20, shots=1, queries=5)
    pool = held_out_glyphs("test")
    tests = [FewShotTasks(pool, ways=5, shots=shots, queries=15) for shots in (1, 5)]
    network = image_network(tasks.input_shape, width=32)
    found = {}

    def test(label: str, learner: Any, steps: int) -> None:
        seconds = trained(learner, tasks, steps)
        found[label] = [meta_test(learner, test, EPISODES, seed=seed).mean for test in tests], seconds

    test("pixels, nearest centroid", load("centroid", nn.Flatten()), 0)
    test("untrained trunk, nearest centroid", load("centroid", network, seed=seed), 0)
    trunk = load("centroid", network, seed=seed, meta_rate=0.006, batch=120)
    test("transfer, nearest centroid", trunk, META_STEPS)
    test("transfer, linear probe", load("linear-probe", trunk.network, keep_weights=True), 0)
    for name in ("matching", "prototypes"):
        test(name, load(name, network, seed=seed, meta_rate=0.006, batch=1), META_STEPS)
    return found


def trained(learner: Any, tasks: Any, steps: int) -> float:
    """Train a learner; return the processor seconds."""
    start = time.process_time()
    for _ in learner.meta_train(tasks, steps) if steps else ():
        pass
    return time.process_time() - start
