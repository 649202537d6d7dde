"""Every exercise of every lesson: its solution passes, its stub is open, each wrong answer is told its own sentence."""

import ast
from collections import Counter

import pytest

from nasedu.classroom import MultipleChoice
from nasedu.testing.exercise_rules import exercise_checks
from tests.classroom.lesson_modules import EXERCISES, LESSONS, _one_thread, exercises_of, module_of  # noqa: F401
from tools.lessons.places import NOTEBOOKS, sources
from tools.lessons.source import read_source

RULES = [check for check in exercise_checks if check.__name__ != "no_change_of_the_solution_passes"]
"""test_mutants.py has the slow one."""


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_three_to_five_exercises_of_all_the_kinds(lesson):
    exercises = exercises_of(lesson)
    kinds = Counter(exercise.kind for exercise in exercises)
    assert 3 <= len(exercises) <= 5
    assert kinds.keys() >= {"predict", "code", "refute"}, kinds
    assert kinds.keys() <= {"predict", "code", "refute", "choose"}, kinds
    assert len({exercise.name for exercise in exercises}) == len(exercises)


@pytest.mark.parametrize("check", RULES, ids=lambda check: check.__name__)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_exercise_keeps_the_rules_of_all_exercises(exercise, check):
    check(exercise)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hints_come_in_stages_and_the_first_gives_nothing_away(exercise):
    assert len(exercise.hints) >= 2
    assert exercise.solved.strip() not in exercise.hints[0]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_lesson_shows_each_exercise_with_its_stub_and_its_check(lesson):
    (source,) = sources(NOTEBOOKS, [lesson.removeprefix("lesson_")])
    cells = [cell.source for cell in read_source(source).cells if cell.cell_type == "code"]
    for exercise in exercises_of(lesson):
        where = f"exercises.{called(lesson, exercise)}"
        assert where in cells, f"no cell shows {where}"
        stub, check = cells[cells.index(where) + 1 :][:2]
        assert same_code(stub, exercise.stub), f"the cell after {where} is not its stub:\n{stub}"
        assert check == f"{where}.check({exercise.name})"


def called(lesson, exercise):
    """What the module calls it: an answer that is a class has a name with a capital, the exercise has none."""
    return next(name for name, value in vars(module_of(lesson)).items() if value is exercise)


def same_code(a, b):
    """Whether two pieces of code are the same to Python; how they are laid out does not count."""
    return ast.dump(ast.parse(a)) == ast.dump(ast.parse(b))


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_answer_of_a_question_on_the_way_is_told_why(lesson):
    found = [one for one in vars(module_of(lesson)).values() if _asks(one)]
    assert found, "a lesson asks at least once whether its point has come across"
    for one in found:
        assert one.why.keys() == set(one.choices), one.question
        assert len(set(one.why.values())) == len(one.choices), "to each answer its own sentence"


def test_the_right_answer_has_no_place_of_its_own():
    places = Counter()
    for lesson in LESSONS:
        for one in vars(module_of(lesson)).values():
            if _asks(one):
                places[one.choices.index(one.right)] += 1
    assert max(places.values()) < sum(places.values()) * 0.8, places


def _asks(one):
    return isinstance(one, MultipleChoice)
