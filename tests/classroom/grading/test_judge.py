"""The judge: what counts as the answer, what a check sees of it, and what is said."""

import io
import json
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading import fence, judging
from nasedu.classroom.grading import judge as module
from nasedu.classroom.grading.ask import NotYet, ask, exercises, lessons
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.result import Result
from nasedu.classroom.grading.sandbox import Cell
from nasedu.core import BadValue, UnknownName
from tests.classroom.grading.attacks import FOOLS, HONEST
from tests.patience import patience


def exercise(why_wrong, solved, **more):
    return Exercise("answer", "code", "", "answer = ...", solved, (), why_wrong, {}, "Well done.", **more)


@pytest.fixture
def with_check(monkeypatch, grade):
    """Judge some code with a check of the test's own."""

    def judged(why_wrong, code, solved="def answer(x):\n    return x", **more):
        made = exercise(why_wrong, solved, **more)
        monkeypatch.setattr(module, "find", lambda lesson, name: made)
        return grade(code, name="answer")

    return judged


@pytest.mark.parametrize("name", ["size_at_8", "standard_error"])
def test_solution_stub_and_wrong_answers_get_what_they_get_in_the_lesson(name, grade):
    one = exercises("00")[name]
    solved = grade(one.solved, name=name, seconds=20.0)
    assert (solved.status, solved.message) == ("right", one.praise)
    assert solved.same_as_published == (one.kind != "predict")
    for code, sentence in one.wrong.items():
        result = grade(code, name=name, seconds=20.0)
        assert (result.status, sentence in result.message) == ("wrong", True), code
        assert not result.same_as_published


def test_cells_above_the_answer_count(grade):
    above = "%matplotlib inline\nimport math", "def inner(p, n):\n    return p * (1 - p) / n"
    code = "def standard_error(p, n):\n    return math.sqrt(inner(p, n))"
    assert grade(*above, code).status == "right"
    broken = (
        "1 / 0",
        "no python",
        "import sys; sys.exit()",
        "from nasedu.classroom.lessons.lesson_00 import exercises\nexercises.x.check(1)",
    )
    assert grade(*broken, *above, code).status == "right"


def test_the_lessons_own_cells_run_where_solutions_are_nowhere(grade):
    above = """
from nasedu.classroom import claim
from nasedu.classroom.lessons.lesson_00 import exercises
from nasedu.classroom.lessons.lesson_00.exercises import standard_error as exercise
display(exercise.hint())
claim("it holds", True)
import math
"""
    code = "def standard_error(p, n):\n    return math.sqrt(p * (1 - p) / n)"
    for level in ("all", "hook"):
        assert grade(above, code, confinement=level).status == "right"


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("x = 1", "wrong", "Nothing is called standard_error"),
        ("def standard_error(p, n)", "wrong", "SyntaxError"),
        ("raise KeyError('x')\n" + HONEST, "wrong", "Your cell ended in an error: KeyError"),
        (HONEST + "\nraise KeyError('x')", "right", ""),
        ("standard_error = None", "not attempted", "no value yet"),
        ("import numpy as np\ndef standard_error(p, n):\n    return np.sqrt(p * (1 - p) / n)", "right", ""),
        ("def standard_error(p, n):\n    return 1 / 0", "wrong", "ZeroDivisionError: division by zero"),
        ("class Mine(Exception): ...\ndef standard_error(p, n):\n    raise Mine('so')", "wrong", "error: Mine: so"),
        ("def standard_error(p, n):\n    return {p}", "wrong", "yours gives {"),
        ("def standard_error(p, n):\n    return b'x'", "wrong", "an object of the type bytes"),
    ],
)
def test_what_is_said(code, status, words, grade):
    result = grade(code)
    assert result.status == status
    assert words in result.message


def test_comments_and_spaces_do_not_make_an_answer_ones_own(grade):
    code = "# mine\ndef standard_error(p,n):\n\n    return (p*(1-p)/n)**.5  # all of it"
    assert grade(code).same_as_published
    assert not grade("def standard_error(q, n):\n    return (q * (1 - q) / n) ** 0.5").same_as_published


def test_of_a_class_only_the_methods_of_the_exercise_are_there(with_check):
    def check(made):
        one, other = made(2), made(5)
        if hasattr(one, "secret"):
            return "it has more than it should"
        one.add(3)
        return "" if (one.total(), other.total()) == (5, 5) else f"totals {one.total()} and {other.total()}"

    code = """
class answer:
    secret = 7
    def __init__(self, start): self.sum = start
    def add(self, x): self.sum += x
    def total(self): return self.sum
"""
    methods = ("add", "total")
    assert with_check(check, code, code, methods=methods).status == "right"
    wrong = with_check(check, code.replace("+= x", "= x"), code, methods=methods)
    assert wrong.message == "totals 3 and 5"
    lacking = with_check(check, code.replace("def add", "def plus"), code, methods=methods)
    assert "AttributeError" in lacking.message


def test_an_error_of_the_students_is_the_error_that_a_check_expects(with_check):
    def check(answer):
        try:
            answer(-1)
        except ValueError as error:
            return "" if "below" in str(error) else f"it says {error}"
        return "no error"

    right = "def answer(x):\n    raise ValueError('below 0')"
    assert with_check(check, right, right).status == "right"
    assert with_check(check, right.replace("Value", "Key"), right).status == "wrong"


@pytest.mark.parametrize("code", ["import os\n    os._exit(0)", "return {1}", "while True: pass"])
def test_an_expected_error_is_not_the_end_of_the_process(code, with_check):
    def check(answer):
        try:
            answer(-1)
        except Exception:
            return ""
        return "no error"

    assert with_check(check, f"def answer(x):\n    {code}").status in ("wrong", "stopped")


def test_nan_is_right_where_the_solution_gives_it(with_check):
    def check(answer):
        return "" if answer(1) != answer(1) else "no nan"

    code = "def answer(x):\n    return float('nan')"
    assert with_check(check, code, code).status == "right"
    slips = with_check(lambda answer: "wrong" if abs(answer(1) - 1) > 0.1 else "", code)
    assert (slips.status, "nan" in slips.message) == ("wrong", True)


def test_arguments_are_copies(with_check):
    def check(answer):
        numbers = [3, 1, 2]
        got = answer(numbers)
        return "" if (numbers, got) == ([3, 1, 2], [1, 2, 3]) else f"{numbers}, {got}"

    code = "def answer(x):\n    x.sort()\n    return x"
    assert with_check(check, code, code).status == "right"


def test_what_is_quoted_is_short_and_holds_no_control_characters(with_check):
    result = with_check(lambda answer: f"not {answer}", "answer = '\\x1b[31m' + 'x' * 5000")
    assert len(result.message) <= 800
    assert "\x1b" not in result.message


def test_a_check_that_takes_forever_or_dies_costs_one_answer(monkeypatch, tmp_path):
    """The third answer makes the check hang, the second makes it fail: the others are graded all the same."""
    answers = [
        AnswerCells("00", "standard_error", [Cell(0, HONEST)], [0]),
        AnswerCells("00", "nowhere", [Cell(0, HONEST)], [0]),
        AnswerCells("00", "standard_error", [Cell(0, "standard_error = 7")], [0]),
    ]
    results = results_of(answers, Limits(seconds=5))
    assert [result.status for result in results] == ["right", "stopped", "wrong"]
    assert "could not be checked" in results[1].message


JUDGE = (
    judging.START.partition("from nasedu")[0]
    + """
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading import judge
def slow(answer):
    try:
        return str(sum(range(10**14)) if answer(1) == 2 else "")
    except BaseException:
        return "an error that an except of the check would hide"
made = Exercise("answer", "code", "", "answer = ...", "def answer(x): ...", (), slow, {}, "Well done.")
judge.find = lambda lesson, name: made
judge.CHECKING_SECONDS = 0.5
judge.main()
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such timer")
def test_a_check_that_an_answer_makes_slow_is_ended_by_the_system(monkeypatch):
    """In the middle of one call of a library, which no exception can leave. The next answer is graded."""
    monkeypatch.setattr(judging, "START", JUDGE)
    answers = [AnswerCells("00", "answer", [Cell(0, f"def answer(x): return {value}")], [0]) for value in ("2", "1")]
    job = {"answers": [asdict(one) for one in answers], "limits": asdict(Limits()), "skip": []}
    job["setup"] = asdict(fence.prepared())
    command = [sys.executable, "-I", "-c", JUDGE, str(fence.PACKAGE.parent)]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=patience(120))
    assert (done.returncode, done.stdout) == (-signal.SIGPROF, "")
    results = results_of(answers, Limits())
    assert [result.status for result in results] == ["stopped", "right"]
    assert "needed too much time or memory" in results[0].message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("keys that all have one hash", "the same hash"),
        ("pairs that all have one hash", "the same hash"),
        ("rows without numbers", "parts"),
        ("a small array that becomes a large list", "parts"),
        ("a number of ten million digits", "a whole number of more than 4096 bits"),
        ("a fraction of such numbers", "yours gives 3"),
        ("a text that is slow to print", "letters"),
        ("a huge answer", "parts"),
        ("deep nesting", "nested deeper"),
    ],
)
def test_data_that_are_slow_to_read_or_compare_are_refused_with_a_sentence(name, words, grade):
    result = grade(FOOLS[name], seconds=10.0, megabytes=2048)
    assert result.status == "wrong"
    assert words in result.message


def test_the_judge_is_that_of_this_package_also_if_another_one_is_installed(tmp_path):
    place = tmp_path / "nasedu/classroom/grading"
    place.mkdir(parents=True)
    for folder in (place, *list(place.parents)[:2]):
        (folder / "__init__.py").touch()
    (place / "judge.py").write_text("def main(): print(__file__)")
    command = [sys.executable, "-I", "-c", judging.START, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=patience(60))
    assert Path(done.stdout.strip()) == place / "judge.py"


def test_a_hanging_check_is_given_up(monkeypatch):
    monkeypatch.setattr(judging, "START", "import time; time.sleep(600)")
    monkeypatch.setattr(judging, "STARTING", 0.1)
    answer = AnswerCells("00", "standard_error", [], [])
    (result,) = results_of([answer], Limits(seconds=0.1), checking=0.1)
    assert (result.status, "could not be checked" in result.message) == ("stopped", True)


def test_the_visible_test_says_so_or_raises(capsys):
    ask("00", "standard_error", exercises("00")["standard_error"].answer_of(HONEST), times=2)
    assert "Right" in capsys.readouterr().out
    for answer in (lambda p, n: 7, ..., None):
        with pytest.raises(NotYet, match=r"Not yet|Not attempted"):
            ask("00", "standard_error", answer)


def test_an_assignment_tells_neither_hint_nor_solution(capsys):
    """In the lesson both unfold under the verdict; what students hand in is checked without them."""
    for lesson in lessons():
        for name, exercise in exercises(lesson).items():
            with pytest.raises(NotYet) as told:
                ask(lesson, name, exercise.answer_of(exercise.stub))
            shown = "\n".join(told.value._render_traceback_())
            assert shown == str(exercise.check(...))
            assert not any(part in shown for part in (*exercise.hints, exercise.solved, "hint"))
    ask("00", "standard_error", exercises("00")["standard_error"].answer_of(HONEST))
    assert capsys.readouterr().out == f"✔ Right. {exercises('00')['standard_error'].praise}\n"


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match=r"known: 00"):
        ask("77", "x", 1)
    with pytest.raises(UnknownName, match=r"standard_error"):
        ask("00", "x", 1)


@pytest.mark.parametrize(
    "bad", [{"seconds": 0}, {"megabytes": -1}, {"cell_seconds": float("nan")}, {"confinement": "none"}]
)
def test_limits_are_limits(bad):
    with pytest.raises(BadValue):
        Limits(**bad)


def test_what_a_check_of_a_course_prints_is_no_reply(monkeypatch):
    """An own exercise with a `print` ended the grading run."""

    def printing(answer, *_):
        print("the check looks")
        return Result("own", answer.name, "right")

    job = {"answers": [asdict(AnswerCells("own", "mine", [], []))], "skip": [], "limits": asdict(Limits())}
    monkeypatch.setattr(module, "judge", printing)
    monkeypatch.setattr(module, "_limit_memory", lambda: None)
    monkeypatch.setattr(module, "_limit_processor_time", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({**job, "setup": asdict(fence.Setup("hook", ""))})))
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    replies = sys.stdout
    module.main()
    assert json.loads(replies.getvalue())["result"]["status"] == "right"
