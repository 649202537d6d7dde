"""`python -m tools.lessons new`: a template that is in order from the first day, exercises included."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nasedu.core import BadValue
from nasedu.testing.mutants import mutants
from tools.lessons import new, places

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    return tmp_path


def write(checkout, number="97", title="Trees & forests"):
    return new.new_lesson(checkout, number, title)


def test_two_files_are_written_that_bear_its_number_and_title(checkout):
    source, module = write(checkout)
    assert source == checkout / "notebooks" / "source" / "97_trees_forests.py"
    assert module == checkout / "nasedu" / "classroom" / "lessons" / "lesson_97" / "exercises.py"
    assert "# # 97 · Trees & forests" in source.read_text(encoding="utf-8")
    for path in (source, module):
        assert not [word for word in ("NUMBER", "TITLE") if word in path.read_text(encoding="utf-8")]


def test_its_exercises_do_what_exercises_do(checkout):
    _, module = write(checkout)
    spec = importlib.util.spec_from_file_location("lesson_97", module)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    assert {exercise.kind for exercise in loaded.exercises} == {"predict", "code", "refute"}
    for exercise in loaded.exercises:
        assert exercise.check(exercise.answer_of(exercise.solved))
        assert exercise.check(exercise.answer_of(exercise.stub)).status == "not attempted"
        for code, sentence in exercise.wrong.items():
            assert sentence in exercise.check(exercise.answer_of(code)).message
        for code in mutants(exercise.solved):
            assert not exercise.check(exercise.answer_of(code)), code


def test_it_is_well_formed_code(checkout):
    paths = [*map(str, write(checkout)), "--config", str(ROOT / "pyproject.toml")]
    for command in (["check", "--ignore", "B018"], ["format", "--check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("number", "title", "message"),
    [
        ("7", "Trees", "a number of two digits and a title"),
        ("xx", "Trees", "a number of two digits and a title"),
        ("97", "&&", "a number of two digits and a title"),
        ("97", "Forests", "there is a lesson 97 already: 97_trees_forests"),
    ],
)
def test_what_is_refused(checkout, number, title, message):
    write(checkout)
    with pytest.raises(BadValue, match=message):
        write(checkout, number, title)


def test_it_builds_as_it_is(checkout):
    """In a process of its own, for whose kernel the package lies in the copied checkout."""
    ignored = shutil.ignore_patterns("__pycache__", "lesson_*")
    for folder in ("nasedu", "tools"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=ignored)
    source, _ = write(checkout)
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    command = [sys.executable, "-m", "tools.lessons", "build", "97"]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    notebook = json.loads(places.notebook_of(source).read_text(encoding="utf-8"))
    assert "✔" in json.dumps(notebook, ensure_ascii=False)
