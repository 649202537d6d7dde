"""A class of 100, from the first command to the feedback that goes back to Moodle: everybody gets what is due."""

import csv
import io
import json
import shutil
import unicodedata
from html import unescape
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner

from nasedu.classroom.grading.report import Late, report
from nasedu.cli import app
from tests.classroom.grading.class_of_100 import (
    DUE,
    GRADED,
    KINDS,
    LESSON,
    NAMES,
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
    nasedu("assignment", "create", "08", "--out", course, "--points", 2)
    choose_exercises(course / f"source/lesson_{LESSON}/{LESSON}.ipynb", course / "source/lesson_08/08.ipynb")
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


def choose_exercises(source, other):
    """What a teacher does: omit two exercises, take one from another lesson."""
    notebook, more = (json.loads(path.read_text()) for path in (source, other))
    kept = [cell for cell in notebook["cells"] if not cell["id"].endswith(("-two_networks", "-impostor"))]
    notebook["cells"] = kept + [cell for cell in more["cells"] if cell["id"].endswith("-flips")]
    source.write_text(json.dumps(notebook))
    shutil.rmtree(other.parent)


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
    assert sum("RRR" in one.due for one in CLASS) > SIZE / 2
    assert {*KINDS, *NAMES} <= {one.kind for one in CLASS}


@pytest.mark.parametrize("student", CLASS, ids=lambda one: f"{one.number}-{one.kind}")
def test_each_gets_what_is_due_with_the_reason(student, graded):
    lines = {line.exercise: line for line in graded.of(who(student))}
    assert {name: lines[name].status for name in GRADED} == dict(
        zip(GRADED, map(STATUS.get, student.due), strict=True)
    ), lines
    assert graded.points(who(student)) == points(student)
    assert graded.late.get(who(student), Late()).days == student.days
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


def test_collection_knows_everybody_but_two_of_one_name(course):
    said = (course.parent / "collected.txt").read_text()
    assert f"moodle: {SIZE} handed in ({SIZE} new" in said
    assert said.count("nobody of this name") == len(TWINS)
    assert f"handed in nothing: {', '.join([*sorted(TWINS), *ABSENT])}\n" in said


def test_who_copies_an_unusual_answer_is_shown_whatever_was_renamed(graded):
    original, copier = (next(one for one in CLASS if one.kind == kind) for kind in ("an unusual way", "a renamed copy"))
    assert [pair.students for pair in graded.pairs] == [(original.id, copier.id)]


# ---------------------------------------------------------------------- reported


def test_the_report_shows_everybody_at_the_terminal_on_a_page_and_as_a_table(course, graded):
    shown = nasedu("assignment", "report", course, "--html", course / "class.html").stdout
    page = (course / "class.html").read_text()
    rows = list(csv.DictReader(io.StringIO(nasedu("assignment", "report", course, "--csv").stdout)))
    assert len(rows) == len(graded.students) * len(GRADED)
    assert max(map(len, shown.splitlines())) <= 80
    for student in CLASS:
        mine = [row for row in rows if row["student"] == who(student)]
        assert sum(float(row["points"]) for row in mine) == points(student)
        assert f"{points(student):.4g} of 8" in next(line for line in shown.splitlines() if who(student) in line)
        assert who(student) in page
    assert "alert(1)" not in page


# ---------------------------------------------------------------------- exported


def table(course, platform):
    text = nasedu("assignment", "report", course, "--for", platform).stdout
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell[:1] in tuple("=+-@\t\r")]
    return list(csv.DictReader(io.StringIO(text)))


COLUMNS = {"moodle": "ID number", "canvas": "ID", "gradescope": "SID"}


@pytest.mark.parametrize("platform", COLUMNS)
def test_each_platform_gets_the_points_of_each_student(platform, course):
    rows = {row[COLUMNS[platform]]: row for row in table(course, platform)}
    for student in CLASS:
        given = rows[str(5000 + student.number)][f"lesson_{LESSON}"]
        if student.id in TWINS:
            assert given == "", "nobody but the instructor knows whose points these are"
        else:
            assert float(given) == pytest.approx(final(student)), student
    assert rows["1"][f"lesson_{LESSON}"] == "", "nothing handed in: the platform keeps what it has"


def test_nbgraders_own_table_has_them_too(course):
    run(course, "export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    assert {one.id: scores.get(who(one), scores.get(f"s({one.number})+")) for one in CLASS} == {
        one.id: points(one) for one in CLASS
    }


# ---------------------------------------------------------------------- handed back


def test_feedback_goes_back_to_each_and_says_nothing_of_another(course, graded):
    run(course, "generate_feedback", f"lesson_{LESSON}")
    path = course.parent / "feedback.zip"
    said = nasedu("assignment", "feedback-archive", f"lesson_{LESSON}", "--course", course, "--out", path)
    assert f"the feedback of {SIZE} students" in said.output
    with ZipFile(path) as archive:
        pages = {name: " ".join(archive.read(name).decode().split()) for name in archive.namelist()}
    assert sorted(pages) == sorted(f"{one.folder}/{LESSON}.html" for one in CLASS)
    for one in CLASS:
        page = pages[f"{one.folder}/{LESSON}.html"]
        assert "<img src=x" not in page
        for line in graded.of(who(one)):
            if line.message:
                assert " ".join(line.message.split())[:60] in unescape(page), one
