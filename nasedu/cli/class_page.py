"""The report on a class as one page: no script, no further file, nothing that is fetched."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from nasedu import __version__
from nasedu.classroom.grading.report import Assignment, Late, Line
from nasedu.cli.class_words import MARKS, alike_words, average_words, has_share, late_words, mark_words, right_words

HERE = Path(__file__).parent
KINDS = {
    "right": "right",
    "marked": "hand",
    "by hand": "hand",
    "wrong": "wrong",
    "stopped": "wrong",
    "unreadable": "wrong",
}
"""The class of a mark's cell, by status; others are faint."""


def page_of(assignments: Sequence[Assignment]) -> str:
    """Return the page of some assignments of a course."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((HERE / "class_page.html").read_text(encoding="utf-8"))
    styles = (HERE / "html_report" / "page.css", HERE / "class_page.css")
    return template.render(
        css="\n".join(style.read_text(encoding="utf-8") for style in styles),
        title=", ".join(one.name for one in assignments),
        version=__version__,
        today=date.today().isoformat(),
        assignments=[_section(one) for one in assignments],
    )


def _section(assignment: Assignment) -> dict[str, Any]:
    """Return what the page shows of an assignment, as plain data for the template."""
    met = {line.status for line in assignment.lines}
    return {
        "name": assignment.name,
        "due": f"{assignment.due:%Y-%m-%d %H:%M} UTC" if assignment.due else "",
        "remarks": [*assignment.remarks, *(f"{who}: {words}" for who, words in assignment.trouble())],
        "exercises": assignment.exercises,
        "legend": [(sign, status) for status, sign in MARKS.items() if status in met],
        "most": f"{assignment.most:g}",
        "shares": any(has_share(line) for line in assignment.lines),
        "published": any(line.same_as_published for line in assignment.lines),
        "late": bool(assignment.late),
        "students": [_student(assignment, who) for who in assignment.students],
        "averages": [
            (
                name or "all together",
                *average_words(average),
                f"{100 * average.mean / average.most if average.most else 0:.0f}%",
            )
            for name in (*assignment.exercises, None)
            if (average := assignment.average(name))
        ],
        "stuck": [(name, right_words(assignment, name), assignment.stuck(name)) for name in assignment.exercises],
        "pairs": [alike_words(*pair.students, shared=pair.shared) for pair in assignment.pairs],
    }


def _student(assignment: Assignment, who: str) -> dict[str, Any]:
    lines = [assignment.line(who, exercise) for exercise in assignment.exercises]
    name = assignment.roster.student(who).name
    return {
        "id": who,
        "name": "" if name == who else name,
        "marks": [(_kind(line), mark_words(line), line.exercise, line.status, line.message) for line in lines],
        "points": f"{assignment.points(who):.4g}",
        "late": late_words(assignment.late.get(who, Late())),
    }


def _kind(line: Line) -> str:
    return "hand" if has_share(line) else KINDS.get(line.status, "faint")
