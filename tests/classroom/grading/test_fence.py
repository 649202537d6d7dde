"""The fence: attempts to get out of it, at each level, and what the levels say of themselves."""

import contextlib
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import nasedu
from nasedu.classroom.grading import fence
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits, Runner, libraries
from nasedu.classroom.grading.sandbox import Cell, Sandbox
from nasedu.core import BadValue
from tests.classroom.grading.attacks import HONEST
from tests.classroom.grading.escapes import BEHIND_BUBBLEWRAP, ESCAPES, HARNESS
from tests.patience import patience

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fence holds on Linux; elsewhere only the hook")
SOLVED = Path(nasedu.__file__).parent / "classroom" / "lessons" / "lesson_00" / "exercises.py"


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The lines that tell an attempt where things are."""
    work = tmp_path_factory.mktemp("exchange") / "work.txt"
    work.write_text("all my own work")
    return f"WORK, GRADER, SOLVED = {str(work)!r}, {os.getpid()}, {str(SOLVED)!r}\n"


def attempted(names, code):
    return HARNESS.format(code=names + code)


@pytest.fixture
def heard():
    """The signals that reach the grader."""
    got = []
    before = [(number, signal.signal(number, lambda n, _: got.append(n))) for number in (signal.SIGUSR1, signal.SIGIO)]
    yield got
    for number, handler in before:
        signal.signal(number, handler)


@pytest.mark.parametrize("name", ESCAPES)
def test_an_attempt_gets_nothing(name, level, names, run, heard, monkeypatch):
    monkeypatch.setenv("NASEDU_TEST_SECRET", "a secret")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0nasedu-test")
        server.listen()
        more = {"megabytes": 2048, "seconds": 30.0} if "torch" in ESCAPES[name] else {}
        code = attempted(f"LEVEL = {level!r}\n{names}", ESCAPES[name])
        assert run(code, level, **more) in (0, []), name
    assert not heard
    assert not os.path.exists("/dev/shm/nasedu-test")


@pytest.mark.parametrize("name", BEHIND_BUBBLEWRAP)
def test_an_attempt_gets_nothing_behind_bubblewrap(name, bubblewrap, names, run):
    got = run(attempted(names, BEHIND_BUBBLEWRAP[name]), bubblewrap, seconds=30.0)
    assert got in (0, [], False), got


@pytest.mark.parametrize("name", ["the work of another student", "open files of the grader", "memory without a file"])
def test_without_a_fence_an_attempt_gets_something(name, names):
    """The attempts work: what stops them is the fence."""
    with open(os.devnull), open(os.devnull):
        found = {}
        exec(attempted(names, ESCAPES[name]), found)
    assert found["got"]
    if name == "memory without a file":
        os.close(found["got"])


def test_torch_works_at_each_level(level, run):
    code = """
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(2, 1)
net(torch.ones(3, 2)).sum().backward()
got = net.weight.grad.tolist()
"""
    assert run(code, level, megabytes=2048, seconds=30.0) == [[3.0, 3.0]]


def test_no_rights_of_root_are_left_at_the_weak_level(runners):
    """Without bubblewrap, the process has the rights of the grader; the copy of it that runs an answer has none."""
    limits = Limits(confinement="hook")
    with Sandbox([Cell(0, "import os\ngot = os.getpid()")], "got", limits=limits, runner=runners(limits)) as sandbox:
        status = Path(f"/proc/{sandbox.value}/status").read_text()
    assert re.search(r"CapEff:\s*0+\n", status), status


def test_memory_has_an_end(level, grade):
    code = "def standard_error(p, n): return len('x' * 2**30)"
    assert "MemoryError" in grade(code, confinement=level).message


def test_an_honest_answer_can_start_threads_and_write_small_files(bubblewrap, run):
    code = """
import threading, matplotlib, tempfile, os, resource, asyncio
seen = []
thread = threading.Thread(target=seen.append, args=(1,))
thread.start(); thread.join()
with tempfile.NamedTemporaryFile("w", delete=False) as file:
    file.write("x")
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.savefig("x.png")
async def two(): return 2
got = [seen, open(file.name).read(), os.path.getsize("x.png") > 0, asyncio.run(two())]
"""
    assert run(code, bubblewrap, seconds=30.0) == [[1], "x", True, 2]


# ---------------------------------------------------------------------- one process for several answers


def test_an_answer_leaves_nothing_for_the_next_one(level, run):
    """A copy of the process runs each answer: what it changes, starts and sends ends with it."""
    spoils = """
import builtins, gc, os, sys, threading, time
builtins.marker = 1
for module in list(sys.modules.values()):
    if hasattr(module, "pack"):
        module.pack = lambda *a: 7
if LEVEL == "bubblewrap":
    os.mkdir("inner")
    open("inner/marker", "w").close()
    os.chmod(MODE, 0)
def bomb():
    while True:
        for number in range(3, 10):
            try:
                os.write(number, b'\\0\\0\\0\\x0b{"ended":0}')
            except OSError:
                pass
        time.sleep(0.001)
got = 1
"""
    for mode in ("inner", "inner/marker", "."):
        run(f"LEVEL, MODE = {level!r}, {mode!r}" + spoils, level)
        assert (
            run("import builtins, os\ngot = [hasattr(builtins, 'marker'), os.path.exists('inner')]", level)
            == [False] * 2
        )
    with contextlib.suppress(Exception):
        run(
            f"LEVEL, MODE = {level!r}, 'inner'" + spoils + "threading.Thread(target=bomb).start()\ntime.sleep(0.1)",
            level,
        )
    assert run("got = 3", level) == 3


def test_the_answers_of_one_student_share_a_warm_start(level):
    limits = Limits(confinement=level)
    runner = Runner(limits, imports=["numpy"])
    found = []
    with contextlib.closing(runner):
        for code in ("import os, sys\ngot = os.getppid()", "import os\nos._exit(1)", "import os\ngot = os.getppid()"):
            with contextlib.suppress(Exception), Sandbox([Cell(0, code)], "got", limits=limits, runner=runner) as one:
                found.append(one.value)
        with Sandbox([Cell(0, "import sys\ngot = 'numpy' in sys.modules")], "got", limits=limits, runner=runner) as one:
            assert one.value is True
    assert len(found) == 2
    assert found[0] == found[1]


def test_what_cells_import_is_imported_once():
    cells = ["import torch.nn as nn\nfrom pandas import DataFrame", "x = 1\n  import os, numpy", "import torchx"]
    assert libraries(cells) == ["nasedu", "numpy", "pandas", "torch.nn"]


# ---------------------------------------------------------------------- what is visible


def test_every_copy_of_nasedu_looks_empty(bubblewrap, tmp_path, monkeypatch):
    """Solutions in another folder of packages, also by a link that leads there."""
    copies = []
    for place in ("one/site-packages/nasedu", "one/site-packages/old/src/nasedu"):
        lesson = tmp_path / place / "classroom" / "lessons" / "lesson_00"
        lesson.mkdir(parents=True)
        (lesson / "exercises.py").write_text("solved")
        (tmp_path / place / "__init__.py").touch()
        copies.append(str(lesson / "exercises.py"))
    (tmp_path / "link").symlink_to(tmp_path / "one")
    copies += [path.replace("/one/", "/link/") for path in copies]
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "link" / "site-packages")])
    fence.prepared.cache_clear()
    try:
        code = f"import os\ngot = [os.path.exists(path) for path in {copies!r}]"
        for level, found in (("bubblewrap", False), ("hook", True)):
            with Sandbox([Cell(0, code)], "got", limits=Limits(confinement=level)) as sandbox:
                assert sandbox.value == [found] * 4
        reads = f"got = 0\nfor path in {copies!r}:\n    try: got = open(path).read()\n    except OSError: pass"
        for level in ("bubblewrap", "hook"):
            with Sandbox([Cell(0, reads)], "got", limits=Limits(confinement=level)) as sandbox:
                assert sandbox.value == 0
    finally:
        fence.prepared.cache_clear()


def test_the_copy_holds_nasedu_without_solutions():
    setup = fence.prepared()
    copy = Path(setup.folder, "package", "nasedu")
    assert (copy / "spaces" / "__init__.py").exists()
    assert not [path for name in fence.WITH_SOLUTIONS for path in copy.rglob(name)]
    assert not list(copy.rglob("exercises.py"))


def test_the_exchange_is_never_visible():
    """nbgrader's default exchange is /usr/local/share/nbgrader/exchange."""
    for place in (*fence.visible(), *fence.system()):
        assert not "/usr/local/share/nbgrader/exchange".startswith(place.rstrip("/") + "/"), place


# ---------------------------------------------------------------------- levels


def test_each_level_says_what_holds(level, run):
    limits = Limits(confinement=level)
    with Sandbox([Cell(0, "x = 1")], "x", limits=limits) as sandbox:
        held = sandbox.confinement
    how = "bubblewrap" if level == "bubblewrap" else "audit hook"
    assert {held[what].split(", ")[0] for what in ("files", "network", "processes")} == {how}
    assert held["use"] == "resource limits"


def test_grading_prints_what_the_weak_level_does_not_hold(level, caplog):
    steps = pytest.importorskip("nasedu.classroom.grading.steps")
    answer = AnswerCells("00", "standard_error", [Cell(0, HONEST)], [0])
    grade = steps.Grade(confinement=level)
    grade.log = logging.getLogger("test_fence")
    with caplog.at_level("WARNING", logger="test_fence"):
        grade._say(results_of([answer], Limits(confinement=level))[0])
    assert (fence.NOT_HELD in caplog.text) == (level == "hook")


@pytest.fixture
def own_path(tmp_path, monkeypatch):
    """A folder with a `bwrap` of the test's own, first on the path."""
    fence.prepared.cache_clear()

    def made(script):
        (tmp_path / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    yield made
    fence.prepared.cache_clear()


REFUSING = '[ "$1" = --help ] && echo --size && exit 0; echo "bwrap: No permissions to create a namespace" >&2; exit 1'


@pytest.mark.parametrize(("script", "why"), [(REFUSING, "No permissions"), ("echo old", "too old")])
def test_a_bubblewrap_that_does_not_work_means_the_weak_level(script, why, own_path):
    own_path(script)
    setup = fence.prepared()
    assert setup.level == "hook"
    assert why in setup.why_weak
    with pytest.raises(BadValue, match=why):
        fence.prepared("bubblewrap")


CONTAINER = """
import ctypes, struct, sys
from nasedu.classroom.grading import fence, system_calls
from nasedu.classroom.grading.system_calls import Argument
code = system_calls._program({"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40)},
                             [Argument((56, 220), 0, 0x10000000, 0x10000000)])
libc, buffer = ctypes.CDLL(None), ctypes.create_string_buffer(code)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)), 0, 0) == 0
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.judging import results_of
from nasedu.classroom.grading.process import Limits
from nasedu.classroom.grading.sandbox import Cell
print(fence.prepared().why_weak)
(result,) = results_of([AnswerCells("00", "standard_error", [Cell(0, sys.argv[1])], [0])], Limits())
print(result.status, result.confinement["files"])
"""


def test_grading_runs_in_a_container_without_user_namespaces(bubblewrap):
    """As Docker's default: the system refuses new namespaces. Then the weak level grades, and says so."""
    done = subprocess.run(
        [sys.executable, "-c", CONTAINER, HONEST], capture_output=True, text=True, timeout=patience(120)
    )
    assert done.returncode == 0, done.stderr
    why, graded = done.stdout.splitlines()
    assert "ermi" in why
    assert graded == "right audit hook, seccomp"


def test_the_folder_of_a_grading_run_is_removed_at_its_end(tmp_path):
    code = "from nasedu.classroom.grading import fence; print(fence.prepared('hook').folder)"
    folder = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
    assert "nasedu-grading" in folder
    assert not os.path.exists(folder)


def test_the_judge_uses_the_setup_of_the_grader(level):
    answer = AnswerCells("00", "standard_error", [Cell(0, HONEST)], [0])
    (result,) = results_of([answer], Limits(confinement=level))
    assert result.status == "right"
    assert shutil.os.path.isdir(fence.prepared(level).folder)
