"""What `nasedu assignment report` shows: the class at a glance, as tables, JSON or CSV."""

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from nasedu.classroom.grading.report import Assignment, Line, report
from nasedu.classroom.grading.result import SIGNS
from nasedu.core import BadValue

COLOURS = {"right": "green", "wrong": "red", "stopped": "red", "unreadable": "red", "by hand": "yellow"}
MARKS = {**SIGNS, "not handed in": "-", "not graded": "○"}
SHOWN = 3
COLUMNS = ("assignment", "student", "exercise", "status", "points", "most", "same_as_published", "message", "notes")


def show(course: str, assignment: str | None, *, as_json: bool, as_csv: bool) -> None:
    """Show the class. Raises BadValue for an assignment that was not given out, or for two formats at once."""
    if as_json and as_csv:
        raise BadValue("choose one of --json and --csv")
    known = report(Path(course))
    chosen = [one for one in known if assignment in (None, one.name)]
    if not chosen:
        names = ", ".join(one.name for one in known) or "none"
        raise BadValue(f"no assignment {assignment!r} was given out in {course}; known: {names}")
    if as_json:
        print(json.dumps([_data(one) for one in chosen], ensure_ascii=False))
    elif as_csv:
        _write_csv(chosen)
    else:
        console = Console(highlight=False)
        for one in chosen:
            _show(one, console)


def _data(assignment: Assignment) -> dict[str, object]:
    return {
        "assignment": assignment.name,
        "lines": [asdict(line) for line in assignment.lines],
        "stuck": {
            exercise: [{"message": message, "students": who} for message, who in assignment.stuck(exercise)]
            for exercise in assignment.exercises
        },
    }


def _write_csv(assignments: list[Assignment]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for assignment in assignments:
        for line in assignment.lines:
            row = {**asdict(line), "assignment": assignment.name, "notes": " ".join(line.notes)}
            writer.writerow([_harmless(row[column]) for column in COLUMNS])


def _harmless(value: object) -> object:
    """A text that a spreadsheet does not take for a formula: students choose what stands in some of them."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


# ---------------------------------------------------------------------- at the terminal


def _show(assignment: Assignment, console: Console) -> None:
    if not assignment.lines:
        words = f"{assignment.name}: nothing has been graded yet; run `nbgrader autograde {assignment.name}`"
        console.print(Text(words))
        return
    table = Table(title=Text(assignment.name), title_justify="left")
    table.add_column("student", overflow="fold")
    for exercise in assignment.exercises:
        table.add_column(Text(exercise), justify="center", overflow="fold")
    table.add_column("points", justify="right")
    for student in assignment.students:
        marks = [_mark(assignment.line(student, exercise)) for exercise in assignment.exercises]
        table.add_row(Text(student), *marks, f"{assignment.points(student):g} of {assignment.most:g}")
    console.print(table)
    met = {line.status for line in assignment.lines}
    legend = [f"{sign} {status}" for status, sign in MARKS.items() if status in met]
    legend += ["a number: points given by hand"] if "marked" in met else []
    console.print(Text("  ".join(legend), "dim"))
    if any(line.same_as_published for line in assignment.lines):
        console.print(Text("= the same as the published solution, comments and spaces aside", "dim"))
    for student, message in assignment.trouble():
        console.print(Text(f"\n{student}: {_one_line(message)}"))
    for exercise in assignment.exercises:
        _show_stuck(assignment, exercise, console)


def _one_line(message: str) -> str:
    """A message, which may quote a student, so that it begins no line of its own."""
    return " ".join(message.split())


def _mark(line: Line) -> Text:
    if line.status == "marked":
        return Text(f"{line.points:g}", "yellow")
    mark = Text(MARKS[line.status], COLOURS.get(line.status, "dim"))
    return mark.append("=", "dim") if line.same_as_published else mark


def _show_stuck(assignment: Assignment, exercise: str, console: Console) -> None:
    """How many got through an exercise, and what the others were told."""
    counts, sentences = assignment.counts(exercise), assignment.stuck(exercise)
    handed_in = counts.total() - counts["not handed in"]
    if counts["by hand"] + counts["marked"]:
        words = f"{counts['by hand']} of {handed_in} wait for points by hand"
    else:
        words = f"{counts['right']} of {handed_in} right"
    console.print(Text.assemble("\n", (exercise, "bold"), f": {words}"))
    for message, who in sentences[:SHOWN]:
        console.print(Text(f"  {len(who)} × {_one_line(message)}  ({', '.join(who)})"))
    if len(sentences) > SHOWN:
        rest = sum(len(who) for _, who in sentences[SHOWN:])
        console.print(Text(f"  and {len(sentences) - SHOWN} other sentences, to {rest} students; --json has them all"))
