"""`nasedu show`: what a store holds, in tables, as JSON or as a figure."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nasedu.cli.messages import say

if TYPE_CHECKING:
    from nasedu.cli.study_record import StudyRecord


def show(
    store: Annotated[str, typer.Argument(help="A store, such as nasedu.db.")],
    study: Annotated[str | None, typer.Option(help="Only this study, by its number or name, in full.")] = None,
    figure: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Draw the study into a .png, .svg or .pdf: scores, epsilon, what was learned."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, with every trial, instead of tables.")
    ] = False,
) -> None:
    """Show what a store holds. Reads only: safe while a search is running in it."""
    from nasedu.cli.report import brief
    from nasedu.cli.report_json import all_as_json
    from nasedu.cli.study_record import choose, records_in

    records = records_in(store)
    if study is not None or figure is not None:
        chosen = choose(records, study, store)
    if figure is not None:
        _draw(records[chosen], figure)
    if as_json:
        print(json.dumps(all_as_json(records, records if study is None else [chosen]), allow_nan=False))
    elif study is not None:
        print_full(records[chosen], store)
    else:
        console = Console(highlight=False)
        for number, record in records.items():
            console.print(brief(number, record))


def print_full(record: "StudyRecord", store: str) -> None:
    """Print a study in full, compared with a random search of the same store if there is one."""
    from nasedu.cli.report import full
    from nasedu.cli.study_record import random_baseline, records_in
    from nasedu.store import IN_MEMORY

    others = [] if store == IN_MEMORY else list(records_in(store).values())
    Console(highlight=False).print(full(record, random_baseline(others, record)))


def _draw(record: "StudyRecord", path: str) -> None:
    from matplotlib import pyplot

    from nasedu import plots
    from nasedu.cli.rebuild import rebuild_controller
    from nasedu.core import NaseduError

    try:
        learned = rebuild_controller(record).learned()
    except NaseduError as error:
        say(f"note: drawn without what the controller learned ({error})")
        learned = []
    with pyplot.rc_context(plots.STYLE):
        plots.search_figure(record.trials, learned, path, record.label)
    say(f"drawn: {path}")
