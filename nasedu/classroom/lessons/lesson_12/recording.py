"""What lesson 12 compares over several seeds, measured once: each learner here takes longer than the whole page may.

    python -m nasedu.classroom.lessons.lesson_12.recording    # writes recorded.npz; five minutes on one idle core

A recording that was stopped goes on with what is missing. The settings are those of `make bench`, which were chosen
with learner seed 0 and other waves.
"""

import time
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nasedu.metalearning import load
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.inner_loop import EXPLODED
from nasedu.metalearning.networks import wave_network
from nasedu.metalearning.sinusoids import Sinusoids

FILE = Path(__file__).parent / "recorded.npz"
SEEDS = (1, 2, 3)
META_STEPS = 1000
LONG = 4000
"""Meta-steps of one more learner of each method, with the first seed: the lesson's players show it."""
BATCH = 25
MOST_STEPS = 10
"""Inner steps after which a learner is tested: none, one, ..., this many."""
EPISODES = 600
"""New waves of a test, each with 10 points to learn from and 100 to be asked about."""
MENDED = "Meta-SGD, every step"
"""It takes as long as four of the others, so only the first seed is recorded."""
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "MAML": ("maml", {"meta_rate": 0.01}),
    "first-order MAML": ("first-order-maml", {"meta_rate": 0.01}),
    "Reptile": ("reptile", {"meta_rate": 0.005, "inner_rate": 0.02}),
    "Meta-SGD": ("meta-sgd", {"meta_rate": 0.005, "share": 1.0}),
    "ANIL": ("anil", {"meta_rate": 0.01}),
    "joint training": ("reptile", {"meta_rate": 0.005, "inner_rate": 0.02, "inner_steps": 1, "minibatch": 20}),
    MENDED: ("meta-sgd", {"meta_rate": 0.005, "share": 0.1, "inner_steps": 5, "every_step": True}),
}
"""By the name in the lesson: the name of the method and its settings.

Meta-SGD learns its rates as fast as its weights, as published; the default of nasedu is 0.03 of it. Joint
training is Reptile with one inner step.
"""
FROZEN = "MAML, frozen features"
"""The starts of MAML, of which only the last layer is moved in the test (Raghu et al., ICLR 2020, section 3)."""


def learner(name: str, seed: int = SEEDS[0], **more: Any) -> Any:
    """Return a new learner of `METHODS`, not trained yet."""
    method, settings = METHODS[name]
    return load(method, wave_network(), seed=seed, batch=BATCH, **settings, **more)


def trained(name: str) -> Any:
    """Return the learner of the first seed after `LONG` meta-steps, as it was recorded; it cannot be trained on."""
    found = learner(name)
    with torch.no_grad():
        for key, tensor in found.learned.items():
            tensor.copy_(torch.from_numpy(_all()[f"learned/{name}/{key}"]))
    return found


def errors(name: str) -> np.ndarray:
    """Return the mean squared error of each learner on new waves: (seeds, 1 + MOST_STEPS), after 0, 1, ... inner steps.

    The seeds are `SEEDS`, and the first of them for `MENDED`.

    Args:
        name: of `METHODS`, or `FROZEN`.
    """
    return _of_seeds("errors", name)


def explosions(name: str) -> np.ndarray:
    """Return on which share of the waves the error exploded, in the same form as `errors`."""
    return _of_seeds("explosions", name)


def seconds(name: str) -> float:
    """Return the processor seconds of one meta-training, the mean over seeds."""
    return float(_of_seeds("seconds", name).mean())


def errors_of_long(name: str) -> np.ndarray:
    """Return the errors of the learner of `LONG` meta-steps: (1 + MOST_STEPS,)."""
    return _all()[f"errors/{name}/long"]


def seeds_of(name: str) -> tuple[int, ...]:
    """Return the seeds with which a method was recorded."""
    return SEEDS[:1] if name == MENDED else SEEDS


def _of_seeds(measure: str, name: str) -> np.ndarray:
    return np.array([_all()[f"{measure}/{name}/{seed}"] for seed in seeds_of(name)])


@lru_cache(maxsize=1)
def _all() -> dict[str, np.ndarray]:
    """Return the file as it is."""
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


# ---------------------------------------------------------------------- measuring


def record() -> None:
    """Measure what is missing, and write the file after each learner."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    if FILE.exists():
        with np.load(FILE, allow_pickle=False) as file:
            found = dict(file)
    for name, run in [(each, str(run)) for each in METHODS for run in (*seeds_of(each), "long")]:
        if f"errors/{name}/{run}" in found:
            continue
        found |= _measured(name, run)
        half = FILE.with_suffix(".half.npz")
        np.savez_compressed(half, allow_pickle=False, **found)
        half.replace(FILE)
        print(name, run, found[f"errors/{name}/{run}"].round(3), found[f"seconds/{name}/{run}"], flush=True)


def _measured(name: str, run: str) -> dict[str, np.ndarray]:
    """Train a learner with a seed, or the one of the long run; return what is kept of it."""
    one = learner(name, SEEDS[0] if run == "long" else int(run))
    started = time.process_time()
    for _ in one.meta_train(Sinusoids(shots=10, queries=10), LONG if run == "long" else META_STEPS):
        pass
    found = {f"seconds/{name}/{run}": np.array(time.process_time() - started, np.float32)}
    found |= _tested(one, name, run)
    if name == "MAML":
        found |= _tested(load("anil", one.network, keep_weights=True), FROZEN, run)
    if run == "long":
        found |= {f"learned/{name}/{key}": tensor.detach().numpy().copy() for key, tensor in one.learned.items()}
    return found


def _tested(one: Any, name: str, run: str) -> dict[str, np.ndarray]:
    """Return the errors of a learner on the same new waves for all, and on which share of them they exploded."""
    waves = Sinusoids(shots=10, queries=100)
    scores = [meta_test(one, waves, EPISODES, seed=1, steps=steps).scores for steps in range(1 + MOST_STEPS)]
    many = np.nan_to_num(np.array(scores), nan=np.inf)
    with np.errstate(over="ignore"):
        means = many.mean(1).astype(np.float32)
    shares = (many > EXPLODED * np.maximum(many[0], 1)).mean(1).astype(np.float32)
    return {f"errors/{name}/{run}": means, f"explosions/{name}/{run}": shares}


if __name__ == "__main__":
    record()
