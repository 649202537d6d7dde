import pytest

from nasedu.classroom.grading.judge import Work, judge
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell, Sandbox

LEVELS = ("all", "calls", "hook")


@pytest.fixture
def grade():
    """Judge the answer in the last of some cells."""

    def judged(*sources, name="standard_error", lesson="00", skip=None, **limits):
        cells = [Cell(number, source) for number, source in enumerate(sources)]
        work = Work(lesson, name, cells, [len(sources) - 1])
        return judge(work, Limits(**{"seconds": 2.0, "cell_seconds": 0.5, "megabytes": 512, **limits}), skip)

    return judged


@pytest.fixture(scope="session")
def held():
    """What holds a process on this machine, for each level."""
    found = {}
    for level in LEVELS:
        with Sandbox([Cell(0, "x = 1")], "x", limits=Limits(fence=level)) as sandbox:
            found[level] = sandbox.fence
    return found
