"""Attacks on grading: none earns a point, none takes the grader down, and an honest answer beside it is right."""

import contextlib
import shutil
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from nasedu.classroom.grading import judge, process, wire_format
from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.process import Limits, Process, ProcessEnded, Runner
from nasedu.classroom.grading.sandbox import Cell
from tests.classroom.grading.attacks import FOOLS, HONEST, SEARCHES, STEALS
from tests.patience import patience

EXERCISE = find("00", "standard_error")
ENDLESS = {name for name in FOOLS if "endless" in name or name == "sleep"}
ALONE = {"a fork bomb", "a process that stays", "kill the grader", "threads without end"}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the classroom that may be read and linked to, first on the path, as the attacks look for it."""
    import nasedu

    source = Path(nasedu.__file__).parent
    shutil.copytree(source / "classroom", tmp_path / "nasedu" / "classroom")
    (tmp_path / "nasedu" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", STEALS)
def test_without_confinement_the_solution_can_be_stolen(name, package):
    names = {}
    exec(STEALS[name], names)
    assert EXERCISE.check(names["standard_error"]).status == "right"


@pytest.mark.parametrize("name", [*STEALS, *SEARCHES])
def test_with_it_the_solution_is_out_of_reach(name, level, grade):
    attack = {**STEALS, **SEARCHES}[name]
    result = grade(attack, confinement=level)
    assert result.status == "wrong", result
    assert "p * (1 - p)" not in result.message
    assert grade(attack, HONEST, confinement=level).status == "right"


@pytest.mark.parametrize("name", FOOLS)
def test_who_fools_the_grader_gets_no_points(name, grade):
    result = grade(FOOLS[name], **({"seconds": 0.5} if name in ENDLESS else {}))
    assert result.status in ("wrong", "stopped"), result
    assert result.message
    assert grade(HONEST).status == "right"


@pytest.mark.parametrize("name", sorted(ALONE))
def test_nor_where_the_system_helps_less(name, grade):
    result = grade(FOOLS[name], confinement="hook")
    assert result.status in ("wrong", "stopped"), result
    assert grade(HONEST, confinement="hook").status == "right"


@pytest.mark.parametrize(
    "name", ["an input transformer", "a patched nasedu", "os._exit", "an endless loop", "sleep", "all the memory"]
)
def test_an_attack_in_another_cell_does_no_harm_to_an_honest_answer(name, grade):
    skip = set()
    result = grade(FOOLS[name], HONEST, skip=skip)
    assert result.status == "right", result


SWALLOWS = """
while True:
    try:
        while True: pass
    except BaseException:
        pass
"""


def test_a_notebook_full_of_cells_that_hang_does_not_hold_the_grader(grade):
    skip = set()
    above = ["while True: pass"] * 40
    result = grade(*above, HONEST, skip=skip, seconds=0.4, cell_seconds=0.15)
    assert result.status == "right", "what no attempt has reached is left out of the last one"
    assert result.notes == [
        "40 other cells above this answer took too long or ended the program, and counted as empty."
    ]


@pytest.mark.parametrize("cell", ["a swallowed alarm", "os._exit"])
def test_nor_do_many_cells_that_each_hold_or_end_the_process(cell, grade):
    above = {"a swallowed alarm": SWALLOWS, "os._exit": "import os; os._exit(0)"}[cell]
    helper = "def inner(p, n):\n    return p * (1 - p) / n"
    code = "def standard_error(p, n):\n    return inner(p, n) ** 0.5"
    assert grade(helper, *[above] * 6, code, seconds=0.8, cell_seconds=0.2).status == "right"


def test_a_cell_that_hangs_is_waited_for_once(grade):
    skip = set()
    assert grade("while True: pass", HONEST, skip=skip).status == "right"
    assert skip == {0}


def test_nothing_stays_behind(level, grade):
    grade(HONEST, confinement=level)
    before = len(psutil.Process().children(recursive=True))
    grade(FOOLS["a process that stays"], confinement=level)
    assert len(psutil.Process().children(recursive=True)) <= before


def test_the_gradebook_cannot_be_written_nor_read(level, tmp_path, grade):
    book = tmp_path / "gradebook.db"
    with sqlite3.connect(book) as database:
        database.execute("create table grade (score real)")
        database.execute("insert into grade values (0)")
    database.close()
    attack = f"""
import sqlite3, shutil, os
ways = [
    lambda: sqlite3.connect({str(book)!r}).execute("update grade set score = 1").connection.commit(),
    lambda: sqlite3.connect("file:{book}?mode=rw", uri=True).execute("update grade set score = 1").connection.commit(),
    lambda: open({str(book)!r}, "r+b").write(b"x"),
    lambda: os.truncate({str(book)!r}, 0),
    lambda: os.remove({str(book)!r}),
    lambda: shutil.move({str(book)!r}, "mine.db"),
    lambda: os.chmod({str(book)!r}, 0),
]
done = []
for way in ways:
    try:
        way()
        done.append(1)
    except BaseException:
        done.append(0)
try:
    done.append(len(open({str(book)!r}, "rb").read()))
except BaseException:
    done.append(0)
raise ValueError(done)
"""
    result = grade(attack, confinement=level)
    assert result.status == "wrong"
    assert str([0] * 8) in result.message
    with sqlite3.connect(book) as database:
        assert database.execute("select score from grade").fetchall() == [(0,)]
    database.close()
    assert grade(attack, HONEST, confinement=level).status == "right"


def test_there_is_no_network(level, grade):
    """A server on this machine is asked for the solution; nothing ever reaches it."""
    reached = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def serve():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            reached.set()
            connection.sendall(HONEST.encode())
            connection.close()

        attack = f"""
import socket
exec(socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 1).recv(1000))
"""
        server.settimeout(5)
        thread = threading.Thread(target=serve)
        thread.start()
        assert grade(attack, confinement=level).status == "wrong"
        assert grade(attack, HONEST, confinement=level).status == "right"
        assert not reached.is_set()
        names = {}
        exec(attack, names)  # without confinement it works
        thread.join()
    assert reached.is_set()
    assert EXERCISE.check(names["standard_error"]).status == "right"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_memory_has_an_end(grade):
    assert "MemoryError" in grade(FOOLS["all the memory in a call"]).message


def test_a_flood_of_messages_ends_when_the_time_is_up(monkeypatch):
    """Each is valid, and none has to be waited for: reading them counts."""
    process = Process(Limits(seconds=1.0))
    flood = wire_format.dump({"cell": 0, "x": [[]] * 50_000})
    monkeypatch.setattr(process._messages, "get", lambda timeout=None: flood)
    with contextlib.closing(process), pytest.raises(ProcessEnded, match="longer than 1 seconds"):
        drain(process)


def drain(process):
    for _ in range(5_000):  # many times what can be read in a second
        process.receive()


def test_a_cell_that_is_long_on_purpose_is_not_parsed_by_the_grader(monkeypatch):
    monkeypatch.setattr(judge.ast, "parse", lambda code: pytest.fail("parsed"))
    assert not judge.same_code("x = 1\n" * 300_000, "x = 1")


CHANNEL = """
import os, sys, time
frame = sys._getframe()
while "channel" not in frame.f_locals:
    frame = frame.f_back
channel = frame.f_locals["channel"]
"""
FORGED_ENDS = {
    "it never reads": CHANNEL + "channel.send({'ended': 0})\ntime.sleep(100)",
    "it fills the results": CHANNEL
    + """
channel.send({'ended': 0})
ticket = channel.receive()['id']
channel.send({'started': ticket, 'confinement': {'files': 'x' * 9_000_000, 'y' * 9_000: 'none'}})
channel.send({'answer': 'function'})
time.sleep(100)
""",
    "it ends slowly": CHANNEL
    + """
def standard_error(p, n): return 7
def receive():
    while True:
        time.sleep(0.05)
        channel.send({})
channel.receive = receive
""",
}


@pytest.mark.parametrize("name", FORGED_ENDS)
def test_an_answer_that_does_not_end_costs_the_next_ones_little(name, monkeypatch):
    """It says that it has ended, or never says it; the next answer has more text than a pipe holds."""
    limits = Limits(seconds=patience(1.5), megabytes=512)
    monkeypatch.setattr(process, "READING", patience(2.0))
    monkeypatch.setattr(process, "ENDING", 0.5)
    began, results = time.monotonic(), []
    with contextlib.closing(Runner(limits, imports=["numpy"])) as runner:
        for code in (FORGED_ENDS[name], HONEST, HONEST):
            cells = [Cell(0, "#" * 200_000), Cell(1, code)]
            results.append(judge.judge(AnswerCells("00", "standard_error", cells, [1]), limits, None, runner))
    assert results[0].status in ("wrong", "stopped")
    assert results[2].status == "right"
    assert all(len(str(result.confinement)) < 500 for result in results)
    assert time.monotonic() - began < patience(10.0)
