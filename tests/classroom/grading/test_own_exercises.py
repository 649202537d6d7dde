"""Exercises of a course's own: found, refused at the door, tested, and written without their check for students."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading.ask import exercises
from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.own_exercises import FILE, HEAD, course_around, load
from nasedu.cli import app
from nasedu.core import BadValue
from nasedu.testing import check_exercise


def nasedu(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def course(tmp_path):
    """A course with the exercise of the template."""
    assert nasedu("assignment", "new-exercise", "spread_of", "--out", tmp_path / "course").exit_code == 0
    return tmp_path / "course"


def change(course, *pairs):
    text = (course / FILE).read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    (course / FILE).write_text(text)


def cells_of(path):
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]}


# ---------------------------------------------------------------------- begin one


def test_the_template_is_a_whole_exercise_that_passes_its_tests(course):
    done = nasedu("assignment", "test", course)
    assert done.exit_code == 0, done.output
    assert "✔ spread_of: the solution passes, 3 wrong answers get their sentences" in done.output


def test_a_second_exercise_comes_after_the_first_and_both_are_tested(course):
    assert nasedu("assignment", "new-exercise", "width", "--out", course).exit_code == 0
    assert list(load(course)) == ["spread_of", "width"]
    assert nasedu("assignment", "test", course).output.count("✔") == 2
    assert nasedu("assignment", "test", course, "--exercise", "width").output.count("✔") == 1


@pytest.mark.parametrize("name", ["two words", "class", "1st", "größe", "spread_of", "../x", ""])
def test_a_name_that_is_no_name_or_taken_is_refused(course, name):
    before = (course / FILE).read_text()
    done = nasedu("assignment", "new-exercise", name, "--out", course)
    assert done.exit_code == 2
    assert "name" in done.stderr
    assert (course / FILE).read_text() == before


def test_a_folder_that_is_no_course_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").touch()
    done = nasedu("assignment", "new-exercise", "width", "--out", tmp_path)
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


# ---------------------------------------------------------------------- test it


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        (
            'solved="def spread_of(numbers):\\n    return max',
            'solved="def spread_of(numbers):\\n    return 2 * max',
            "the_solution_is_right",
            "should be",
        ),
        ('...",\n', 'return -(min(numbers) - max(numbers))",\n', "the_stub_is_not_attempted", "passes the check"),
        ("return len(numbers)", "return max(numbers) + 0", "three_wrong_answers_each_get_their_own_sentence", "counts"),
        (
            'min(numbers)",\n    hints',
            'min(numbers) + 0 * len(numbers)",\n    hints',
            "no_change_of_the_solution_passes",
            "the check accepts this",
        ),
        (
            "return against(",
            "answer([1])\n    return against(",
            "an_answer_of_another_kind_ends_in_no_error",
            "look at the type",
        ),
        ('== 2"', '== 3"', "examples_are_true_of_the_solution_alone", "is not true for `solved`"),
        ("spread_of([3, 1, 2]) == 2", "1 == 1", "examples_are_true_of_the_solution_alone", "stub passes all"),
        (
            "minus the smallest one",
            "minus " + "the smallest one and " * 8 + "more",
            "the_question_has_short_sentences",
            "make two sentences",
        ),
        ('praise="The range of the numbers."', 'praise=""', "the_solution_is_right", "give `praise`"),
    ],
)
def test_each_rule_names_what_breaks_it(course, old, new, rule, words):
    change(course, (old, new))
    done = nasedu("assignment", "test", course)
    assert done.exit_code == 1
    assert f"exercise rule '{rule}'" in done.output, done.output
    assert words in done.output


def test_one_that_fails_does_not_hide_the_others(course):
    nasedu("assignment", "new-exercise", "width", "--out", course)
    change(course, ('"spread_of([3, 1, 2]) == 2"', '"spread_of([3, 1, 2]) == 3"'))
    done = nasedu("assignment", "test", course)
    assert done.exit_code == 1
    assert "✘ spread_of" in done.output
    assert "✔ width" in done.output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nothing_of_this_name", "ends in an error: ModuleNotFoundError"),
        ("def f(:", "ends in an error: SyntaxError"),
        ("x = 1", "must define `exercises`"),
        ("exercises = (1,)", "must define `exercises`"),
        ("exercises = ()", "has no exercise yet"),
    ],
)
def test_a_file_that_is_no_list_of_exercises_is_refused(course, text, words):
    (course / FILE).write_text(text)
    for command in (("test", course), ("create", "own", "--out", course)):
        done = nasedu("assignment", *command)
        assert done.exit_code == 2
        assert words in " ".join(done.stderr.split())
    assert not (course / "source").exists()


def test_two_exercises_of_one_name_and_code_without_examples_are_refused(course):
    change(course, ("exercises += (spread_of,)", "exercises += (spread_of, spread_of)"))
    with pytest.raises(BadValue, match="two exercises of the name 'spread_of'"):
        load(course)
    change(course, ("(spread_of, spread_of)", "(spread_of,)"), ('examples=("spread_of([3, 1, 2]) == 2",),', ""))
    with pytest.raises(BadValue, match="spread_of needs examples"):
        load(course)


def test_a_course_without_the_file_is_told_how_to_begin(tmp_path):
    nasedu("assignment", "create", "00", "--out", tmp_path / "course")
    done = nasedu("assignment", "create", "own", "--out", tmp_path / "course")
    assert done.exit_code == 2
    assert "nasedu assignment new-exercise NAME" in " ".join(done.stderr.split())


# ---------------------------------------------------------------------- assign it


def test_own_exercises_are_an_assignment_or_follow_those_of_a_lesson(course):
    nasedu("assignment", "new-exercise", "width", "--out", course)
    assert nasedu("assignment", "create", "own", "--out", course).exit_code == 0
    assert nasedu("assignment", "create", "00", "--add", "width", "--out", course).exit_code == 0
    own, lesson = (cells_of(course / f"source/{place}.ipynb") for place in ("own/own", "lesson_00/00"))
    assert [name for name in own if name.startswith("test")] == ["test-own-spread_of", "test-own-width"]
    assert [name for name in lesson if name.startswith("test")][-2:] == ["test-00-counterexample", "test-own-width"]
    assert "Keep lesson" not in own["intro-own"]
    assert role("test-own-width") == ("test", "own", "width")


def test_an_exercise_that_does_not_exist_cannot_be_added(course):
    done = nasedu("assignment", "create", "00", "--add", "width", "--out", course)
    assert done.exit_code == 2
    assert "no exercise 'width'; its own exercises: spread_of" in " ".join(done.stderr.split())
    assert not (course / "source").exists()


def test_students_get_examples_and_neither_check_nor_solution(course):
    nasedu("assignment", "create", "own", "--out", course)
    test = cells_of(course / "source/own/own.ipynb")["test-own-spread_of"]
    visible, hidden = test.split("### BEGIN HIDDEN TESTS")
    assert "assert spread_of([3, 1, 2]) == 2" in visible
    assert "grading" not in visible.replace("Grading", ""), "the check is not on the student's machine"
    assert 'grading.ask("own", "spread_of", spread_of, times=3)' in hidden
    names = {}
    exec("spread_of = lambda numbers: max(numbers) - min(numbers)\n" + visible, names)
    with pytest.raises(AssertionError, match="This should be true"):
        exec("def spread_of(numbers): ...\n" + visible, {})


def test_a_value_without_examples_is_asked_for(course):
    change(course, ('kind="code"', 'kind="choose"'), ('examples=("spread_of([3, 1, 2]) == 2",),', ""))
    nasedu("assignment", "create", "own", "--out", course)
    visible = cells_of(course / "source/own/own.ipynb")["test-own-spread_of"].split("###")[0]
    with pytest.raises(AssertionError, match="Give spread_of its value"):
        exec("spread_of = ...\n" + visible, {})


def test_they_are_found_from_anywhere_in_the_course_and_nowhere_else(course, tmp_path, monkeypatch):
    inside = course / "source" / "own"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert course_around(inside) == course
    assert list(exercises("own")) == ["spread_of"]
    submission = tmp_path / "student"
    submission.mkdir()
    (submission / FILE).write_text("exercises = ()")
    monkeypatch.chdir(submission)
    with pytest.raises(BadValue, match="is in no course"):
        exercises("own")


def test_a_change_of_the_file_is_seen_at_once(course):
    assert load(course)["spread_of"].praise == "The range of the numbers."
    change(course, ("The range of the numbers.", "Well done."))
    assert load(course)["spread_of"].praise == "Well done."


def test_the_suite_is_for_everybody(course):
    one = load(course)["spread_of"]
    check_exercise(one)
    with pytest.raises(BadValue, match="no exercise rule 'x'"):
        check_exercise(one, without=["x"])


# ---------------------------------------------------------------------- the page that writes one


def test_what_the_page_writes_is_a_whole_exercise(course):
    page = (Path(__file__).parents[3] / "docs/OWN_EXERCISES.md").read_text()
    fields, check, wrong, parts = re.findall(r"```python\n(.*?)```", page, re.S)
    (course / FILE).write_text(
        f"{HEAD}\n\n{check}\n\nmean_rank = Exercise(name='mean_rank', kind='code', hints=(),\n"
        f"why_wrong=mean_rank_why_wrong,\n{fields}{wrong})\nexercises += (mean_rank,)\n"
    )
    done = nasedu("assignment", "test", course)
    assert done.exit_code == 0, done.output
    (says,) = re.findall(r"    (✔ mean_rank: .*)", page)
    assert says in done.output
    for command in re.findall(r"    nasedu (assignment (?:test|create) .*?) *(?:#.*)?\n", page):
        assert nasedu(*command.replace("course/", str(course)).split()).exit_code == 0, command
    names = [part.name for part in exercises("04")["learn"].parts]
    assert [f'Part("{name}", 0.5,' in parts for name in names] == [True, True]
