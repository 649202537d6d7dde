"""What `nasedu table show` prints: the tasks of a table, their best networks, and how alike the tasks are."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.console import Console

from nasedu.cli.fitting_table import FittingTable
from nasedu.core import counted
from nasedu.tables import Table, atlas
from nasedu.tables.task_correlation import reliability, task_correlation


def load_table(path: str) -> Table:
    """Return the table of a file, or the atlas."""
    return atlas() if path == "atlas" else Table.load(path)


def show(table: Table, *, as_json: bool) -> None:
    """Print for each task its best network, its range, and how well the seeds agree."""
    rows = list(_rows(table))
    if as_json:
        print(
            json.dumps(
                {
                    "name": table.name,
                    "networks": len(table.networks),
                    "rows": len(table),
                    "note": table.note,
                    "tasks": rows,
                },
                indent=2,
            )
        )
        return
    console = Console()
    seeds = counted(table.values.shape[2], "seed")
    title = f"{table.name}: {table.size_in_words} of {table.space.title}, {seeds}"
    console.print(_grid(title, rows, ("task", "score", "median", "halves agree", "best")))
    if len(table.tasks) > 1:
        console.print(_grid("How alike they rank the networks", rows, ("task", "most alike", "least alike")))
    if table.note:
        print(table.note)


def _grid(title: str, rows: list[dict[str, Any]], names: tuple[str, ...]) -> FittingTable:
    grid = FittingTable(title)
    for name in names:
        number = isinstance(rows[0][name], float)
        heading = {"score": "best", "best": "its network"}.get(name, name)
        grid.add_column(heading, justify="right" if number else "left", no_wrap=name == "task")
    for row in rows:
        grid.add_row(*(value if isinstance(value, str) else f"{value:.3f}" for value in map(row.get, names)))
    return grid


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    """A row for each task, in the order of the table."""
    alike = task_correlation(table)
    np.fill_diagonal(alike, np.nan)
    repeats = reliability(table) if table.values.shape[2] > 1 else dict.fromkeys(table.tasks, float("nan"))
    for place, task in enumerate(table.tasks):
        scores = table.scores(task)
        best = table.best(task)
        row = {
            "task": task,
            "best": " ".join(best.architecture),
            "score": best.score,
            "median": float(np.median(scores)),
        }
        row["halves agree"] = repeats[task]
        if len(table.tasks) > 1:
            near, far = int(np.nanargmax(alike[place])), int(np.nanargmin(alike[place]))
            row["most alike"] = f"{table.tasks[near]} {alike[place, near]:.2f}"
            row["least alike"] = f"{table.tasks[far]} {alike[place, far]:.2f}"
        yield row
