"""The solution of each exercise in other forms: right in any container, wrong with a mistake made on purpose."""

from types import SimpleNamespace

import pytest

from nasedu.classroom.to_plain import convert_results
from nasedu.testing.exercise_rules import passes_as
from tests.classroom.lesson_modules import EXERCISES, _one_thread  # noqa: F401
from tests.classroom.variants import NAMES, RIGHT, Variant, renamed, single, variants

CODE = [one for one in EXERCISES if one.values[0].kind == "code"]
FUNCTIONS = [one for one in CODE if not one.values[0].methods]
DOUBLE = {
    "chance_of_hit": "1 less a share of a millionth",
    "flips": "sums that are equal but for the rounding of double precision",
}
"""Exercises that need double precision, each with the reason."""


@pytest.mark.parametrize("exercise", CODE)
def test_the_solution_is_right_in_any_container(exercise):
    for name, change in RIGHT.items():
        verdict = exercise.check(convert_results(change, exercise.answer_of(exercise.solved), exercise.methods))
        assert verdict, f"{name}: {verdict}"


@pytest.mark.parametrize("exercise", [one for one in EXERCISES if one.values[0].kind in ("predict", "choose")])
def test_a_right_value_is_right_in_any_container(exercise):
    for name, change in RIGHT.items():
        verdict = exercise.check(change(RIGHT["of numpy"](exercise.answer_of(exercise.solved))))
        assert verdict, f"{name}: {verdict}"


@pytest.mark.parametrize("exercise", [one for one in FUNCTIONS if one.values[0].name not in DOUBLE])
def test_the_solution_is_right_in_single_precision(exercise):
    for _ in range(5):
        verdict = exercise.check(Variant(exercise.answer_of(exercise.solved), single))
        assert verdict, verdict.message


@pytest.mark.parametrize("exercise", FUNCTIONS)
def test_a_check_lets_through_what_is_listed_with_a_reason_and_no_other_variant(exercise):
    listed = exercise.survivors.keys() & NAMES
    solved = exercise.answer_of(exercise.solved)
    for name, parts in variants(solved.__code__.co_argcount).items():
        tried = [Variant(solved, **parts()) for _ in range(3)]
        passed = passes_as(exercise, tried)
        assert name not in listed or passed, f"{name}: the check refuses this after all"
        assert name in listed or not passed or not any(one.changed for one in tried), f"{name}: not noticed"


@pytest.mark.parametrize(
    "exercise", [one for one in CODE if one.values[0].methods and "renamed" in one.values[0].survivors]
)
def test_other_names_are_as_good_where_the_answer_is_a_class(exercise):
    make = Variant(exercise.answer_of(exercise.solved), **(parts := renamed()))
    make.result = lambda made: SimpleNamespace(
        **{name: Variant(getattr(made, name), **parts) for name in exercise.methods}
    )
    assert exercise.check(make), exercise.check(make).message
