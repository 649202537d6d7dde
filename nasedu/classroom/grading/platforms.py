"""The tables that learning platforms read: Moodle, Canvas and Gradescope.

    moodle      Grades > Import > CSV file. Map `ID number` or `Email address` to the user, and each other column to its
                grade item. One column for each assignment, and one for its late days.
    canvas      Grades > Import. Canvas takes each further column for an assignment, so there are no late days. It finds
                an assignment by its title, or by an id in brackets: `Lesson 4 (1234)` (`--column`).
    gradescope  Gradescope reads no marks from a table. These are the columns that it writes itself: the first four are
                a roster that it reads, the others are for your own sheet.

A student without final points (nothing handed in, not graded yet, points by hand missing) has an empty cell, and the
platform keeps what it has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nasedu.classroom.grading.report import Assignment, Late
from nasedu.classroom.grading.roster import Student
from nasedu.core import UnknownName


@dataclass(frozen=True)
class Sheet:
    """A table for a platform.

    Attributes:
        head: the names of the columns.
        rows: one for each student (and those that the platform wants above them).
        missing: what the instructor should add, each in one line.
    """

    head: list[str]
    rows: list[list[Any]]
    missing: list[str]


def sheet(platform: str, assignments: Sequence[Assignment], titles: Mapping[str, str] | None = None) -> Sheet:
    """Return the table of a platform.

    Args:
        platform: moodle, canvas or gradescope.
        assignments: of one course.
        titles: by assignment, the name of its column; by default the name of the assignment.

    Raises:
        UnknownName: nothing is known of the platform, or of an assignment in `titles`.
    """
    if platform not in PLATFORMS:
        raise UnknownName(f"there is no table for {platform!r}; known: {', '.join(PLATFORMS)}")
    titles = dict(titles or {})
    if unknown := titles.keys() - {one.name for one in assignments}:
        names = ", ".join(one.name for one in assignments)
        raise UnknownName(f"--column names the assignment {min(unknown)!r}; known: {names}")
    students = [assignments[0].roster.student(who) for who in assignments[0].students] if assignments else []
    made = PLATFORMS[platform](assignments, students, {one.name: titles.get(one.name, one.name) for one in assignments})
    return Sheet(made.head, made.rows, [*made.missing, *_empty(assignments)])


def _empty(assignments: Sequence[Assignment]) -> list[str]:
    counts = {one.name: sum(one.final(who) is None for who in one.students) for one in assignments}
    return [f"{name}: {count} without final points have an empty cell" for name, count in counts.items() if count]


def _lacking(students: Sequence[Student], names: Sequence[str], what: str) -> list[str]:
    """Return one line on the students who have none of some columns."""
    lacking = [student.id for student in students if not any(getattr(student, name) for name in names)]
    if not lacking:
        return []
    who = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3} more" if len(lacking) > 3 else "")
    return [f"students.csv has no {' or '.join(names)} of {who}: {what}"]


def _late(assignment: Assignment, student: Student) -> int:
    return assignment.late.get(student.id, Late()).days


def _moodle(assignments: Sequence[Assignment], students: Sequence[Student], titles: Mapping[str, str]) -> Sheet:
    head = ["First name", "Last name", "ID number", "Email address"]
    for one in assignments:
        head += [titles[one.name], f"{titles[one.name]} days late"]
    rows: list[list[Any]] = []
    for student in students:
        row: list[Any] = [student.first_name, student.last_name, student.lms_user_id, student.email]
        for one in assignments:
            row += [one.final(student.id), _late(one, student)]
        rows.append(row)
    return Sheet(head, rows, _lacking(students, ("lms_user_id", "email"), "Moodle cannot find them"))


def _canvas(assignments: Sequence[Assignment], students: Sequence[Student], titles: Mapping[str, str]) -> Sheet:
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles.values()]
    rows: list[list[Any]] = [["    Points Possible", "", "", "", "", *(one.most for one in assignments)]]
    for student in students:
        name = ", ".join(filter(None, [student.last_name, student.first_name])) or student.id
        marks = [one.final(student.id) for one in assignments]
        rows.append([name, student.lms_user_id, "", student.id, student.section, *marks])
    missing = _lacking(students, ("lms_user_id",), "Canvas looks for their id among its logins, then for their name")
    if any(one.late for one in assignments):
        missing.append("Canvas would take late days for an assignment: they are in --csv")
    return Sheet(head, rows, missing)


def _gradescope(assignments: Sequence[Assignment], students: Sequence[Student], titles: Mapping[str, str]) -> Sheet:
    head = ["First Name", "Last Name", "SID", "Email"]
    for one in assignments:
        head += [titles[one.name], f"{titles[one.name]} - Max Points", f"{titles[one.name]} - Days Late"]
    rows: list[list[Any]] = []
    for student in students:
        row: list[Any] = [student.first_name, student.last_name, student.lms_user_id or student.id, student.email]
        for one in assignments:
            row += [one.final(student.id), one.most, _late(one, student)]
        rows.append(row)
    return Sheet(head, rows, _lacking(students, ("email",), "Gradescope cannot find them"))


PLATFORMS: dict[str, Callable[[Sequence[Assignment], Sequence[Student], Mapping[str, str]], Sheet]] = {
    "moodle": _moodle,
    "canvas": _canvas,
    "gradescope": _gradescope,
}
