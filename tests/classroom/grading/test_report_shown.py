"""What the report on a class looks like: 80 columns with long names and ten exercises, and a page of its own."""

import random
import re
from datetime import datetime

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading.report import Assignment, Late, Line
from nasedu.classroom.grading.roster import Roster, Student
from nasedu.classroom.grading.similarity import Pair
from nasedu.cli import app
from nasedu.cli.class_page import page_of

LONG = "Maximiliane von Hohenstaufen-Schwarzenberg_12345"
NAMES = (LONG, "bob.smith@students.example.org", "Li Wei_77", "Çelik Ömer_5", "ann")
EXERCISES = (
    *("one_backup", "backups", "q_update", "learn", "epsilon_schedule_of_q_learning", "faults", "refutation"),
    *("mean_and_half_width_of_seeds", "essay", "stops_after"),
)
ATTACK = "<script>alert(1)</script>"


def class_of(size=30, exercises=EXERCISES):
    """A class whose marks are drawn; the first student has long names, a late day and a share of points."""
    rng = random.Random(0)
    students = [NAMES[n % 5] + (str(n) if n >= 5 else "") for n in range(size)]
    lines = [
        Line(who, name, status, 2.0 if status == "right" else 0.0, 2.0, ATTACK if status == "wrong" else "")
        for who in students
        for name in exercises
        for status in rng.choices(["right", "wrong", "not attempted"], [6, 3, 1])
    ]
    lines[0] = Line(students[0], exercises[0], "wrong", 1.2, 2.0, "Nearly.", share=0.6)
    lines[1] = Line(students[0], exercises[1], "right", 2.0, 2.0, same_as_published=True)
    pairs = [Pair((students[1], students[2]), {"learn": 9, "q_update": 7, "faults": 3}, 15.0)]
    roster = Roster(Student(who, "Ann", f"Smith {n}") for n, who in enumerate(students))
    late = {students[0]: Late(2, 1, 0.1)}
    return Assignment("lesson_04", lines, datetime(2026, 11, 9, 23, 59), late, pairs, ["A remark."], roster)


@pytest.fixture
def shown(monkeypatch):
    def show(assignment, columns=80):
        monkeypatch.setattr("nasedu.cli.class_report.report", lambda course: [assignment])
        done = CliRunner().invoke(app, ["assignment", "report"], env={"COLUMNS": str(columns)})
        assert done.exit_code == 0, done.output
        return done.stdout

    return show


def test_a_class_of_30_with_long_names_and_ten_exercises_fits_80_columns(shown):
    text = shown(class_of())
    assert max(map(len, text.splitlines())) <= 80
    assert "1 one_backup  2 backups" in " ".join(text.split("\n")), "the legend says which number is which"
    assert "10 stops_after" in text
    joined = "".join(re.sub("[│ ]", "", line[:26]) for line in text.splitlines())
    assert LONG.replace(" ", "") in joined, "no name is cut"


def test_short_names_stand_above_their_column(shown):
    text = shown(class_of(5, ("learn", "tau")))
    assert "learn" in text.splitlines()[2]
    assert "1 learn" not in text


def test_share_late_days_and_penalty_are_shown_with_their_legend(shown):
    text = shown(class_of())
    assert "60%" in text
    assert "a percentage: the share of the points" in " ".join(text.split())
    assert "2 d -10%" in text
    assert "late: days after the due date" in " ".join(text.split())
    assert "A remark." in text
    assert "3 rare" not in text
    assert "share 19 rare fragments: learn 9" in " ".join(text.split())


def test_many_names_end_in_a_number(shown):
    assignment = class_of(5, ("learn", "tau"))
    assignment.lines = [Line(f"student{n}", "learn", "wrong", 0, 1, "Look again.") for n in range(40)]
    text = " ".join(shown(assignment).split())
    assert "40 × Look again." in text
    assert "student5 and 34 more)" in text


# ---------------------------------------------------------------------- the page


def test_the_page_fetches_nothing_and_what_students_wrote_is_text():
    page = page_of([class_of()])
    assert re.findall(r"\b(?:src|href)=|url\(|@import|<link|<img|<iframe", page) == []
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "Ann Smith 3" in page


def test_the_page_says_what_the_terminal_says(shown):
    assignment = class_of()
    page, text = (re.sub(r"<[^>]+>|\s+", " ", one) for one in (page_of([assignment]), shown(assignment)))
    average = assignment.average()
    for words in (
        f"{average.mean:.2f} ± {average.deviation:.2f}",
        "share 19 rare fragments: learn 9",
        "2 d -10%",
        "60%",
    ):
        assert words in " ".join(page.split())
        assert words in " ".join(text.split())


def test_a_page_of_nothing_says_what_to_do():
    assert "nbgrader autograde week_1" in page_of([Assignment("week_1")])


def test_the_page_is_written_beside_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr("nasedu.cli.class_report.report", lambda course: [class_of(5)])
    done = CliRunner().invoke(app, ["assignment", "report", "--html", str(tmp_path / "a.html")])
    assert (tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "lesson_04" in done.stdout
