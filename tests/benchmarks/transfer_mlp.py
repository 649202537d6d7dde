"""The same as `transfer` on HPOBench's MLPs: eight real tasks."""

from tests.benchmarks import mlp_tables, transfer
from tests.benchmarks.row import Row, skipped


def measure() -> list[Row]:
    if mlp_tables.load() is None:
        return skipped("HPOBench's MLPs", f"no {mlp_tables.FILE.name} beside the repository")
    return transfer.report(table, "HPOBench")


def table():
    return mlp_tables.load()
