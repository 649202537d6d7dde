"""The loop's own cost a trial: asking, telling, recording, replaying; the trainer answers at once.

Opening and closing the store are counted, too: at ten trials they are most of it. Short runs are the median of five.
"""

import hashlib
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from nasedu import Study, controllers, spaces
from nasedu.core import Evaluation
from tests.benchmarks.row import Row

TASK = SimpleNamespace(name="none", kind="classification", input_shape=(1, 8, 8), outputs=10)


class FreeTrainer:
    """Answers at once, with a score made from the architecture's letters."""

    name = "free"
    preferred_batch = 1

    def __init__(self, space):
        self.space = space
        self.task = TASK

    def __call__(self, architectures, *, epochs, seed):
        return [Evaluation(a, hashlib.sha256(repr(a).encode()).digest()[0] / 255) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return Evaluation(architecture, 0.5)


def measure() -> list[Row]:
    rows = []
    for name, parameters in (("random", {}), ("q-learning", {"budget": 100_000})):
        for trials in (10, 1_000, 100_000):
            runs = [cost_per_trial(name, parameters, trials) for _ in range(1 if trials > 1_000 else 5)]
            cost, opening = (statistics.median(column) for column in zip(*runs, strict=True))
            measured = f"{cost * 1000:.3f} ms a trial; opened again at {opening * 1000:.3f} ms a trial"
            rows.append(Row(f"{name}, {trials:,} trials", "under 1 ms a trial", measured, cost < 1e-3))
    return rows


def cost_per_trial(name: str, parameters: dict, trials: int) -> tuple[float, float]:
    """Seconds a trial for a search in a store on disk, and for opening it again (the replay)."""
    space = spaces.load("chain-cnn", TASK, depth=10)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "loop.db"

        def study() -> Study:
            return Study(space, controllers.load(name, space, **parameters), FreeTrainer(space), store=store)

        start = time.perf_counter()
        with study() as first:
            for _ in first.run(trials, batch=4):
                pass
        cost = (time.perf_counter() - start) / trials
        start = time.perf_counter()
        with study() as again:
            assert len(again.trials) == trials
        return cost, (time.perf_counter() - start) / trials
