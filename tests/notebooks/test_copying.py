"""`nasedu lessons`: lessons for somebody who has only the package."""

import json

import nbformat
import pytest
from nbformat import v4
from nbformat.sign import NotebookNotary
from typer.testing import CliRunner

from nasedu.cli import app
from nasedu.core import BadValue
from nasedu.lessons import copying, places
from nasedu.lessons.copying import copy_lessons
from nasedu.lessons.signing import sign


@pytest.fixture
def origin(tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "00_one.py").write_text("# %%\n")
    (folder / ".ipynb_checkpoints").mkdir()
    for name in ("00_one.ipynb", "01_two.ipynb", "GLOSSARY.md", "LICENSE"):
        (folder / name).write_text(name)
    return folder


def test_notebooks_and_pages_are_copied_and_nothing_else(origin, tmp_path):
    copied = copy_lessons(origin, tmp_path / "mine" / "lessons")
    assert copied.written == ("00_one.ipynb", "01_two.ipynb", "GLOSSARY.md", "LICENSE")
    assert {p.name for p in copied.target.iterdir()} == {*copied.written, copying.LIST}


def test_what_was_changed_is_kept_and_what_was_not_is_brought_up_to_date(origin, tmp_path):
    target = tmp_path / "mine"
    copy_lessons(origin, target)
    (target / "00_one.ipynb").write_text("my work")
    again = copy_lessons(origin, target)
    assert (again.written, again.kept, again.outdated) == ((), ("00_one.ipynb",), ())
    for name in ("00_one.ipynb", "01_two.ipynb"):
        (origin / name).write_text("second edition")
    again = copy_lessons(origin, target)
    assert (again.written, again.kept, again.outdated) == (("01_two.ipynb",), ("00_one.ipynb",), ("00_one.ipynb",))
    assert (target / "00_one.ipynb").read_text() == "my work"
    assert (target / "01_two.ipynb").read_text() == "second edition"


def test_the_advice_works(origin, tmp_path):
    target = tmp_path / "mine"
    copy_lessons(origin, target)
    (target / "00_one.ipynb").write_text("my work")
    assert f"(mv {target / '00_one.ipynb'} {target / '00_one-mine.ipynb'})" in copy_lessons(origin, target).advice()
    (target / "00_one.ipynb").rename(target / "00_one-mine.ipynb")
    assert copy_lessons(origin, target).written == ("00_one.ipynb",)
    assert (target / "00_one-mine.ipynb").read_text() == "my work"


def test_a_file_that_was_there_before_is_not_taken_for_a_copy(origin, tmp_path):
    target = tmp_path / "mine"
    target.mkdir()
    (target / "00_one.ipynb").write_text("somebody else's")
    assert copy_lessons(origin, target).kept == ("00_one.ipynb",)
    assert (target / "00_one.ipynb").read_text() == "somebody else's"


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"00_one.ipynb": 3}'])
def test_a_broken_list_means_that_nothing_is_known_to_be_untouched(origin, tmp_path, content):
    target = tmp_path / "mine"
    copy_lessons(origin, target)
    (target / copying.LIST).write_text(content)
    (target / "00_one.ipynb").write_text("my work")
    assert copy_lessons(origin, target).kept == ("00_one.ipynb",)
    assert json.loads((target / copying.LIST).read_text())["01_two.ipynb"]


# ---------------------------------------------------------------------- notebooks that JupyterLab saved


SOURCES = ("# Title\n\ntwo paragraphs", "import nasedu\nanswer = ...", "")


def lesson(*sources, number=1):
    """An executed notebook as the builder writes it: sources as one string each."""
    output = v4.new_output("display_data", {"text/html": f"<script>{number}</script>\n<p>"})
    made = [
        v4.new_markdown_cell(sources[0], id="title"),
        *(
            v4.new_code_cell(code, id=f"cell-{n}", outputs=[output], execution_count=1)
            for n, code in enumerate(sources[1:])
        ),
    ]
    return json.dumps(v4.new_notebook(cells=made), indent=1) + "\n"


@pytest.fixture
def lessons(tmp_path):
    """Folder of the originals, and a copy of its one lesson: (origin, the copy)."""
    origin = tmp_path / "notebooks"
    origin.mkdir()
    (origin / "00_one.ipynb").write_text(lesson(*SOURCES))
    copy_lessons(origin, tmp_path / "mine")
    return origin, tmp_path / "mine" / "00_one.ipynb"


def saved_by_jupyterlab(path, change=lambda notebook: None):
    """Save a notebook as JupyterLab does: sources in lists, metadata of its own; `change` is what was done in it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["language_info"] = {"name": "python", "version": "3.99"}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    for cell in notebook.cells:
        cell.metadata.update(trusted=True, collapsed=False)
    change(notebook)
    nbformat.write(notebook, path)
    assert isinstance(json.loads(path.read_text())["cells"][0]["source"], list)


def run(notebook):
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        cell.outputs, cell.execution_count = [v4.new_output("stream", text=f"{number}\n")], number + 7


def run_to_the_end(notebook):
    run(notebook)
    notebook.cells.append(v4.new_code_cell(""))  # JupyterLab adds one after the last


UNTOUCHED = {"opened": lambda notebook: None, "run": run, "run to the end": run_to_the_end}


@pytest.mark.parametrize("change", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_lesson_that_was_opened_or_run_and_not_edited_is_brought_up_to_date(lessons, change):
    origin, mine = lessons
    saved_by_jupyterlab(mine, change)
    saved = mine.read_bytes()
    again = copy_lessons(origin, mine.parent)
    assert (again.written, again.kept, again.untouched) == ((), (), ("00_one.ipynb",))
    assert mine.read_bytes() == saved  # its outputs stay until there is another edition
    (origin / "00_one.ipynb").write_text(lesson("# Second edition", "1"))
    assert copy_lessons(origin, mine.parent).written == ("00_one.ipynb",)
    assert mine.read_text() == (origin / "00_one.ipynb").read_text()


def edit(notebook):
    notebook.cells[1].source = "import nasedu\nanswer = 42"


def add(notebook):
    notebook.cells.append(v4.new_markdown_cell("my note"))


def remove(notebook):
    del notebook.cells[1]


def turn_into_text(notebook):
    notebook.cells[1] = v4.new_markdown_cell(notebook.cells[1].source)


@pytest.mark.parametrize("change", [edit, add, remove, turn_into_text])
def test_what_a_student_typed_is_never_overwritten(lessons, change):
    origin, mine = lessons
    saved_by_jupyterlab(mine, change)
    saved = mine.read_bytes()
    assert copy_lessons(origin, mine.parent).kept == ("00_one.ipynb",)
    (origin / "00_one.ipynb").write_text(lesson("# Second edition", "1"))
    again = copy_lessons(origin, mine.parent)
    assert (again.written, again.kept, again.outdated) == ((), ("00_one.ipynb",), ("00_one.ipynb",))
    assert mine.read_bytes() == saved


def test_the_sources_of_any_edition_that_was_copied_are_nobodys_work(lessons, tmp_path):
    origin, mine = lessons
    first = mine.read_bytes()
    for edition in ("# Second edition", "# Third edition"):
        (origin / "00_one.ipynb").write_text(lesson(edition, "1"))
        copy_lessons(origin, mine.parent)
    mine.write_bytes(first)  # out of a backup
    (origin / "00_one.ipynb").write_text(lesson("# Fourth edition", "1"))
    assert copy_lessons(origin, mine.parent).written == ("00_one.ipynb",)


def test_an_edition_with_other_outputs_alone_is_an_edition(lessons):
    origin, mine = lessons
    saved_by_jupyterlab(mine)
    (origin / "00_one.ipynb").write_text(lesson(*SOURCES, number=2))
    assert copy_lessons(origin, mine.parent).written == ("00_one.ipynb",)


def test_a_list_of_an_older_nasedu_knows_bytes_and_learns_sources(lessons):
    """It had one digest of all bytes for each file."""
    origin, mine = lessons
    listed = mine.parent / copying.LIST
    listed.write_text(json.dumps({"00_one.ipynb": json.loads(listed.read_text())["00_one.ipynb"]["last"]}))
    saved_by_jupyterlab(mine)
    assert copy_lessons(origin, mine.parent).untouched == ("00_one.ipynb",)
    (origin / "00_one.ipynb").write_text(lesson("# Second edition", "1"))
    assert copy_lessons(origin, mine.parent).written == ("00_one.ipynb",)


def test_with_an_older_list_an_untouched_file_is_brought_up_to_date_and_no_other(lessons):
    origin, mine = lessons
    listed = mine.parent / copying.LIST
    old = json.dumps({"00_one.ipynb": json.loads(listed.read_text())["00_one.ipynb"]["last"]})
    (origin / "00_one.ipynb").write_text(lesson("# Second edition", "1"))
    for changed in (True, False):
        mine.write_text(lesson(*SOURCES[:2], "my work") if changed else lesson(*SOURCES))
        listed.write_text(old)
        assert copy_lessons(origin, mine.parent).kept == (("00_one.ipynb",) if changed else ())


def test_half_a_notebook_is_kept(lessons):
    origin, mine = lessons
    mine.write_bytes(mine.read_bytes()[:100])
    assert copy_lessons(origin, mine.parent).kept == ("00_one.ipynb",)


# ---------------------------------------------------------------------- trust


@pytest.fixture
def notary(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "jupyter").mkdir()

    def trusts(path):
        found = NotebookNotary()
        trusted = found.check_signature(nbformat.read(path, as_version=4))
        found.store.close()
        return trusted

    return trusts


def test_copies_are_signed_at_each_start_also_if_the_first_one_was_stopped_before(lessons, notary):
    origin, mine = lessons
    assert not notary(mine)
    for _ in range(2):
        copied = copy_lessons(origin, mine.parent)
        assert copied.written == ()
        assert sign(origin, copied.target, copied.untouched) == ""
        assert notary(mine)


def test_outputs_that_are_not_the_packages_are_not_signed(lessons, notary):
    """Somebody else's outputs below the same sources; those of an own run are signed by JupyterLab."""
    origin, mine = lessons
    for change in (run, lambda notebook: notebook.metadata["widgets"].update(other=1)):
        mine.write_text(lesson(*SOURCES))
        saved_by_jupyterlab(mine, change)
        sign(origin, mine.parent, ("00_one.ipynb",))
        assert not notary(mine)


def test_a_folder_of_jupyter_that_cannot_be_written_costs_one_line(lessons, tmp_path, monkeypatch):
    origin, mine = lessons
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))
    line = sign(origin, mine.parent, ("00_one.ipynb",))
    assert line.startswith("saved players stand still until you run their cells: ")
    assert "\n" not in line


def test_the_originals_are_no_place_to_copy_to(origin):
    for target in (origin, origin / "mine"):
        with pytest.raises(BadValue, match="choose a folder of your own"):
            copy_lessons(origin, target)


def test_a_folder_that_cannot_be_is_refused(origin, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadValue, match="cannot be written"):
        copy_lessons(origin, tmp_path / "file" / "mine")


def nasedu_lessons(*words):
    return CliRunner().invoke(app, ["lessons", *words], catch_exceptions=False)


def test_the_command(origin, tmp_path, monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", origin.parent / "nasedu")
    target = tmp_path / "mine"
    first = nasedu_lessons("copy", str(target))
    assert (first.exit_code, first.stdout) == (0, f"4 files copied to {target}\n")
    (target / "00_one.ipynb").write_text("my work")
    again = nasedu_lessons("copy", str(target))
    assert again.exit_code == 1
    assert "not overwritten, because you changed them: 00_one.ipynb" in again.stderr
    assert nasedu_lessons("copy").exit_code == 2


def test_the_commands_of_authors_say_where_they_are():
    for words in (["build", "00"], ["reword"], ["check"], ["new", "24", "Trees"]):
        done = nasedu_lessons(*words)
        assert done.exit_code == 2
        there = " ".join(["python -m tools.lessons", *words])
        assert done.stderr == f"error: this command is for authors, in a clone of the repository: {there}\n"
