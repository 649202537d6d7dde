"""`nasedu handin check`: what a student learns about a notebook before it is handed in."""

import json
import sys

import pytest
from typer.testing import CliRunner

from nasedu.cli import app
from tests.classroom.grading.submissions import EXERCISES, HONEST, release

SOLVED = {name: exercise.solved for name, exercise in EXERCISES.items()}


@pytest.fixture
def check(tmp_path):
    def check(data, name="00.ipynb"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return CliRunner().invoke(app, ["handin", "check", str(path)])

    return check


def test_a_complete_notebook_can_be_handed_in(check):
    done = check(release(**SOLVED))
    assert done.exit_code == 0
    assert done.stdout.startswith("00.ipynb: ")
    assert "kB, 4 of 4 answered" in done.stdout
    assert "It can be handed in" in done.stdout


def test_it_says_how_many_are_answered_and_never_what_is_right(check):
    wrong = check(release(**{**SOLVED, "standard_error": "def standard_error(p, n):\n    return 0"}))
    assert "4 of 4" in wrong.stdout
    done = check(release(standard_error=HONEST))
    assert done.exit_code == 1
    assert "1 of 4 answered" in done.stdout
    assert "my_network: not answered" in done.stdout


def without_names(notebook):
    for cell in notebook["cells"]:
        cell.update(metadata={}, id="x")
    return notebook


def test_it_finds_answers_as_grading_does(check):
    assert "4 of 4 answered" in check(without_names(release(**SOLVED))).stdout
    assert "a platform has dropped the names" in check(without_names(release(**SOLVED))).stdout
    pasted = {"cells": [{"cell_type": "code", "source": source} for source in SOLVED.values()]}
    assert "4 of 4 answered" in check(pasted).stdout
    magic = release(**{**SOLVED, "standard_error": f"%timeit 1\n!ls\n{HONEST}\nstandard_error?"})
    assert "4 of 4 answered" in check(magic).stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda nb: release(**{**SOLVED, "standard_error": "def standard_error(p, n:\n    return 0"}), "is no Python"),
        (lambda nb: {**nb, "cells": [c for c in nb["cells"] if "network" not in c["id"]]}, None),
        (lambda nb: {**nb, "cells": [c for c in nb["cells"] if c["id"] != "answer-00-my_network"]}, "cell is gone"),
        (lambda nb: {**nb, "cells": [c for c in nb["cells"] if c["id"] != "test-00-my_network"]}, "checks are gone"),
        (lambda nb: {"cells": [{"cell_type": "code", "source": "x = 1"}]}, "no exercise of a lesson"),
        (lambda nb: b"{", "damaged or not whole"),
        (lambda nb: b"%PDF", "a PDF file"),
    ],
)
def test_it_says_what_is_missing_or_odd(change, says, check):
    done = check(change(release(**SOLVED)))
    assert (says or "3 of 3 answered") in done.stdout


@pytest.mark.parametrize("name", ["00 (1).ipynb", "00.IPYNB", "00-Copy1.ipynb", "final.ipynb", "00.ipynb.txt"])
def test_it_says_which_name_the_file_should_have(name, check):
    done = check(release(**SOLVED), name)
    assert f"it is called {name}; hand it in as 00.ipynb" in done.stdout
    assert done.exit_code == 0, "grading renames it"


def test_it_needs_no_nbgrader(check, monkeypatch):
    for module in ("nbgrader", "nbconvert"):
        monkeypatch.setitem(sys.modules, module, None)
    assert check(release(**SOLVED)).exit_code == 0


def test_a_file_that_is_not_there_is_an_error():
    done = CliRunner().invoke(app, ["handin", "check", "nowhere.ipynb"])
    assert done.exit_code == 2
    assert "cannot be read" in done.stderr


def own(source):
    """A course's own exercise, as its notebook gives it out: neither stub nor check is on the student's machine."""
    marks = [{"nbgrader": {"grade_id": f"{part}-own-spread"}} for part in ("answer", "test")]
    cells = [{"cell_type": "code", "source": source, "metadata": marks[0]}]
    return {"cells": [*cells, {"cell_type": "code", "source": "assert spread", "metadata": marks[1]}]}


@pytest.mark.parametrize(
    ("source", "answered"), [("def spread(x):\n    ...", 0), ("def spread(x):\n    return 1", 1), ("", 0)]
)
def test_exercises_of_a_courses_own_are_counted_too(source, answered, check):
    assert f"{answered} of 1 answered" in check(own(source)).stdout


def test_own_numbers_need_a_name(check):
    notebook = release(**SOLVED)
    notebook["cells"].insert(1, {"cell_type": "code", "source": "student = ..."})
    done = check(notebook)
    assert "your name is missing" in done.stdout
    assert done.exit_code == 1
