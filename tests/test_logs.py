"""Logs: what is written can be read again, nothing is written twice, and a log that breaks ends no search."""

import dataclasses
import errno
import os
import socket
import subprocess
import sys
import types
import warnings
from pathlib import Path

import pytest

from nasedu import Study, Table, controllers
from nasedu.cli.study_record import records_in
from nasedu.core import BadValue, Evaluation, MissingExtra
from nasedu.logs import Log, LogStopped, TensorBoard, WandB
from nasedu.logs import tensorboard as tensorboard_module
from nasedu.store import Trial
from nasedu.trainers.table import TableTrainer
from tests.cli.conftest import SMALL, found_in, nasedu  # noqa: F401, the fixture
from tests.tables.spaces import MEMBERS, Letters

CURVES = {a: [0.1 * i, 0.9 - 0.1 * i, 0.5] for i, a in enumerate(MEMBERS)}


def study_in(store=":memory:", seed=1):
    table = Table(Letters(), MEMBERS, {"x": [[curve] for curve in CURVES.values()]}, parameters=range(100, 109))
    trainer = TableTrainer(table.space, table.task())
    return Study(table.space, controllers.load("random", table.space, seed=seed), trainer, store=store, epochs=3)


def trial_of(number=3, **more):
    values = {"score": 0.75, "curve": (0.5, 0.75, 0.25), "losses": (2.0, 1.0, 0.5), "parameters": 42, "seconds": 1.5}
    evaluation = Evaluation(("64-relu", "stop"), **(values | more))
    return Trial(number, 0, ("64-relu", "stop"), {"epsilon": 0.5}, evaluation)


def events_in(folder, *, purged=True):
    """What TensorBoard reads: (tag, steps and values) of every scalar; without `purged`, also what it would hide."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), purge_orphaned_data=purged).Reload()
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def texts_in(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder)).Reload()
    found = {tag: events.Tensors(tag) for tag in events.Tags()["tensors"]}
    return {tag: [(e.step, e.tensor_proto.string_val[0].decode()) for e in es] for tag, es in found.items()}


def steps(folder, *, purged=True):
    return [step for step, _ in events_in(folder, purged=purged)["search/score"]]


# ---------------------------------------------------------------------- what is written


def test_a_trial_as_tensorboard_reads_it(tmp_path):
    with TensorBoard(tmp_path / "runs") as log:
        log(trial_of(3))
        log(trial_of(4, score=0.25, curve=(0.25,), losses=(), parameters=None))
    assert events_in(tmp_path / "runs") == {
        "search/score": [(3, 0.75), (4, 0.25)],
        "search/best": [(3, 0.75), (4, 0.75)],
        "search/seconds": [(3, 1.5), (4, 1.5)],
        "search/parameters": [(3, 42.0)],
        "controller/epsilon": [(3, 0.5), (4, 0.5)],
    }
    assert texts_in(tmp_path / "runs") == {"architecture/text_summary": [(3, "64-relu stop"), (4, "64-relu stop")]}
    assert events_in(tmp_path / "runs" / "trial-0003") == {
        "epoch/score": [(1, 0.5), (2, 0.75), (3, 0.25)],
        "epoch/loss": [(1, 2.0), (2, 1.0), (3, 0.5)],
    }
    assert events_in(tmp_path / "runs" / "trial-0004") == {"epoch/score": [(1, 0.25)]}


def test_a_failure_says_why(tmp_path):
    with TensorBoard(tmp_path) as log:
        log(trial_of(0, score=0.1, status="diverged", reason="the loss was nan", curve=(), losses=()))
    assert texts_in(tmp_path)["architecture/text_summary"] == [(0, "64-relu stop (diverged: the loss was nan)")]
    assert events_in(tmp_path / "trial-0000") == {}


def test_a_study_trial_for_trial(tmp_path):
    study = study_in()
    with TensorBoard(tmp_path) as log:
        for trial in study.run(trials=6, batch=2):
            log(trial)
    best = study.trials_dataframe()["best"].tolist()
    found = events_in(tmp_path)
    assert found["search/score"] == [(t.number, pytest.approx(t.score)) for t in study.trials]
    assert found["search/best"] == [(n, pytest.approx(score)) for n, score in enumerate(best)]
    for trial in study.trials:
        curve = events_in(tmp_path / f"trial-{trial.number:04}")["epoch/score"]
        assert curve == [(n, pytest.approx(score)) for n, score in enumerate(trial.evaluation.curve, 1)]


def test_it_is_on_the_disk_after_each_trial(tmp_path):
    """TensorBoard is looked at while the search is running."""
    log = TensorBoard(tmp_path)
    for number in range(3):
        log(trial_of(number))
        assert steps(tmp_path) == list(range(number + 1))
    log.close()


# ---------------------------------------------------------------------- going on


def test_a_study_that_goes_on_is_not_written_twice(tmp_path):
    for trials in (2, 3, 3, 7):
        with study_in(tmp_path / "s.db") as study, TensorBoard(tmp_path / "runs") as log:
            log.catch_up(study.trials)
            for trial in study.run(trials=trials):
                log(trial)
    assert steps(tmp_path / "runs", purged=False) == list(range(7))
    best = study.trials_dataframe()["best"].tolist()
    assert events_in(tmp_path / "runs")["search/best"] == [(n, pytest.approx(score)) for n, score in enumerate(best)]
    for folder in (tmp_path / "runs").glob("trial-*"):
        assert [step for step, _ in events_in(folder, purged=False)["epoch/score"]] == [1, 2, 3]


def test_what_was_searched_without_a_log_is_caught_up_with(tmp_path):
    with study_in(tmp_path / "s.db") as study:
        list(study.run(trials=4))
    with study_in(tmp_path / "s.db") as study, TensorBoard(tmp_path / "runs") as log:
        log.catch_up(study.trials)
        for trial in study.run(trials=5):
            log(trial)
    assert steps(tmp_path / "runs") == [0, 1, 2, 3, 4]
    assert len(list((tmp_path / "runs").glob("trial-*"))) == 5


def test_after_a_gap_all_is_written_again(tmp_path):
    """TensorBoard hides what a run has beyond the step that a later one begins with."""
    trials = [trial_of(number) for number in range(4)]
    with TensorBoard(tmp_path) as log:
        for trial in trials:
            log(trial)
    for file in (tmp_path / "trial-0001").iterdir():
        file.unlink()
    with TensorBoard(tmp_path) as log:
        log.catch_up(trials)
    assert steps(tmp_path) == [0, 1, 2, 3]
    assert steps(tmp_path, purged=False) == [0, 1, 2, 3, 1, 2, 3]


def test_one_that_was_killed_between_a_step_and_its_curve(tmp_path):
    """The step is written again, and TensorBoard hides the first one."""
    with TensorBoard(tmp_path) as log:
        for number in range(3):
            log(trial_of(number))
    (file,) = (tmp_path / "trial-0002").iterdir()
    file.rename(file.with_name("half written"))
    with TensorBoard(tmp_path) as log:
        log.catch_up([trial_of(number) for number in range(3)])
        log(trial_of(3))
    assert steps(tmp_path) == [0, 1, 2, 3]
    assert steps(tmp_path, purged=False) == [0, 1, 2, 2, 3]
    assert events_in(tmp_path / "trial-0002")["epoch/loss"] == [(1, 2.0), (2, 1.0), (3, 0.5)]


def test_another_study_in_the_same_folder_replaces_the_first(tmp_path):
    for shift in (0.0, 0.25):
        with TensorBoard(tmp_path) as log:
            for number in range(3):
                log(trial_of(number, score=0.5 + shift, curve=(0.5 + shift, 0.25)))
    assert events_in(tmp_path)["search/score"] == [(0, 0.75), (1, 0.75), (2, 0.75)]
    assert events_in(tmp_path / "trial-0001")["epoch/score"] == [(1, 0.75), (2, 0.25)]


# ---------------------------------------------------------------------- a log that breaks


class FullAfter(Log):
    """Has room for so many trials."""

    def __init__(self, room, error, **options):
        super().__init__("a small place", **options)
        self.room = room
        self.error = error
        self.written = []
        self.closed = 0

    def write(self, trial, evaluation, best):
        if len(self.written) == self.room:
            raise self.error
        self.written.append((trial.number, best))

    def close(self):
        self.closed += 1
        if self.stopped:
            raise self.error


def full():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_warning_and_the_search_goes_on(tmp_path):
    log = FullAfter(2, full())
    with study_in(tmp_path / "s.db") as study, log, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for trial in study.run(trials=6):
            log(trial)
    (warning,) = told
    assert warning.category is LogStopped
    assert str(warning.message) == (
        "nothing more is logged to a small place (No space left on device); the search goes on, and its store has "
        "every trial"
    )
    assert Path(warning.filename).name == "test_logs.py"
    assert [number for number, _ in log.written] == [0, 1]
    assert log.closed == 1
    untouched = study_in()
    list(untouched.run(trials=6))
    (record,) = records_in(tmp_path / "s.db").values()
    assert [t.score for t in record.trials] == [t.score for t in untouched.trials]


def test_one_that_cannot_be_closed_is_one_warning_too():
    class Full(FullAfter):
        def close(self):
            raise self.error

    said = []
    with Full(9, full(), warn=said.append) as log:
        log(trial_of())
    assert len(said) == 1
    assert "No space left" in said[0]


def test_what_is_no_fault_of_the_disk_is_not_hidden():
    log = FullAfter(0, ZeroDivisionError("a mistake"))
    with pytest.raises(ZeroDivisionError):
        log(trial_of())


@pytest.mark.parametrize("broken", ["events", "curve", "folder"])
def test_tensorboard_on_a_full_disk_goes_on_when_there_is_room(tmp_path, monkeypatch, broken):
    """The writer's disk is full at the third trial; when there is room again, the next run writes what is missing."""
    trials = [trial_of(number) for number in range(6)]
    fail = {
        "events": (tensorboard_module, "of_search"),
        "curve": (Path, "write_bytes"),
        "folder": (Path, "mkdir"),
    }[broken]

    def refuse(place, *data, **_):
        if broken == "curve":
            with place.open("wb") as file:
                file.write(data[0][:30])  # as much as there is room for
        raise full()

    said = []
    log = TensorBoard(tmp_path, warn=said.append)
    for trial in trials:
        if trial.number == 2:
            monkeypatch.setattr(*fail, refuse)
        log(trial)
    monkeypatch.undo()
    assert len(said) == 1
    assert not any((tmp_path / "trial-0002").glob("*tfevents*"))
    with TensorBoard(tmp_path) as log:
        log.catch_up(trials)
    assert steps(tmp_path) == list(range(6))
    assert [len(events_in(tmp_path / f"trial-{n:04}")["epoch/score"]) for n in range(6)] == [3] * 6


LIMITED = """
import resource, sys
from nasedu.logs import TensorBoard
from tests.test_logs import study_in

log = TensorBoard(sys.argv[1] + "/runs")
with study_in(sys.argv[1] + "/s.db") as study:
    for trial in study.run(trials=6):
        free = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (900, free[1]))  # bytes; the kernel refuses what goes beyond
        log(trial)
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
print(len(study.trials), log.stopped)
"""


def test_a_file_that_the_kernel_lets_grow_no_further(tmp_path):
    pytest.importorskip("resource", reason="this system has no limits on the size of a file")
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert (ended.returncode, ended.stdout) == (0, "6 True\n"), ended.stderr
    assert ended.stderr.count("LogStopped") == 1
    assert "Traceback" not in ended.stderr
    assert "File too large" in ended.stderr
    (record,) = records_in(tmp_path / "s.db").values()
    assert len(record.trials) == 6
    written = steps(tmp_path / "runs")
    assert 0 < len(written) < 6
    with study_in(tmp_path / "s.db") as study, TensorBoard(tmp_path / "runs") as log:
        log.catch_up(study.trials)
    assert steps(tmp_path / "runs") == list(range(6))


def small_disk(folder, command):
    """Runs a command with a disk of 16 KiB in a folder; skips where this system lets nobody have one."""
    folder.mkdir()
    mount = f'mount -t tmpfs -o size=16k none "{folder}"'
    try:
        possible = subprocess.run(["unshare", "-r", "-m", "sh", "-c", mount], capture_output=True).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("no right to mount a small disk here: a search with a full one is not tested")
    quoted = " ".join(f'"{word}"' for word in command)
    return subprocess.run(
        ["unshare", "-r", "-m", "sh", "-c", f"{mount} && {quoted}"],
        capture_output=True,
        text=True,
        cwd=folder.parent,
        env={**os.environ, "COLUMNS": "100"},
    )


def test_a_search_whose_curves_are_on_a_full_disk(tmp_path):
    search = [sys.executable, "-m", "nasedu.cli", *SMALL, "--trials", "6", "--store", "a.db"]
    ended = small_disk(tmp_path / "runs", [*search, "--tensorboard", "runs"])
    assert ended.returncode == 0, ended.stderr
    lines = ended.stderr.splitlines()[1:]  # the first says what was read
    (warning,) = [line for line in lines if not line.strip().startswith(tuple("123456"))]
    assert warning.startswith("warning: nothing more is logged to runs/digits-mlp-q-learning-seed0-")
    assert "(No space left on device)" in warning
    assert "tested once on 359 examples" in ended.stdout
    (record,) = records_in(tmp_path / "a.db").values()
    assert len(record.trials) == 6
    assert record.final.ok


# ---------------------------------------------------------------------- the door


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "runs"):
        with pytest.raises(BadValue, match=r"logs go into a folder, and .*file is none"):
            TensorBoard(folder)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    for folder in (tmp_path, tmp_path / "new" / "runs"):
        with pytest.raises(BadValue, match=f"you may not write to {tmp_path}. Give another folder"):
            TensorBoard(folder)


def test_nothing_is_made_at_the_door(tmp_path):
    TensorBoard(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_without_tensorboard(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tensorboard", None)
        with pytest.raises(MissingExtra, match=r"pip install 'nasedu\[logs\]'"):
            TensorBoard(tmp_path)
    monkeypatch.setitem(sys.modules, "tensorboard.summary.writer.record_writer", None)
    with pytest.raises(MissingExtra, match=r"pip install 'nasedu\[logs\]'"):
        TensorBoard(tmp_path)


# ---------------------------------------------------------------------- at the terminal


def runs_in(folder="runs"):
    return sorted(path for path in Path(folder).iterdir())


def test_search_writes_curves_and_goes_on_with_them(nasedu):  # noqa: F811
    nasedu(*SMALL, "--store", "a.db", "--trials", 1)
    for trials in (2, 2, 4):
        result = nasedu(*SMALL, "--store", "a.db", "--tensorboard", "runs", "--trials", trials)
        assert result.exit_code == 0
    (run,) = runs_in()
    assert steps(run, purged=False) == [0, 1, 2, 3]
    (record,) = records_in("a.db").values()
    found = events_in(run)
    assert [value for _, value in found["search/score"]] == pytest.approx([t.score for t in record.trials])
    assert [value for _, value in found["controller/epsilon"]] == pytest.approx(
        [t.status["epsilon"] for t in record.trials]
    )
    best = [max(t.score for t in record.trials[: n + 1]) for n in range(4)]
    assert [value for _, value in found["search/best"]] == pytest.approx(best)
    losses = events_in(run / "trial-0003")["epoch/loss"]
    assert losses == [(n, pytest.approx(loss)) for n, loss in enumerate(record.trials[3].evaluation.losses, 1)]


def test_studies_stand_side_by_side(nasedu):  # noqa: F811
    for change in ((), ("--seed", 1), ("--controller", "random"), ("--controller-option", "alpha=0.2")):
        nasedu(*SMALL, "--trials", 1, "--store", "a.db", "--tensorboard", "runs", *change)
    names = [run.name.rpartition("-")[0] for run in runs_in()]
    assert sorted(names) == [
        "digits-mlp-q-learning-seed0",
        "digits-mlp-q-learning-seed0",
        "digits-mlp-q-learning-seed1",
        "digits-mlp-random-seed0",
    ]
    assert all(steps(run, purged=False) == [0] for run in runs_in())


def test_curves_change_nothing_of_a_search(nasedu):  # noqa: F811
    nasedu(*SMALL, "--trials", 3, "--store", "a.db", "--tensorboard", "runs")
    nasedu(*SMALL, "--trials", 3, "--store", "b.db")
    assert found_in("a.db") == found_in("b.db")
    assert [r.identity for r in records_in("a.db").values()] == [r.identity for r in records_in("b.db").values()]


def test_a_folder_that_is_none_is_refused_before_anything_is_written(nasedu, monkeypatch):  # noqa: F811
    Path("file").write_text("mine")
    result = nasedu(*SMALL, "--trials", 3, "--store", "a.db", "--tensorboard", "file")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: logs go into a folder, and file is none: give another one\n"
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    result = nasedu(*SMALL, "--trials", 3, "--store", "a.db", "--tensorboard", "runs")
    assert result.exit_code == 2
    assert "pip install 'nasedu[logs]'" in result.stderr
    assert os.listdir() == ["file"]


# ---------------------------------------------------------------------- weights & biases


class FakeRun:
    def __init__(self):
        self.rows = []
        self.finished = 0

    def log(self, row, step):
        if row["score"] == 0.125:
            raise FakeWandb.Error("the service is gone")
        self.rows.append((step, row))

    def finish(self):
        self.finished += 1


class FakeWandb(types.ModuleType):
    class Error(Exception):
        pass

    def __init__(self):
        super().__init__("wandb")
        self.asked = {}
        self.run = FakeRun()

    def Settings(self, **settings):  # noqa: N802, as theirs
        return settings

    def Table(self, *, columns, data):  # noqa: N802
        return [dict(zip(columns, row, strict=True)) for row in data]

    def init(self, **asked):
        if asked["project"] == "refused":
            raise self.Error("no such account")
        self.asked = asked
        return self.run


@pytest.fixture
def fake(monkeypatch):
    module = FakeWandb()
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.delenv("WANDB_ERROR_REPORTING", raising=False)
    return module


def test_what_wandb_is_given(fake, tmp_path):
    with WandB("p", directory=tmp_path / "w", name="n") as log:
        log(trial_of(3))
        log(trial_of(4, score=0.25, curve=(), losses=(), parameters=None))
    asked = fake.asked
    assert (asked["project"], asked["name"], asked["mode"], asked["dir"]) == ("p", "n", "offline", str(tmp_path / "w"))
    assert asked["settings"]["console"] == "off"
    assert os.environ["WANDB_ERROR_REPORTING"] == "false"
    (three, first), (four, second) = fake.run.rows
    assert (three, four) == (3, 4)
    assert first == {
        "score": 0.75,
        "best": 0.75,
        "seconds": 1.5,
        "parameters": 42,
        "status": "ok",
        "controller/epsilon": 0.5,
        "architecture": "64-relu stop",
        "epochs": [
            {"epoch": 1, "score": 0.5, "loss": 2.0},
            {"epoch": 2, "score": 0.75, "loss": 1.0},
            {"epoch": 3, "score": 0.25, "loss": 0.5},
        ],
    }
    assert (second["score"], second["best"]) == (0.25, 0.75)
    assert "epochs" not in second
    assert fake.run.finished == 1


def test_a_service_that_breaks_is_one_warning(fake, tmp_path):
    said = []
    with WandB(directory=tmp_path, warn=said.append) as log:
        for score in (0.5, 0.125, 0.75):
            log(trial_of(3, score=score))
    assert len(fake.run.rows) == 1
    (warning,) = said
    assert "(the service is gone); the search goes on" in warning
    assert fake.run.finished == 1


def test_what_wandb_is_refused_for(fake, tmp_path, monkeypatch):
    with pytest.raises(BadValue, match="mode is 'offline', 'online' or 'disabled'; given 'on'"):
        WandB(mode="on")
    (tmp_path / "file").touch()
    with pytest.raises(BadValue, match="logs go into a folder"):
        WandB(directory=tmp_path / "file")
    with pytest.raises(BadValue, match="Weights & Biases cannot begin: no such account"), WandB("refused"):
        pass
    with pytest.raises(BadValue, match="used as a context"):
        WandB(directory=tmp_path)(trial_of())
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(MissingExtra, match=r"pip install 'nasedu\[wandb\]'"):
        WandB()


OFFLINE = """
import sys
from nasedu.logs import WandB
from tests.test_logs import study_in

with WandB("course", directory=sys.argv[1]) as log, study_in() as study:
    for trial in study.run(trials=4):
        log(trial)
print(log.stopped)
"""


def test_the_real_wandb_writes_offline_and_calls_nobody(tmp_path):
    """Without an account. Its server, and the proxy of all others, is a socket of this test's that nobody may call."""
    pytest.importorskip("wandb", reason="wandb is not installed: the real one is not tested")
    with socket.create_server(("127.0.0.1", 0)) as ear:
        ear.setblocking(False)
        here = f"http://127.0.0.1:{ear.getsockname()[1]}"
        kept = {
            name: value for name, value in os.environ.items() if "WANDB" not in name and "PROXY" not in name.upper()
        }
        calls = dict.fromkeys(("WANDB_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), here)
        ended = subprocess.run(
            [sys.executable, "-c", OFFLINE, str(tmp_path)],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[1],
            env={**kept, **calls, "HOME": str(tmp_path)},
        )
        assert (ended.returncode, ended.stdout) == (0, "False\n"), ended.stderr
        with pytest.raises(BlockingIOError):
            ear.accept()
    (file,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    data = file.read_bytes()
    study = study_in()
    for trial in study.run(trials=4):
        assert " ".join(trial.architecture).encode() in data
        assert repr(trial.score).encode() in data
    assert len(list(tmp_path.glob("wandb/offline-run-*/files/media/table/*.json"))) == 4


def test_a_trial_without_an_evaluation_is_not_logged():
    log = FullAfter(9, full())
    with pytest.raises(Exception, match="has no score yet"):
        log(dataclasses.replace(trial_of(), evaluation=None))
