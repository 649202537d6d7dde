"""What an instructor asks for when a class is graded: the report, tables for platforms, the feedback archive."""

from pathlib import Path
from typing import Annotated

import typer

from nasedu.cli.course import assignment_app
from nasedu.cli.messages import say

Course = Annotated[str | None, typer.Argument(help="A course folder. Usual: this folder, or course.")]


@assignment_app.command("report")
def assignment_report(
    course: Course = None,
    assignment: Annotated[str | None, typer.Option(help="Only this one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of tables.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a line for each student and exercise.")] = False,
    platform: Annotated[
        str | None, typer.Option("--for", help="Print the table that a platform reads: moodle, canvas or gradescope.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="With --for: a column's title, 'lesson_04=Lesson 4 (1234)'. Repeat it.")
    ] = None,
    html: Annotated[str | None, typer.Option(help="Write a page into this file, too.")] = None,
) -> None:
    """Show the class: who is stuck where, mean and spread, late days, and answers that are alike."""
    from nasedu.classroom.grading.course import course_at
    from nasedu.cli.class_report import show

    formats = {"--json": as_json, "--csv": as_csv, "--for": platform}
    show(str(course_at(course)), assignment, formats=formats, titles=column or [], html=html)


@assignment_app.command("feedback-archive")
def assignment_feedback_archive(
    assignment: Annotated[str, typer.Argument(help="Its name, such as lesson_04.")],
    course: Annotated[str | None, typer.Option(help="A course folder. Usual: this folder, or course.")] = None,
    out: Annotated[str | None, typer.Option(help="The archive. Usual: feedback_lesson_04.zip.")] = None,
) -> None:
    """Pack the feedback pages as Moodle takes them back: 'Upload multiple feedback files in a zip'."""
    from nasedu.classroom.grading.course import course_at
    from nasedu.classroom.grading.feedback_archive import pack_feedback
    from nasedu.cli.class_report import chosen

    place = course_at(course)
    (one,) = chosen(str(place), assignment)
    packed = pack_feedback(place, one, Path(out or f"feedback_{assignment}.zip"))
    for words in packed.missing:
        say(f"note: {words}")
    print(f"{packed.path}: the feedback of {packed.students} student{'s' * (packed.students != 1)}")
