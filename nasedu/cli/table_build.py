"""What `nasedu table build` does: it reads a plan, trains what is missing, and writes the table."""

import json
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nasedu.building import Plan, assemble, build
from nasedu.core import BadValue, counted


def plan_from(path: str) -> Plan:
    """Return the plan in a JSON file, or that of the atlas for "atlas". Raises BadValue for anything else."""
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
    """Train what is missing, and show how far it is; at the end write the table."""
    if not out.endswith(".npz"):
        raise BadValue(f"a table's file is called something.npz; given {out!r}")
    console = Console(stderr=True)
    networks, groups = len(plan.architectures), len(plan.parts)
    console.print(
        f"{counted(networks, 'network')} of {plan.space} on {counted(len(plan.tasks), 'task')}, "
        f"{counted(plan.seeds, 'seed')} each: "
        f"{counted(networks * len(plan.tasks) * plan.seeds, 'training')} in {counted(groups, 'part')}, kept in {parts}",
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
