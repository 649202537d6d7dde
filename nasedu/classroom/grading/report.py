"""The class at a glance: who has done what, and which sentences were needed most.

Marks come from nbgrader's gradebook, the sentences from the files that grading leaves in `verdicts/`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
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
        status: that of the result, "not handed in", or "not graded".
        points, most: earned, by the gradebook (a grader may have changed them), and possible.
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
    """One assignment and the whole class.

    Attributes:
        name: of the assignment.
        lines: for each student, for each exercise.
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
        """What was said to answers that are not right, the most frequent first: the sentence, and to whom.

        Checks draw fresh numbers, so sentences that differ in their numbers alone count as one; the first stands for
        all.
        """
        alike: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            if line.exercise == exercise and line.message and line.status in ("wrong", "stopped"):
                alike[re.sub(r"[-+]?\d[\d.,e+-]*", "#", line.message)].append(line)
        ordered = sorted(alike.values(), key=lambda lines: -len(lines))
        return [(lines[0].message, [line.student for line in lines]) for lines in ordered]

    def unreadable(self) -> list[tuple[str, str]]:
        """Students whose notebook could not be read, each with the reason."""
        return sorted({(line.student, line.message) for line in self.lines if line.status == "unreadable"})

    def counts(self, exercise: str) -> Counter[str]:
        """How many students have each status."""
        return Counter(line.status for line in self.lines if line.exercise == exercise)


def report(course: Path) -> list[Assignment]:
    """All assignments of a course that were given out.

    Raises:
        MissingExtra: nbgrader is not installed.
        BadValue: the folder is no course, or nothing was given out yet.
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

    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        students = [student.id for student in gradebook.students]
        for given in gradebook.assignments:
            said = {(who, r.name): r for who, r in result.read(course, given.name)}
            made = Assignment(given.name)
            handed_in = {submission.student_id: submission for submission in given.submissions}
            for student in students:
                made.lines += _lines(student, given, handed_in.get(student), said)
            yield made


def _lines(student: str, assignment: Any, submission: Any, said: dict[tuple[str, str], Result]) -> Iterator[Line]:
    marks = {grade.name: grade for book in submission.notebooks for grade in book.grades} if submission else {}
    for notebook in assignment.notebooks:
        for cell in notebook.grade_cells:
            known = role(cell.name)
            exercise = known[2] if known else cell.name
            grade, found = marks.get(cell.name), said.get((student, exercise))
            points = float(grade.score or 0) if grade is not None else 0.0
            if grade is None:
                yield Line(student, exercise, "not handed in", 0.0, float(cell.max_score))
            elif found is None:
                status = "not graded" if known else "by hand"  # what is none of ours leaves no verdict
                yield Line(student, exercise, status, points, float(cell.max_score))
            else:
                yield Line(
                    student,
                    exercise,
                    found.status,
                    points,
                    float(cell.max_score),
                    found.message,
                    found.same_as_published,
                    tuple(found.notes),
                )
