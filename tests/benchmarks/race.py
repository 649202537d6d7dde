"""How long a race takes: eight controllers, fifty seeds, three hundred evaluations on a table, two workers."""

import time

import nasedu
from tests.benchmarks import macro_table
from tests.benchmarks.row import Row, skipped

CONTROLLERS = ("random", "grid", "local-search", "genetic", "regularized-evolution", "q-learning", "swarm", "reinforce")


def measure() -> list[Row]:
    table = macro_table.load()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    start = time.perf_counter()
    nasedu.race(table.space, table, CONTROLLERS, evaluations=300, seeds=50, workers=2)
    seconds = time.perf_counter() - start
    return [Row(f"{', '.join(CONTROLLERS)}; two workers", "at most 40 s", f"{seconds:.1f} s", seconds <= 40)]
