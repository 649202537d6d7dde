"""What many tests need: one thread, workers that start at once, and tasks and small spaces that are made once."""

import multiprocessing
import os
import sys
from itertools import takewhile
from multiprocessing.context import SpawnProcess

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the networks here are too small to share

import numpy as np
import pytest

from nasedu import spaces, tasks
from nasedu.tasks.base import Sealed, Split, Task
from tests.study.children import Children


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share tests out by file, as `--dist loadscope` does, but give all of the browser's to one worker.

    They share a JupyterLab and a browser, which two workers would have to start twice. They also take longest, so files
    are shared out in the order of their names, in which the browser's come early and small ones last.
    """
    config.option.loadscopereorder = False  # else files with the most tests, not the longest ones, would come first
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)

    return ByFile(config, log) if config.option.dist == "loadscope" else None


def _forget_written_modules(tmp_path_factory):
    """Forget what was imported from a folder that tests write to: another test may write a module of the same name."""
    last = next(reversed(sys.modules))
    yield
    for name in list(takewhile(lambda name: name != last, reversed(sys.modules))):
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path_factory.getbasetemp())):
            del sys.modules[name]


forget_after_each_test = pytest.fixture(autouse=True)(_forget_written_modules)
forget_after_each_file = pytest.fixture(scope="module", autouse=True)(_forget_written_modules)


SPAWNED = SpawnProcess._Popen
IMPORTED = ["torch._dynamo", "nasedu.trainers.parallel.requests", "nbgrader.apps"]
"""What takes a fresh process seconds: torch imports the first of these when something is trained."""


@pytest.fixture(scope="session", autouse=True)
def _workers_start_at_once():
    """Instead of being spawned, workers are forked from one process which has imported all this, and has done nothing.

    They are spawned where a test starts a program of its own (the command line, orphan.py), and see `really_spawned`.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing.popen_forkserver import Popen

        multiprocessing.get_context("forkserver").set_forkserver_preload(IMPORTED)
        SpawnProcess._Popen = staticmethod(Popen)
    yield
    SpawnProcess._Popen = staticmethod(SPAWNED)


@pytest.fixture
def really_spawned(monkeypatch):
    """For what a worker inherits from the process that starts it."""
    monkeypatch.setattr(SpawnProcess, "_Popen", staticmethod(SPAWNED))


@pytest.fixture(scope="session")
def children(tmp_path_factory):
    """Other processes for the tests of stores and studies: the one that starts them takes seconds to begin."""
    children = Children(tmp_path_factory.mktemp("answers"))
    yield children
    children.close()


@pytest.fixture(scope="session")
def digits():
    return tasks.load("digits")


@pytest.fixture(scope="session")
def small_task():
    """Four classes of 6x6 images, told apart by their bright corner; 160 examples."""
    rng = np.random.default_rng(0)
    y = np.tile(np.arange(4), 40)
    X = rng.normal(0, 0.4, size=(160, 1, 6, 6)).astype(np.float32)
    X[np.arange(160), 0, 5 * (y // 2), 5 * (y % 2)] += 1.5
    parts = [Split(X[i::5].copy(), y[i::5].copy()) for i in range(5)]
    train = Split(*(np.concatenate(arrays) for arrays in zip(*parts[:3], strict=True)))
    return Task(
        name="corners",
        summary="Which corner is bright?",
        train=train,
        validation=parts[3],
        test=Sealed(parts[4]),
        outputs=4,
        source="made up",
        licence="CC0",
    )


@pytest.fixture(scope="session")
def small_space(small_task):
    return spaces.load("chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4))


@pytest.fixture(scope="session")
def heights():
    """Two numbers from 2x3 images, of their first row and of their last pixel; 100 examples."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 1, 2, 3)).astype(np.float32)
    y = np.stack([X[:, 0, 0].sum(1), 5 + 2 * X[:, 0, 1, 2]], axis=1).astype(np.float32)
    train, validation, test = (Split(X[a:b], y[a:b]) for a, b in ((0, 60), (60, 80), (80, 100)))
    return Task(
        name="heights",
        summary="How much is in the first row, and in the last pixel?",
        train=train,
        validation=validation,
        test=Sealed(test),
        outputs=2,
        kind="regression",
        source="made up",
        licence="CC0",
    )
