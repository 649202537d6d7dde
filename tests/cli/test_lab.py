"""`nasedu lab`: what it starts; JupyterLab itself is looked at in tests/browser."""

import sys
from pathlib import Path

import pytest

from nasedu.lessons import jupyterlab, places


@pytest.fixture
def started(monkeypatch):
    """What would have been run."""
    commands = []
    monkeypatch.setattr(jupyterlab.os, "execv", lambda _, command: commands.append(command) or sys.exit(0))
    return commands


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A checkout that holds lesson 00 and the package."""
    checkout = tmp_path / "checkout"
    (checkout / "notebooks").mkdir(parents=True)
    lesson = checkout / "notebooks" / "00_first.ipynb"
    lesson.write_text("{}")
    for module in (jupyterlab, places):
        monkeypatch.setattr(module, "PACKAGE", checkout / "nasedu")
    monkeypatch.chdir(tmp_path)
    return lesson


def test_lab_opens_a_copy_of_lesson_00_and_passes_the_rest_on(nasedu, lessons, started, monkeypatch):
    monkeypatch.setattr(jupyterlab.os, "geteuid", lambda: 1000)
    nasedu("lab", "--no-browser", "--port", "9999")
    assert started == [
        [
            sys.executable,
            "-m",
            "jupyterlab",
            str(lessons.parents[1] / "work" / "00_first.ipynb"),
            "--LabApp.default_url=/lab/tree/00_first.ipynb",
            "--no-browser",
            "--port",
            "9999",
        ]
    ]


def test_root_is_allowed_once(lessons, monkeypatch):
    monkeypatch.setattr(jupyterlab.os, "geteuid", lambda: 0)
    assert jupyterlab.command(lessons, []).count("--allow-root") == 1
    assert jupyterlab.command(lessons, ["--allow-root"]).count("--allow-root") == 1


def test_what_a_student_did_stays_and_the_original_is_never_touched(nasedu, lessons, started):
    nasedu("lab")
    mine = lessons.parents[1] / "work" / "00_first.ipynb"
    mine.write_text('{"mine": 1}')
    assert nasedu("lab").stderr.count("newer edition") == 0
    lessons.write_text('{"newer": 1}')
    assert "There is a newer edition of 00_first.ipynb; yours was kept" in nasedu("lab").stderr
    assert mine.read_text() == '{"mine": 1}'
    assert lessons.read_text() == '{"newer": 1}'


def test_a_folder_of_ones_own_and_one_that_holds_copies_already(nasedu, lessons, started, tmp_path, monkeypatch):
    nasedu("lab", "--folder", str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "00_first.ipynb").exists()
    monkeypatch.chdir(tmp_path / "mine")
    nasedu("lab")
    assert started[1][3] == str(tmp_path / "mine" / "00_first.ipynb")
    assert not (lessons.parents[1] / "work").exists()


def test_from_a_wheel_the_lessons_are_copied_into_the_current_folder(nasedu, lessons, started, monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "nasedu"
    package.mkdir(parents=True)
    lessons.parent.rename(package / "notebooks")
    for module in (jupyterlab, places):
        monkeypatch.setattr(module, "PACKAGE", package)
    nasedu("lab")
    assert started[0][3] == str(tmp_path / "nasedu-lessons" / "00_first.ipynb")


def test_without_lessons_it_says_where_it_looked(nasedu, started, monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", Path("/somewhere/else/nasedu"))
    result = nasedu("lab")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no lesson NN_*.ipynb in /somewhere/else/notebooks or ")
    assert started == []


def test_without_jupyterlab_it_says_how_to_install_it(nasedu, lessons, started, monkeypatch):
    monkeypatch.setattr(jupyterlab.importlib.util, "find_spec", lambda _: None)
    result = nasedu("lab")
    assert result.exit_code == 2
    assert "pip install 'jupyterlab" in result.stderr
    assert started == []
