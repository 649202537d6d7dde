"""nbgrader as at a terminal, without the seconds that each start takes: forked as workers are (tests/conftest.py)."""

import multiprocessing
import os
import sys
from pathlib import Path

from nbgrader.apps import NbGraderApp

from tests.patience import patience

ENVIRONMENT = {"PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"], "OMP_NUM_THREADS": "1"}
"""It finds its helpers on the path."""


def run(course, *words):
    """Run a command in a course that must succeed; gives what it said."""
    said = course / "said.txt"
    process = multiprocessing.get_context("forkserver").Process(target=_do, args=(course, said, words))
    process.start()
    process.join(patience(300))
    text = said.read_text()
    said.unlink()
    assert process.exitcode == 0, text[-3000:]
    return text


def _do(course, said, words):
    with said.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ |= ENVIRONMENT
    os.chdir(course)
    NbGraderApp.launch_instance(list(words))
