import pytest

from nasedu.classroom.grading.judge import AnswerCells, judge
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell, Sandbox
from tests.patience import patience

LEVELS = ("all", "calls", "hook")


@pytest.fixture
def grade():
    """Judge the answer in the last of some cells."""

    def judged(*sources, name="standard_error", lesson="00", skip=None, **limits):
        cells = [Cell(number, source) for number, source in enumerate(sources)]
        answer = AnswerCells(lesson, name, cells, [len(sources) - 1])
        limits = {"seconds": 2.0, "cell_seconds": 0.5, "megabytes": 512, **limits}
        limits |= {name: patience(limits[name]) for name in ("seconds", "cell_seconds")}
        return judge(answer, Limits(**limits), skip)

    return judged


@pytest.fixture(scope="session")
def held():
    """What holds a process on this machine, for each level."""
    found = {}
    for level in LEVELS:
        with Sandbox([Cell(0, "x = 1")], "x", limits=Limits(confinement=level)) as sandbox:
            found[level] = sandbox.confinement
    return found
