"""Ctrl-C in the middle of a call, as in a notebook: nobody waits for the workers, and the next call has fresh ones."""

import multiprocessing
import signal
import threading
from pathlib import Path

import pytest

from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import wait_until
from tests.trainers.faulty import Workshop, essence


class Announcing(Workshop):
    """Leaves a file for each network that is being built."""

    def build(self, architecture):
        (Path(self.folder) / architecture[0]).touch()
        return super().build(architecture)


@pytest.fixture
def hears_ctrl_c():
    """A shell lets what it starts in the background ignore Ctrl-C, and tests may be run so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")
def test_ctrl_c_in_a_call_ends_the_workers_and_the_next_call_has_new_ones(small_task, tmp_path):
    trainer = SequentialTrainer(Announcing(["4", "8", "loops"], tmp_path), small_task, device="cpu")
    before = set(multiprocessing.active_children())
    here = threading.get_ident()

    def press():
        wait_until((tmp_path / "loops").exists)
        signal.pthread_kill(here, signal.SIGINT)

    person = threading.Thread(target=press)
    with Parallel(trainer, processes(2)) as together:
        good = together([("4",), ("8",)], epochs=1, seed=0)
        person.start()
        with pytest.raises(KeyboardInterrupt):
            together([("4",), ("loops",), ("8",)], epochs=1, seed=0)
        person.join()
        wait_until(lambda: set(multiprocessing.active_children()) == before)
        assert essence(together([("4",), ("8",)], epochs=1, seed=0)) == essence(good)
