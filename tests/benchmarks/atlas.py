"""The atlas: what it costs to load, how unlike its tasks are, and how well it repeats itself."""

import subprocess
import sys
from itertools import combinations

import numpy as np

from nasedu.tables import atlas as load_atlas
from nasedu.tables.atlas import FILE
from nasedu.tables.task_correlation import reliability, task_correlation
from tests.benchmarks.row import Row

LOAD = """
import sys, time
from nasedu.tables import Table
from nasedu.tables.atlas import FILE
started = time.perf_counter()
Table.load(FILE)
print(time.perf_counter() - started, 'torch' in sys.modules)
"""


def measure() -> list[Row]:
    """Every row of the section."""
    found = [subprocess.check_output([sys.executable, "-c", LOAD], text=True).split() for _ in range(5)]
    seconds, torch = float(np.median([float(s) for s, _ in found])), any(t == "True" for _, t in found)
    table = load_atlas()
    alike = task_correlation(table)
    pairs = np.array([alike[i, j] for i, j in combinations(range(len(alike)), 2)])
    under, over = int((pairs < 0.2).sum()), int((pairs > 0.6).sum())
    repeats = np.array(list(reliability(table).values()))
    good = int((repeats > 0.8).sum())
    halves = "tasks on which half of the seeds repeats the rest at over 0.8"
    spread = f"{under} / {len(pairs) - under - over} / {over}; from {pairs.min():.2f} to {pairs.max():.2f}"
    size, tasks = FILE.stat().st_size / 1e6, len(table.tasks)
    return [
        Row(
            "networks, tasks",
            "at least 1,000 and 16",
            f"{len(table.networks):,}, {tasks}",
            len(table.networks) >= 1000 and tasks >= 16,
        ),
        Row("its file", "at most 8 MB", f"{size:.2f} MB", size <= 8),
        Row("loading it (median of 5)", "under 0.2 s, without torch", f"{seconds:.3f} s", seconds < 0.2 and not torch),
        Row("pairs of tasks that agree under 0.2 / between / over 0.6", "some of each", spread, bool(under and over)),
        Row(
            halves,
            "most",
            f"{good} of {tasks}",
            good > tasks / 2,
        ),
    ]
