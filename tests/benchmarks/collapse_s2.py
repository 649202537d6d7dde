"""Where skips harm most: DARTS's cells of skip | 3x3 separable convolution, alpha learned at once and after a warm-up.

This is the space S2 of Zela et al., "Understanding and Robustifying Differentiable Architecture Search", ICLR 2020,
section 4, made small. A cell of skips alone has hardly a layer that learns. If a better supernet gives skips a larger
share (Wang et al. 2021, proposition 1), a warm-up of the weights makes the derived cell worse. A setting that harms in
`ENOUGH` of ten seeds would be worth a race of the remedies.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from nasedu import spaces, tasks
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.edges import SKIP
from tests.benchmarks.cells_alone import Alone, shared_random, spread
from tests.benchmarks.differentiable import paired
from tests.benchmarks.row import Row

TASK = "what/digits"
SPACE = {"width": 4, "cells": 3, "nodes": 2, "operations": (SKIP, "sep_conv_3x3")}
DESCRIBED = "darts of width 4, 3 cells, 2 nodes, skip or 3x3 separable convolution"
SEEDS, RANDOM, WORKERS, ENOUGH = range(10), 12, 2, 8
SHARED, SHARED_STEPS = "random with weight sharing", 150
SETTINGS = {
    "80 steps with alpha from the first": {"steps": 80},
    "100 steps of weights alone, then 80 with alpha": {"warm": 100, "steps": 180},
    "200 steps of weights alone, then 100 with alpha at rate 0.2": {"warm": 200, "steps": 300, "alpha_rate": 0.2},
}


def measure() -> list[Row]:
    """Every row of the section."""
    task = tasks.load(TASK)
    space = spaces.load("darts", task, **SPACE)
    alone = Alone(space, task)
    rng = rng_from(0, "random cells")
    random = [space.sample(rng) for _ in range(RANDOM)]
    only = {name: with_only(random[0], name) for name in SPACE["operations"]}
    jobs = [(name, seed) for name in SETTINGS for seed in SEEDS]
    with ProcessPoolExecutor(WORKERS) as workers:
        found = dict(zip(jobs, workers.map(derived, jobs), strict=True))
        shared = list(workers.map(shared_cell, SEEDS))
        alone.train_all([*random, *only.values(), *shared, *(cell for cell, *_ in found.values())], workers)
    level, noise = float(np.mean([alone.worth(cell) for cell in random])), alone.noise()
    rows = [
        Row(f"{TASK}, {DESCRIBED}: {RANDOM} random cells", "", spread([alone.worth(cell) for cell in random])),
        Row(SHARED, "", spread([alone.worth(cell) for cell in shared])),
        *(Row(f"{name} alone", "", f"{alone.worth(cell):.3f}") for name, cell in only.items()),
        Row("one training alone, repeated with other seeds: standard deviation", "", f"{noise:.3f}"),
    ]
    worths, shares, harmed = {}, {}, {}
    for name in SETTINGS:
        cells, mean_shares, seconds = zip(*(found[name, seed] for seed in SEEDS), strict=True)
        worths[name], shares[name] = np.array([alone.worth(cell) for cell in cells]), np.array(mean_shares)
        harmed[name] = int((worths[name] < level - noise).sum())
        measured = (
            f"{', '.join(str(skips(cell)) for cell in cells)}; alone {spread(worths[name])}; harmed in {harmed[name]} "
            f"of {len(cells)}; the skip's mean share {np.mean(mean_shares):.2f}; {np.mean(seconds):.0f} s"
        )
        rows.append(Row(f"{name}: skips of 8", "", measured))
        rows.append(paired(f"{name}: less random cells", worths[name] - level))
    first, *warm = SETTINGS
    for name in warm:
        rows.append(paired(f"the skip's share, {name}, less at once", shares[name] - shares[first], "above 0"))
        rows.append(paired(f"accuracy alone, {name}, less at once", worths[name] - worths[first]))
    most = max(harmed.values())
    said = f"at most {most} of {len(SEEDS)} in one of {len(SETTINGS)} settings"
    return [*rows, Row(f"a setting that harms in {ENOUGH} of {len(SEEDS)} seeds", "found", said, most >= ENOUGH)]


def derived(job: tuple[str, int]) -> tuple[Architecture, float, float]:
    """Return what a search derives, the skip's mean share at its end, and its processor seconds."""
    name, seed = job
    task = tasks.load(TASK)
    started = time.process_time()
    settings = {"alpha_rate": 0.1, "batch": 32, **SETTINGS[name]}
    search = Darts(spaces.load("darts", task, **SPACE), task, seed=seed, **settings)
    list(search.run())
    seconds = time.process_time() - started
    share = float(search.shares()[:, search.edges.operations.index(SKIP)].mean())
    print(name, seed, f"{seconds:.1f} s {share:.2f}", skips(search.derived()), file=sys.stderr, flush=True)
    return search.derived(), share, seconds


def shared_cell(seed: int) -> Architecture:
    """Return what random search with weight sharing finds."""
    task = tasks.load(TASK)
    space = spaces.load("darts", task, **SPACE)
    return shared_random(space, task, seed, space.sample, SHARED_STEPS)


def skips(cell: Architecture) -> int:
    return sum(choice.startswith(SKIP) for choice in cell)


def with_only(cell: Architecture, name: str) -> Architecture:
    """Return the cell with one operation on all of its edges."""
    return tuple(f"{name}~{choice.partition('~')[2]}" for choice in cell)
