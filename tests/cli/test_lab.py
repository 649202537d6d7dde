"""`nasedu lab`: what it starts; JupyterLab itself is looked at in tests/browser."""

import sys

import pytest

from nasedu import lab


@pytest.fixture
def started(monkeypatch):
    """What would have been run."""
    commands = []
    monkeypatch.setattr(lab.os, "execv", lambda _, command: commands.append(command) or sys.exit(0))
    return commands


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A checkout that holds lesson 00 and the package."""
    (tmp_path / "notebooks").mkdir()
    lesson = tmp_path / "notebooks" / "00_first.ipynb"
    lesson.write_text("{}")
    monkeypatch.setattr(lab, "__file__", str(tmp_path / "nasedu" / "lab.py"))
    return lesson


def test_lab_opens_lesson_00_and_passes_the_rest_on(nasedu, lessons, started, monkeypatch):
    monkeypatch.setattr(lab.os, "geteuid", lambda: 1000)
    nasedu("lab", "--no-browser", "--port", "9999")
    assert started == [
        [
            sys.executable,
            "-m",
            "jupyterlab",
            str(lessons),
            "--LabApp.default_url=/lab/tree/00_first.ipynb",
            "--no-browser",
            "--port",
            "9999",
        ]
    ]


def test_root_is_allowed_once(lessons, monkeypatch):
    monkeypatch.setattr(lab.os, "geteuid", lambda: 0)
    assert lab.command(lessons, []).count("--allow-root") == 1
    assert lab.command(lessons, ["--allow-root"]).count("--allow-root") == 1


def test_the_current_folder_is_looked_at_too(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "__file__", "/somewhere/else/nasedu/lab.py")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "00_here.ipynb").write_text("{}")
    assert lab.lesson_00() == tmp_path / "00_here.ipynb"


def test_without_lessons_it_says_where_it_looked(nasedu, started, monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "__file__", "/somewhere/else/nasedu/lab.py")
    result = nasedu("lab")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no lesson 00_*.ipynb in /somewhere/else/notebooks, ")
    assert started == []


def test_without_jupyterlab_it_says_how_to_install_it(nasedu, lessons, started, monkeypatch):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda _: None)
    result = nasedu("lab")
    assert result.exit_code == 2
    assert "pip install 'jupyterlab" in result.stderr
    assert started == []
