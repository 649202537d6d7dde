"""The races of lesson 05, run once: a hundred seeds on four tasks take minutes.

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
    "table by position": ("reinforce-table", {"rows": "position"}),
}
SEEDS, SEEDS_OF_VARIANTS = 100, 40
CHUNK = 10
"""Seeds that are run together; all methods get as many before any gets more."""


def regrets(method: str, task: str) -> np.ndarray:
    """Return the regret after 1 to 100 networks, (seeds, 100), seeds 0, 1, 2, ..."""
    found = _all()
    chunks = (f"{method}|{task}|{start}" for start in range(0, SEEDS, CHUNK))
    return np.concatenate([found[chunk] for chunk in chunks if chunk in found]) / 30_000


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
    for start in range(0, SEEDS, CHUNK):
        methods = RIVALS | (VARIANTS if start < SEEDS_OF_VARIANTS else {})
        for task in TASKS:
            missing = {m: made for m, made in methods.items() if f"{m}|{task}|{start}" not in found}
            if missing:
                found |= {f"{m}|{task}|{start}": found_now for m, found_now in _race(missing, task, start).items()}
                half = FILE.with_suffix(".half.npz")
                np.savez_compressed(half, allow_pickle=False, **found)
                half.replace(FILE)
                print(start, task, flush=True)


def _race(methods: dict[str, Any], task: str, start: int) -> dict[str, np.ndarray]:
    """Return the regrets of some seeds in 30,000ths, as whole numbers: scores are means of three shares of 1,000."""
    table, seeds = atlas(), list(range(start, start + CHUNK))
    race = nasedu.race(table.space, table, methods, NETWORKS, seeds, task=task, workers=1)
    return {m: np.rint(30_000 * race.curves(m, of="regret")).astype(np.uint16) for m in methods}


if __name__ == "__main__":
    record()
