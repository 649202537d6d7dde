"""The report on a class: the results of each student, and the most frequent messages.

Marks come from nbgrader's gradebook, the messages from the files that grading writes into `verdicts/`.
"""

import json
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nasedu.classroom.grading import result
from nasedu.classroom.grading.course import is_course, needs_nbgrader
from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.origin import read_origin
from nasedu.classroom.grading.result import Result
from nasedu.classroom.grading.roster import Roster, read_roster
from nasedu.classroom.grading.similarity import Pair, alike
from nasedu.core import BadValue

WAITING = ("not handed in", "not graded", "by hand")
"""Statuses without final points: they do not count in a mean."""
BESIDE = ("timestamp.txt", "origin.json")
"""Files that collection writes next to a notebook."""
PATTERN = re.compile(r"[*?\[\]]")


@dataclass(frozen=True)
class Late:
    """How late the work of one student in one assignment is.

    Attributes:
        days: late days, rounded up; 0 if it was on time, or if a due date or a time is not known.
        free: how many of them are free.
        share: the share of the points that the other days cost, from 0 to 1.
    """

    days: int = 0
    free: int = 0
    share: float = 0.0


@dataclass(frozen=True)
class Average:
    """The points of a class in one exercise or in all.

    Attributes:
        count: the number of students with final points.
        mean, deviation, median: of their points; the deviation is that of a sample, None for fewer than two students.
        most: the possible points.
    """

    count: int
    mean: float
    deviation: float | None
    median: float
    most: float


@dataclass(frozen=True)
class Line:
    """One student and one exercise.

    Attributes:
        exercise: its name, after its lesson if an assignment has the same name from two lessons.
        status: the status of the result, "not handed in", "not graded", or "marked" (points were given by hand).
        points, most: the earned points, by the gradebook (a grader may have changed them), and the possible points.
        share: the share of the points that the passed checks earn; None if points are all or none.
    """

    student: str
    exercise: str
    status: str
    points: float
    most: float
    message: str = ""
    same_as_published: bool = False
    notes: tuple[str, ...] = ()
    share: float | None = None


@dataclass
class Assignment:
    """The results of the whole class in one assignment.

    Attributes:
        name: the name of the assignment.
        lines: one for each student and each exercise.
        due: the due date in UTC, without a zone; None if there is none.
        late: the late days of each student who was late.
        pairs: the pairs of students whose answers are alike.
        remarks: what the instructor should know about the folders.
        roster: the students of the course.
    """

    name: str
    lines: list[Line] = field(default_factory=list)
    due: datetime | None = None
    late: dict[str, Late] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    roster: Roster = field(default_factory=lambda: Roster(()))

    @property
    def exercises(self) -> list[str]:
        return list(dict.fromkeys(line.exercise for line in self.lines))

    @property
    def students(self) -> list[str]:
        return list(dict.fromkeys(line.student for line in self.lines))

    def line(self, student: str, exercise: str) -> Line:
        return next(line for line in self.lines if (line.student, line.exercise) == (student, exercise))

    def of(self, student: str) -> list[Line]:
        """Return the lines of one student."""
        return [line for line in self.lines if line.student == student]

    def points(self, student: str) -> float:
        """Return the points of a student, without what late days cost."""
        return sum(line.points for line in self.lines if line.student == student)

    def final(self, student: str) -> float | None:
        """Return the points of a student, less what late days cost; None if some points are not final yet."""
        if any(line.status in WAITING for line in self.of(student)):
            return None
        return self.points(student) * (1 - self.late.get(student, Late()).share)

    @property
    def most(self) -> float:
        return sum(line.most for line in self.lines if line.student == self.students[0]) if self.lines else 0.0

    def average(self, exercise: str | None = None) -> Average | None:
        """Return mean and spread of the points in an exercise, or in all; None if nobody has final points.

        What late days cost does not count here: the numbers say what the class can do.
        """
        if exercise is None:
            found = [self.points(student) for student in self.students if self.final(student) is not None]
            most = self.most
        else:
            lines = [line for line in self.lines if line.exercise == exercise]
            found = [line.points for line in lines if line.status not in WAITING]
            most = lines[0].most if lines else 0.0
        if not found:
            return None
        deviation = statistics.stdev(found) if len(found) > 1 else None
        return Average(len(found), statistics.fmean(found), deviation, statistics.median(found), most)

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
        BadValue: the folder is no course, nothing was released yet, or `students.csv` or `due.csv` cannot be read.
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
    return _assignments(course, gradebook)


def _assignments(course: Path, path: Path) -> list[Assignment]:
    from nbgrader.api import Gradebook

    from nasedu.classroom.grading import lateness

    due, made, days = lateness.read_due(course), [], {}
    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        roster = read_roster(course, gradebook)
        given = {one.name: one for one in gradebook.assignments}
        handed_in = {name: _by_student(course, one, roster) for name, one in given.items()}
        everybody = sorted({*roster.students, *(who for one in handed_in.values() for who in one.folders)})
        for name, one in given.items():
            said = {(who, r.lesson, r.name): r for who, r in result.read(course, name)}
            new = Assignment(name, due=due.get(name, one.duedate), roster=roster, remarks=handed_in[name].remarks)
            for student in everybody:
                folder = handed_in[name].folders.get(student, student)
                submission = handed_in[name].graded.get(folder)
                new.lines += _lines(student, folder, one, submission, _files(course, folder, name), said)
                origin = read_origin(course / "submitted" / folder / name)
                days[student, name] = lateness.days_late(new.due, submission, origin)
            new.pairs = alike(_answers(course, name, handed_in[name].folders), _published(course, name))
            made.append(new)
    _spend_late_days(made, days, lateness.read_rules(course))
    return made


def _spend_late_days(assignments: list[Assignment], days: Mapping[tuple[str, str], int], rules: Any) -> None:
    """Give each student the free days in the order of the due dates, and note what further days cost."""
    ordered = sorted(assignments, key=lambda one: one.due or datetime.max)
    for student in {who for (who, _), late in days.items() if late}:
        left = rules.free_days
        for one in ordered:
            if late := days[student, one.name]:
                free = min(left, late)
                left -= free
                one.late[student] = Late(late, free, min(1.0, (late - free) * rules.penalty_per_day))


# ---------------------------------------------------------------------- folders and their students


@dataclass
class _HandedIn:
    """What was handed in for one assignment: by student the folder that counts, and by folder the graded submission."""

    folders: dict[str, str]
    graded: dict[str, Any]
    remarks: list[str]


def _by_student(course: Path, assignment: Any, roster: Roster) -> _HandedIn:
    """Return the folder of each student. Several folders that fit one student stand alone.

    Students can choose their names on a platform: nobody's work is replaced by that of somebody with the same name.
    """
    graded = {submission.student_id: submission for submission in assignment.submissions}
    there = {folder.parent.name for folder in course.glob(f"submitted/*/{assignment.name}")}
    owners: dict[str, list[str]] = defaultdict(list)
    for folder in sorted(there | graded.keys()):
        owners[roster.identify(folder)].append(folder)
    made = _HandedIn({}, graded, [])
    for student, folders in owners.items():
        if len(folders) == 1:
            made.folders[student] = folders[0]
            continue
        made.folders.update((folder, folder) for folder in folders)
        words = f"{' and '.join(folders)} fit {student}: each stands alone; rename the right folder to {student}"
        made.remarks.append(words)
    strangers = [student for student in made.folders if student not in roster.students]
    if roster.students and strangers:
        made.remarks.append(f"not in students.csv or the gradebook: {some(strangers)}")
    return made


def some(names: list[str], most: int = 6) -> str:
    """Return names in a sentence, without an end that nobody reads."""
    rest = len(names) - most
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:most])} and {rest} more"


def _files(course: Path, student: str, assignment: str) -> set[str] | None:
    """Return the names of the files that a student handed in; None if there is no folder."""
    folder = course / "submitted" / student / assignment
    if not folder.is_dir():
        return None
    return {path.name for path in folder.iterdir() if path.name not in BESIDE}


def _not_graded(student: str, name: str, there: set[str] | None) -> tuple[str, str]:
    """Return status and message if there is no result of grading; `there` are the files that were handed in."""
    if there is None:
        return "not handed in", ""
    if not there:
        return "not graded", "The folder is empty."
    if PATTERN.search(student):
        words = f"nbgrader takes the name {student} for a pattern: rename the folder, without * ? [ ], then grade it."
        return "not graded", words
    if f"{name}.ipynb" in there:
        return "not graded", ""
    books = [file for file in sorted(there) if file.lower().endswith(".ipynb")]
    if not books:
        return "not graded", f"There is no notebook in what was handed in: {some(sorted(there), 3)}."
    which = "it" if len(books) == 1 else "one of them"
    words = f"What was handed in is called {' and '.join(books)}: rename {which} to {name}.ipynb, then grade it."
    return "not graded", words


# ---------------------------------------------------------------------- lines


def _lines(
    student: str,
    folder: str,
    assignment: Any,
    submission: Any,
    there: set[str] | None,
    said: Mapping[tuple[str, str, str], Result],
) -> Iterator[Line]:
    """Yield the lines of one student; `there` are the files in the student's folder."""
    marks = {grade.name: grade for book in submission.notebooks for grade in book.grades} if submission else {}
    titles = _titles([cell.name for notebook in assignment.notebooks for cell in notebook.grade_cells])
    for notebook in assignment.notebooks:
        for cell in notebook.grade_cells:
            known, grade = role(cell.name), marks.get(cell.name)
            found = said.get((folder, *known[1:])) if known else None
            points = float(grade.score or 0) if grade is not None else 0.0
            line = Line(student, titles[cell.name], "", points, float(cell.max_score))
            if grade is None or (known and not found):
                status, message = _not_graded(folder, notebook.name, there)
                yield replace(line, status=status, message=message)
            elif found is None:  # the test is not ours: it is graded by hand
                yield replace(line, status="by hand" if grade.needs_manual_grade else "marked")
            else:
                line = replace(line, same_as_published=found.same_as_published, notes=tuple(found.notes))
                yield replace(line, status=found.status, message=found.message, share=found.share)


def _titles(cells: list[str]) -> dict[str, str]:
    """Return the name of each graded cell in the report."""
    roles = {cell: role(cell) for cell in cells}
    names = Counter(known[2] for known in roles.values() if known)
    return {
        cell: cell if not known else known[2] if names[known[2]] == 1 else f"{known[1]} {known[2]}"
        for cell, known in roles.items()
    }


# ---------------------------------------------------------------------- the code of the answers

OTHERS = "other cells"


def _answers(course: Path, assignment: str, folders: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the code of the graded answers, by student and exercise; cells of the student's own are one entry."""
    found = {who: _cells(course / "autograded" / folder / assignment) for who, folder in folders.items()}
    return {who: own for who, own in found.items() if own}


def _published(course: Path, assignment: str) -> dict[str, str]:
    """Return the solution, the stub and the instructor's other code, by exercise."""
    places = [_cells(course / place / assignment) for place in ("source", "release")]
    return {name: "\n".join(place.get(name, "") for place in places) for name in {*places[0], *places[1]}}


def _cells(folder: Path) -> dict[str, str]:
    """Return the code in the notebooks of a folder, by exercise. Magic lines are kept."""
    books = [_notebook(path) for path in sorted(folder.glob("*.ipynb"))]
    cells = [cell for book in books for cell in book.get("cells", ()) if cell.get("cell_type") == "code"]
    names = [cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") for cell in cells]
    titles = _titles([name for name in dict.fromkeys(names) if (role(name) or ("",))[0] == "answer"])
    found: dict[str, list[str]] = defaultdict(list)
    for cell, name in zip(cells, names, strict=True):
        if name is None or name in titles:
            found[titles.get(name, OTHERS)].append("".join(cell.get("source", "")))
    return {title: "\n\n".join(sources) for title, sources in found.items()}


def _notebook(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
