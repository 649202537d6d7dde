"""A course from its first command to the marks: real submissions through nbgrader itself."""

import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from nasedu.classroom.grading.ask import exercises
from nasedu.classroom.grading.folders import prepare
from nasedu.classroom.grading.notebook import source_notebook
from nasedu.classroom.grading.origin import problem_of
from nasedu.classroom.grading.report import report
from nasedu.classroom.lessons.lesson_03 import exercises as lesson_03
from nasedu.cli import app
from tests.classroom.grading.attacks import HONEST
from tests.classroom.grading.nbgrader import ENVIRONMENT, run
from tests.patience import patience

EXERCISES = exercises("00")
SOLVED = {name: exercise.solved for name, exercise in EXERCISES.items()}
WRONG = "def standard_error(p, n):\n    return p * (1 - p) / n"


# ---------------------------------------------------------------------- what students hand in


def fill(notebook, answers):
    for cell in notebook["cells"]:
        name = cell["metadata"]["nbgrader"]["grade_id"].removeprefix("answer-00-")
        if name in answers:
            cell["source"] = answers[name]
    return notebook


def place(notebook, name):
    return next(n for n, cell in enumerate(notebook["cells"]) if cell["metadata"]["nbgrader"]["grade_id"] == name)


def copied(notebook):
    """The answer twice, the second copy untouched below the test; the test twice as well."""
    here = place(notebook, "test-00-standard_error")
    twice = [copy.deepcopy(notebook["cells"][here - 1]), copy.deepcopy(notebook["cells"][here])]
    twice[0]["source"] = EXERCISES["standard_error"].stub
    for number, cell in enumerate(twice):
        cell["id"] = f"copy-{number}"
    notebook["cells"][here + 1 : here + 1] = twice
    return notebook


def deleted(notebook, *names):
    notebook["cells"] = [c for c in notebook["cells"] if c["metadata"]["nbgrader"]["grade_id"] not in names]
    return notebook


def moved(notebook):
    cells = notebook["cells"]
    cells.append(cells.pop(place(notebook, "answer-00-standard_error")))
    return notebook


def retyped(notebook):
    cell = notebook["cells"][place(notebook, "answer-00-standard_error")]
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    return notebook


def forged(notebook):
    """Marks of its own: no test, a thousand points, a version from the future, an output that looks like a score."""
    cell = notebook["cells"][place(notebook, "test-00-standard_error")]
    cell["metadata"]["nbgrader"] |= {"schema_version": 99, "points": 1000, "solution": True, "locked": False}
    cell["source"] = "1000"
    result = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "1000"}}
    cell["outputs"] = [result]
    other = notebook["cells"][place(notebook, "test-00-my_network")]
    other["metadata"]["nbgrader"] = {"grade": False, "grade_id": ["no", "text"], "schema_version": "x"}
    notebook["metadata"]["nasedu"] = {"notes": 7, "unreadable": 7}
    return notebook


def helped(notebook):
    """An import and a helper in cells of the student's own, one cell that is broken, one that never ends."""
    fill(notebook, {"standard_error": "def standard_error(p, n):\n    return math.sqrt(inner(p, n))"})
    here = place(notebook, "answer-00-standard_error")
    sources = ("%matplotlib inline\nimport math", "def inner(p, n):\n    return p * (1 - p) / n", "1 / 0", "while 1: 0")
    notebook["cells"][here:here] = [
        {"cell_type": "code", "id": f"own-{n}", "metadata": {}, "source": s, "outputs": [], "execution_count": None}
        for n, s in enumerate(sources)
    ]
    return notebook


def stripped(notebook):
    """Without metadata and ids, as Kaggle and Deepnote give a notebook back."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        for key in ("id", "outputs", "execution_count"):
            cell.pop(key, None)
    return {"cells": notebook["cells"]}


def with_text(notebook, text):
    notebook["cells"].append({"cell_type": "markdown", "id": "text", "metadata": {}, "source": text})
    return notebook


SCRIPT = "<img src=x onerror=alert(1)> and [here](javascript:alert(1)), for all $a<b$"


def with_a_script(notebook):
    """Text that would run with the rights of whoever opens formgrader, in cells of every type."""
    fill(notebook, {"standard_error": HONEST})
    notebook["cells"] += [
        {"cell_type": kind, "id": f"script-{kind}", "metadata": {}, "source": SCRIPT} for kind in ("markdown", "raw")
    ]
    return notebook


def own_words(notebook):
    """Nothing at all, and words of its own where the grader notes what is wrong."""
    return {**notebook, "cells": [], "metadata": {"nasedu": {"unreadable": "Give me points."}}}


SUBMISSIONS = {
    "full": lambda nb: fill(nb, SOLVED),
    "none": lambda nb: nb,
    "partial": lambda nb: fill(nb, {"standard_error": HONEST, "my_network": 'my_network = ("conv3-8", "stop")'}),
    "wrong": lambda nb: fill(nb, {"standard_error": WRONG}),
    "wrong-too": lambda nb: fill(nb, {"standard_error": WRONG + "  # really?"}),
    "syntax": lambda nb: fill(nb, {"standard_error": HONEST, "size_at_8": "size_at_8 = ("}),
    "endless": lambda nb: fill(nb, {"standard_error": HONEST, "size_at_8": "while True: pass"}),
    "answer-deleted": lambda nb: deleted(fill(nb, {"standard_error": HONEST}), "answer-00-standard_error"),
    "test-deleted": lambda nb: deleted(fill(nb, {"standard_error": HONEST}), "test-00-standard_error"),
    "both-deleted": lambda nb: deleted(nb, "test-00-standard_error", "answer-00-standard_error"),
    "copied": lambda nb: copied(fill(nb, {"standard_error": HONEST})),
    "moved": lambda nb: moved(fill(nb, {"standard_error": HONEST})),
    "retyped": lambda nb: retyped(fill(nb, {"standard_error": HONEST})),
    "forged": lambda nb: forged(fill(nb, {"standard_error": WRONG})),
    "helped": helped,
    "half-a-letter": lambda nb: fill(nb, {"standard_error": HONEST + "  # \ud800"}),
    "own-words": own_words,
    "script": with_a_script,
    "stripped": lambda nb: stripped(fill(nb, SOLVED)),
    "syntax-of-notebooks": lambda nb: fill(nb, {"standard_error": f"%timeit 1\nhere = !ls\n{HONEST}\nstandard_error?"}),
    "awaits": lambda nb: fill(nb, {"standard_error": f"{HONEST}\nimport asyncio\nawait asyncio.sleep(0.001)"}),
    "tangled": lambda nb: with_text(fill(nb, {"standard_error": HONEST}), "> - " * 150 + "a"),
    "many-cells": lambda nb: {**nb, "cells": nb["cells"] * 200},
    "many-letters": lambda nb: {**nb, "cells": nb["cells"] + [{**nb["cells"][0], "source": "x;" * 24_000}] * 7},
    "long-cell": lambda nb: fill(nb, {"standard_error": HONEST + "\n#" + "x" * 60_000}),
}
FILES = {
    "broken": '{"cells": [',
    "no-notebook": '{"cells": [{"cell_type": "poem"}], "metadata": 3}',
    "nested": "[" * 100_000,
    "empty": "",
}
TIMES = {  # what students write into timestamp.txt
    "partial": "2026-11-02 10:00:00 UTC",
    "wrong": "tomorrow",
    "wrong-too": "9" * 26,
    "syntax": "x" * 1000,
    "endless": "9999-12-31 23:59:59 UTC",
}
STANDARD_ERROR = {  # student: status, points
    "full": ("right", 1),
    "half-a-letter": ("right", 1),
    "own-words": ("not attempted", 0),
    "script": ("right", 1),
    "stripped": ("right", 1),
    "syntax-of-notebooks": ("right", 1),
    "awaits": ("right", 1),
    "tangled": ("right", 1),
    "(glob)": ("right", 1),
    "other-file": ("unreadable", 0),
    "many-cells": ("unreadable", 0),
    "many-letters": ("unreadable", 0),
    "long-cell": ("wrong", 0),
    "none": ("not attempted", 0),
    "partial": ("right", 1),
    "wrong": ("wrong", 0),
    "wrong-too": ("wrong", 0),
    "syntax": ("right", 1),
    "endless": ("right", 1),
    "answer-deleted": ("not attempted", 0),
    "test-deleted": ("right", 1),
    "both-deleted": ("not attempted", 0),
    "copied": ("right", 1),
    "moved": ("right", 1),
    "retyped": ("right", 1),
    "forged": ("wrong", 0),
    "helped": ("right", 1),
    "broken": ("unreadable", 0),
    "no-notebook": ("unreadable", 0),
    "nested": ("unreadable", 0),
    "empty": ("unreadable", 0),
    "another-name": ("right", 1),
    "two-names": ("unreadable", 0),
    "too-late": ("not graded", 0),
    "link": ("unreadable", 0),
    "link-above": ("unreadable", 0),
    "link-beside": ("right", 1),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which all of them were graded."""
    course = tmp_path_factory.mktemp("school") / "course"
    made = CliRunner().invoke(app, ["assignment", "create", "00", "--out", str(course)])
    assert made.exit_code == 0, made.output
    config = course / "nbgrader_config.py"
    text = config.read_text().replace("c.Grade.seconds = 30", f"c.Grade.seconds = {patience(4):.0f}")
    config.write_text(text.replace("c.Grade.cell_seconds = 10", f"c.Grade.cell_seconds = {patience(1):.2f}"))
    run(course, "generate_assignment", "lesson_00")
    release = (course / "release/lesson_00/00.ipynb").read_text()
    for student, change in SUBMISSIONS.items():
        hand_in(course, student).write_text(json.dumps(change(json.loads(release))))
    for student, text in FILES.items():
        hand_in(course, student).write_text(text)
    hand_in(course, "link").symlink_to("../../../source/lesson_00/00.ipynb")
    (course / "submitted/link-above").mkdir()
    (course / "submitted/link-above/lesson_00").symlink_to("../../source/lesson_00")
    beside = hand_in(course, "link-beside")
    beside.write_text(json.dumps(fill(json.loads(release), {"standard_error": HONEST})))
    beside.with_name("data.csv").symlink_to("../../../gradebook.db")
    os.mkfifo(beside.with_name("pipe"))
    for student, text in TIMES.items():
        (course / "submitted" / student / "lesson_00/timestamp.txt").write_text(text)
    beside.with_name("page.html").write_text("<script>alert(1)</script>")
    beside.with_name("picture.SVG").write_text("<svg onload='alert(1)'/>")
    beside.with_name("00.html").mkdir()
    beside.with_name("00.html").joinpath("notes").write_text("mine")
    beside.with_name("timestamp.txt").symlink_to("../../partial/lesson_00/timestamp.txt")
    honest = json.dumps(fill(json.loads(release), {"standard_error": HONEST}))
    hand_in(course, "another-name").with_name("00 (1).ipynb").write_text(honest)
    hand_in(course, "[glob]").with_name("00.IPYNB").write_text("\ufeff" + honest)
    hand_in(course, "other-file").with_name("essay.pdf").write_text("%PDF")
    two = hand_in(course, "two-names")
    for name in ("first.ipynb", "final.ipynb"):
        two.with_name(name).write_text(honest)
    command = [sys.executable, "-m", "nbgrader", "autograde", "lesson_00"]
    environment = os.environ | ENVIRONMENT
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, timeout=patience(300))
    assert done.returncode == 0, done.stderr[-3000:]
    # what came after the class was graded
    hand_in(course, "too-late").write_text(release)
    return course


def hand_in(course, student):
    folder = course / "submitted" / student / "lesson_00"
    folder.mkdir(parents=True)
    return folder / "00.ipynb"


@pytest.fixture(scope="module")
def feedback(course):
    """The pages that students get."""
    run(course, "generate_feedback", "lesson_00")
    return course / "feedback"


@pytest.fixture(scope="module")
def graded(course):
    (assignment,) = report(course)
    return assignment


# ---------------------------------------------------------------------- what becomes of it


def test_the_source_passes_its_tests_and_the_release_none(course):
    assert "Success! Your notebook passes all" in run(course, "validate", "source/lesson_00/00.ipynb")
    assert "does not pass any tests" in run(course, "validate", "--invert", "release/lesson_00/00.ipynb")


def test_students_get_the_stubs_and_no_hidden_test(course):
    cells = json.loads((course / "release/lesson_00/00.ipynb").read_text())["cells"]
    by_name = {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in cells}
    for name, exercise in EXERCISES.items():
        assert by_name[f"answer-00-{name}"] == exercise.stub
        assert by_name[f"prompt-00-{name}"] == exercise.prompt
    text = "".join(by_name.values())
    assert "HIDDEN" not in text
    assert "SOLUTION" not in text
    assert "times=3" in (course / "source/lesson_00/00.ipynb").read_text()


def test_a_listing_that_is_asked_about_comes_along():
    exercises = {exercise.name: exercise for exercise in lesson_03.exercises}
    cells = {cell["id"]: cell["source"] for cell in source_notebook("03", exercises, 1, 10)["cells"]}
    question = cells["prompt-03-faults"]
    assert question.startswith(lesson_03.faults.prompt)
    for letter in "abcdefghijklm":
        assert question.count(f"({letter})\n") == 1, letter
    assert cells["prompt-03-enough"] == lesson_03.enough.prompt


@pytest.mark.parametrize("student", STANDARD_ERROR)
def test_each_gets_what_is_due(student, graded):
    line = graded.line(student, "standard_error")
    assert (line.status, line.points) == STANDARD_ERROR[student], line


def test_points_add_up_in_nbgraders_own_table(course):
    run(course, "export")
    with (course / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    graded = {student: points for student, (status, points) in STANDARD_ERROR.items() if status != "not graded"}
    assert scores == {**graded, "full": 4, "stripped": 4}


@pytest.mark.parametrize(
    ("student", "exercise", "status", "words"),
    [
        ("partial", "my_network", "wrong", "at most 1,000 are allowed"),
        ("syntax", "size_at_8", "wrong", "SyntaxError"),
        ("endless", "size_at_8", "stopped", "took longer than"),
        ("forged", "my_network", "not attempted", ""),
        ("link", "my_network", "unreadable", "symbolic link"),
        ("link-above", "my_network", "unreadable", "symbolic link"),
        ("broken", "my_network", "unreadable", "damaged or not whole, from line 1 on"),
        ("no-notebook", "my_network", "unreadable", "could not be read as a notebook"),
        ("empty", "my_network", "unreadable", "it is empty"),
        ("two-names", "my_network", "unreadable", "called final.ipynb and first.ipynb: hand in one file"),
        ("other-file", "my_network", "unreadable", "No notebook was handed in, only essay.pdf. Hand in 00.ipynb."),
        ("many-cells", "my_network", "unreadable", "cells, and 2,000 are read"),
        ("many-letters", "my_network", "unreadable", "characters, and 300,000 are read"),
        ("too-late", "my_network", "not graded", ""),
    ],
)
def test_the_sentence_says_what_happened(student, exercise, status, words, graded):
    line = graded.line(student, exercise)
    assert line.status == status
    assert words in line.message


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("answer-deleted", "cell for this answer is gone"),
        ("test-deleted", "test was gone"),
        ("copied", "is there 2 times"),
        ("moved", "stands below its test"),
        ("retyped", "no code cell any more"),
        ("helped", "One other cell above this answer took too long or ended the program"),
    ],
)
def test_what_was_odd_is_noted(student, note, graded):
    assert note in " ".join(graded.line(student, "standard_error").notes)


def test_the_feedback_holds_the_sentence_and_no_other_students_files(course, feedback):
    page = (feedback / "wrong/lesson_00/00.html").read_text()
    assert "the root is missing" in " ".join(page.split())
    copies = list(course.glob("*/link-beside/lesson_00/data.csv"))
    assert len(copies) == 3
    for copy_ in copies:
        assert copy_.read_text().startswith("This was a symbolic link to")


def test_what_lies_beside_is_served_as_text(course, feedback):
    for place in ("autograded", "feedback"):
        beside = {path.name for path in (course / place / "link-beside/lesson_00").rglob("*") if path.is_file()}
        kept = {"data.csv", "page.html.txt", "picture.SVG.txt", "notes.txt"}
        assert beside - {"timestamp-unreadable.txt"} == kept | {"00.ipynb" if place == "autograded" else "00.html"}


def test_one_folder_that_cannot_be_put_in_order_does_not_stop_the_class(tmp_path, monkeypatch):
    for student in ("ann", "bob", "cleo"):
        hand_in(tmp_path, student).with_name("00 (1).ipynb").write_text("{}")
    given = tmp_path / "source/lesson_00/00.ipynb"
    given.parent.mkdir(parents=True)
    given.write_text("{}")
    replace = Path.replace
    refused = PermissionError(13, "Permission denied")

    def no_bobs(path, target):
        if "bob" in path.parts:
            raise refused
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", no_bobs)
    prepare(tmp_path)
    found = {path.parts[-3]: path.name for path in tmp_path.glob("submitted/*/*/*.ipynb")}
    assert found == {"ann": "00.ipynb", "bob": "00 (1).ipynb", "cleo": "00.ipynb"}


def test_a_time_that_is_none_is_set_aside_and_one_that_is_counts(course):
    aside = {path.parts[-3]: path.read_text() for path in course.glob("submitted/*/*/timestamp-unreadable*.txt")}
    assert aside.pop("link-beside").startswith("This was a symbolic link to"), "a link is no time, wherever it leads"
    assert aside == {student: text for student, text in TIMES.items() if student != "partial"}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        times = {student: gradebook.find_submission("lesson_00", student).timestamp for student in TIMES}
    assert str(times.pop("partial")) == "2026-11-02 10:00:00"
    assert set(times.values()) == {None}


def test_nothing_that_a_student_writes_runs_where_the_work_is_read(course, feedback):
    notebook = json.loads((course / "autograded/script/lesson_00/00.ipynb").read_text())
    kinds = [cell["cell_type"] for cell in notebook["cells"] if "onerror" in "".join(cell["source"])]
    assert kinds == ["markdown", "raw"]
    page = (feedback / "script/lesson_00/00.html").read_text()
    assert "onerror" in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert "Shown as it was written" in (feedback / "tangled/lesson_00/00.html").read_text()
    assert len(list(feedback.glob("*/lesson_00/00.html"))) == len(STANDARD_ERROR) - 1, "a page for everybody in time"
    long = (feedback / "long-cell/lesson_00/00.html").read_text()
    assert "Left out: this cell had 60," in long


def test_a_bad_time_that_comes_later_does_not_stop_the_class_either(course):
    (course / "submitted/full/lesson_00/timestamp.txt").write_text("soon")
    assert "holds no time" in run(course, "autograde", "lesson_00", "--student", "full")


def test_the_report_says_who_is_stuck_where(course, graded):
    (message, who), *_ = graded.stuck("standard_error")
    assert "the root is missing" in message
    assert sorted(who) == ["forged", "wrong", "wrong-too"]
    shown = CliRunner().invoke(app, ["assignment", "report", str(course)], env={"COLUMNS": "200"}).output
    assert "3 × " in shown
    assert "4 of 4" in shown
    assert graded.line("full", "my_network").same_as_published
    assert not graded.line("partial", "my_network").same_as_published


def test_the_report_is_there_for_programs_too(course):
    (data,) = json.loads(CliRunner().invoke(app, ["assignment", "report", str(course), "--json"]).output)
    assert len(data["lines"]) == len(STANDARD_ERROR) * len(EXERCISES)
    rows = list(
        csv.DictReader(CliRunner().invoke(app, ["assignment", "report", str(course), "--csv"]).output.splitlines())
    )
    assert {row["student"] for row in rows} == set(STANDARD_ERROR)
    assert [row["points"] for row in rows if row["student"] == "full"] == ["1.0"] * 4


HANDED = {"Ann Smith_1234": "/00", "Ann Smith_77": "/00", "Bob_Lee_9": "/00", "Çelik Ö_5": "00 (1)", "Eve_6": "/00"}


def test_an_archive_of_moodles_is_collected_by_nbgrader_too(tmp_path):
    """With the work of a student who hands in for another one, and a false archive."""
    course = tmp_path / "course"
    CliRunner().invoke(app, ["assignment", "create", "00", "--out", str(course)])
    archive = course / "downloaded/lesson_00/archive/all.zip"
    archive.parent.mkdir(parents=True)
    with ZipFile(archive, "w") as file:
        for who, end in HANDED.items():
            file.writestr(f"{who}_assignsubmission_file_{end}.ipynb", "{}")
        file.writestr("Eve_6_assignsubmission_file_/Bob_Lee_9_assignsubmission_file_/00.ipynb", "of eve's")
        file.writestr("Zoe_8_assignsubmission_file_/00.zip", "no archive")
    run(course, "zip_collect", "lesson_00")
    found = {str(path.relative_to(course / "submitted")) for path in course.glob("submitted/*/*/*.ipynb")}
    assert found - {"Eve_6/lesson_00/00-2.ipynb"} == {f"{who}/lesson_00/00.ipynb" for who in (*HANDED, "Zoe_8")}
    assert "no zip archive" in problem_of(course / "submitted/Zoe_8/lesson_00/00.ipynb")


# ---------------------------------------------------------------------- what an instructor adds


def test_a_test_and_a_text_of_the_instructors_own_wait_for_a_mark(tmp_path):
    course = tmp_path / "course"
    CliRunner().invoke(app, ["assignment", "create", "00", "--out", str(course)])
    source = course / "source/lesson_00/00.ipynb"
    notebook = json.loads(source.read_text())
    marks = {"grade_id": "mine", "grade": True, "locked": True, "solution": False, "schema_version": 3, "points": 2}
    text_marks = {**marks, "grade_id": "words", "locked": False, "solution": True, "task": False}
    code = {"cell_type": "code", "id": "mine", "outputs": [], "execution_count": None, "source": "assert my_network"}
    text = {"cell_type": "markdown", "id": "words", "source": "Say why."}
    notebook["cells"] += [
        {**code, "metadata": {"nbgrader": {**marks, "task": False}}},
        {**text, "metadata": {"nbgrader": text_marks}},
    ]
    source.write_text(json.dumps(notebook))
    run(course, "generate_assignment", "lesson_00")
    answered = fill(json.loads((course / "release/lesson_00/00.ipynb").read_text()), SOLVED)
    answered["cells"][-1]["source"] = "Because it pools early."
    hand_in(course, "ann").write_text(json.dumps(answered))
    run(course, "autograde", "lesson_00")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        (book,) = gradebook.find_submission("lesson_00", "ann").notebooks
        waiting = {grade.name for grade in book.grades if grade.needs_manual_grade}
        assert waiting == {"mine", "words"}
        gradebook.find_grade("mine", "00", "lesson_00", "ann").manual_score = 1.5
        gradebook.db.commit()
    (graded,) = report(course)
    assert [(graded.line("ann", name).status, graded.line("ann", name).points) for name in ("mine", "words")] == [
        ("by hand", 1.5),
        ("by hand", 0.0),
    ]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.find_grade("mine", "00", "lesson_00", "ann").needs_manual_grade = False  # as formgrader does
        gradebook.db.commit()
    assert report(course)[0].line("ann", "mine").status == "marked"
    assert (graded.points("ann"), graded.most) == (5.5, 8)


def test_lessons_that_are_put_together_stay_apart_in_the_report(tmp_path):
    course = tmp_path / "course"
    for lesson in ("03", "08"):
        CliRunner().invoke(app, ["assignment", "create", lesson, "--out", str(course)])
    sources = [course / f"source/lesson_{lesson}/{lesson}.ipynb" for lesson in ("03", "08")]
    both, other = (json.loads(source.read_text()) for source in sources)
    cells = [*both["cells"], *other["cells"]]
    both["cells"] = [cell for cell in cells if cell["metadata"]["nbgrader"]["grade_id"].endswith("-refutation")]
    sources[0].write_text(json.dumps(both))
    run(course, "generate_assignment", "lesson_03")
    answered = json.loads((course / "release/lesson_03/03.ipynb").read_text())
    for cell in answered["cells"]:
        if cell["metadata"]["nbgrader"]["grade_id"] == "answer-08-refutation":
            cell["source"] = exercises("08")["refutation"].solved
    path = course / "submitted/ann/lesson_03/03.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(answered))
    run(course, "autograde", "lesson_03")
    graded = next(one for one in report(course) if one.name == "lesson_03")
    found = {line.exercise: (line.status, line.points) for line in graded.lines}
    assert found == {"03 refutation": ("not attempted", 0), "08 refutation": ("right", 1)}
