"""Solutions of exercises, changed mechanically: each change is caught by the check, or listed with a reason."""

import ast
import signal
import warnings
from contextlib import contextmanager

import pytest

from nasedu.classroom import Exercise
from tests.classroom.lesson_modules import EXERCISES, _one_thread  # noqa: F401
from tests.classroom.mutants import mutants
from tests.classroom.variants import NAMES
from tests.patience import patience

MOST = {"predict": 6, "choose": 12, "refute": 6, "code": 40}
"""How many changes are tried for each kind: what refutes a claim is trained to find out, which takes seconds."""

PATIENCE = 5  # seconds; a change that loops for ever is caught by never ending
TRIES = {"code": 3}
"""How often a change is checked. A check of code draws few fresh inputs; races have many seeds at once."""


class TooLong(BaseException):
    """No `except Exception` of a check may catch it."""


@contextmanager
def at_most(seconds):
    def ring(*_):
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def passes(exercise, code):
    """Whether the check lets some code through, in every draw."""
    return passes_as(exercise, (exercise.answer_of(code) for _ in range(TRIES.get(exercise.kind, 1))))


def passes_as(exercise, answers):
    """Whether the check lets all of some answers through, in the order in which they come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a changed solution may divide by zero
        try:
            with at_most(patience(PATIENCE)):
                return all(map(exercise.check, answers))
        except (Exception, SystemExit, TooLong):
            return False


def normal(code):
    """Code as this Python writes it: versions differ in their brackets."""
    return ast.unparse(ast.parse(code))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_check_lets_through_what_is_listed_with_a_reason_and_no_other_change_of_the_solution(exercise):
    known = {code: reason for code, reason in exercise.survivors.items() if code not in NAMES}
    listed = {normal(code): reason for code, reason in known.items()}
    impossible = listed.keys() - mutants(exercise.solved)
    assert not impossible, "no mechanical change of the solution gives this:\n\n" + "\n\n".join(impossible)
    tried = dict.fromkeys([*mutants(exercise.solved, MOST[exercise.kind]), *listed])
    escaped = [code for code in tried if passes(exercise, code)]
    unexplained = [code for code in escaped if code not in listed]
    assert not unexplained, "not noticed, and not among its survivors:\n\n" + "\n\n".join(unexplained)
    noticed = listed.keys() - escaped
    assert not noticed, "the check notices this after all:\n\n" + "\n\n".join(noticed)
    short = [code for code, reason in listed.items() if len(reason.split()) < 3]
    assert not short, "say why it is right that the check lets this through:\n\n" + "\n\n".join(short)


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
    monkeypatch.setitem(globals(), "PATIENCE", 0.2)
    anything = exercise(lambda f: f(0) and "")
    assert not passes(anything, "def f(a):\n    while True:\n        pass")
    assert not passes(anything, "def f(a):\n    raise SystemExit")
    assert passes(anything, "def f(a):\n    return 1")
