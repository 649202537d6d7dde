"""The exercises of all lessons, for tests: whatever module lesson_NN.py there is."""

import importlib
from pathlib import Path

import pytest

LESSONS = sorted(path.stem for path in Path(__file__).parents[2].glob("nasedu/classroom/lesson_[0-9][0-9].py"))


def exercises_of(lesson):
    return importlib.import_module(f"nasedu.classroom.{lesson}").exercises


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
