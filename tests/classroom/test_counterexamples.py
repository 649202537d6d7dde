"""Checks that draw fresh inputs and report the smallest counter-example."""

import numpy as np
import pytest

from nasedu.classroom import Exercise
from nasedu.classroom.counterexamples import against, fresh, fresh_names, largest, same, show, size, smallest, whole
from nasedu.core import BadValue


def test_the_smallest_case_that_goes_wrong_is_reported():
    cases = [(90,), (7,), (12,), (3,)]
    assert smallest(cases, lambda n: f"wrong at {n}" if n > 5 else "") == "wrong at 7"
    assert smallest(cases, lambda n: "") == ""


def test_a_function_is_compared_with_a_reference():
    cases = [(n, m) for n in range(5) for m in range(5)]
    assert against("add", lambda a, b: a + b, lambda a, b: a + b, cases) == ""
    assert against("add", lambda a, b: a * b, lambda a, b: a + b, cases) == "add(0, 1) should be 1; yours gives 0."
    assert against("add", 5, lambda a, b: a + b, cases).startswith("add is to be a function")
    assert "is there a return?" in against("add", lambda a, b: None, lambda a, b: a + b, cases)


def test_a_guess_at_the_reason_follows_the_counter_example():
    said = against("f", lambda a: a, lambda a: -a, [(2,)], guess=lambda got, a: "Turn the sign." if got == a else "")
    assert said == "f(2) should be -2; yours gives 2. Turn the sign."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("def f(a):\n    return -a", "f(2) should be 4; yours gives -2. That turns the sign."),
        ("def f(a):\n    return 2 / (a - 7)", "f(2) should be 4; yours gives -0.4. It divides."),
        ("def f(a):\n    return -a if a < 5 else 0", "f(2) should be 4; yours gives -2. A guess."),
    ],
)
def test_a_mistake_is_named_if_the_answer_makes_it_in_every_case_and_else_there_is_a_guess(answer, said):
    def why_wrong(f):
        return against("f", f, lambda a: a * a, [(2,), (5,), (7,)], guess=lambda got, a: "A guess.")

    wrong = {"def f(a):\n    return -a": "That turns the sign.", ("a * a", "2 / (a - 7)"): "It divides."}
    exercise = Exercise("f", "code", "", "def f(a): ...", "def f(a):\n    return a * a", (), why_wrong, wrong)
    assert exercise.objection(exercise.answer_of(answer)) == said


def test_an_error_counts_relative_to_the_result_or_to_a_stated_size():
    cases = [(1e-7, 1.0)]
    for answer, right in ((1.1e-7, False), (1e-7 + 1e-13, True)):
        assert (against("f", lambda a, b, x=answer: x, lambda a, b: a, cases) == "") is right
        assert against("f", lambda a, b, x=answer: x, lambda a, b: a, cases, scale=lambda a, b: b) == ""


def test_an_answer_that_changes_its_input_does_not_spoil_the_next_call():
    def emptying(numbers):
        total = sum(numbers)
        numbers.clear()
        return total

    case = ([1, 2],)
    assert against("f", emptying, sum, [case, case]) == ""
    assert case == ([1, 2],)


def test_a_case_that_is_no_tuple_of_arguments_is_refused():
    with pytest.raises(BadValue, match=r"write \('ab',\)"):
        against("f", str.upper, str.upper, ["ab"])


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        ((1, 2), [1, 2]),
        (np.float32(0.5), 0.5),
        ([1.0, 2.0], np.array([1, 2])),
        (float("nan"), float("nan")),
        ({"a": [1]}, {"a": (1.0,)}),
        (True, np.bool_(True)),
        ("a", "a"),
        (None, None),
        ({"a": 1, "b": 2}, ["a", "b"]),
    ],
)
def test_what_agrees(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (True, 1),
        (1, True),
        ("1", 1),
        (1, "1"),
        ([1], [1, 1]),
        (1.001, 1),
        (None, 0),
        ([1, 2], np.array([1, 3])),
        ("x", np.array([1])),
        ([[1], [1, 2]], np.array([1])),
        ({"a": 1}, {"b": 1}),
        (float("nan"), 1.0),
        ([True], np.array([1])),
    ],
)
def test_what_does_not_agree(a, b):
    assert not same(a, b)


def test_an_object_that_equals_everything_agrees_with_nothing():
    class Yes:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert not any(same(Yes(), wanted) for wanted in (1, 1.0, "a", True, None, [1], {"a": 1}, np.array([1])))


def test_size_puts_what_is_quickly_read_first():
    assert sorted([(10, 0.333), (1, 1), (-1, 1), (2, 10)], key=size) == [(1, 1), (-1, 1), (2, 10), (10, 0.333)]
    assert size([1]) < size([1, 2]) < size([[1, 2], [3]])
    assert size("ab") < size("abc")


class Unseen:
    def __repr__(self):
        raise AssertionError("read to the end")


def test_values_are_shown_as_a_sentence_needs_them():
    assert show((0.123456, [1, "a"], np.array([1.0]), (np.int64(3),))) == "(0.1235, [1, 'a'], [1], (3,))"
    assert len(show(list(range(1000)))) == 200
    unseen = [*range(1000), Unseen()]
    assert show(unseen) == show(list(range(1000))), "a million numbers are not read for 200 characters"
    assert len(show(dict(enumerate(unseen)))) == 200
    assert show(lambda: 1) == "a function"
    assert show(object()) == "an object of the type object"


def test_fresh_numbers_are_fresh():
    assert fresh().random() != fresh().random()


@pytest.mark.parametrize("number", [59, 59.0])
def test_a_whole_number_is_one_however_it_is_written(number):
    assert whole(number) == 59
    assert type(whole(number)) is int


@pytest.mark.parametrize("other", [59.5, "59", True, None, ..., [59]])
def test_what_is_no_whole_number(other):
    assert whole(other) is None


def test_names_are_different_and_in_no_order():
    lists = [fresh_names(fresh(), 6) for _ in range(9)]
    assert all(len(set(names)) == 6 for names in lists)
    assert not all(names == sorted(names) for names in lists)


def test_the_largest_number_of_nested_data():
    assert largest({"a": [1, -3], "b": ("x", 2)}) == 3
    assert largest([]) == 0
