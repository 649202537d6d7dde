"""The configuration of Binder, as repo2docker reads it. Nothing is built, and no network is needed."""

import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.patience import patience

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"


@pytest.fixture(scope="module")
def dockerfile(tmp_path_factory):
    """What repo2docker would build, from a copy of the few files that it looks at."""
    pytest.importorskip("repo2docker")
    checkout = tmp_path_factory.mktemp("checkout")
    for file in [*BINDER.iterdir(), ROOT / "pyproject.toml"]:
        target = checkout / file.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.read_bytes())
        target.chmod(file.stat().st_mode)
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(240))
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_environment_is_installed_with_its_own_python(dockerfile):
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"' in dockerfile
    assert "Python version unspecified" not in dockerfile
    found = re.search(r"environment for python=3\.(\d+)", dockerfile)
    assert int(found[1]) >= 11


def test_the_package_is_installed_and_the_start_script_wraps_the_server(dockerfile):
    assert "RUN ./binder/postBuild" in dockerfile
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in dockerfile


def test_the_environment_names_all_that_the_package_needs():
    names = set(re.findall(r"^  - ([\w.-]+)", (BINDER / "environment.yml").read_text(), re.M))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.match(r"[\w.-]+", requirement)[0] for requirement in project["dependencies"]}
    other_names = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base", "jupyter-core": "jupyter_core"}
    assert {other_names.get(name, name) for name in needed} <= names


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_scripts_are_executable_and_sound(name):
    assert os.access(BINDER / name, os.X_OK)
    assert subprocess.run(["bash", "-n", str(BINDER / name)]).returncode == 0


def test_the_modules_that_are_imported_once_exist():
    (line,) = re.findall(r'^python -c "import (.*)"$', (BINDER / "postBuild").read_text(), re.M)
    assert [name for name in line.split(", ") if importlib.util.find_spec(name) is None] == []


def test_start_limits_threads_and_hands_over():
    command = [
        str(BINDER / "start"),
        sys.executable,
        "-c",
        "import os, sys; print(os.environ['OMP_NUM_THREADS'], sys.argv)",
    ]
    done = subprocess.run([*command, "a b"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 ['-c', 'a b']"


def test_every_badge_names_a_lesson_that_exists():
    pages = [ROOT / "README.md", *ROOT.glob("notebooks/*.ipynb")]
    for page in pages:
        (opened,) = set(re.findall(r"urlpath=lab/tree/([\w./-]+?ipynb)", page.read_text(encoding="utf-8")))
        assert (ROOT / opened).exists(), opened
        assert page.name in ("README.md", Path(opened).name)
