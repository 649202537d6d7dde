"""The terminal: `nasedu search`, `nasedu show`, `nasedu lab` and the rest.

What goes wrong in a way that nasedu knows is one line on standard error and exit code 2. Standard output holds
results and nothing else. Whatever is slow to import is imported where it is needed, so that the bar is there at once.
"""

import json
import signal
import sys
import threading
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from nasedu import __version__
from nasedu.core import BadValue, NaseduError, Registry

if TYPE_CHECKING:
    from nasedu.records import Record
    from nasedu.search import Wish

STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}  # what shells expect: 128 + the signal's number


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a request to end, with what to say about it."""


class Polite(TyperGroup):
    """Says what is wrong in one line, whichever command it happened in."""

    def invoke(self, ctx: Any) -> Any:
        got: list[int] = []

        def stop(number: int, _: FrameType | None) -> None:
            got.append(number)
            raise KeyboardInterrupt

        can_listen = threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, stop) for number in STOPPED if can_listen}
        try:
            return super().invoke(ctx)
        except NaseduError as error:
            _say(f"error: {error}")
            raise typer.Exit(2) from error
        except KeyboardInterrupt as error:
            _say(str(error) or "stopped")
            raise typer.Exit(STOPPED[signal.Signals(got[0] if got else signal.SIGINT)]) from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


app = typer.Typer(
    cls=Polite,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Learn neural architecture search built on meta-learning, by running it.\n\n"
    "Begin with [bold]nasedu lab[/] (the lessons) or [bold]nasedu search[/] (a whole search, in a minute). "
    "If something does not work, [bold]nasedu doctor[/] looks for the reason.",
)


def main() -> None:
    """The entry point."""
    app()


def _say(line: str) -> None:
    """A line for the person at the terminal, never for a pipe."""
    print(" ".join(line.split()), file=sys.stderr, flush=True)


def _warn(line: str) -> None:
    _say(f"warning: {line}")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"nasedu {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None: ...


# ---------------------------------------------------------------------- search

WHAT, HOW_LONG, CARRIED, FINE = "What is searched, and who chooses", "How long", "What it starts from", "Fine control"


@app.command()
def search(
    task: Annotated[str, typer.Option(help="See: nasedu tasks.", rich_help_panel=WHAT)] = "digits",
    space: Annotated[str, typer.Option(help="See: nasedu spaces.", rich_help_panel=WHAT)] = "chain-cnn",
    controller: Annotated[str, typer.Option(help="See: nasedu controllers.", rich_help_panel=WHAT)] = "q-learning",
    trainer: Annotated[str, typer.Option(help="See: nasedu trainers.", rich_help_panel=WHAT)] = "sequential",
    trials: Annotated[
        int, typer.Option(help="Trials in the end, those of earlier runs included.", rich_help_panel=HOW_LONG)
    ] = 40,
    batch: Annotated[
        int | None,
        typer.Option(
            help="Trials asked together, before any is learned from. Usual: 4, or as many as the trainer compares.",
            rich_help_panel=HOW_LONG,
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the data for each trial.", rich_help_panel=HOW_LONG)] = 8,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same search, trial for trial.", rich_help_panel=HOW_LONG)
    ] = 0,
    store: Annotated[
        str,
        typer.Option(
            help="The file that remembers every trial; it holds any number of studies.", rich_help_panel=CARRIED
        ),
    ] = "nasedu.db",
    prior: Annotated[
        str | None,
        typer.Option(metavar="STORE", help="Open with what the studies in this store found.", rich_help_panel=CARRIED),
    ] = None,
    prior_kind: Annotated[
        str | None,
        typer.Option(
            help="See: nasedu priors. Usual: warm-q for q-learning, copy-best for others.", rich_help_panel=CARRIED
        ),
    ] = None,
    most_parameters: Annotated[
        int | None,
        typer.Option(help="Only networks with at most this many parameters.", rich_help_panel=WHAT),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="auto (a GPU if there is one), cpu, cuda or mps; by default the trainer's choice.",
            rich_help_panel=FINE,
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(
            help="Processes that train side by side, on this machine. The search stays the same.",
            rich_help_panel=HOW_LONG,
        ),
    ] = 1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Train on the workers of a dask cluster, instead.", rich_help_panel=HOW_LONG
        ),
    ] = None,
    tensorboard: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Write curves for TensorBoard into this folder (extra: logs).", rich_help_panel=FINE
        ),
    ] = None,
    space_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as depth=4. May be repeated.", rich_help_panel=FINE),
    ] = None,
    controller_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as target=max. May be repeated.", rich_help_panel=FINE),
    ] = None,
    trainer_option: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Such as patience=2. May be repeated.", rich_help_panel=FINE),
    ] = None,
    recipe: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="How networks are trained, such as schedule=cosine. May be repeated.",
            rich_help_panel=FINE,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.", rich_help_panel=FINE)
    ] = False,
) -> None:
    """Search for a good network, then test the best one once.

    Everything is kept in the store as it happens. Stop whenever you like: the same command goes on from there, with
    more --trials it goes on for longer, and when nothing is left to train it prints the results again.
    """
    from nasedu.search import Wish, options_from

    wish = Wish(
        task=task,
        space=space,
        controller=controller,
        trainer=trainer,
        trials=trials,
        batch=batch,
        epochs=epochs,
        seed=seed,
        store=store,
        prior=prior,
        prior_kind=prior_kind,
        device=device,
        workers=workers,
        dask=dask,
        tensorboard=tensorboard,
        limits={} if most_parameters is None else {"parameters": most_parameters},
        space_options=options_from("space", space_option or []),
        controller_options=options_from("controller", controller_option or []),
        trainer_options=options_from("trainer", trainer_option or []),
        recipe=options_from("recipe", recipe or []),
    )
    record = _run(wish)
    if as_json:
        from nasedu.report_json import as_json as to_json

        print(json.dumps(to_json(record), allow_nan=False))
    else:
        _print_full(record, store)


def _run(wish: "Wish") -> "Record":
    """The study that is wished for, run to its end and tested."""
    from nasedu.progress import Watch
    from nasedu.search import advice, batch_of, log_for, open_study

    with Watch(Console(stderr=True), wish.trials) as watch:
        study, note = open_study(wish)
        with study, ExitStack() as at_the_end:
            at_the_end.callback(getattr(study.trainer, "close", lambda: None))
            watch.begin(study.trials, study.controller.status(), note)
            for line in advice(wish, study.trainer):
                _say(f"note: {line}")
            logs = [log_for(wish.tensorboard, study, _warn)] if wish.tensorboard else []
            for log in logs:
                at_the_end.enter_context(log)
            try:
                for trial in study.run(wish.trials, batch_of(wish, study.trainer)):
                    watch.trial(trial)
                    for log in logs:
                        log(trial)
                if study.exhausted:
                    _say(f"note: nothing is left to ask: the search ends after {len(study.trials)} trials")
                watch.testing()
                return _tested(study)
            except KeyboardInterrupt as error:
                raise Interrupted(_goodbye(wish, len(study.trials))) from error


def _tested(study: Any) -> "Record":
    """The record of a study after its test. One that found a better network since it was tested keeps its result."""
    from nasedu.records import Record

    if study.final is None or study.final.architecture == study.best.architecture:
        study.finish()
    return Record.of(study)


def _goodbye(wish: "Wish", done: int) -> str:
    from nasedu.store import IN_MEMORY

    kept = "they were in memory, and are gone" if wish.store == IN_MEMORY else "the same command goes on from there"
    return f"stopped after {done} trial{'' if done == 1 else 's'}; {kept}"


def _print_full(record: "Record", store: str) -> None:
    from nasedu.records import random_rival, records_in
    from nasedu.report import full
    from nasedu.store import IN_MEMORY

    others = [] if store == IN_MEMORY else list(records_in(store).values())
    Console(highlight=False).print(full(record, random_rival(others, record)))


# ---------------------------------------------------------------------- meta


@app.command()
def meta(
    tasks: Annotated[
        str,
        typer.Option(metavar="NAME,NAME,...", help="In this order. See: nasedu tasks.", rich_help_panel=WHAT),
    ] = "digits,digits-noisy,digits-shuffled",
    space: Annotated[str, typer.Option(help="See: nasedu spaces.", rich_help_panel=WHAT)] = "chain-cnn",
    controller: Annotated[str, typer.Option(help="See: nasedu controllers.", rich_help_panel=WHAT)] = "q-learning",
    trainer: Annotated[str, typer.Option(help="See: nasedu trainers.", rich_help_panel=WHAT)] = "sequential",
    prior: Annotated[
        str,
        typer.Option(help="How what was learned opens the next search. See: nasedu priors.", rich_help_panel=CARRIED),
    ] = "warm-q",
    trials: Annotated[int, typer.Option(help="Trials on each task.", rich_help_panel=HOW_LONG)] = 20,
    batch: Annotated[
        int, typer.Option(help="Trials asked together, before any is learned from.", rich_help_panel=HOW_LONG)
    ] = 2,
    epochs: Annotated[int, typer.Option(help="Passes over the data for each trial.", rich_help_panel=HOW_LONG)] = 8,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same searches, trial for trial.", rich_help_panel=HOW_LONG)
    ] = 0,
    store: Annotated[
        str, typer.Option(help="The file that remembers every trial of every task.", rich_help_panel=CARRIED)
    ] = "meta.db",
    workers: Annotated[
        int, typer.Option(help="Processes that train side by side, on this machine.", rich_help_panel=HOW_LONG)
    ] = 1,
    narrow: Annotated[
        bool,
        typer.Option("--narrow/--no-narrow", help="Search only what earlier tasks support.", rich_help_panel=CARRIED),
    ] = True,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare/--no-compare", help="Also run each later search cold, to compare with.", rich_help_panel=HOW_LONG
        ),
    ] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.", rich_help_panel=FINE)
    ] = False,
) -> None:
    """Search on one task after the other, each search opened with what the earlier ones found.

    Says at the end what was carried over, and what it was worth against a cold start. Stop whenever you like: the same
    command goes on from there.
    """
    from nasedu.meta_command import MetaWish, run

    wish = MetaWish(
        tasks, space, controller, prior, trainer, trials, batch, epochs, seed, store, workers, narrow, compare
    )
    run(wish, as_json=as_json)


# ---------------------------------------------------------------------- looking at a store


@app.command()
def show(
    store: Annotated[str, typer.Argument(help="A store, such as nasedu.db.")],
    study: Annotated[int | None, typer.Option(help="Only this study, by its number, in full.")] = None,
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
    from nasedu.records import records_in
    from nasedu.report import brief
    from nasedu.report_json import all_as_json

    records = records_in(store)
    if study is not None or figure is not None:
        chosen = _choose(records, study, store)
    if figure is not None:
        _draw(records[chosen], figure)
    if as_json:
        print(json.dumps(all_as_json(records, records if study is None else [study]), allow_nan=False))
    elif study is not None:
        _print_full(records[chosen], store)
    else:
        console = Console(highlight=False)
        for number, record in records.items():
            console.print(brief(number, record))


def _choose(records: "dict[int, Record]", study: int | None, store: str) -> int:
    """The number of the study that is meant. Raises BadValue if there is none of this number, or several."""
    known = "; ".join(f"{n} ({_label(r)}, {len(r.trials)} trials)" for n, r in records.items()) or "none"
    begun = [number for number, record in records.items() if record.trials]
    if study is None and len(begun) == 1:
        return begun[0]
    if study is None:
        raise BadValue(f"{store} holds several studies: choose one with --study; known: {known}")
    if study not in records:
        raise BadValue(f"{store} has no study {study}; known: {known}")
    return study


def _label(record: "Record") -> str:
    """What tells a study from the others of its store."""
    prior = f" with {record.prior_name}" if record.prior_name else ""
    return f"{record.controller}{prior} in {record.where}, {record.seeds}"


def _draw(record: "Record", path: str) -> None:
    from nasedu.made_again import controller_of

    try:
        learned = controller_of(record).learned()
    except NaseduError as error:
        _say(f"note: drawn without what the controller learned ({error})")
        learned = []
    from nasedu import plots

    plots.search_figure(record.trials, learned, path, _label(record))
    _say(f"drawn: {path}")


# ---------------------------------------------------------------------- what there is


def _list(registry: Registry) -> None:
    _list_all({name: registry.summary(name) for name in registry})


def _list_all(summaries: dict[str, str]) -> None:
    """A line for each name: rich's columns at a terminal, plain text in a pipe."""
    width = max(map(len, summaries))
    console = Console(highlight=False)
    if not console.is_terminal:
        for name, summary in summaries.items():
            print(f"{name:<{width}}  {summary}")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, summary in summaries.items():
        table.add_row(Text(name, "bold"), Text(summary))
    console.print(table)


table_app = typer.Typer(no_args_is_help=True, help="Tables of ground truth: build one, or look at one.")
app.add_typer(table_app, name="table")


@table_app.command("build")
def table_build(
    plan: Annotated[str, typer.Argument(help="A plan as JSON (see nasedu.building.Plan), or: atlas.")],
    out: Annotated[str, typer.Option(help="The file to write.")] = "table.npz",
    parts: Annotated[str, typer.Option(help="The folder that keeps what is done.")] = "table-parts",
    workers: Annotated[int, typer.Option(help="Processes that train side by side, on this machine.")] = 1,
) -> None:
    """Train every network of a space on a family of tasks. Stop whenever you like: the same command goes on."""
    from nasedu.table_command import plan_from, run_build

    run_build(plan_from(plan), out, parts, workers)


@table_app.command("show")
def table_show(
    path: Annotated[str, typer.Argument(help="A table that was built, or: atlas.")] = "atlas",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Say what is in a table: its tasks, their best networks, and how alike the tasks are."""
    from nasedu.table_command import load_table, show

    show(load_table(path), as_json=as_json)


@app.command()
def tasks() -> None:
    """List the tasks: what a network is judged on."""
    from nasedu.tasks import summaries

    _list_all(summaries())


@app.command()
def spaces() -> None:
    """List the spaces: what can be built."""
    from nasedu.spaces import spaces as registry

    _list(registry)


@app.command()
def controllers() -> None:
    """List the controllers: who chooses next."""
    from nasedu.controllers import controllers as registry

    _list(registry)


@app.command()
def trainers() -> None:
    """List the trainers: what a choice is worth."""
    from nasedu.trainers import trainers as registry

    _list(registry)


@app.command()
def priors() -> None:
    """List the priors: what earlier tasks teach about the next."""
    from nasedu.meta import priors as registry

    _list(registry)


# ---------------------------------------------------------------------- for instructors

assignment_app = typer.Typer(no_args_is_help=True, help="For instructors: the exercises of a lesson, for nbgrader.")
app.add_typer(assignment_app, name="assignment")


@assignment_app.command("create")
def assignment_create(
    lesson: Annotated[str, typer.Argument(help="Its two digits, such as 04.")],
    out: Annotated[str, typer.Option(help="The course folder: new, or one made here before.")] = "course",
    name: Annotated[str | None, typer.Option(help="Of the assignment. Usual: lesson_04.")] = None,
    points: Annotated[float, typer.Option(help="For each exercise.")] = 1.0,
) -> None:
    """Write the exercises of a lesson as an nbgrader assignment, with solutions and hidden tests."""
    from nasedu.assignment_command import run_create

    run_create(lesson, out, name, points)


@app.command()
def report(
    course: Annotated[str, typer.Argument(help="A course folder.")] = "course",
    assignment: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of tables.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line for each student and exercise.")] = False,
) -> None:
    """For instructors: show the class, and who is stuck where."""
    from nasedu.assignment_command import run_report

    run_report(course, assignment, as_json=as_json, as_csv=as_csv)


# ---------------------------------------------------------------------- the lessons


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(
    ctx: typer.Context,
    folder: Annotated[
        str | None,
        typer.Option(help="Where your copies of the lessons are. Usual: work in a checkout, nasedu-lessons elsewhere."),
    ] = None,
) -> None:
    """Open the lessons in JupyterLab, at lesson 00: copies of your own, in which what you do stays.

    Whatever else you write goes to JupyterLab: nasedu lab --no-browser --port 9999.
    """
    from nasedu.lab import open_lab

    raise typer.Exit(open_lab(ctx.args, folder))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lessons(ctx: typer.Context) -> None:
    """Copy the lessons into a folder of yours: nasedu lessons copy FOLDER. For authors: build, reword, check, new."""
    from nasedu.lessons import main as lessons_main

    raise typer.Exit(lessons_main(ctx.args))


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of a table.")] = False,
) -> None:
    """Check this machine, and say how to mend what is found. Exit code 1 if something will not run."""
    from dataclasses import asdict

    from nasedu.doctor import examine

    findings = examine()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        _print_findings(findings)
    raise typer.Exit(1 if any(f.state == "problem" for f in findings) else 0)


def _print_findings(findings: list[Any]) -> None:
    colours = {"ok": "green", "warning": "yellow", "problem": "bold red"}
    table = Table.grid(padding=(0, 2, 0, 0))
    for f in findings:
        found = Text(f.found) if not f.mend else Text.assemble(f.found, "\n", ("to mend: ", "bold"), f.mend)
        table.add_row(Text(f.state, colours[f.state]), Text(f.about, "bold"), found)
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
