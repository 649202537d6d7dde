"""Cells that gradients derive, against random cells trained alone for the same processor seconds.

A search of s seconds is compared with n random trainings, which take s seconds too. Random search keeps the best of its
n cells by their validation score, and both are judged by trainings with new seeds. What random search is worth is the
expectation over all draws of n cells from a pool, computed exactly. In random search with weight sharing, one supernet
scores many cells.

Random search chooses on the validation split, which also judges; DARTS and its relatives never see that split.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from nasedu import spaces, tasks
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.pdarts import PDarts
from tests.benchmarks.cells_alone import DRAWN, Alone, best_of, interval, shared_random, spread
from tests.benchmarks.row import Row

TASK, WIDTH = "what/digits", 4
SEEDS = 5
POOL = 12
CHOOSER = (1,)
"""The seed of the trainings by which random search chooses; those that judge have others."""
USUAL = {"steps": 80, "warm": 30, "alpha_rate": 0.05, "batch": 32}
WORKERS = 2


def by_gradients(**settings: Any) -> Callable[[Any, Any, int], Architecture]:
    def search(space: Any, task: Any, seed: int) -> Architecture:
        darts = Darts(space, task, seed=seed, **USUAL, **settings)
        list(darts.run())
        return darts.derived()

    return search


def p_darts(space: Any, task: Any, seed: int) -> Architecture:
    search = PDarts(space, task, steps=30, alpha_rate=0.05, batch=32, seed=seed)
    list(search.run())
    return search.derived()


def by_shared_weights(space: Any, task: Any, seed: int) -> Architecture:
    return shared_random(space, task, seed, space.sample, steps=300)


METHODS = {
    "DARTS, first order": by_gradients(),
    "DARTS, second order": by_gradients(order=2),
    "GDAS": by_gradients(relaxation="gumbel"),
    "P-DARTS, three stages": p_darts,
    f"random with weight sharing, best of {DRAWN}": by_shared_weights,
}


def measure() -> list[Row]:
    """Every row of the section."""
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH)
    judge, chooser = Alone(space, task), Alone(space, task, seeds=CHOOSER)
    rng = rng_from(0, "pool")
    pool = [space.sample(rng) for _ in range(POOL)]
    jobs = [(name, seed) for name in METHODS for seed in range(SEEDS)]
    with ProcessPoolExecutor(WORKERS) as workers:
        found = dict(zip(jobs, workers.map(derived, jobs), strict=True))
        judge.train_all([*pool, *(cell for cell, _ in found.values())], workers)
        chooser.train_all(pool, workers)
    random = [[alone.worth(cell) for cell in pool] for alone in (chooser, judge)]
    return [
        Row(f"{TASK}, cell-201 of width {WIDTH}: {POOL} random cells", "", spread(random[1])),
        Row("one training alone, processor seconds", "", f"{chooser.seconds:.1f}"),
        *(row_of(name, [found[name, n] for n in range(SEEDS)], judge, chooser.seconds, *random) for name in METHODS),
    ]


def derived(job: tuple[str, int]) -> tuple[Architecture, float]:
    """Return what one search finds, and its processor seconds."""
    name, seed = job
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH)
    started = time.process_time()
    cell = METHODS[name](space, task, seed)
    seconds = time.process_time() - started
    print(name, seed, f"{seconds:.1f} s", *cell, file=sys.stderr, flush=True)
    return cell, seconds


def row_of(
    name: str,
    found: list[tuple[Architecture, float]],
    judge: Alone,
    a_training: float,
    chosen_by: list[float],
    worths: list[float],
) -> Row:
    """Return a row on one method: its cells, its seconds, and its lead over random search for the same seconds."""
    seconds = [spent for _, spent in found]
    mine = np.array([judge.worth(cell) for cell, _ in found])
    n = min(max(round(np.mean(seconds) / a_training), 1), POOL)
    random = best_of(n, chosen_by, worths)
    mean, half = interval(mine - random)
    rank = np.mean([np.mean(np.array(worths) < worth) for worth in mine])
    measured = (
        f"{spread(mine)}; better than {rank:.0%} of random cells; {np.mean(seconds):.0f} s = {n} trainings, of which "
        f"random search is worth {random:.3f}: {mean:+.3f} ± {half:.3f} (95%)"
    )
    if METHODS[name] is not p_darts:
        return Row(f"{name} ({SEEDS} seeds)", "", measured)
    return Row(f"{name} ({SEEDS} seeds)", "within 60 s", measured, max(seconds) < 60)
