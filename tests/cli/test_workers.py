"""`nasedu search --workers N` and `--dask ADDRESS`: the same search, done by others, and no process left behind."""

import signal
import socket
import sys

import psutil
import pytest

from nasedu.cli.search_config import worker_notes
from nasedu.cli.study_record import records_in
from nasedu.trainers.parallel import dask
from nasedu.trainers.parallel.trainer import Parallel
from tests.cli.conftest import SMALL, found_in, wait_for_line, wait_until


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_search_that_is_asked_to_stop_leaves_no_process_and_goes_on_as_if_it_had_never_been(
    process, nasedu, tmp_path
):
    command = (*SMALL, "--trials", 8)
    stopped = process(*command, "--workers", 2, "--store", "stopped.db")
    wait_for_line(stopped, "2/8")
    children = psutil.Process(stopped.pid).children(recursive=True)
    assert len([child for child in children if "spawn_main" in " ".join(child.cmdline())]) == 2
    stopped.send_signal(signal.SIGTERM)
    _, err = stopped.communicate()
    assert stopped.returncode == 143
    assert "Traceback" not in err
    wait_until(lambda: not any(child.is_running() for child in children))
    (record,) = records_in(tmp_path / "stopped.db").values()
    assert 2 <= len(record.trials) < 8
    assert err.splitlines()[-1] == f"stopped after {len(record.trials)} trials; the same command goes on from there"
    for arguments in (("--workers", 2, "--store", "stopped.db"), ("--store", "whole.db")):
        assert nasedu(*command, *arguments).exit_code == 0
    assert found_in("stopped.db") == found_in("whole.db")


# ---------------------------------------------------------------------- bad values


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--workers", 0), "workers is a whole number of at least 1; given 0"),
        (("--workers", -2), "workers is a whole number of at least 1; given -2"),
        (("--workers", 2, "--dask", "tcp://127.0.0.1:8786"), "give one of the two"),
        (("--dask", "here"), "--dask takes a scheduler's address, such as tcp://192.168.1.2:8786; given 'here'"),
    ],
)
def test_bad_values_are_one_line_and_leave_nothing_behind(nasedu, tmp_path, arguments, expected):
    assert expected in refused(nasedu, tmp_path, *arguments)


def refused(nasedu, tmp_path, *arguments):
    """The one line with which a search is refused; nothing was written."""
    result = nasedu(*SMALL, "--trials", 2, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
    return result.stderr


def test_a_cluster_needs_its_extra(nasedu, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'nasedu[scale]'" in refused(nasedu, tmp_path, "--dask", "tcp://127.0.0.1:8786")


def test_an_address_at_which_nobody_answers(nasedu, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="needs the extra `scale`")
    monkeypatch.setattr(dask.Cluster.__init__, "__defaults__", (0.5,))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert f"no dask scheduler answers at '{address}'" in refused(nasedu, tmp_path, "--dask", address)


def test_a_search_on_a_cluster_is_the_same_search(nasedu):
    distributed = pytest.importorskip("distributed", reason="needs the extra `scale`")
    command = (*SMALL, "--trials", 3)
    nasedu(*command, "--store", "here.db")
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0") as there:
        result = nasedu(*command, "--dask", there.scheduler_address, "--store", "there.db")
    assert result.exit_code == 0, result.stderr
    assert found_in("here.db") == found_in("there.db")


# ---------------------------------------------------------------------- notes


class Crew(Parallel):
    """Workers that nobody has to start."""

    def __init__(self, workers, oversubscription=""):
        self.workers, self.oversubscription = workers, oversubscription


def test_workers_without_work_are_worth_a_note():
    (line,) = worker_notes(Crew(3), 2)
    assert line == "a batch of 2 gives work to 2 of 3 workers at a time; --batch 3 would keep all of them busy"
    assert list(worker_notes(Crew(3), 3)) == []
    assert list(worker_notes(Crew(4, "they share 1 core"), 4)) == ["they share 1 core"]
    assert list(worker_notes(object(), 1)) == []


def test_the_line_is_shown_at_the_terminal_and_the_study_is_still_the_same(nasedu):
    nasedu(*SMALL, "--trials", 1)
    result = nasedu(*SMALL, "--trials", 1, "--workers", 3)
    assert "nothing is left to train" in result.stderr
    assert "note: a batch of 2 gives work to 2 of 3 workers at a time; --batch 3 would " in result.stderr
    assert len(records_in("nasedu.db")) == 1
