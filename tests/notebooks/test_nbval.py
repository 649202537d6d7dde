"""What `make test` notices when it runs a lesson: an error, also inside a widget, and other output where marked."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

CALLBACK = """\
import ipywidgets
button = ipywidgets.Button()
button.on_click(lambda _: 1 / 0)
button.click()"""

MESSAGE = """\
import nasedu.widgets.base as base, traitlets
class Broken(base.Widget):
    _esm = "export default {}"
    def words(self): return "words"
    def static(self): return "<p>picture</p>"
widget = Broken()
widget.on_msg(lambda *_: 1 / 0)
widget._handle_custom_msg({"work": 1}, [])"""

OBSERVER = """\
import ipywidgets
slider = ipywidgets.IntSlider()
slider.observe(lambda _: 1 / 0, "value")
slider.value = 3"""


def command():
    """The line of the Makefile that runs the lessons, with this Python, for one notebook."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(
        r"^\tOMP_NUM_THREADS=1 \$\(BIN\)/python (.*) -n 2 --dist loadscope (--nbval-lax .*) notebooks$", makefile, re.M
    )
    return [sys.executable, *" ".join(line).split(), "-p", "no:cacheprovider"]


def nbval(folder, *cells):
    """Run a notebook of such cells, each (source, tags, recorded output); what nbval says of it."""
    made = []
    for source, tags, recorded in cells:
        outputs = [nbformat.v4.new_output("stream", text=recorded)] if recorded else []
        cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags}, outputs=outputs, execution_count=1)
        made.append(cell)
    path = folder / "99_lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    done = subprocess.run([*command(), path], cwd=ROOT, capture_output=True, text=True)
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
