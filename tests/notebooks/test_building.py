"""How lessons are built and checked, on a lesson of four cells."""

import base64
import json
import re

import nbformat
import pytest

from nasedu.core import BadValue, NaseduError
from tools.lessons import building, checking, command, places, timings
from tools.lessons.places import sources
from tools.lessons.source import read_source

SOURCE = """\
# %% [markdown]
# # 99 · A small lesson

# %%
a = 20

# %%
print(a + 22)

# %%
a
"""


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "notebooks"
    folder.joinpath("source").mkdir(parents=True)
    write(folder, SOURCE)
    return folder


def write(folder, text):
    path = folder / "source" / "99_small.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A built lesson, and what one run of it took; built once, since a kernel takes a second to start."""
    folder = tmp_path_factory.mktemp("built")
    folder.joinpath("source").mkdir()
    write(folder, SOURCE)
    return folder, building.build_all(folder)["99_small"]


@pytest.fixture
def copy(built, notebooks):
    """The built lesson in a folder of its own, to be spoiled."""
    (notebooks / "99_small.ipynb").write_bytes((built[0] / "99_small.ipynb").read_bytes())
    return notebooks


def complaints(folder):
    return "; ".join(checking.check_all(folder)["99_small"])


def spoil(folder, change):
    path = folder / "99_small.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


# ---------------------------------------------------------------------- building


def test_a_built_lesson_has_its_outputs_and_is_in_order(built):
    folder, timing = built
    cells = json.loads((folder / "99_small.ipynb").read_text(encoding="utf-8"))["cells"]
    assert cells[2]["outputs"][0]["text"] == ["42\n"] or cells[2]["outputs"][0]["text"] == "42\n"
    assert [cell["execution_count"] for cell in cells[1:]] == [1, 2, 3]
    assert not complaints(folder)
    assert timing.megabytes > 10


def test_nothing_in_a_notebook_tells_when_or_where_it_was_built(built):
    text = (built[0] / "99_small.ipynb").read_text(encoding="utf-8")
    assert str(built[0]) not in text
    assert "version" not in json.loads(text)["metadata"]["language_info"]
    assert "iopub" not in text
    assert [cell["id"] for cell in json.loads(text)["cells"]] == ["cell-000", "cell-001", "cell-002", "cell-003"]


def test_run_times_are_written_down_and_lines_of_other_lessons_kept(built):
    folder, timing = built
    page = (folder / "TIMINGS.md").read_text(encoding="utf-8")
    assert re.search(r"^\| 99_small \| +\d+ \| \d+ \| \d+ \| \d+ \|$", page, re.M)
    write(folder, SOURCE)
    (folder / "source" / "98_other.py").write_text(SOURCE, encoding="utf-8")
    (folder / "98_other.ipynb").write_text("", encoding="utf-8")
    timings.record(folder, {"98_other": timing})
    lines = (folder / "TIMINGS.md").read_text(encoding="utf-8").splitlines()[-2:]
    (folder / "source" / "98_other.py").unlink()
    (folder / "98_other.ipynb").unlink()
    assert lines[0].startswith("| 98_other |")
    assert lines[1] in page


FAULTS = (
    {"1 / 0": "cell 4 ended in ZeroDivisionError: division by zero"},
    {"open('left.db', 'w').close()": "leaves left.db behind: write into a tempfile.TemporaryDirectory()"},
    {
        "import sys; print('careful', file=sys.stderr)": "cell 4 printed a warning: 'careful'",
        "print('/' + 'home/somebody')": "cell 5 shows a path or an address: '/home/somebody",
        "object()": "cell 6 shows a path or an address: '0x",
        "from IPython.display import HTML; HTML('<img src=\"https:' + '//a.org/b.png\">')": "cell 7 loads something",
    },
)
"""Those of one lesson are all told at once: each lesson starts a kernel."""


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: next(iter(faults)))
def test_a_lesson_with_a_fault_is_not_built_and_the_old_notebook_stays(copy, faults):
    before = (copy / "99_small.ipynb").read_bytes()
    write(copy, SOURCE + "".join(f"\n# %%\n{cell}\n" for cell in faults))
    with pytest.raises(NaseduError) as told:
        building.build_all(copy)
    assert not [message for message in faults.values() if message not in str(told.value)], told.value
    assert (copy / "99_small.ipynb").read_bytes() == before
    assert not (copy / "TIMINGS.md").exists()


def test_an_unknown_name_lists_the_lessons(notebooks):
    with pytest.raises(BadValue, match="no lesson begins with 42; there are: 99_small"):
        building.build_all(notebooks, ["42"])


# ---------------------------------------------------------------------- checking


def test_a_cell_that_differs_from_its_source_is_named(copy):
    write(copy, SOURCE.replace("a = 20", "a = 21"))
    assert complaints(copy) == "cell 1 differs from its source: 'a = 21': run `python -m tools.lessons build`"


def test_a_cell_too_many_is_noticed(copy):
    write(copy, SOURCE + "\n# %%\nb = 1\n")
    assert "the source has 5 cells, the notebook 4" in complaints(copy)


def test_a_changed_sentence_is_noticed_too(copy):
    write(copy, SOURCE.replace("small", "large"))
    assert "cell 0 differs" in complaints(copy)


def test_a_tag_that_the_notebook_does_not_have_is_noticed(copy):
    write(copy, SOURCE.replace("# %%\nprint", '# %% tags=["nbval-check-output"]\nprint'))
    assert "cell 2 has other tags than its source" in complaints(copy)


def test_prose_is_taken_over_without_running_anything(copy):
    source = write(copy, SOURCE.replace("A small lesson", "A short lesson"))
    building.reword(source)
    assert not complaints(copy)
    text = (copy / "99_small.ipynb").read_text(encoding="utf-8")
    assert "A short lesson" in text
    assert "42" in text


def test_changed_code_is_not_taken_over_without_running_it(copy):
    with pytest.raises(BadValue, match=r"the code of 99_small.py has changed: run `python -m tools.lessons build 99`"):
        building.reword(write(copy, SOURCE.replace("a = 20", "a = 21")))


def test_every_lesson_opens_on_binder_from_the_line_under_its_title(built):
    first = json.loads((built[0] / "99_small.ipynb").read_text(encoding="utf-8"))["cells"][0]
    title, empty, badge = "".join(first["source"]).splitlines()
    assert (title, empty) == ("# 99 · A small lesson", "")
    assert f"https://mybinder.org/v2/gh/{places.REPOSITORY}/HEAD?urlpath=lab/tree/notebooks/99_small.ipynb" in badge
    (picture,) = re.findall(r"!\[Open this lesson on Binder\]\(attachment:([\w.]+)\)", badge)
    assert base64.b64decode(first["attachments"][picture]["image/png"]).startswith(b"\x89PNG")


def test_a_lesson_that_runs_in_a_browser_says_so_under_its_title():
    for source in sources(places.NOTEBOOKS):
        first = read_source(source).cells[0]
        listed = source.stem.startswith(places.IN_BROWSER)
        assert (f"{places.SITE}/lite/lab/index.html?path={source.stem}.ipynb" in first.source) == listed
        assert len(first.attachments) == 1 + listed


def test_a_badge_that_lost_its_picture_is_noticed(copy):
    spoil(copy, lambda cells: cells[0].pop("attachments"))
    assert "cell 0 differs from its source" in complaints(copy)


def test_a_cell_that_was_not_run_is_noticed(copy):
    spoil(copy, lambda cells: cells[1].update(execution_count=None))
    assert complaints(copy) == "cell 1 was not run"


def test_an_error_is_noticed(copy):
    error = {"output_type": "error", "ename": "KeyError", "evalue": "b", "traceback": []}
    spoil(copy, lambda cells: cells[3].update(outputs=[error]))
    assert complaints(copy) == "cell 3 ended in KeyError: b"


def test_a_notebook_that_is_too_large_is_noticed(copy):
    stream = {"output_type": "stream", "name": "stdout", "text": "x" * checking.MOST_BYTES}
    spoil(copy, lambda cells: cells[3].update(outputs=[stream]))
    assert re.fullmatch(r"it takes 1,00\d,\d+ bytes; at most 1,000,000", complaints(copy))


def test_a_missing_notebook_and_one_without_a_source_are_noticed(notebooks):
    (notebooks / "42_lost.ipynb").write_text("{}")
    found = checking.check_all(notebooks)
    assert found["99_small"] == ["99_small.ipynb is missing: run `python -m tools.lessons build`"]
    assert found["42_lost"] == ["has no source: notebooks/source/42_lost.py is missing"]


EXPLORES = """\
# %% [markdown]
# # 98 · An explorer

# %%
from nasedu import spaces, tasks
from nasedu.widgets import Explorer

Explorer(spaces.load("mlp", tasks.load("digits"), widths=(8,), depth=1), architecture=("8-relu",))

# %%
1 + 1
"""


def test_an_explorer_of_a_built_lesson_needs_no_kernel(notebooks):
    path = notebooks / "source" / "98_explores.py"
    path.write_text(EXPLORES, encoding="utf-8")
    building.build(path)
    _, cell, last = nbformat.read(notebooks / "98_explores.ipynb", as_version=4).cells
    (still,) = cell.outputs
    assert still.data["text/plain"].startswith("Explorer: 8-relu")
    assert "data-nasedu=" in still.data["text/html"]
    assert [output.data["text/plain"] for output in last.outputs] == ["2"], "what records is no cell of the lesson"


def test_the_picture_of_a_widget_stays_and_its_dead_model_goes():
    view = {building.WIDGET_VIEW: {"model_id": "a"}}
    bundles = [{**view, "text/html": "<p>picture</p>"}, {**view, "text/html": "", "text/plain": ""}]
    outputs = [nbformat.v4.new_output("display_data", data=data) for data in bundles]
    outputs.append(nbformat.v4.new_output("stream", name="stdout", text="words"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("w", outputs=outputs)])
    building.clean(notebook)
    shown, printed = notebook.cells[0].outputs
    assert shown.data == {"text/html": "<p>picture</p>"}
    assert printed.text == "words"


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("<ax at 0x7f1df0e080d0>", True),
        ("File /home/somebody/x.py", True),
        ("C:\\Users\\somebody", True),
        ("pool3/2 and a/home/b", False),
        ("https://example.org/home/x", False),
        ("0x10", False),
    ],
)
def test_what_counts_as_a_trace_of_a_machine(text, trace):
    assert bool(checking.MACHINE.search(text)) == trace


@pytest.mark.parametrize(
    ("text", "fetches"),
    [
        ('<img src="https://a.org/b.png">', True),
        ("<script src='//a.org/b.js'></script>", True),
        ('<link rel="stylesheet" href="x.css">', True),
        ("@import 'x.css'", True),
        ('<image xlink:href="http://a.org/b.png"/>', True),
        ("a { background: url(https://a.org/b.png) }", True),
        ('<a href="https://a.org">paper</a>', False),
        ('<img src="data:image/png;base64,AAAA">', False),
        ('<svg xmlns="http://www.w3.org/2000/svg">', False),
        ("url(#gradient)", False),
    ],
)
def test_what_counts_as_loading_from_elsewhere(text, fetches):
    assert bool(checking.ELSEWHERE.search(text)) == fetches


def test_the_command_says_what_it_can_do(capsys):
    assert command.main(["bake"]) == 2
    assert "build 00" in capsys.readouterr().err
