"""The predictor against its rivals on four unlike tasks of the atlas and on NAS-Bench-Macro; and which matters more in
HPOBench's tables, the learning rate or the architecture.

The predictor's default regressor, `ridge`, was chosen by how well it ranks random networks of the atlas, on all sixteen
tasks: these four, too. NAS-Bench-Macro had no part in it.

About half an hour of processor time. It records what section 7 of lesson 07 shows.
"""

import json

import numpy as np

import nasedu
from nasedu.classroom.lessons.lesson_07.measuring import RECORDED, TASKS
from nasedu.tables.atlas import atlas
from tests.benchmarks import macro_table, mlp_tables
from tests.benchmarks.row import Row, mean_and_error, skipped

CONTESTANTS = {
    "random": "random",
    "random-uniform": "random-uniform",
    "local-search": "local-search",
    "tpe": "tpe",
    "gp-cold": "gp-cold",
    "predictor, one-hot": "predictor",
    "predictor, path": ("predictor", {"encoding": "path"}),
    "gp-cold, 10 random first": ("gp-cold", {"first": 10}),
    "predictor, 3 random first": ("predictor", {"startup": 3}),
}
"""The last two begin as the other one does: by default `gp-cold` draws 3 networks at random, `predictor` 10."""
SEEDS, NETWORKS = 30, 50
GP_SEEDS = 5
"""Optuna's Gaussian process takes ten times as long as the slowest of the others."""


def measure() -> list[Row]:
    """Every row of the section."""
    return [*races(), *settings()]


def races() -> list[Row]:
    """Race on every task; where none is missing, record the regrets for lesson 07."""
    boards = {task: (atlas(), task) for task in TASKS}
    macro = macro_table.load()
    if macro is not None:
        boards[macro.name] = macro, None
    found = {board: regrets(*where) for board, where in boards.items()}
    rows = [row for board in found for row in rows_of(board, found[board])]
    if macro is None:
        return rows + skipped("NAS-Bench-Macro", f"no {macro_table.FILE.name} beside the repository")
    plain = {board: {name: np.round(own, 6).tolist() for name, own in of.items()} for board, of in found.items()}
    RECORDED.write_text(json.dumps(plain) + "\n", encoding="utf-8")
    return rows


def regrets(table: nasedu.Table, task: str | None) -> dict[str, np.ndarray]:
    """Return the regret of each contestant after `NETWORKS` networks as a share of 1, one for each seed."""
    many = nasedu.race(table.space, table, CONTESTANTS, NETWORKS, SEEDS, task=task)
    few = nasedu.race(table.space, table, ["gp"], NETWORKS, GP_SEEDS, task=task)
    found = many.at(NETWORKS, of="regret") | few.at(NETWORKS, of="regret")
    return {name: own / table.scale for name, own in found.items()}


def rows_of(board: str, found: dict[str, np.ndarray]) -> list[Row]:
    """Return a row for each contestant; its lead over local search is paired by seed."""
    rows = []
    for name, own in found.items():
        lead = found["local-search"][: len(own)] - own
        ahead = "" if name == "local-search" else f"; local search's less its own {mean_and_error(lead, 4)}"
        seeds = "" if len(own) == SEEDS else f" ({len(own)} seeds)"
        measured = f"{mean_and_error(own, 4)}{ahead}{seeds}"
        rows.append(Row(f"{board}, {name}: regret after {NETWORKS} networks", "", measured))
    return rows


def settings() -> list[Row]:
    """Return shares of the variance of the scores, a row for each task."""
    table = mlp_tables.load()
    if table is None:
        return skipped(
            "HPOBench MLP: learning rate or architecture", f"no {mlp_tables.FILE.name} beside the repository"
        )
    rows = []
    for task in mlp_tables.TASKS:
        cube = table.scores(task).reshape(mlp_tables.Settings.sizes)
        for which, some in (("all ten rates", cube), ("the three best neighbouring rates", best_rates(cube))):
            said = ", ".join(f"{name} {share:.2f}" for name, share in shares(some).items())
            rows.append(Row(f"HPOBench MLP, {task}, {which}: share of the variance", "", said))
    return rows


def best_rates(cube: np.ndarray, count: int = 3) -> np.ndarray:
    """Return scores (alpha, batch size, depth, rate, width) of the neighbouring rates whose mean score is highest."""
    by_rate = cube.mean(axis=(0, 1, 2, 4))
    first = int(np.convolve(by_rate, np.ones(count), "valid").argmax())
    return cube[:, :, :, first : first + count]


def shares(cube: np.ndarray) -> dict[str, float]:
    """Return shares of the variance of scores (alpha, batch size, depth, rate, width).

    "learning rate" and "architecture" (depth and width) are main effects; "together" is what both explain beyond
    the sum of these two.
    """
    grid = cube.mean(axis=(0, 1))  # (depth, rate, width)
    whole = cube.var()
    rate, network, both = grid.mean(axis=(0, 2)).var(), grid.mean(axis=1).var(), grid.var()
    return {"learning rate": rate / whole, "architecture": network / whole, "together": (both - rate - network) / whole}
