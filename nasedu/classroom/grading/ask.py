"""The tests of an assignment: its visible cells call them in the student's own kernel.

    grading.ask("00", "standard_error", standard_error)      # prints that it is right, or raises NotYet
    grading.question("04", "backups", student, "5f2a")       # shows a question with the student's own numbers

They give the student immediate feedback. They give no marks, because students control their own kernel. Marks come
from the judge, which checks the same answer in another process.
"""

import importlib
import re
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading.own_exercises import OWN, course_around, load
from nasedu.classroom.own_numbers import identity, own_key
from nasedu.classroom.verdict import Verdict
from nasedu.core import UnknownName

TIMES = {"code": 3}
"""How often grading checks an answer, by the kind of the exercise: checks of code draw fresh inputs."""


class NotYet(Exception):
    """The answer is not right yet; the message is the verdict."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


NO_NAME = "Write your name into the first code cell of this notebook, and run that cell: your numbers depend on it."


def ask(lesson: str, name: str, answer: Any, times: int = 1, student: Any = None, course: str = "") -> None:
    """Check an answer, `times` times with fresh inputs.

    Args:
        lesson: two digits, or "own" for an exercise of the course's own.
        name: the name of the exercise.
        answer: the value of this name.
        times: how often.
        student, course: whose numbers the question has, if each student has own numbers.

    Raises:
        NotYet: the answer is wrong, or not attempted.
        UnknownName: the lesson or the exercise does not exist.
    """
    exercise = find(lesson, name)
    if course:
        exercise = exercise.for_student(own_key(course, _named(student)))
    for _ in range(times):
        verdict = exercise.check(answer)
        if verdict.status != "right":
            raise NotYet(str(verdict))
    print(Verdict("right", exercise.praise))


def question(lesson: str, name: str, student: Any, course: str) -> "Question":
    """Return the question of an exercise with the numbers of a student. Raise NotYet if there is no name."""
    return Question(find(lesson, name).for_student(own_key(course, _named(student))).question)


class Question(str):
    """A question in Markdown: a cell shows it formatted."""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return str(self)


def _named(student: Any) -> str:
    if not isinstance(student, str) or not identity(student):
        raise NotYet(NO_NAME)
    return student


def exercises(lesson: str) -> dict[str, Exercise]:
    """Return the exercises of a lesson by name, or those of the course's own for "own".

    Raises:
        UnknownName: the lesson has none.
        BadValue: the course's own exercises cannot be found or read.
    """
    if lesson == OWN:
        return load(course_around(Path.cwd()))
    if lesson not in lessons():
        raise UnknownName(f"there are no exercises for lesson {lesson!r}; known: {', '.join(lessons())}")
    return {
        exercise.name: exercise
        for exercise in importlib.import_module(f"nasedu.classroom.lessons.lesson_{lesson}.exercises").exercises
    }


def find(lesson: str, name: str) -> Exercise:
    """Return an exercise of a lesson. Raise UnknownName if it does not exist."""
    known = exercises(lesson)
    if name not in known:
        raise UnknownName(f"lesson {lesson} has no exercise {name!r}; known: {', '.join(known)}")
    return known[name]


def lessons() -> list[str]:
    """Return the two digits of each lesson that has exercises."""
    from nasedu.classroom import lessons as folder

    names = (module.name for module in iter_modules(folder.__path__))
    return sorted(name.removeprefix("lesson_") for name in names if re.fullmatch(r"lesson_\d\d", name))
