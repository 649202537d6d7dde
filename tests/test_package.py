"""The package as a whole: what importing it costs, and what it gives."""

import subprocess
import sys

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
