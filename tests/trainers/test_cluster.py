"""A real cluster of dask's on this machine: two worker processes, one of which is killed in the middle of a search."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading

import pytest

from nasedu import Study, controllers, spaces
from nasedu.core import BadValue, MissingExtra
from nasedu.trainers.parallel.dask import Cluster, check_dask
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import wait_until
from tests.patience import patience
from tests.trainers.faulty import InOrder, Unhurried, Workshop, essence

dask = pytest.importorskip("dask", reason="needs the extra `scale`")
distributed = pytest.importorskip("distributed", reason="needs the extra `scale`")


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    # A local cluster looks 15 s after a death whether that worker is back, and gives it up for good if it is not: also
    # if it was back, and has just died once more in a later test.
    patient = dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"})
    with patient, distributed.LocalCluster(**options) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=patience(180))
        yield client


class Telling(InOrder):
    """Writes down what it is told."""

    def __init__(self, space, *, seed=0):
        super().__init__(space, seed=seed)
        self.told = []

    def tell(self, architecture, reward):
        super().tell(architecture, reward)
        self.told.append((architecture, reward))


def test_a_worker_that_is_killed_in_the_middle_of_a_training_costs_no_trial(client, small_task, tmp_path):
    space = Workshop(["4", "8", "killed once", "16", "32"], tmp_path)
    trainer = SequentialTrainer(space, small_task, device="cpu")
    together = Parallel(trainer, client.get_executor())
    assert together.workers == 2
    controller = Telling(space)
    with Study(space, controller, together, epochs=2) as study:
        found = [trial.evaluation for trial in study.run(5, batch=5)]
    assert essence(found) == essence(trainer([(name,) for name in space.networks], epochs=2, seed=0))
    assert all(e.ok for e in found)
    assert controller.told == [(e.architecture, e.score) for e in found]


def test_a_search_whose_worker_is_killed_is_the_search_of_one_worker(client, small_task, tmp_path):
    space = spaces.load("chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4), dropout=0.3)
    alone = SequentialTrainer(space, small_task, device="cpu")
    victim = sorted(client.run(os.getpid).values())[0]
    kill = threading.Timer(0.1, os.kill, (victim, signal.SIGKILL))
    searches = []
    for trainer, store in ((alone, "alone.db"), (Parallel(alone, client.get_executor()), "together.db")):
        controller = controllers.load("q-learning", space, seed=2, budget=16)
        with Study(space, controller, trainer, store=tmp_path / store, epochs=12) as study:
            for trial in study.run(16, batch=4):
                if trial.number == 3 and trainer is not alone:
                    kill.start()
            searches.append(([(t.number, t.batch, t.status) for t in study.trials], found_by(study)))
    kill.join()
    assert searches[0] == searches[1]
    assert len(searches[1][1]) == 16


def test_a_candidate_that_kills_every_worker_is_an_error(client, cluster, small_task, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # dask's own 3 would cost as many more workers
    trainer = SequentialTrainer(Workshop(["4", "killed", "8"]), small_task, device="cpu")
    found = Parallel(trainer, client.get_executor())([("4",), ("killed",), ("8",)], epochs=1, seed=0)
    assert [e.status for e in found] == ["ok", "error", "ok"]
    assert found[1].score == small_task.chance
    assert found[1].reason.endswith("also with nothing beside it: 1 worker died of it")


def test_a_worker_that_hangs_is_ended_and_the_search_goes_on(client, cluster, small_task, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # dask's own 3 would let it hang four times as often
    space = Workshop(["4", "8", "hangs in C", "16", "32"])
    trainer = Unhurried(space, small_task, device="cpu", time_limit=1.0)
    together = Parallel(trainer, client.get_executor(), grace=1.0)
    hanging = sorted(client.run(os.getpid).values())
    with Study(space, Telling(space), together, store=tmp_path / "a.db", epochs=1) as study:
        found = [trial.evaluation for trial in study.run(5, batch=5)]
        assert study.controller.told == [(e.architecture, e.score) for e in found]
        assert found_by(study) == essence(found)
    good = [e for e in found if e.architecture != ("hangs in C",)]
    assert essence(good) == essence(trainer([e.architecture for e in good], epochs=1, seed=0))
    hung = found[2]
    assert (hung.architecture, hung.status, hung.score) == (("hangs in C",), "timeout", small_task.chance)
    assert hung.seconds >= 2.0
    assert "the limit is 1 s, and as nothing else stopped it, its worker was ended" in hung.reason
    client.wait_for_workers(2, timeout=patience(180))
    now = sorted(client.run(os.getpid).values())
    assert len(now) == 2
    assert now != hanging, "dask started another worker in the place of the one that hung"


READ_AND_TRAIN = """
import sys
from nasedu.trainers.parallel.requests import read_trainer
trainer = read_trainer(sys.stdin.buffer.read())
before = set(sys.modules)
trainer([("4",)], epochs=1, seed=0)
print(len(set(sys.modules) - before))
"""


def test_what_torch_imports_late_is_not_on_the_time_of_a_fresh_workers_first_candidate(small_task):
    trainer = pickle.dumps(SequentialTrainer(Workshop(["4"]), small_task, device="cpu"))
    done = subprocess.run([sys.executable, "-c", READ_AND_TRAIN], input=trainer, capture_output=True, check=True)
    assert int(done.stdout) < 50, "torch's first optimiser imports hundreds"


def found_by(study):
    return essence(trial.evaluation for trial in study.trials)


@pytest.mark.usefixtures("client")  # until both workers are back
def test_an_address_is_all_it_takes(cluster, small_task):
    trainer = SequentialTrainer(Workshop(["4", "8", "refuses"]), small_task, device="cpu")
    asked = [("4",), ("refuses",), ("8",)]
    before = set(cluster.scheduler.clients)
    with Parallel(trainer, Cluster(cluster.scheduler_address)) as together:
        found = together(asked, epochs=1, seed=0)
        assert essence(found) == essence(trainer(asked, epochs=1, seed=0))
        together.close()
        assert essence(together(asked, epochs=1, seed=0)) == essence(found)
    together.close()
    wait_until(lambda: set(cluster.scheduler.clients) == before)
    assert len(cluster.scheduler_info["workers"]) == 2, "the cluster stays as it is"


# ---------------------------------------------------------------------- the door


def test_nobody_answers(small_task):
    trainer = SequentialTrainer(Workshop(["4"]), small_task, device="cpu")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # not listening
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(BadValue, match=rf"no dask scheduler answers at '{address}' within 0\.5 s .*start one with"):
            Parallel(trainer, Cluster(address, patience=0.5))


def test_the_wait_for_a_scheduler_is_bounded(small_task, monkeypatch):
    waits = []

    def client(address, *, timeout, **_):
        waits.append((address, timeout))
        raise OSError("nobody\nat home")

    monkeypatch.setattr(distributed, "Client", client)
    trainer = SequentialTrainer(Workshop(["4"]), small_task, device="cpu")
    with pytest.raises(BadValue, match=r"within 0\.5 s \(nobody\); start one"):
        Parallel(trainer, Cluster("tcp://there:8786", patience=0.5))
    assert waits == [("tcp://there:8786", 0.5)]


def test_a_cluster_without_workers(small_task):
    trainer = SequentialTrainer(Workshop(["4"]), small_task, device="cpu")
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(BadValue, match="has no workers: start one with `dask worker "),
    ):
        Parallel(trainer, Cluster(empty.scheduler_address, patience=0.5))


def test_without_dask_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for attempt in (check_dask, lambda: Cluster("tcp://127.0.0.1:8786")):
        with pytest.raises(MissingExtra, match=r"pip install 'nasedu\[scale\]'"):
            attempt()
