"""The exercises of all lessons, for tests: of every folder `lessons/lesson_NN`."""

import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "nasedu/classroom/lessons"
LESSONS = sorted(path.parent.name for path in FOLDER.glob("lesson_[0-9][0-9]/exercises.py"))
assert LESSONS, "tests of every lesson would pass without any"


def module_of(lesson):
    return importlib.import_module(f"nasedu.classroom.lessons.{lesson}.exercises")


def exercises_of(lesson):
    return module_of(lesson).exercises


EXERCISES = [
    pytest.param(exercise, id=f"{lesson}-{exercise.name}") for lesson in LESSONS for exercise in exercises_of(lesson)
]


@pytest.fixture(autouse=True)
def _one_thread():
    """Threads that wait for one another make tiny networks slow where tests run side by side."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
