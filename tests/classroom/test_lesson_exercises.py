"""Every exercise of every lesson: its solution passes, its stub is open, each wrong answer is told its own sentence."""

import importlib
from pathlib import Path

import pytest

LESSONS = sorted(path.stem for path in Path(__file__).parents[2].glob("nasedu/classroom/lesson_[0-9][0-9].py"))
EXERCISES = [
    pytest.param(exercise, id=f"{lesson}-{exercise.name}")
    for lesson in LESSONS
    for exercise in importlib.import_module(f"nasedu.classroom.{lesson}").exercises
]
SOURCES = Path(__file__).parents[2] / "notebooks" / "source"


@pytest.fixture(autouse=True)
def _one_thread():
    """Threads that wait for one another make tiny networks slow where tests run side by side."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_there_are_lessons_with_three_to_five_exercises():
    assert LESSONS
    for lesson in LESSONS:
        assert 3 <= len(importlib.import_module(f"nasedu.classroom.{lesson}").exercises) <= 5


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(exercise):
    verdict = exercise.check(exercise.answer_of(exercise.solved))
    assert verdict.status == "right", verdict.message
    assert verdict.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted(exercise):
    assert exercise.check(exercise.answer_of(exercise.stub)).status == "not attempted"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_three_wrong_answers_or_more_are_each_told_their_own_sentence(exercise):
    assert len(exercise.wrong) >= 3
    assert len(set(exercise.wrong.values())) == len(exercise.wrong)
    for code, sentence in exercise.wrong.items():
        verdict = exercise.check(exercise.answer_of(code))
        assert verdict.status == "wrong", code
        assert sentence in verdict.message, code
        assert "ended in an error" not in verdict.message, code


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hints_come_in_stages(exercise):
    assert len(exercise.hints) >= 2


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lesson_shows_each_exercise_with_its_stub_and_its_check(lesson):
    (source,) = SOURCES.glob(f"{lesson.removeprefix('lesson_')}_*.py")
    text = source.read_text(encoding="utf-8")
    for exercise in importlib.import_module(f"nasedu.classroom.{lesson}").exercises:
        where = f"{lesson}.{exercise.name}"
        assert f"# %%\n{where}\n" in text
        assert f"# %%\n{exercise.stub}\n" in text
        assert f"# %%\n{where}.check({exercise.name})\n# {where}.hint()\n# {where}.solution()\n" in text
