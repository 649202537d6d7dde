"""`nasedu assignment create` and `report`: what they refuse, and that they write the same every time."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading.ask import lessons
from nasedu.classroom.grading.report import Assignment, Line
from nasedu.classroom.grading.result import Result
from nasedu.cli import app


def nasedu(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize("lesson", lessons())
def test_the_same_lesson_gives_the_same_notebook(lesson, tmp_path):
    import nbformat

    texts = []
    for folder in ("a", "b"):
        assert nasedu("assignment", "create", lesson, "--out", tmp_path / folder).exit_code == 0
        texts.append((tmp_path / folder / f"source/lesson_{lesson}/{lesson}.ipynb").read_text())
    assert texts[0] == texts[1]
    nbformat.validate(nbformat.reads(texts[0], as_version=4))


def test_a_course_takes_one_lesson_after_the_other_and_keeps_its_settings(tmp_path):
    course = tmp_path / "course"
    nasedu("assignment", "create", "00", "--out", course)
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "# mine\n")
    assert nasedu("assignment", "create", "00", "--out", course, "--name", "week-1", "--points", 2).exit_code == 0
    assert config.read_text().endswith("# mine\n")
    assert '"points": 2.0' in (course / "source/week-1/00.ipynb").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("77",), "known: 00"),
        (("../00",), "known: 00"),
        (("00", "--name", "../x"), "letters, digits"),
        (("00", "--points", "0"), "more than 0 points"),
        (("00", "--out", "full"), "no course of nasedu"),
        (("00", "--out", "file"), "no course of nasedu"),
        (("00", "--out", "course"), "is there already"),
    ],
)
def test_create_refuses_at_the_door(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    (tmp_path / "file").touch()
    assert nasedu("assignment", "create", "00", "--out", "course").exit_code == 0
    before = sorted(tmp_path.rglob("*"))
    done = nasedu("assignment", "create", *words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "no course of nasedu"),
        (("course",), "no gradebook yet"),
        (("course", "--json", "--csv"), "choose one"),
    ],
)
def test_report_refuses_at_the_door(words, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    nasedu("assignment", "create", "00")
    done = nasedu("assignment", "report", *words)
    assert done.exit_code == 2
    assert says in done.stderr


def test_report_of_what_nobody_handed_in_says_so(monkeypatch):
    monkeypatch.setattr("nasedu.cli.class_report.report", lambda course: [Assignment("lesson_00")])
    done = nasedu("assignment", "report")
    assert done.exit_code == 0
    assert "nothing has been graded yet" in done.stdout
    assert "nbgrader autograde lesson_00" in done.stdout.replace("\n", " ")


def test_the_signs_tell_the_states_apart_and_only_who_handed_in_is_counted(monkeypatch):
    names = ("standard_error", "an_exercise_with_a_name_that_is_too_long_for_a_column")
    states = {"ann": "right", "bob": "not handed in", "cleo": "not graded", "dan": "wrong"}
    lines = [
        Line(who, name, status, 0.0, 1.0, "a\nb: 9 of 9 right") for who, status in states.items() for name in names
    ]
    own = {"ann": "marked", "bob": "not handed in", "cleo": "not graded", "dan": "by hand"}
    lines += [Line(who, "essay", status, 2.5 if who == "ann" else 0.0, 3.0) for who, status in own.items()]
    monkeypatch.setattr("nasedu.cli.class_report.report", lambda course: [Assignment("lesson_00", lines)])
    shown = nasedu("assignment", "report").stdout
    rows = {who: next(line for line in shown.splitlines() if f" {who} " in line) for who in states}
    for who, signs in {"ann": "✔✔", "bob": "---", "cleo": "○○○", "dan": "✘✘✎"}.items():
        assert [letter for letter in rows[who].split("points")[0] if letter in "✔-○✘✎"] == [*signs], rows[who]
    assert rows["ann"].count("2.5") == 2, "the points of the essay, and the sum"
    assert "standard_error: 1 of 3 right" in shown
    assert "essay: 1 of 3 wait for points by hand" in shown
    assert "\nb: 9 of 9 right" not in shown, "a message forges no line"
    assert "…" not in shown, "no head is cut"


def test_a_sentence_is_no_wider_than_a_feedback_page():
    long = Result("00", "x", "wrong", "word " * 60, notes=["and a note"])
    assert max(map(len, str(long).splitlines())) <= 100
    assert str(long).startswith("✘ Not yet. word word")
    assert str(long).endswith("Note: and a note")


def test_students_are_sent_to_the_lesson_that_the_questions_speak_of(tmp_path):
    nasedu("assignment", "create", "03", "--out", tmp_path / "course")
    assert "Keep lesson 03 open" in (tmp_path / "course/source/lesson_03/03.ipynb").read_text()


def test_without_nbgrader_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "nbgrader" else object())
    for words in (("assignment", "create", "00", "--out", tmp_path / "course"), ("assignment", "report", tmp_path)):
        done = nasedu(*words)
        assert done.exit_code == 2
        assert "pip install 'nasedu[classroom]'" in done.stderr


def test_inside_a_course_every_command_means_this_course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nasedu("assignment", "create", "00").exit_code == 0
    monkeypatch.chdir(tmp_path / "course")
    made = nasedu("assignment", "create", "01")
    assert made.exit_code == 0
    assert "cd " not in made.stderr, "it is here already"
    assert nasedu("assignment", "new-exercise", "spread_of").exit_code == 0
    assert {path.name for path in Path("source").iterdir()} == {"lesson_00", "lesson_01"}
    assert Path("exercises.py").exists()
    assert not Path("course").exists()
    for words in (("report",), ("feedback-archive", "lesson_00")):
        assert "generate_assignment" in " ".join(nasedu("assignment", *words).stderr.split()), "of this course"
