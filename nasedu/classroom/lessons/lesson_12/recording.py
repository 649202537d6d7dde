"""What lesson 12 compares over several seeds, measured once: each learner here takes longer than the whole page may.

    python -m nasedu.classroom.lessons.lesson_12.recording    # writes recorded.npz; half an hour on one core

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
SEEDS = (1, 2, 3, 4, 5)
META_STEPS = 4000
BATCH = 25
MOST_STEPS = 10
"""Inner steps after which a learner is tested: none, one, ..., this many."""
EPISODES = 600
"""New waves of a test, each with 10 points to learn from and 100 to be asked about."""
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "MAML": ("maml", {"meta_rate": 0.01}),
    "first-order MAML": ("first-order-maml", {"meta_rate": 0.01}),
    "Reptile": ("reptile", {"meta_rate": 0.005, "inner_rate": 0.02}),
    "Meta-SGD": ("meta-sgd", {"meta_rate": 0.005, "share": 1.0}),
    "Meta-SGD, slow rates": ("meta-sgd", {"meta_rate": 0.005}),
    "Meta-SGD, every step": ("meta-sgd", {"meta_rate": 0.005, "inner_steps": 5, "every_step": True}),
    "ANIL": ("anil", {"meta_rate": 0.01}),
    "joint training": ("reptile", {"meta_rate": 0.005, "inner_rate": 0.02, "inner_steps": 1, "minibatch": 20}),
}
"""By the name in the lesson: the name of the method and its settings.

Meta-SGD learns its rates as fast as its weights, as published; nasedu's default is a tenth of it ("slow rates"). Joint
training is Reptile with one inner step.
"""
FROZEN = "MAML, frozen features"
"""The starts of MAML, of which only the last layer is moved in the test (Raghu et al., ICLR 2020, section 3)."""


def learner(name: str, seed: int = SEEDS[0], **more: Any) -> Any:
    """Return a new learner of `METHODS`, not trained yet."""
    method, settings = METHODS[name]
    return load(method, wave_network(), seed=seed, batch=BATCH, **settings, **more)


def trained(name: str) -> Any:
    """Return the learner of the first seed as it was when the recording ended; it cannot be trained on."""
    found = learner(name)
    with torch.no_grad():
        for key, tensor in found.learned.items():
            tensor.copy_(torch.from_numpy(_all()[f"learned/{name}/{key}"]))
    return found


def errors(name: str) -> np.ndarray:
    """Return the mean squared error of each learner on new waves: (seeds, 1 + MOST_STEPS), after 0, 1, ... inner steps.

    Args:
        name: of `METHODS`, or `FROZEN`.
    """
    return np.array([_all()[f"errors/{name}/{seed}"] for seed in SEEDS])


def explosions(name: str) -> np.ndarray:
    """Return on which share of the waves the error exploded, in the same form as `errors`."""
    return np.array([_all()[f"explosions/{name}/{seed}"] for seed in SEEDS])


def seconds(name: str) -> float:
    """Return the processor seconds of one meta-training, the mean over seeds."""
    return float(np.mean([_all()[f"seconds/{name}/{seed}"] for seed in SEEDS]))


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
    for seed in SEEDS:
        for name in METHODS:
            if f"errors/{name}/{seed}" in found:
                continue
            found |= _measured(name, seed)
            half = FILE.with_suffix(".half.npz")
            np.savez_compressed(half, allow_pickle=False, **found)
            half.replace(FILE)
            print(name, seed, found[f"errors/{name}/{seed}"].round(3), found[f"seconds/{name}/{seed}"], flush=True)


def _measured(name: str, seed: int) -> dict[str, np.ndarray]:
    one = learner(name, seed)
    started = time.process_time()
    for _ in one.meta_train(Sinusoids(shots=10, queries=10), META_STEPS):
        pass
    found = {f"seconds/{name}/{seed}": np.array(time.process_time() - started, np.float32)}
    found |= tested(one, name, seed)
    if name == "MAML":
        head = load("anil", one.network, keep_weights=True)
        found |= tested(head, FROZEN, seed)
    if seed == SEEDS[0]:
        found |= {f"learned/{name}/{key}": tensor.detach().numpy().copy() for key, tensor in one.learned.items()}
    return found


def tested(one: Any, name: str, seed: int) -> dict[str, np.ndarray]:
    """Return the errors of a learner on the same new waves for all, and on which share of them they exploded."""
    waves = Sinusoids(shots=10, queries=100)
    scores = [meta_test(one, waves, EPISODES, seed=1, steps=steps).scores for steps in range(1 + MOST_STEPS)]
    many = np.nan_to_num(np.array(scores), nan=np.inf)
    with np.errstate(over="ignore"):
        means = many.mean(1).astype(np.float32)
    shares = (many > EXPLODED * np.maximum(many[0], 1)).mean(1).astype(np.float32)
    return {f"errors/{name}/{seed}": means, f"explosions/{name}/{seed}": shares}


if __name__ == "__main__":
    record()
