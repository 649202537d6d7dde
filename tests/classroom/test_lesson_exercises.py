"""Every exercise of every lesson: its solution passes, its stub is open, each wrong answer is told its own sentence."""

import ast
from collections import Counter

import pytest

from nasedu.classroom import MultipleChoice
from tests.classroom.lesson_modules import EXERCISES, LESSONS, _one_thread, exercises_of, module_of  # noqa: F401
from tests.classroom.variants import RIGHT
from tools.lessons.places import NOTEBOOKS, sources
from tools.lessons.source import read_source

DRAWS = {"code": 5}
"""How often a solution is checked: the checks of code draw fresh inputs each time."""


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_three_to_five_exercises_of_all_the_kinds(lesson):
    exercises = exercises_of(lesson)
    kinds = Counter(exercise.kind for exercise in exercises)
    assert 3 <= len(exercises) <= 5
    assert kinds.keys() >= {"predict", "code", "refute"}, kinds
    assert kinds.keys() <= {"predict", "code", "refute", "choose"}, kinds
    assert len({exercise.name for exercise in exercises}) == len(exercises)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes_whatever_is_drawn(exercise):
    container = RIGHT["in lists"] if exercise.kind == "refute" else lambda answer: answer  # others: test_variants.py
    for _ in range(DRAWS.get(exercise.kind, 1)):
        verdict = exercise.check(container(exercise.answer_of(exercise.solved)))
        assert verdict.status == "right", verdict.message
    assert verdict.message, "say something to those who got it right"


@pytest.mark.parametrize("exercise", [one for one in EXERCISES if one.values[0].also_right])
def test_right_answers_in_other_forms_pass_too(exercise):
    for code in exercise.also_right:
        for _ in range(DRAWS.get(exercise.kind, 1)):
            verdict = exercise.check(exercise.answer_of(code))
            assert verdict.status == "right", f"{code}\n\n{verdict.message}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted(exercise):
    assert exercise.check(exercise.answer_of(exercise.stub)).status == "not attempted"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_three_wrong_answers_or_more_are_each_told_their_own_sentence(exercise):
    assert len(exercise.wrong) >= 3
    assert len(set(exercise.wrong.values())) == len(exercise.wrong)
    for code, sentence in exercise.wrong.items():
        for _ in range(2 if exercise.kind == "code" else 1):
            verdict = exercise.check(exercise.answer_of(code))
            assert verdict.status == "wrong", code
            assert sentence in verdict.message, code
            assert "ended in an error" not in verdict.message, code


@pytest.mark.parametrize("exercise", EXERCISES)
def test_answers_of_another_kind_are_told_so_and_end_in_no_error(exercise):
    for answer in (3.5, "abc", (), [1], {}, float("nan")):
        verdict = exercise.check(answer)
        assert verdict.status == "wrong", answer
        assert "ended in an error" not in verdict.message, f"{answer!r}: {verdict.message}"


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
