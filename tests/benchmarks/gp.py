"""The Gaussian process on NAS-Bench-Macro, apart from the others: its cost grows with what it knows.

Half a minute for a run of 100 networks; one of 400 takes many minutes, and is measured with `GP_EVALUATIONS=400`.
"""

import os

import nasedu
from tests.benchmarks import macro_table
from tests.benchmarks.controllers import AT, SEEDS, row
from tests.benchmarks.row import Row, skipped

GP_SEEDS = 8
EVALUATIONS = int(os.environ.get("GP_EVALUATIONS", "100"))


def measure() -> list[Row]:
    table = macro_table.load()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    race = nasedu.race(table.space, table, ["gp"], evaluations=EVALUATIONS, seeds=GP_SEEDS)
    base = nasedu.race(table.space, table, ["random"], evaluations=EVALUATIONS, seeds=SEEDS)
    at = [n for n in AT if n <= EVALUATIONS]
    rows = [row(race, "gp", GP_SEEDS, [base.at(n)["random"].mean() for n in at], at)]
    return rows + [Row(f"gp after {n}", "", "not measured (see GP_EVALUATIONS)") for n in AT if n > EVALUATIONS]
