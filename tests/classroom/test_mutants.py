"""Solutions of exercises, changed mechanically: each change is caught by the check, or listed with a reason."""

import pytest

from nasedu.classroom import Exercise
from nasedu.testing import exercise_rules
from nasedu.testing.exercise_rules import passes
from nasedu.testing.mutants import mutants
from tests.classroom.lesson_modules import EXERCISES, _one_thread  # noqa: F401
from tests.patience import patience


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_check_lets_through_what_is_listed_with_a_reason_and_no_other_change_of_the_solution(exercise, monkeypatch):
    monkeypatch.setattr(exercise_rules, "PATIENCE", patience(exercise_rules.PATIENCE))
    exercise_rules.no_change_of_the_solution_passes(exercise)


# ---------------------------------------------------------------------- the mutants themselves


def changes(code, *others):
    return set(others) <= set(mutants(code))


def test_the_kinds_of_change():
    assert changes("a = b + c", "a = b - c")
    assert changes("a = b / c", "a = b * c")
    assert changes("a = -b", "a = b")
    assert changes("a += b", "a -= b")
    assert changes("a = b < c", "a = b <= c", "a = b > c")
    assert changes("a = b[1]", "a = b[0]", "a = b[2]")
    assert changes("a = f(b, c)", "a = f(c, b)")
    assert changes("def f(a):\n    return a * b", "def f(a):\n    return a", "def f(a):\n    return b")
    assert changes("a = max(b)", "a = min(b)")
    assert changes("a = np.argmin(b)", "a = np.argmax(b)")
    assert changes("a = b and c", "a = b or c")
    assert changes("a = f(b=True)", "a = f(b=False)")
    assert changes("a = not b", "a = b")
    assert changes("a = 0.5", "a = 1.0")


def test_every_mutant_differs_and_the_same_ones_are_chosen_each_time():
    code = "def f(a, b):\n    return a + b * 2 - max(a, b) / 3"
    assert len(mutants(code)) == len(set(mutants(code))) > 8
    assert code not in mutants(code)
    assert mutants(code, 4) == mutants(code)[:4]


def exercise(why_wrong, solved="def f(a):\n    return a + 1", **parts):
    return Exercise("f", "code", "", "def f(a): ...", solved, (), why_wrong, {}, **parts)


def test_a_check_that_looks_too_little_is_found_out():
    lax = exercise(lambda f: "" if f(0) in (1, -1) else "no")
    assert passes(lax, "def f(a):\n    return a - 1")
    assert "def f(a):\n    return a - 1" in mutants(lax.solved)
    strict = exercise(lambda f: "" if (f(0), f(2)) == (1, 3) else "no")
    assert not [code for code in mutants(strict.solved) if passes(strict, code)]


def test_a_change_that_never_ends_or_leaves_counts_as_noticed(monkeypatch):
    monkeypatch.setattr(exercise_rules, "PATIENCE", 0.2)
    anything = exercise(lambda f: f(0) and "")
    assert not passes(anything, "def f(a):\n    while True:\n        pass")
    assert not passes(anything, "def f(a):\n    raise SystemExit")
    assert passes(anything, "def f(a):\n    return 1")
