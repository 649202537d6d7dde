"""Floor 7: the terminal, `nasedu search`, `nasedu show`, `nasedu lab` and the rest.

An error of nasedu is one line on standard error and exit code 2. Standard output holds results and nothing else.
A module that is slow to import is imported where it is needed, so that the progress bar appears at once.
"""

from typing import Annotated

import typer

from nasedu import __version__
from nasedu.cli import (
    class_commands,
    course,
    doctor,
    export,
    handing_in,
    meta,
    metatrain,
    names,
    oneshot,
    predict,
    search,
    show,
    studies,
    study_report,
    tables,
    tasks,
    trials,
)
from nasedu.cli.messages import PlainErrors

app = typer.Typer(
    cls=PlainErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Learn neural architecture search built on meta-learning, by running it.\n\n"
    "Begin with [bold]nasedu lab[/] (the lessons) or [bold]nasedu search[/] (a whole search, in a minute). "
    "If something does not work, [bold]nasedu doctor[/] looks for the reason.",
)


def main() -> None:
    """Run the command that was typed."""
    app()


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


# `nasedu --help` lists them in this order.
app.command()(search.search)
app.command()(oneshot.oneshot)
app.command()(meta.meta)
app.command()(metatrain.metatrain)
app.command()(show.show)
app.command()(study_report.report)
app.command()(predict.predict)
app.command()(export.export)
app.add_typer(tasks.tasks_app, name="tasks")
app.command()(names.spaces)
app.command()(names.controllers)
app.command()(names.trainers)
app.command()(names.priors)
app.command()(names.learners)
app.command(context_settings=course.PASSED_ON)(course.lab)
app.command()(doctor.doctor)
app.add_typer(studies.studies_app, name="studies")
app.add_typer(trials.trials_app, name="trials")
app.add_typer(course.lessons_app, name="lessons")
app.add_typer(tables.table_app, name="table")
app.add_typer(class_commands.assignment_app, name="assignment")
app.add_typer(handing_in.handin_app, name="handin")
