"""`nasedu tasks`: the list of tasks, and `nasedu tasks show NAME`: what was read of one."""

import warnings
from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli import completion
from nasedu.cli.messages import warn

if TYPE_CHECKING:
    from nasedu.tasks import Task

tasks_app = typer.Typer(
    invoke_without_command=True,
    help="List the tasks: what a network is judged on. With [bold]show NAME[/], show what was read of one.",
)


@tasks_app.callback()
def list_tasks(context: typer.Context) -> None:
    """List the tasks."""
    if context.invoked_subcommand is None:
        from nasedu.cli.names import list_all
        from nasedu.tasks import summaries

        list_all(summaries())


@tasks_app.command()
def show(
    name: Annotated[
        str, typer.Argument(help="Such as digits, or csv/flowers.csv:species.", autocompletion=completion.tasks)
    ],
    metric: Annotated[str | None, typer.Option(help="What the score is, such as balanced_accuracy.")] = None,
) -> None:
    """Show what was read: a line, then what each column became, the classes, the splits, and what was left out."""
    from rich.console import Console

    from nasedu.cli.task_report import task_report

    task, line = load_task(name, metric)
    print(line)
    Console(highlight=False).print(task_report(task))


def load_task(name: str, metric: str | None = None) -> "tuple[Task, str]":
    """Return a task, and one line on what was read of it. A warning that the line does not hold is printed.

    Raises:
        UnknownName, BadValue: as `nasedu.tasks.load`, and for a metric that can be no score.
    """
    from nasedu.tasks import load
    from nasedu.tasks.base import with_metric
    from nasedu.tasks.reading import describe, sentences

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        task = load(name)
    said = sentences(task)
    task = with_metric(task, metric) if metric else task
    line = " ".join(describe(task).split())
    for warning in caught:
        if not any(str(warning.message).endswith(sentence) for sentence in said):
            warn(str(warning.message))
    return task, line
