"""The package as a whole: what importing it costs, and what it gives."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import nasedu

HEAVY = ("torch", "pandas", "matplotlib", "sklearn", "ipywidgets")


def imported_by(code):
    """Which of the heavy packages are loaded after the code has run in a process of its own."""
    script = f"import sys\n{code}\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_nasedu_imports_nothing_heavy():
    assert imported_by("import nasedu") == set()


@pytest.mark.parametrize(
    "module", ["core", "tasks", "spaces", "controllers", "store", "study", "plots", "meta", "trainers", "testing"]
)
def test_no_module_but_the_trainers_own_imports_torch(module):
    assert "torch" not in imported_by(f"import nasedu.{module}")


def test_a_task_a_space_and_every_controller_run_without_torch():
    code = """
from nasedu import controllers, spaces, tasks
space = spaces.load("chain-cnn", tasks.load("digits"))
for name in controllers.registry:
    controller = controllers.load(name, space)
    for _ in range(5):
        controller.tell(controller.ask(), 0.5)
    controller.learned(), controller.status(), space.size(), space.encode(controller.ask())
"""
    assert "torch" not in imported_by(code)


ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def imported(folder, *, at_once):
    """The packages from elsewhere that modules import: at once, or only in functions."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body if at_once else ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"nasedu", "tools"}


def undeclared(names, requirements):
    """The imported names whose distributions are not required."""
    required = {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in requirements}
    brought_by = metadata.packages_distributions()
    found_in = {name: {one.lower().replace("_", "-") for one in brought_by.get(name, [])} for name in names}
    return {name for name, distributions in found_in.items() if not distributions & required}


IN_A_BROWSER = "from tools.lite.cells import look_like_a_browser; look_like_a_browser()"


def test_lessons_without_training_race_and_store_in_a_browser(tmp_path):
    code = """
import importlib
for name in "spaces tasks tables controllers store study racing plots meta widgets.films classroom lessons".split():
    importlib.import_module(f"nasedu.{name}")
from tools.lessons.places import IN_BROWSER
for number in IN_BROWSER:
    for part in ("exercises", "figures"):
        importlib.import_module(f"nasedu.classroom.lessons.lesson_{number}.{part}")
from nasedu import Study, controllers, race, tables
from nasedu.trainers.table import TableTrainer
table = tables.atlas()
name = table.tasks[0]
race(table.space, table, ["random", "q-learning"], evaluations=9, seeds=2, task=name)
for trials in (5, 8):  # the second time, the study goes on
    controller = controllers.load("q-learning", table.space, seed=0)
    trainer = TableTrainer(table.space, table.task(name))
    study = Study(table.space, controller, trainer, store="page.db")
    print(len(list(study.run(trials=trials))))
    study.close()
"""
    browser = {**os.environ, "PYTHONPATH": str(ROOT)}  # as `make lite-check` makes it
    command = [sys.executable, "-c", IN_A_BROWSER + code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=browser, check=False)
    assert done.stdout.split() == ["5", "3"], done.stderr


def test_every_imported_package_is_declared():
    extras = PROJECT["optional-dependencies"]
    developer = extras["dev"]
    for_students = [one for name, extra in extras.items() if name != "dev" for one in extra]
    everything = imported("nasedu", at_once=False)
    assert "torch" in everything
    assert undeclared(everything, PROJECT["dependencies"] + for_students) == set()
    # tools/lite/requirements.txt has it, for an environment of its own.
    assert undeclared(imported("tools", at_once=False), PROJECT["dependencies"] + developer) == {"pyodide_lock"}
    # What only an extra brings is imported in functions, so that the package works without it. Grading is an extra.
    assert undeclared(imported("nasedu", at_once=True), PROJECT["dependencies"]) == {"nbgrader", "nbconvert"}


def test_what_an_extra_brings_a_developer_has():
    extras = PROJECT["optional-dependencies"]
    assert {one for extra in extras.values() for one in extra} == set(extras["dev"])


def test_every_name_that_the_package_offers_is_there():
    for name in nasedu.__all__:
        try:
            assert getattr(nasedu, name) is not None
        except ModuleNotFoundError as error:
            pytest.fail(f"nasedu.{name}: {error}")
    assert dir(nasedu) == nasedu.__all__


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"no attribute 'Studdy'; it has: .*Study"):
        nasedu.Studdy  # noqa: B018


def test_the_examples_of_the_suites_run():
    import doctest

    import nasedu.testing

    found = doctest.testmod(nasedu.testing, optionflags=doctest.ELLIPSIS)
    assert found.attempted >= 6
    assert found.failed == 0


def test_every_benchmark_can_be_imported():
    """No other test runs them: a renamed module would be noticed at the next `make bench`."""
    from tests.benchmarks.__main__ import BENCHMARKS

    for name in BENCHMARKS:
        importlib.import_module(f"tests.benchmarks.{name}")
