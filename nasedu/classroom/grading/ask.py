"""The tests of an assignment: what its visible cells call in the student's own kernel.

    grading.ask("00", "standard_error", standard_error)      # says that it is right, or raises NotYet

This is for the student, at once. Marks do not come from here: whoever owns the kernel owns what happens in it. They
come from the judge, which asks the same question of the same answer in another process.
"""

import importlib
import re
from pkgutil import iter_modules
from typing import Any

from nasedu.classroom.exercise import Exercise, Verdict
from nasedu.core import UnknownName

TIMES = {"code": 3}
"""How often an answer is checked for marks, by the kind of the exercise: checks of code draw fresh inputs."""


class NotYet(Exception):
    """An answer that is not right yet; the message is the verdict."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def ask(lesson: str, name: str, answer: Any, times: int = 1) -> None:
    """Check an answer, `times` times with fresh inputs.

    Raises:
        NotYet: it is wrong, or not attempted.
        UnknownName: there is no such lesson, or no such exercise in it.
    """
    exercise = find(lesson, name)
    for _ in range(times):
        verdict = exercise.check(answer)
        if verdict.status != "right":
            raise NotYet(repr(verdict))
    print(repr(Verdict("right", exercise.praise)))


def exercises(lesson: str) -> dict[str, Exercise]:
    """The exercises of a lesson, by name. Raises UnknownName."""
    if lesson not in lessons():
        raise UnknownName(f"there are no exercises for lesson {lesson!r}; known: {', '.join(lessons())}")
    return {
        exercise.name: exercise
        for exercise in importlib.import_module(f"nasedu.classroom.lessons.lesson_{lesson}.exercises").exercises
    }


def find(lesson: str, name: str) -> Exercise:
    """An exercise of a lesson. Raises UnknownName."""
    known = exercises(lesson)
    if name not in known:
        raise UnknownName(f"lesson {lesson} has no exercise {name!r}; known: {', '.join(known)}")
    return known[name]


def lessons() -> list[str]:
    """The lessons that have exercises, by their two digits."""
    from nasedu.classroom import lessons as folder

    names = (module.name for module in iter_modules(folder.__path__))
    return sorted(name.removeprefix("lesson_") for name in names if re.fullmatch(r"lesson_\d\d", name))
