"""Somebody who installs the wheel has the lessons: it is built here, looked into, and run from."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ["pyproject.toml", "README.md", "LICENSE", ".gitignore", "hatch_build.py"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and a source archive of a copy of this checkout, in which JupyterLab has left something behind."""
    pytest.importorskip("hatchling")
    checkout, out = tmp_path_factory.mktemp("checkout"), tmp_path_factory.mktemp("wheel")
    for name in NEEDED:
        shutil.copy(ROOT / name, checkout)
    for folder in ("nasedu", "notebooks", "tools"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / "notebooks" / ".ipynb_checkpoints").mkdir(exist_ok=True)
    (checkout / "notebooks" / ".ipynb_checkpoints" / "00.ipynb").write_text("left behind")
    (checkout / "notebooks" / "digits.db").write_text("left behind")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(out)]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built):
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Where the wheel's files lie when it is installed; what it depends on is there already."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def nasedu(installed, folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "nasedu.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_every_notebook_and_what_widgets_need(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    notebooks = {f"nasedu/notebooks/{path.name}" for path in (ROOT / "notebooks").iterdir() if path.suffix == ".ipynb"}
    notebooks |= {f"nasedu/notebooks/{page}" for page in ("GLOSSARY.md", "TIMINGS.md", "LICENSE")}
    beside = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "nasedu").rglob("*")
        if path.suffix in (".js", ".css", ".npz", ".txt", ".svg", ".png")
    }
    assert notebooks
    assert notebooks | beside <= names
    assert not [name for name in names if "/." in name or "__pycache__" in name or "/source/" in name]
    assert "nasedu/notebooks/digits.db" not in names


def test_the_wheel_stays_small_enough_to_be_downloaded_by_a_class(wheel):
    assert wheel.stat().st_size < 15e6


def test_lessons_are_copied_out_of_it(installed, tmp_path):
    done = nasedu(installed, tmp_path, "lessons", "copy", "mine")
    assert done.returncode == 0, done.stderr
    copied = {path.name for path in (tmp_path / "mine").glob("*.ipynb")}
    assert copied == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert not list((tmp_path / "mine").glob("*.py"))


def test_what_only_authors_use_is_in_the_source_archive_and_not_in_the_wheel(built, wheel):
    (source_archive,) = built.glob("*.tar.gz")
    with tarfile.open(source_archive) as archive:
        kept = {name.partition("/")[2] for name in archive.getnames()}
    assert {"tools/lessons/building.py", "tools/lessons/template_lesson.txt"} <= kept
    packages = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in packages if not name.endswith(".dist-info")} == {"nasedu"}
