"""Whether DARTS collapses here to skip connections that harm: settings that should provoke it, five seeds each.

The operations are skip | 3x3 convolution. Each derived cell is trained alone with other seeds. A search *harms* in a
seed if its cell is worse than the mean of random cells by more than the standard deviation of one training. A setting
that harms in every seed would be worth a race of the remedies on ten new seeds. Without one, only means over seeds can
be claimed: see `differentiable`.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from nasedu import spaces, tasks
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.darts import Darts
from tests.benchmarks.cells_alone import Alone, spread
from tests.benchmarks.differentiable import (
    ALL_CONVOLUTION,
    ALL_SKIP,
    SHARED,
    TASK,
    WIDTH,
    shared_cell,
    short,
    skips_in,
    two_operations,
    two_random,
)
from tests.benchmarks.row import Row

SEEDS = range(5)
RANDOM = 12
WORKERS = 2
SETTINGS: dict[str, dict[str, Any]] = {
    "100 steps of weights alone, 100 with alpha": {"warm": 100, "steps": 200},
    "a better supernet: 400 steps of weights alone, 100 with alpha at rate 0.2": {
        "warm": 400,
        "steps": 500,
        "alpha_rate": 0.2,
    },
    "alpha from the first step, rate 0.2": {"steps": 100, "alpha_rate": 0.2},
    "the same with slow weights, rate 0.003": {"steps": 60, "alpha_rate": 0.2, "weight_rate": 0.003},
    "the same with three cells a stage": {"steps": 50, "alpha_rate": 0.2, "weight_rate": 0.003, "cells": 3},
    "no weight decay, 50 steps of weights alone, 100 with alpha": {"warm": 50, "steps": 150, "weight_decay": 0.0},
    "second order, alpha from the first step, rate 0.2": {"steps": 60, "alpha_rate": 0.2, "order": 2},
}


def measure() -> list[Row]:
    """Every row of the section."""
    task = tasks.load(TASK)
    alone = Alone(spaces.load("cell-201", task, width=WIDTH), task)
    rng = rng_from(0, "random cells")
    random = [two_random(rng) for _ in range(RANDOM)]
    jobs = [(name, seed) for name in SETTINGS for seed in SEEDS]
    with ProcessPoolExecutor(WORKERS) as workers:
        found = dict(zip(jobs, workers.map(derived, jobs), strict=True))
        shared = list(workers.map(shared_cell, SEEDS))
        cells = [cell for cell, _ in found.values()]
        alone.train_all([*random, ALL_CONVOLUTION, ALL_SKIP, *shared, *cells], workers)
    bar = float(np.mean([alone.worth(cell) for cell in random])) - alone.noise()
    harmed = {name: sum(alone.worth(found[name, seed][0]) < bar for seed in SEEDS) for name in SETTINGS}
    first = [
        Row(f"{TASK}, cell-201 of width {WIDTH}: {RANDOM} random cells", "", spread([alone.worth(c) for c in random])),
        Row(SHARED, "", spread([alone.worth(cell) for cell in shared])),
        Row("all convolution; all skip", "", f"{alone.worth(ALL_CONVOLUTION):.3f}; {alone.worth(ALL_SKIP):.3f}"),
        Row("one training alone, repeated with other seeds: standard deviation", "", f"{alone.noise():.3f}"),
    ]
    rows = []
    for name in SETTINGS:
        cells, seconds = zip(*(found[name, seed] for seed in SEEDS), strict=True)
        worths = ", ".join(f"{alone.worth(cell):.3f}" for cell in cells)
        measured = f"{skips_in(cells)}; alone {worths}; harmed in {harmed[name]} of {len(SEEDS)}"
        rows.append(Row(f"{name}: skips of 6", "", f"{measured}; {np.mean(seconds):.0f} s"))
    most = max(harmed.values())
    total = sum(harmed.values())
    last = f"at most {most} of {len(SEEDS)} in one of {len(SETTINGS)} settings; in all {total} of {len(jobs)}"
    return [*first, *rows, Row("a setting that harms in every seed", "found", last, most == len(SEEDS))]


def derived(job: tuple[str, int]) -> tuple[Architecture, float]:
    """Return what a search by a setting derives, and its processor seconds."""
    name, seed = job
    settings = {"batch": 32, "alpha_rate": 0.1, "cells": 1, **SETTINGS[name]}
    task = tasks.load(TASK)
    space = spaces.load("cell-201", task, width=WIDTH, cells=settings.pop("cells"))
    started = time.process_time()
    search = Darts(space, task, kept=two_operations(), seed=seed, **settings)
    list(search.run())
    seconds = time.process_time() - started
    print(name, seed, f"{seconds:.1f} s", short(search.derived()), file=sys.stderr, flush=True)
    return search.derived(), seconds
