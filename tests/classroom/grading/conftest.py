import pytest

from nasedu.classroom.grading.judge import AnswerCells, judge
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell, Sandbox

LEVELS = ("all", "calls", "hook")


@pytest.fixture
def grade():
    """Judge the answer in the last of some cells."""

    def judged(*sources, name="standard_error", lesson="00", skip=None, **limits):
        cells = [Cell(number, source) for number, source in enumerate(sources)]
        answer = AnswerCells(lesson, name, cells, [len(sources) - 1])
        return judge(answer, Limits(**{"seconds": 2.0, "cell_seconds": 0.5, "megabytes": 512, **limits}), skip)

    return judged


@pytest.fixture(scope="session")
def held():
    """What holds a process on this machine, for each level."""
    found = {}
    for level in LEVELS:
        with Sandbox([Cell(0, "x = 1")], "x", limits=Limits(confinement=level)) as sandbox:
            found[level] = sandbox.confinement
    return found
