"""The lessons where there is no browser: nbval runs them; it notices errors, also inside widgets, and other output."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.browser.jupyter import CHROMIUM
from tests.notebooks.faults import CALLBACK, MESSAGE, OBSERVER
from tests.patience import patience

ROOT = Path(__file__).parents[2]


def run(*arguments):
    """Run notebooks, each with one thread: two threads each would wait for one another."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:warnings"]
    command += ["-p", "no:cacheprovider", "--nbval-cell-timeout", str(round(patience(300)))]
    command += ["--nbval-sanitize-with", "tests/notebooks/sanitize.cfg", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True)


@pytest.mark.skipif(bool(CHROMIUM), reason="the browser runs every lesson (tests/browser/test_lessons_in_browser.py)")
def test_every_lesson_runs_as_it_was_built():
    done = run("-n", "2", "--dist", "loadscope", "notebooks")
    assert done.returncode == 0, done.stdout


def nbval(folder, *cells):
    """Run a notebook of such cells, each (source, tags, recorded output); what nbval says of it."""
    made = []
    for source, tags, recorded in cells:
        outputs = [nbformat.v4.new_output("stream", text=recorded)] if recorded else []
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags}, outputs=outputs, execution_count=1)
        made.append(cell)
    path = folder / "99_lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    done = run(path)
    return done.returncode, done.stdout


def plain(source):
    return source, [], ""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """One run over a notebook in which all kinds of cell stand, since each run starts a kernel."""
    cells = [
        plain("print('whatever', id(object()))"),
        ("print(42)", ["nbval-check-output"], "42\n"),
        ("print(43)", ["nbval-check-output"], "42\n"),
        ("print('took 1.5 s')", ["nbval-check-output"], "took 0.7 s\n"),
        plain("1 / 0"),
        plain(CALLBACK),
        plain(OBSERVER),
        plain(MESSAGE),
        plain("print('and on it goes')"),
    ]
    return nbval(tmp_path_factory.mktemp("nbval"), *cells)


@pytest.mark.parametrize(
    ("cell", "why", "passes"),
    [
        (0, "unmarked output may differ", True),
        (1, "marked output that is the same", True),
        (2, "marked output that differs", False),
        (3, "times are taken out before the comparison", True),
        (4, "an error", False),
        (5, "an error in the callback of a button", False),
        (6, "an error in an observer", False),
        (7, "an error when a message of the browser is answered", False),
        (8, "the cells after an error are run", True),
    ],
)
def test_what_fails_and_what_does_not(outcome, cell, why, passes):
    code, said = outcome
    assert code == 1
    failed = set(map(int, re.findall(r"^FAILED .*::Cell (\d+)", said, re.M)))
    assert (cell not in failed) == passes, f"{why}\n{said}"


def test_each_error_is_the_one_that_was_raised(outcome):
    _, said = outcome
    for cell in (4, 5, 6, 7):
        report = re.search(rf"Cell {cell}: Cell execution caused an exception.*?(?=Cell \d: |\Z)", said, re.S)[0]
        assert "ZeroDivisionError" in report, report
