"""The terminal, in this process for most tests and in one of its own where signals matter."""

import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from nasedu.cli import app
from nasedu.cli.study_record import records_in
from tests.patience import patience

SMALL = ("search", "--space", "mlp", "--epochs", "1", "--batch", "2")


@pytest.fixture
def nasedu(tmp_path, monkeypatch):
    """`nasedu("search", ...)` as if typed in an empty folder; the result has exit_code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments):
        return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)

    return run


@pytest.fixture
def process(tmp_path):
    """Starts `nasedu ...` as a process of its own in the same folder; what still runs at the end is killed."""
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "nasedu.cli", *map(str, arguments)]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **pipes))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A store with a Q-learning study of 4 trials, and random search beside it; not to be written to."""
    path = tmp_path_factory.mktemp("finished") / "both.db"
    for controller in ("q-learning", "random"):
        arguments = [*SMALL, "--trials", "4", "--controller", controller, "--store", str(path)]
        assert CliRunner().invoke(app, arguments).exit_code == 0
    return path


def wait_for_line(process, word):
    """Read a process's standard error up to the first line with this word in it."""
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"the process ended with {process.wait()} and never said {word!r}")


def found_in(store):
    """Every study of a store, without what differs from run to run: times."""
    return [
        [(t.number, t.batch, t.architecture, t.status, t.score, t.evaluation.curve) for t in record.recorded]
        + [(role, e.architecture, e.metrics) for role, e in record.finals]
        for record in records_in(store).values()
    ]


def wait_until(true):
    """Wait for something that another process does; the limit only keeps a broken test from hanging."""
    until = time.monotonic() + patience(180)
    while time.monotonic() < until:
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("what was waited for never came")
