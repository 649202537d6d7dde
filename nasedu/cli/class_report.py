"""What `nasedu assignment report` shows: the class at a glance, as tables, a page, JSON or CSV."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nasedu.classroom.grading.platforms import sheet
from nasedu.classroom.grading.report import Assignment, Late, Line, report, some
from nasedu.classroom.grading.spreadsheet import write_table
from nasedu.cli.class_words import MARKS, alike_words, average_words, has_share, late_words, mark_words, right_words
from nasedu.cli.messages import say
from nasedu.core import BadValue

COLOURS = {"right": "green", "wrong": "red", "stopped": "red", "unreadable": "red", "by hand": "yellow"}
SHOWN = 3
LONGEST_NAME = 24
"""Columns for the name of a student; a longer one takes several lines."""
COLUMNS = (
    *("assignment", "student", "exercise", "status", "points", "most", "share", "same_as_published"),
    *("days_late", "penalty", "message", "notes"),
)
LATE = "late: days after the due date"


def chosen(course: str, assignment: str | None) -> list[Assignment]:
    """Return the assignments of a course. Raise BadValue for one that was not given out."""
    known = report(Path(course))
    found = [one for one in known if assignment in (None, one.name)]
    if not found:
        names = ", ".join(one.name for one in known) or "none"
        raise BadValue(f"no assignment {assignment!r} was given out in {course}; known: {names}")
    return found


def show(
    course: str, assignment: str | None, *, formats: Mapping[str, object], titles: Sequence[str], html: str | None
) -> None:
    """Show the class.

    Args:
        course: the course folder.
        assignment: only this one; None for all.
        formats: the values of --json, --csv and --for; one of them at most is set.
        titles: for --for, `ASSIGNMENT=TITLE`.
        html: a file for the page; None for no page.

    Raises:
        BadValue: two formats at once, titles without a platform, or an assignment that was not given out.
    """
    if sum(map(bool, formats.values())) > 1:
        raise BadValue("choose one of --json, --csv and --for")
    if bad := [title for title in titles if "=" not in title or not formats["--for"]]:
        raise BadValue(f"--column is written as ASSIGNMENT=TITLE, and needs --for; given {bad[0]!r}")
    assignments = chosen(course, assignment)
    if html:
        from nasedu.cli.class_page import page_of

        Path(html).write_text(page_of(assignments), encoding="utf-8")
        say(f"{html} is written")
    if platform := formats["--for"]:
        made = sheet(str(platform), assignments, dict(title.split("=", 1) for title in titles))
        for words in made.missing:
            say(f"note: {words}")
        write_table(sys.stdout, made.head, made.rows)
    elif formats["--json"]:
        print(json.dumps([_data(one) for one in assignments], ensure_ascii=False))
    elif formats["--csv"]:
        write_table(sys.stdout, COLUMNS, (row for one in assignments for row in _rows(one)))
    else:
        console = Console(highlight=False)
        for one in assignments:
            _show(one, console)


def _data(assignment: Assignment) -> dict[str, object]:
    names = (None, *assignment.exercises)
    averages = {name or "all": average and asdict(average) for name in names for average in [assignment.average(name)]}
    return {
        "assignment": assignment.name,
        "due": assignment.due.isoformat() if assignment.due else None,
        "lines": [asdict(line) for line in assignment.lines],
        "late": {who: asdict(late) for who, late in sorted(assignment.late.items())},
        "averages": averages,
        "stuck": {
            exercise: [{"message": message, "students": who} for message, who in assignment.stuck(exercise)]
            for exercise in assignment.exercises
        },
        "alike": [asdict(pair) for pair in assignment.pairs],
        "remarks": assignment.remarks,
    }


def _rows(assignment: Assignment) -> list[list[object]]:
    rows = []
    for line in assignment.lines:
        late = assignment.late.get(line.student, Late())
        more: dict[str, object] = {"assignment": assignment.name, "notes": " ".join(line.notes)}
        more |= {"days_late": late.days, "penalty": line.points * late.share}
        row = {**asdict(line), **more}
        rows.append([row[column] for column in COLUMNS])
    return rows


# ---------------------------------------------------------------------- at the terminal


def _show(assignment: Assignment, console: Console) -> None:
    if not assignment.lines:
        words = f"{assignment.name}: nothing has been graded yet; run `nbgrader autograde {assignment.name}`"
        console.print(Text(words))
        return
    heads = _heads(assignment, console.width)
    console.print(_marks(assignment, heads))
    for words in _legend(assignment, heads):
        console.print(Text(words, "dim"))
    for words in assignment.remarks:
        console.print(Text(f"\n{words}"))
    for student, message in assignment.trouble():
        console.print(Text(f"\n{student}: {_one_line(message)}"))
    console.print()
    console.print(_averages(assignment))
    for exercise in assignment.exercises:
        _show_stuck(assignment, exercise, console)
    if assignment.pairs:
        console.print(Text("\nAnswers that are alike beyond names and blanks: shown, not judged. Read both.", "bold"))
    for pair in assignment.pairs:
        console.print(_item(alike_words(*pair.students, shared=pair.shared)))


def _heads(assignment: Assignment, width: int) -> dict[str, str]:
    """Return the head of each exercise's column: its name, or its number if the names do not fit."""
    widest = max(len(student) for student in assignment.students)
    rest = min(widest, LONGEST_NAME) + 2 + len("points") + 8 + (12 if assignment.late else 0)
    names = {exercise: exercise for exercise in assignment.exercises}
    if rest + sum(len(name) + 3 for name in names) <= width:
        return names
    return {exercise: str(number) for number, exercise in enumerate(names, start=1)}


def _marks(assignment: Assignment, heads: Mapping[str, str]) -> Table:
    table = Table(title=Text(_title(assignment)), title_justify="left", padding=(0, 1 if len(heads) < 10 else 0))
    table.add_column("student", overflow="fold", max_width=LONGEST_NAME)
    for exercise in assignment.exercises:
        table.add_column(Text(heads[exercise]), justify="center", no_wrap=True)
    table.add_column("points", justify="right")
    if assignment.late:
        table.add_column("late", justify="right")
    for student in assignment.students:
        marks = [_mark(assignment.line(student, exercise)) for exercise in assignment.exercises]
        points = f"{assignment.points(student):.4g} of {assignment.most:g}"
        late = [late_words(assignment.late.get(student, Late()))] if assignment.late else []
        table.add_row(Text(student), *marks, points, *late)
    return table


def _title(assignment: Assignment) -> str:
    return f"{assignment.name}, due {assignment.due:%Y-%m-%d %H:%M} UTC" if assignment.due else assignment.name


def _legend(assignment: Assignment, heads: Mapping[str, str]) -> list[str]:
    met = {line.status for line in assignment.lines}
    legend = [f"{sign} {status}" for status, sign in MARKS.items() if status in met]
    legend += ["a number: points given by hand"] if "marked" in met else []
    if any(has_share(line) for line in assignment.lines):
        legend.append("a percentage: the share of the points")
    legend += [LATE] if assignment.late else []
    lines = ["  ".join(legend)]
    if any(line.same_as_published for line in assignment.lines):
        lines.append("= the same as the published solution, comments and spaces aside")
    numbered = [f"{head} {name}" for name, head in heads.items() if head != name]
    return [*lines, "  ".join(numbered)] if numbered else lines


def _averages(assignment: Assignment) -> Table:
    table = Table(title="The class: points", title_justify="left")
    table.add_column("exercise", overflow="fold")
    for head in ("students", "mean ± deviation", "median", "of"):
        table.add_column(head, justify="right")
    for name in (*assignment.exercises, None):
        if average := assignment.average(name):
            table.add_row(Text(name or "all together"), *average_words(average))
    return table


def _one_line(message: str) -> str:
    """A message, which may quote a student, so that it begins no line of its own."""
    return " ".join(message.split())


def _mark(line: Line) -> Text:
    if line.status == "marked" or has_share(line):
        return Text(mark_words(line), "yellow")
    mark = Text(MARKS[line.status], COLOURS.get(line.status, "dim"))
    return mark.append("=", "dim") if line.same_as_published else mark


def _show_stuck(assignment: Assignment, exercise: str, console: Console) -> None:
    """Show how many got through an exercise, and what the others were told."""
    sentences = assignment.stuck(exercise)
    console.print(Text.assemble("\n", (exercise, "bold"), f": {right_words(assignment, exercise)}"))
    for message, who in sentences[:SHOWN]:
        console.print(_item(f"{len(who)} × {_one_line(message)}  ({some(who)})"))
    if len(sentences) > SHOWN:
        rest = sum(len(who) for _, who in sentences[SHOWN:])
        console.print(_item(f"and {len(sentences) - SHOWN} other sentences, to {rest} students; --json has them all"))


def _item(words: str) -> Padding:
    return Padding(Text(words), (0, 0, 0, 2))
