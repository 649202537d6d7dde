import os
from functools import cache

import pytest

from nasedu.classroom.grading import fence
from nasedu.classroom.grading.judge import AnswerCells, judge
from nasedu.classroom.grading.process import Limits, Runner
from nasedu.classroom.grading.sandbox import Cell, Sandbox
from tests.patience import patience

patient = cache(patience)  # it changes with the load; tests with equal limits share a process
LEVELS = ("bubblewrap", "hook")


@pytest.fixture(params=LEVELS)
def level(request):
    """Each level. Without bubblewrap, its tests are skipped, or fail where it is demanded."""
    return needed(request.param)


@pytest.fixture
def bubblewrap():
    return needed("bubblewrap")


def needed(level):
    if level == "bubblewrap" and (why := fence.prepared("all").why_weak):
        missing = pytest.fail if os.environ.get("NASEDU_REQUIRE_SANDBOX") else pytest.skip
        missing(f"bubblewrap does not work here: {why}")
    return level


@pytest.fixture(scope="session")
def runners():
    """The processes that tests share, by their limits: each answer runs in a copy of its own."""
    made = {}
    yield lambda limits: made.setdefault(limits, Runner(limits, imports=["numpy", "nasedu"]))
    for runner in made.values():
        runner.close()


@pytest.fixture
def grade(runners):
    """Judge the answer in the last of some cells."""

    def judged(*sources, name="standard_error", lesson="00", skip=None, **limits):
        cells = [Cell(number, source) for number, source in enumerate(sources)]
        answer = AnswerCells(lesson, name, cells, [len(sources) - 1])
        limits = {"seconds": 2.0, "cell_seconds": 0.5, "megabytes": 512, **limits}
        limits = Limits(**limits | {name: patient(limits[name]) for name in ("seconds", "cell_seconds")})
        return judge(answer, limits, skip, runners(limits))

    return judged


@pytest.fixture
def run(runners):
    """Run some code as an answer, and return the value of its name `got`."""

    def ran(code, level, **limits):
        limits = Limits(**{"seconds": patient(5.0), "megabytes": 512, "confinement": level, **limits})
        with Sandbox([Cell(0, code)], "got", limits=limits, own=[0], runner=runners(limits)) as sandbox:
            assert sandbox.answer == "plain", (sandbox.answer, sandbox.value, sandbox.errors)
            return sandbox.value

    return ran
