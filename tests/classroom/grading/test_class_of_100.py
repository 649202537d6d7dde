"""A class of 100, from the first command to the feedback that goes back to Moodle: everybody gets what is due."""

import csv
import io
import json
import unicodedata
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading.report import report
from nasedu.cli import app
from tests.classroom.grading.class_of_100 import (
    DUE,
    ENDING,
    GRADED,
    LESSON,
    SIZE,
    STATUS,
    archive_of,
    fill_folders,
    the_class,
)
from tests.classroom.grading.made_up_class import write_roster
from tests.classroom.grading.nbgrader import run
from tests.patience import patience

CLASS = the_class()
TWINS = {one.id for one in CLASS if one.kind.startswith("one name")}
ABSENT = ("absent1", "absent2")
RULES = {"seconds = 30": "seconds = {:.1f}", "cell_seconds = 10": "cell_seconds = {:.1f}", "megabytes = 2048": "megabytes = 512"}
FREE, COST = 1, 0.1


def nasedu(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done


def who(student):
    """The student's id in the report. Of two students with one name, nobody but the instructor knows who is who."""
    return f"{student.name}_{88_000 + student.number}" if student.id in TWINS else student.id


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course after the class was graded, with what collection said."""
    place = tmp_path_factory.mktemp("term")
    course = place / "course"
    nasedu("assignment", "create", LESSON, "--out", course, "--own-numbers", "--points", 2)
    omit_exercises(course / f"source/lesson_{LESSON}/{LESSON}.ipynb")
    rows = [(one.id, one.first, one.last, f"{one.number}@example.org", 5000 + one.number) for one in CLASS]
    rows = [[unicodedata.normalize("NFC", str(cell)) for cell in row] for row in rows]
    write_roster(course, [*rows, *((one, one, "Away", f"{one}@example.org", 1) for one in ABSENT)])
    (course / "due.csv").write_text(f"assignment,due\nlesson_{LESSON},{DUE:%Y-%m-%d %H:%M:%S} UTC\n")
    set_limits(course / "nbgrader_config.py")
    run(course, "generate_assignment", f"lesson_{LESSON}")
    release = (course / f"release/lesson_{LESSON}/{LESSON}.ipynb").read_text()
    fill_folders(CLASS, release, (course / "numbers_key.txt").read_text().strip())
    (place / "moodle.zip").write_bytes(archive_of(CLASS))
    done = nasedu("assignment", "collect", place / "moodle.zip", "--course", course)
    (place / "collected.txt").write_text(done.output)
    run(course, "autograde", f"lesson_{LESSON}")
    return course


def omit_exercises(source):
    """What a teacher does who wants fewer exercises."""
    notebook = json.loads(source.read_text())
    names = {f"{part}-{LESSON}-{name}" for part in ("prompt", "answer", "test") for name in ("two_networks", "impostor")}
    notebook["cells"] = [c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] not in names]
    source.write_text(json.dumps(notebook))


def set_limits(config):
    text = config.read_text()
    changes = {
        "c.Grade.seconds = 30": f"c.Grade.seconds = {patience(3):.1f}",
        "c.Grade.cell_seconds = 10": f"c.Grade.cell_seconds = {patience(1):.1f}",
        "c.Grade.megabytes = 2048": "c.Grade.megabytes = 512",
        "free_days = 0": f"free_days = {FREE}",
        "penalty_per_day = 0.0": f"penalty_per_day = {COST}",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)


@pytest.fixture(scope="module")
def graded(course):
    (assignment,) = report(course)
    return assignment


def points(student):
    return 2.0 * student.due.count("R")


def final(student):
    """Points, less what late days cost."""
    return points(student) * (1 - COST * max(0, student.days - FREE))


# ---------------------------------------------------------------------- the class


def test_it_is_a_class_of_100_with_an_honest_majority():
    assert len(CLASS) == SIZE == len({one.folder for one in CLASS})
    honest = [one for one in CLASS if one.due == "RRR"]
    assert len(honest) > SIZE / 2
    print(sum(one.kind == "honest" for one in CLASS))


@pytest.mark.parametrize("student", CLASS, ids=lambda one: f"{one.number}-{one.kind}")
def test_each_gets_what_is_due_with_the_reason(student, graded):
    lines = {line.exercise: line for line in graded.of(who(student))}
    assert {name: lines[name].status for name in GRADED} == dict(zip(GRADED, map(STATUS.get, student.due), strict=True)), lines
    assert graded.points(who(student)) == points(student)
    assert graded.late.get(who(student)) is None if not student.days else graded.late[who(student)].days == student.days
    assert all(line.message for line in lines.values() if line.status not in ("right", "not attempted"))


@pytest.mark.parametrize("student", [one for one in CLASS if one.words], ids=lambda one: one.kind)
def test_the_reason_says_what_happened(student, course, graded):
    lines = graded.of(who(student))
    said = [words for line in lines for words in (line.message, *line.notes)]
    said += [line for line in (course.parent / "collected.txt").read_text().splitlines() if f" {who(student)}:" in line]
    assert student.words in " ".join(said), said


def test_everybody_is_in_the_report_once_and_who_is_away_too(graded):
    assert sorted(graded.students) == sorted([*map(who, CLASS), *TWINS, *ABSENT])
    for one in (*TWINS, *ABSENT):
        assert {line.status for line in graded.of(one)} == {"not handed in"}
