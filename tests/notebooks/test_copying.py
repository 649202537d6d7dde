"""`nasedu lessons`: lessons for somebody who has only the package."""

import json

import pytest
from typer.testing import CliRunner

from nasedu.cli import app
from nasedu.core import BadValue
from nasedu.lessons import copying, places
from nasedu.lessons.copying import copy_lessons


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
