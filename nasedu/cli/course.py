"""The course: its lessons for a student, their exercises as assignments for an instructor."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nasedu.cli.messages import say

COURSE = "The course folder: new, or one made before. Usual: this folder if it is one, or course."
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}  # of a command that hands on what it is given

lessons_app = typer.Typer(no_args_is_help=True, help="The lessons, in a folder of your own.")
assignment_app = typer.Typer(no_args_is_help=True, help="For instructors: the exercises of a lesson, for nbgrader.")


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
    from nasedu.lessons.jupyterlab import open_lab

    raise typer.Exit(open_lab(ctx.args, folder))


@lessons_app.command("copy")
def lessons_copy(folder: Annotated[str, typer.Argument(help="Where to: a folder of your own.")]) -> None:
    """Copy the lessons. Files that you changed there are not overwritten."""
    from nasedu.lessons.copying import copy_lessons
    from nasedu.lessons.places import shipped
    from nasedu.lessons.signing import sign

    copied = copy_lessons(shipped(), Path(folder))
    print(copied.words())
    if failed := sign(shipped(), copied.target, copied.untouched):
        say(f"note: {failed}")
    if copied.kept:
        say(copied.advice())
        raise typer.Exit(1)


def _for_authors(ctx: typer.Context) -> None:
    """Say where the commands of authors are."""
    from nasedu.core import BadValue

    words = " ".join(["python -m tools.lessons", str(ctx.info_name), *ctx.args])
    raise BadValue(f"this command is for authors, in a clone of the repository: {words}")


for _name in ("build", "reword", "check", "new"):
    lessons_app.command(_name, hidden=True, context_settings=PASSED_ON)(_for_authors)


@assignment_app.command("create")
def assignment_create(
    lesson: Annotated[str, typer.Argument(help="Its two digits, such as 04; or own.")],
    out: Annotated[str | None, typer.Option(help=COURSE)] = None,
    name: Annotated[str | None, typer.Option(help="Of the assignment. Usual: lesson_04.")] = None,
    points: Annotated[float, typer.Option(help="For each exercise.")] = 1.0,
    own_numbers: Annotated[
        bool, typer.Option("--own-numbers", help="Other numbers for each student, where a question asks for a number.")
    ] = False,
    add: Annotated[
        list[str] | None, typer.Option(help="An exercise of your own that follows; give it again for more.")
    ] = None,
) -> None:
    """Write the exercises of a lesson as an nbgrader assignment, with solutions and hidden tests.

    nasedu assignment create own takes the exercises of course/exercises.py.
    """
    from nasedu.classroom.grading.course import course_at, create

    place = course_at(out)
    path = create(lesson, place, name, points, own_numbers, add or ())
    assignment = path.parent.name
    print(path)
    steps = {
        f"cd {place}": "",
        f"nbgrader generate_assignment {assignment}": f"release/{assignment}: what students get",
        f"nasedu assignment collect ARCHIVE --assignment {assignment}": "what they hand in",
        f"nbgrader autograde {assignment}": "the marks",
        "nasedu assignment report": "the class",
        f"nbgrader generate_feedback {assignment}": f"feedback/STUDENT/{assignment}: what they are told",
        f"nasedu assignment feedback-archive {assignment}": "the same, for Moodle",
    }
    width = max(map(len, steps))
    lines = [f"  {step:{width}}  {f'# {what}' * bool(what)}".rstrip() for step, what in steps.items()]
    print("\n".join(["Next:", *lines[place == Path() :]]), file=sys.stderr)


@assignment_app.command("new-exercise")
def assignment_new_exercise(
    name: Annotated[str, typer.Argument(help="Of its answer, such as spread_of.")],
    out: Annotated[str | None, typer.Option(help=COURSE)] = None,
) -> None:
    """Begin an exercise of your own in course/exercises.py: a complete one, to change."""
    from nasedu.classroom.grading.course import course_at, open_course
    from nasedu.classroom.grading.own_exercises import add_template

    place = course_at(out)
    open_course(place)
    print(add_template(place, name))
    steps = (f"change {name} in it", f"nasedu assignment test {place}", f"nasedu assignment create own --out {place}")
    print("Next:\n  " + "\n  ".join(steps), file=sys.stderr)


@assignment_app.command("test")
def assignment_test(
    course: Annotated[str | None, typer.Argument(help="A course folder. Usual: this folder, or course.")] = None,
    exercise: Annotated[str | None, typer.Option(help="Only this one.")] = None,
) -> None:
    """Test the exercises of your own: solution, stub, wrong answers, changes of the solution, question."""
    from nasedu.classroom.grading.course import course_at
    from nasedu.classroom.grading.own_exercises import load
    from nasedu.core import UnknownName
    from nasedu.testing import check_exercise

    known, failed = load(course_at(course)), False
    if exercise is not None and exercise not in known:
        raise UnknownName(f"the course has no exercise {exercise!r}; its own exercises: {', '.join(known)}")
    for name in known if exercise is None else [exercise]:
        try:
            check_exercise(known[name])
        except AssertionError as error:
            failed = True
            print(f"✘ {name}: {error}\n")
        else:
            print(f"✔ {name}: the solution passes, {len(known[name].wrong)} wrong answers get their sentences")
    if failed:
        raise typer.Exit(1)
