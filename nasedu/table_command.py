"""`nasedu table`: builds a table of ground truth, and says what is in one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Grid

from nasedu.building import Plan, assemble, build
from nasedu.core import BadValue
from nasedu.tables import Table, atlas
from nasedu.tables.agreement import agreement, reliability


def plan_from(path: str) -> Plan:
    """The plan of a JSON file, or the atlas's own if the path is "atlas". Raises BadValue for anything else."""
    if path == "atlas":
        from nasedu.building.atlas import ATLAS

        return ATLAS
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadValue(f"the plan {path} cannot be read: {error.strerror}; give a JSON file, or atlas") from error
    except ValueError as error:
        raise BadValue(f"the plan {path} is no JSON: {error}") from error
    try:
        return Plan.from_data(data)
    except (TypeError, KeyError) as error:
        known = ", ".join(Plan.__dataclass_fields__)
        raise BadValue(f"the plan {path} does not fit: {error}; a plan has the fields {known}") from error


def run_build(plan: Plan, out: str, parts: str, workers: int) -> None:
    """Train what is missing, showing how far it is; at the end write the table."""
    if not out.endswith(".npz"):
        raise BadValue(f"a table's file is called something.npz; given {out!r}")
    console = Console(stderr=True)
    networks, groups = len(plan.architectures), len(plan.parts)
    many = f"{groups} part{'' if groups == 1 else 's'}"
    console.print(
        f"{networks:,} networks of {plan.space} on {len(plan.tasks)} tasks, {plan.seeds} seeds each: "
        f"{networks * len(plan.tasks) * plan.seeds:,} trainings in {many}, kept in {parts}",
        highlight=False,
    )
    columns = (TextColumn("building"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=groups)
        for built in build(plan, parts, workers=workers):
            bar.update(task, completed=built.done)
            if not console.is_terminal:
                console.print(str(built), highlight=False)
    table = assemble(plan, parts)
    table.save(out)
    print(f"{out}: {table!r}")


def load_table(path: str) -> Table:
    """The table of a file, or the atlas."""
    return atlas() if path == "atlas" else Table.load(path)


def show(table: Table, *, as_json: bool) -> None:
    """What is in it: for each task its best network, its range, and how well the seeds agree."""
    rows = list(_rows(table))
    if as_json:
        print(json.dumps({"name": table.name, "networks": len(table), "note": table.note, "tasks": rows}, indent=2))
        return
    console = Console()
    title = f"{table.name}: {len(table):,} networks of {table.space.title}, {table.values.shape[2]} seeds"
    console.print(_grid(title, rows, ("task", "score", "median", "halves agree", "best")))
    if len(table.tasks) > 1:
        console.print(_grid("How alike they rank the networks", rows, ("task", "most alike", "least alike")))
    if table.note:
        print(table.note)


def _grid(title: str, rows: list[dict[str, Any]], names: tuple[str, ...]) -> Grid:
    grid = Grid(title=title)
    for name in names:
        number = isinstance(rows[0][name], float)
        heading = {"score": "best", "best": "its network"}.get(name, name)
        grid.add_column(heading, justify="right" if number else "left", no_wrap=name == "task")
    for row in rows:
        grid.add_row(*(value if isinstance(value, str) else f"{value:.3f}" for value in map(row.get, names)))
    return grid


def _rows(table: Table) -> Any:
    alike = agreement(table)
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
