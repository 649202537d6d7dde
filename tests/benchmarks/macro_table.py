"""NAS-Bench-Macro (Su et al., CVPR 2021) as a space and its recorded accuracies.

The table lies beside the repository, not in it: benchmarks that need it are skipped, saying so, where it is absent.
It has test accuracies only, no validation split: good enough to compare controllers, not to report a network.
"""

import csv
from pathlib import Path

from nasedu import Space

TABLE = Path(__file__).parents[3] / "shared" / "data" / "nasbench_macro.csv"


class Macro(Space):
    """Eight layers, three operations each; a tabular learner sees the position alone."""

    def start(self):
        return 0

    def choices(self, state):
        return ("0", "1", "2") if state < 8 else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("this space is for its table; its networks are not built here")


def scores() -> dict[tuple[str, ...], float] | None:
    """Mean test accuracy in percent of every architecture; None if the table is absent."""
    if not TABLE.exists():
        return None
    with TABLE.open() as file:
        rows = list(csv.DictReader(file))
    column = next(name for name in rows[0] if "mean" in name)
    return {tuple(row["code"].zfill(8)): float(row[column]) for row in rows}
