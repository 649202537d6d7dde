"""The Gaussian process on NAS-Bench-Macro: apart from the others, since it takes minutes a run."""

import nasedu
from tests.benchmarks import macro_table
from tests.benchmarks.controllers import AT, SEEDS, row
from tests.benchmarks.row import Row, skipped

GP_SEEDS = 4


def measure() -> list[Row]:
    table = macro_table.load()
    if table is None:
        return skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    race = nasedu.race(table.space, table, ["gp"], evaluations=max(AT), seeds=GP_SEEDS)
    base = nasedu.race(table.space, table, ["random"], evaluations=max(AT), seeds=SEEDS)
    return [row(race, "gp", GP_SEEDS, [base.at(n)["random"].mean() for n in AT])]
