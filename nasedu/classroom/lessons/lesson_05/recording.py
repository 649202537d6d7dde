"""What lesson 05 compares over many seeds, run once: races of a hundred seeds on four tasks take minutes.

    python -m nasedu.classroom.lessons.lesson_05.recording    # writes recorded.npz

A recording that was stopped goes on with what is missing.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import nasedu
from nasedu.tables.atlas import atlas

FILE = Path(__file__).parent / "recorded.npz"
TASKS = ("what/digits", "shuffled/digits", "where/digits", "gratings/angle")
"""Unlike each other; lessons 09 and 10 compare on them, too."""
NETWORKS = 100
RIVALS: dict[str, Any] = {
    "random": "random",
    "regularized-evolution": "regularized-evolution",
    "q-learning": "q-learning",
    "reinforce": "reinforce",
    "reinforce-table": "reinforce-table",
}
VARIANTS: dict[str, Any] = {
    "table, no baseline": ("reinforce-table", {"baseline": "none"}),
    "RNN, no baseline": ("reinforce", {"baseline": "none"}),
    "table, entropy 0.1": ("reinforce-table", {"entropy": 0.1}),
}
SEEDS, SEEDS_OF_VARIANTS = 100, 20
CHUNK = 10
"""Seeds that are run together."""
POLICIES = {"table by position": 0.3, "table by state": 0.3, "LSTM": 0.003}
"""Of the question whether a network learns structure, each with the best of two to four rates of Adam on few/digits."""
SEEDS_OF_POLICIES = 5
STEPS = 200
"""Of a batch of ten each, so 2,000 drawn networks."""
LOOKS = (30, 100, 200)
"""Steps after which is measured what a policy knows."""


def regrets(method: str, task: str) -> np.ndarray:
    """Return the regret after 1 to 100 networks, (seeds, 100), seeds 0, 1, 2, ..."""
    found = _all()
    chunks = (f"{method}|{task}|{start}" for start in range(0, SEEDS, CHUNK))
    return np.concatenate([found[chunk] for chunk in chunks if chunk in found]) / 30_000


def policies(name: str, task: str) -> np.ndarray:
    """Return what a policy was after `LOOKS` steps, (seeds, looks, 4).

    The four: the mean reward of what it draws; the divergence of the best policy by position from it, in nats; the
    mean reward of that policy; its own entropy in nats.
    """
    return _all()[f"policy|{name}|{task}"]


@lru_cache(maxsize=1)
def _all() -> dict[str, np.ndarray]:
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


def record() -> None:
    """Run what is missing, and write the file after each chunk."""
    found: dict[str, Any] = {}
    if FILE.exists():
        with np.load(FILE, allow_pickle=False) as file:
            found = dict(file)
    chunks = [(methods, start) for methods in (RIVALS, VARIANTS) for start in range(0, SEEDS_OF_VARIANTS, CHUNK)]
    chunks += [(RIVALS, start) for start in range(SEEDS_OF_VARIANTS, SEEDS, CHUNK)]
    for methods, start in chunks:
        for task in TASKS:
            missing = {m: made for m, made in methods.items() if f"{m}|{task}|{start}" not in found}
            if missing:
                found |= {f"{m}|{task}|{start}": found_now for m, found_now in _race(missing, task, start).items()}
                _write(found)
                print(start, task, flush=True)
    for task in TASKS:
        for name in POLICIES:
            if f"policy|{name}|{task}" not in found:
                found[f"policy|{name}|{task}"] = np.array([trained(name, task, s) for s in range(SEEDS_OF_POLICIES)])
                _write(found)
                print(name, task, flush=True)


def _write(found: dict[str, Any]) -> None:
    half = FILE.with_suffix(".half.npz")
    np.savez_compressed(half, allow_pickle=False, **found)
    half.replace(FILE)


def trained(name: str, task: str, seed: int) -> list[list[float]]:
    """Return the four numbers of `policies` for one seed, after each of `LOOKS`."""
    import torch

    from nasedu.classroom.lessons.lesson_05.policies import Recurrent, Table, Training
    from nasedu.classroom.lessons.lesson_05.walks import best_by_position, divergence
    from nasedu.trainers.single.initialise import initialise

    by_state, by_position = _walks()
    walks, rewards = by_position if name == "table by position" else by_state, atlas().scores(task)
    policy = Recurrent(walks) if name == "LSTM" else Table(walks)
    if isinstance(policy, Recurrent):  # a table begins with logits of 0
        initialise(policy, torch.Generator().manual_seed(seed))
    training = Training(policy, walks, rewards, seed=seed, rate=POLICIES[name])
    found = []
    for number, _ in enumerate(training.steps(STEPS), 1):
        if number in LOOKS:
            p = training.probabilities()
            q = best_by_position(by_position, p)
            undecided = float(-(p[p > 0] * np.log(p[p > 0])).sum())
            found.append([float(p @ rewards), divergence(p, q), float(q @ rewards), undecided])
    return found


@lru_cache(maxsize=1)
def _walks() -> tuple[Any, Any]:
    from nasedu.classroom.lessons.lesson_05.walks import Walks

    table = atlas()
    return Walks(table.space, table.architectures), Walks(table.space, table.architectures, "position")


def _race(methods: dict[str, Any], task: str, start: int) -> dict[str, np.ndarray]:
    """Return the regrets of some seeds in 30,000ths, as whole numbers: scores are means of three shares of 1,000."""
    table, seeds = atlas(), list(range(start, start + CHUNK))
    race = nasedu.race(table.space, table, methods, NETWORKS, seeds, task=task, workers=1)
    return {m: np.rint(30_000 * race.curves(m, of="regret")).astype(np.uint16) for m in methods}


if __name__ == "__main__":
    record()
