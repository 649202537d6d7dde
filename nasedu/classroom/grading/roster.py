"""The students of a course: one identity for each, whatever name a platform gave to the folder.

    id,first_name,last_name,email,lms_user_id
    ann,Ann,Smith,ann@example.org,1001

This is `students.csv` in the course folder, with the columns of `nbgrader db student import`. Without this file the
students of nbgrader's gradebook count.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from nasedu.classroom.grading.archives import safe_name
from nasedu.core import BadValue

FILE = "students.csv"
ORIGIN = "origin.json"
"""Beside a collected notebook: the platform's name of the folder, and the time at which it was handed in."""
NUMBERED = re.compile(r"(?P<name>.+)_\d+")
"""A folder of Moodle: a full name, and a number that differs between the assignments of one student."""


@dataclass(frozen=True)
class Student:
    """A student as `students.csv` has it.

    Attributes:
        id: the name of the student's folders, unless the platform chose another one.
        lms_user_id: the number or ID number of the student on the platform.
        section: of the class, for Canvas; not a column of nbgrader, and may be missing.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    section: str = ""

    @property
    def name(self) -> str:
        """Return the full name; the id if there is none."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


class Roster:
    """The students of a course by their ids.

    Args:
        students: the students, in the order of the report.
    """

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = {student.id: student for student in students}
        names = Counter(_key(student.name) for student in self.students.values())
        self._by_folder = {safe_name(who): who for who in self.students}
        self._by_name = {_key(one.name): one.id for one in self.students.values() if names[_key(one.name)] == 1}

    def identify(self, folder: str) -> str:
        """Return the id of the student to whom a folder belongs; the name of the folder if nobody fits.

        A folder fits by the id as a name of a file, or by a full name with a number behind it ("Ann Smith_1234", of
        Moodle). A full name that two students have fits neither.
        """
        if self.is_id(folder):
            return folder if folder in self.students else self._by_folder[folder]
        numbered = NUMBERED.fullmatch(folder)
        return self._by_name.get(_key(numbered["name"] if numbered else folder), folder)

    def is_id(self, name: str) -> bool:
        """Return whether a name is a student's id, or the name of the folder that this id gets."""
        return name in self.students or name in self._by_folder

    def student(self, who: str) -> Student:
        """Return a student by id; one without name and address if the roster has nobody of this id."""
        return self.students.get(who, Student(who))

    def unknown(self, who: Iterable[str]) -> list[str]:
        """Return those of some ids that the roster does not have."""
        return [one for one in who if one not in self.students]


def _key(name: str) -> str:
    """Return a full name as it is compared: Moodle replaces _ by a space, and platforms differ in capitals.

    macOS writes an accent as a letter of its own.
    """
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").casefold().split())


def read_roster(course: Path, gradebook: Any = None) -> Roster:
    """Return the roster of a course: `students.csv`, or else the students of an open gradebook.

    Raises:
        BadValue: the file has no column `id`, an empty or repeated id, or it is not text in UTF-8.
    """
    path = course / FILE
    if not path.is_file():
        known = gradebook.students if gradebook is not None else ()
        return Roster(_student({name: getattr(one, name, None) for name in COLUMNS}) for one in known)
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadValue(f"{path} is no CSV file in UTF-8 ({error}): save it again as `CSV UTF-8`") from None
    students = [_student(row) for row in rows]
    if not all(student.id for student in students):
        raise BadValue(f"{path}: every student needs an id; the columns are {', '.join(COLUMNS)}")
    twice = [who for who, count in Counter(student.id for student in students).items() if count > 1]
    if twice:
        raise BadValue(f"{path}: the id {twice[0]!r} is there twice; give each student an id of their own")
    return Roster(students)


COLUMNS = tuple(field.name for field in fields(Student))


def _student(row: Mapping[str, Any]) -> Student:
    return Student(**{name: str(row.get(name) or "").strip() for name in COLUMNS})
