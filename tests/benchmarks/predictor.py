"""The predictor against random search, local search and a Gaussian process on four unlike tasks of the atlas; and which
matters more in HPOBench's tables, the learning rate or the architecture.

Its default regressor, `ridge`, was chosen by how well it ranks random networks, on all sixteen tasks: these four, too.
"""

import numpy as np

import nasedu
from nasedu.tables.atlas import atlas
from tests.benchmarks import mlp_tables
from tests.benchmarks.row import Row, mean_and_error, skipped

TASKS = ("what/digits", "where/digits", "same/digits", "gratings/angle")
CONTESTANTS = ("random", "local-search", "gp", "predictor")
SEEDS, NETWORKS = 30, 50


def measure() -> list[Row]:
    """Every row of the section."""
    return [*races(), *settings()]


def races(contestants=CONTESTANTS, seeds=SEEDS) -> list[Row]:
    table, rows = atlas(), []
    for task in TASKS:
        race = nasedu.race(table.space, table, contestants, NETWORKS, seeds, task=task)
        regret = race.at(NETWORKS, of="regret")
        for name in contestants:
            lead = regret["local-search"] - regret[name]
            ahead = "" if name == "local-search" else f"; local search's less its own {mean_and_error(lead, 4)}"
            measured = f"{mean_and_error(regret[name], 4)}{ahead}"
            rows.append(Row(f"{task}, {name}: regret after {NETWORKS} networks", "", measured))
    return rows


def settings() -> list[Row]:
    """Shares of the variance, and what is gained by tuning one kind of setting after the other was drawn at random."""
    table = mlp_tables.load()
    if table is None:
        return skipped(
            "HPOBench MLP: learning rate or architecture", f"no {mlp_tables.FILE.name} beside the repository"
        )
    rows = []
    for task in mlp_tables.TASKS:
        cube = table.scores(task).reshape(mlp_tables.Settings.sizes)
        parts = shares(cube)
        said = ", ".join(f"{name} {parts[name]:.2f}" for name in ("learning rate", "architecture", "together"))
        rows.append(Row(f"HPOBench MLP, {task}: share of the variance", "", said))
    return rows


def shares(cube: np.ndarray) -> dict[str, float]:
    """Return shares of the variance of scores (alpha, batch size, depth, rate, width).

    "learning rate" and "architecture" (depth and width) are main effects; "together" is what both explain beyond
    the sum of these two.
    """
    grid = cube.mean(axis=(0, 1))  # (depth, rate, width)
    whole = cube.var()
    rate, network, both = grid.mean(axis=(0, 2)).var(), grid.mean(axis=1).var(), grid.var()
    return {"learning rate": rate / whole, "architecture": network / whole, "together": (both - rate - network) / whole}
