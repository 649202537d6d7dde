"""What is handed in: `nasedu handin check` for students, `nasedu assignment collect` for instructors."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nasedu.cli.course import assignment_app

handin_app = typer.Typer(no_args_is_help=True, help="For students: look at a notebook before you hand it in.")


@handin_app.command("check")
def handin_check(
    file: Annotated[str, typer.Argument(help="The notebook of your assignment, such as 04.ipynb.")],
) -> None:
    """Check that a notebook is complete and can be graded: its name, its cells, how many answers it has.

    Exit code 0: it can be handed in. 1: something is missing or odd. It does not say which answers are right.
    """
    from nasedu.classroom.grading.handing_in import look_at

    found = look_at(Path(file))
    print(found.summary())
    if not found.in_order:
        raise typer.Exit(1)


@assignment_app.command("collect")
def assignment_collect(
    download: Annotated[str, typer.Argument(help="The archive as you downloaded it, or a folder with its content.")],
    assignment: Annotated[str | None, typer.Option(help="Its name. Usual: the only one of the course.")] = None,
    course: Annotated[str | None, typer.Option(help="The course folder. Usual: this folder, or course.")] = None,
    platform: Annotated[
        str | None, typer.Option(help="moodle, canvas, gradescope or folders. Usual: seen from the names.")
    ] = None,
) -> None:
    """Put what a class handed in on a learning platform into submitted/, safely, and say what is missing."""
    from nasedu.classroom.grading.collecting import collect
    from nasedu.classroom.grading.course import course_at

    made = collect(course_at(course), Path(download), assignment, platform)
    everybody = len(made.new) + len(made.changed) + len(made.unchanged)
    print(
        f"{made.platform}: {everybody} handed in ({len(made.new)} new, {len(made.changed)} changed, "
        f"{len(made.unchanged)} the same), {len(made.problems)} with nothing to grade"
    )
    for who, problem in sorted(made.problems.items()):
        print(f"  {who}: {_line(problem)}")
    lines = [f"{who}: {_line('; '.join(notes))}" for who, notes in sorted(made.notes.items())]
    lines += [f"not collected: {_line(line)}" for line in made.lost]
    if made.missing:
        lines.append(f"handed in nothing: {', '.join(made.missing)}")
    lines += [f"changed after grading: nbgrader autograde NAME --student {who!r} --force" for who in made.graded]
    for line in lines:
        print(f"  {line}", file=sys.stderr)


def _line(text: str) -> str:
    """Return a text that may quote a student, in one line without control characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:500]
