"""The same controllers on a second space: HPOBench's MLPs, eight tasks; is the ordering the same?"""

import numpy as np

import nasedu
from tests.benchmarks import mlp_tables
from tests.benchmarks.row import Row, skipped

SEEDS = 20
EVALUATIONS = 100
CONTROLLERS = (
    "random", "grid", "local-search", "genetic", "regularized-evolution", "q-learning", "swarm", "reinforce", "tpe",
)  # fmt: skip


def measure() -> list[Row]:
    table = mlp_tables.load()
    if table is None:
        return skipped("HPOBench's MLP tables", f"no {mlp_tables.FILE.name} beside the repository")
    regrets = {name: [] for name in CONTROLLERS}
    for task in mlp_tables.TASKS:
        race = nasedu.race(table.space, table, CONTROLLERS, evaluations=EVALUATIONS, seeds=SEEDS, task=task)
        for name in CONTROLLERS:
            regrets[name].append(table.best(task).score - race.at(EVALUATIONS)[name].mean())
    ranks = np.argsort(np.argsort(list(zip(*regrets.values(), strict=True)), axis=1), axis=1) + 1
    rows = []
    for column, name in sorted(enumerate(CONTROLLERS), key=lambda item: ranks[:, item[0]].mean()):
        measured = f"mean rank {ranks[:, column].mean():.1f} of {len(CONTROLLERS)}; "
        measured += "regret by task: " + " ".join(f"{regret:.4f}" for regret in regrets[name])
        rows.append(Row(name, "", measured))
    return rows
