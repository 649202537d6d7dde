"""`nasedu table`: build a table of ground truth, or look at one."""

from typing import Annotated

import typer

table_app = typer.Typer(no_args_is_help=True, help="Tables of ground truth: build one, or look at one.")


@table_app.command("build")
def table_build(
    plan: Annotated[str, typer.Argument(help="A plan as JSON (see nasedu.building.Plan), or: atlas.")],
    out: Annotated[str, typer.Option(help="The file to write.")] = "table.npz",
    parts: Annotated[str, typer.Option(help="The folder that keeps what is done.")] = "table-parts",
    workers: Annotated[int, typer.Option(help="Processes that train side by side, on this machine.")] = 1,
) -> None:
    """Train every network of a space on a family of tasks. Stop at any time: the same command goes on."""
    from nasedu.cli.table_build import plan_from, run_build

    run_build(plan_from(plan), out, parts, workers)


@table_app.command("show")
def table_show(
    path: Annotated[str, typer.Argument(help="A table that was built, or: atlas.")] = "atlas",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Show what is in a table: its tasks, their best networks, and how alike the tasks are."""
    from nasedu.cli.table_show import load_table, show

    show(load_table(path), as_json=as_json)
