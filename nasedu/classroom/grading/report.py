"""The report on a class: the results of each student, and the most frequent messages.

Marks come from nbgrader's gradebook, the messages from the files that grading writes into `verdicts/`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nasedu.classroom.grading import result
from nasedu.classroom.grading.course import is_course, needs_nbgrader
from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.result import Result
from nasedu.core import BadValue


@dataclass(frozen=True)
class Line:
    """One student and one exercise.

    Attributes:
        exercise: its name, after its lesson if an assignment has the same name from two lessons.
        status: the status of the result, "not handed in", "not graded", or "marked" (points were given by hand).
        points, most: the earned points, by the gradebook (a grader may have changed them), and the possible points.
    """

    student: str
    exercise: str
    status: str
    points: float
    most: float
    message: str = ""
    same_as_published: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class Assignment:
    """The results of the whole class in one assignment.

    Attributes:
        name: the name of the assignment.
        lines: one for each student and each exercise.
    """

    name: str
    lines: list[Line] = field(default_factory=list)

    @property
    def exercises(self) -> list[str]:
        return list(dict.fromkeys(line.exercise for line in self.lines))

    @property
    def students(self) -> list[str]:
        return list(dict.fromkeys(line.student for line in self.lines))

    def line(self, student: str, exercise: str) -> Line:
        return next(line for line in self.lines if (line.student, line.exercise) == (student, exercise))

    def points(self, student: str) -> float:
        return sum(line.points for line in self.lines if line.student == student)

    @property
    def most(self) -> float:
        return sum(line.most for line in self.lines if line.student == self.students[0]) if self.lines else 0.0

    def stuck(self, exercise: str) -> list[tuple[str, list[str]]]:
        """Return the messages for wrong answers, the most frequent first, each with the students who got it.

        Checks draw fresh numbers. So messages that differ only in their numbers count as one, and the first is shown.
        """
        alike: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            if line.exercise == exercise and line.message and line.status in ("wrong", "stopped"):
                alike[re.sub(r"[-+]?\d[\d.,e+-]*", "#", line.message)].append(line)
        ordered = sorted(alike.values(), key=lambda lines: -len(lines))
        return [(lines[0].message, [line.student for line in lines]) for lines in ordered]

    def trouble(self) -> list[tuple[str, str]]:
        """Return the students whose notebook could not be found or read, each with the reason."""
        lines = (line for line in self.lines if line.status in ("unreadable", "not graded") and line.message)
        return sorted({(line.student, line.message) for line in lines})

    def counts(self, exercise: str) -> Counter[str]:
        """Return the number of students for each status."""
        return Counter(line.status for line in self.lines if line.exercise == exercise)


def report(course: Path) -> list[Assignment]:
    """Return all assignments of a course that were released.

    Raises:
        MissingExtra: nbgrader is not installed.
        BadValue: the folder is no course, or nothing was released yet.
    """
    needs_nbgrader()
    if not is_course(course):
        raise BadValue(
            f"{course} is no course of nasedu: give the folder that holds nbgrader_config.py (`.` inside it), "
            f"or make one with: nasedu assignment create 00 --out {course}"
        )
    gradebook = course / "gradebook.db"
    if not gradebook.is_file():
        raise BadValue(f"{course} has no gradebook yet: run `nbgrader generate_assignment NAME` in it")
    return list(_assignments(course, gradebook))


def _assignments(course: Path, path: Path) -> Iterator[Assignment]:
    from nbgrader.api import Gradebook

    files = set(course.glob("submitted/*/*/*.ipynb"))
    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        students = sorted({student.id for student in gradebook.students} | {place.parts[-3] for place in files})
        for given in gradebook.assignments:
            said = {(who, r.lesson, r.name): r for who, r in result.read(course, given.name)}
            made = Assignment(given.name)
            graded = {submission.student_id: submission for submission in given.submissions}
            for student in students:
                there = {path.stem for path in files if path.parts[-3:-1] == (student, given.name)}
                made.lines += _lines(student, given, graded.get(student), there, said)
            yield made


def _not_graded(name: str, there: set[str]) -> tuple[str, str]:
    """Return status and message if there is no result of grading; `there` are the notebooks in `submitted/`."""
    if not there:
        return "not handed in", ""
    if name in there:
        return "not graded", ""
    others = " and ".join(f"{other}.ipynb" for other in sorted(there))
    which = "it" if len(there) == 1 else "one of them"
    return "not graded", f"What was handed in is called {others}: rename {which} to {name}.ipynb, then grade it."


def _lines(
    student: str, assignment: Any, submission: Any, there: set[str], said: dict[tuple[str, str, str], Result]
) -> Iterator[Line]:
    """Yield the lines of one student; `there` are the notebooks in `submitted/`."""
    marks = {grade.name: grade for book in submission.notebooks for grade in book.grades} if submission else {}
    titles = _titles([cell.name for notebook in assignment.notebooks for cell in notebook.grade_cells])
    for notebook in assignment.notebooks:
        for cell in notebook.grade_cells:
            known, grade = role(cell.name), marks.get(cell.name)
            found = said.get((student, *known[1:])) if known else None
            points = float(grade.score or 0) if grade is not None else 0.0
            line = Line(student, titles[cell.name], "", points, float(cell.max_score))
            if grade is None or (known and not found):
                status, message = _not_graded(notebook.name, there)
                yield replace(line, status=status, message=message)
            elif found is None:  # the test is not ours: it is graded by hand
                yield replace(line, status="by hand" if grade.needs_manual_grade else "marked")
            else:
                line = replace(line, same_as_published=found.same_as_published, notes=tuple(found.notes))
                yield replace(line, status=found.status, message=found.message)


def _titles(cells: list[str]) -> dict[str, str]:
    """Return the name of each graded cell in the report."""
    roles = {cell: role(cell) for cell in cells}
    names = Counter(known[2] for known in roles.values() if known)
    return {
        cell: cell if not known else known[2] if names[known[2]] == 1 else f"{known[1]} {known[2]}"
        for cell, known in roles.items()
    }
