"""`nasedu trials`: results from elsewhere into a study, and the results of a study into a file."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nasedu.cli.search import open_typed, search

if TYPE_CHECKING:
    from nasedu.core import Evaluation

trials_app = typer.Typer(no_args_is_help=True, help="Results as CSV files: into a study, or out of one.")

Command = Callable[..., None]
STUDY = "Its number or name in the store"
NOT_SHARED = ("minutes", "batch", "enqueue", "workers", "dask", "tensorboard", "as_json")
"""Options of a search that say how it runs, and not which study it is."""


def with_search_options(command: Command) -> Command:
    """Let a command take the options that say which study a search is, and receive them as `**options`."""
    own = inspect.signature(command).parameters.values()
    shared = [p for p in inspect.signature(search).parameters.values() if p.name not in NOT_SHARED]
    parameters = [*(p for p in own if p.kind is not p.VAR_KEYWORD), *shared]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


@trials_app.command("import")
@with_search_options
def import_trials(
    results: Annotated[str, typer.Argument(help="A CSV file with the columns architecture and score.")],
    study: Annotated[
        str | None, typer.Option(help=f"{STUDY}, instead of the options that say which search it is.")
    ] = None,
    **options: Any,
) -> None:
    """Add results from elsewhere to a study: its controller learns from them.

    The study is the one of [bold]nasedu search[/] with the same options,
    or --study. One that is not there is begun. Nothing is trained.

    The column architecture has words divided by blanks, or JSON lists.
    Optional: status, epochs, seed, seconds, parameters, flops, reason.
    The whole file is checked before anything is written.
    """
    from nasedu.core import counted

    count, where = _import_into(study, results, options) if study else _import_into_search(results, options)
    print(f"{counted(count, 'result')} imported into {where}")


@trials_app.command("export")
def export_trials(
    store: Annotated[str, typer.Argument(help="A store, such as nasedu.db.")],
    results: Annotated[str, typer.Argument(help="The CSV file to write.")],
    study: Annotated[str | None, typer.Option(help=f"{STUDY}. Needed if the store has several.")] = None,
) -> None:
    """Write the results of a study into a CSV file that [bold]nasedu trials import[/] reads, each architecture once."""
    from nasedu.cli.results_file import write_results
    from nasedu.cli.study_record import choose, records_in
    from nasedu.core import counted

    records = records_in(store)
    number = choose(records, study, store)
    count = write_results(results, records[number].trials)
    print(f"{counted(count, 'result')} of study {number} ({records[number].label}) written to {results}")


def _import_into(study: str, results: str, options: dict[str, Any]) -> tuple[int, str]:
    """Import into a study of a store, by its number or name; returns the number of results, and where they are."""
    from nasedu.cli.rebuild import rebuild_fresh
    from nasedu.cli.results_file import read_results
    from nasedu.cli.study_record import choose, records_in
    from nasedu.core import BadValue
    from nasedu.study.results import import_results

    usual = {p.name: p.default for p in inspect.signature(search).parameters.values()}
    typed = [f"--{name.replace('_', '-')}" for name, value in options.items() if value != usual[name]]
    if others := [name for name in typed if name != "--store"]:
        raise BadValue(f"--study says which study it is: leave out {', '.join(others)}, or leave out --study")
    records = records_in(options["store"])
    number = choose(records, study, options["store"])
    controller, task = rebuild_fresh(records[number])
    found = read_results(results, controller, task, records[number].recorded)
    _note_on_epochs(found, records[number].identity["epochs"])
    import_results(options["store"], number, found)
    return len(found), f"study {number} of {options['store']} ({records[number].label})"


def _import_into_search(results: str, options: dict[str, Any]) -> tuple[int, str]:
    """Import into the study of a search; returns the number of results, and where they are."""
    from nasedu.cli.results_file import read_results
    from nasedu.cli.study_record import StudyRecord
    from nasedu.core import BadValue
    from nasedu.store import IN_MEMORY

    if options["store"] == IN_MEMORY:
        raise BadValue("results that are imported into memory are gone at once: give a file as --store")
    found: list[Evaluation] = []
    with open_typed(options, lambda *study: found.extend(read_results(results, *study))) as opened:
        _note_on_epochs(found, opened.study.epochs)
        opened.study.add_results(found)
        return len(found), f"{options['store']} ({StudyRecord.of(opened.study).label})"


def _note_on_epochs(found: "list[Evaluation]", epochs: int) -> None:
    """Say it if results are of another length of training than the trials of their study."""
    from nasedu.cli.messages import say

    other = sorted({e.epochs for e in found if e.epochs not in (0, epochs)})
    if other:
        count = sum(e.epochs in other for e in found)
        say(
            f"note: {count} of these results are of {', '.join(map(str, other))} epochs, and this study trains for "
            f"{epochs}: their scores may be too high or too low next to its own"
        )
