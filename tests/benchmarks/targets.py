"""Q-learning's target and setting on NAS-Bench-Macro: why the default is what it is."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from nasedu import controllers
from tests.benchmarks import macro_table
from tests.benchmarks.row import Row, mean_and_error, skipped

SEEDS = 40
AT = (50, 100, 400)
PUBLISHED = {"target": "max", "alpha": 0.01, "replay": 100, "schedule": "metaqnn"}
SETTINGS = {
    "random": ("random", {}, None),
    "q-learning, MetaQNN as published": ("q-learning", PUBLISHED, None),
    "q-learning, default but target max": ("q-learning", {"target": "max"}, None),
    "q-learning, default but target lambda 0.5": ("q-learning", {"target": "lambda"}, None),
    "q-learning, default but target lambda 0.9": ("q-learning", {"target": "lambda", "lambda_": 0.9}, None),
    "q-learning, default but alpha 0.01": ("q-learning", {"alpha": 0.01}, None),
    "q-learning, default but 16 replayed": ("q-learning", {"replay": 16}, None),
    "q-learning, default (target return)": ("q-learning", {}, (92.92, 93.03, 93.12)),
}


def measure() -> list[Row]:
    table = macro_table.scores()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.TABLE.name} beside the repository")
    rows = []
    with ProcessPoolExecutor() as pool:
        for what, (name, parameters, promised) in SETTINGS.items():
            found = np.array(list(pool.map(partial(best_so_far, name, parameters), range(SEEDS), chunksize=5)))
            means = found.mean(0)
            measured = " / ".join(mean_and_error(column.tolist(), 2) for column in found.T)
            kept = None if promised is None else bool((means.round(2) >= promised).all())
            goal = "" if promised is None else " / ".join(map(str, promised))
            rows.append(Row(what, goal, measured, kept))
    return rows


def best_so_far(name: str, parameters: dict, seed: int) -> list[float]:
    """The best accuracy (%) after so many different networks; one run, with its budget as the schedule's.

    A controller's exploration falls over a budget, so each column is a run of its own.
    """
    table = macro_table.scores()
    assert table is not None
    space = macro_table.Macro()
    found = []
    for budget in AT:
        extra = {"budget": budget, **parameters} if name == "q-learning" else {}
        controller = controllers.load(name, space, seed=seed, **extra)
        best = 0.0
        for _ in range(budget):
            architecture = controller.ask()
            best = max(best, table[architecture])
            controller.tell(architecture, table[architecture] / 100)
        found.append(best)
    return found
