"""Worker processes on this machine, for `Parallel`; how the workers of an executor end, and are ended.

The pool is the standard library's, not loky's: loky's busy workers outlive a parent that is killed, and hear Ctrl-C.
"""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from nasedu.core import check_counts

THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def processes(workers: int) -> Callable[[], Executor]:
    """Return a function that makes a pool of worker processes: `Parallel(trainer, nasedu.trainers.processes(2))`.

    The processes are spawned, not forked: a fork of a process in which torch has run may hang. They end when this
    process ends, also when it is killed; Ctrl-C is for this process alone; libraries get one core each, unless a
    trainer asks for more. A script that uses them must do its work behind `if __name__ == "__main__":`.

    Args:
        workers: how many processes, at least 1.

    Raises:
        BadValue: workers below 1.
    """
    return partial(ProcessPool, check_workers(workers))


def check_workers(workers: Any) -> int:
    """Raise BadValue unless it is a whole number of at least 1."""
    check_counts(workers=workers)
    return workers


class ProcessPool(ProcessPoolExecutor):
    """Spawned processes that end with their parent."""

    def __init__(self, workers: int):
        self._context = Context()
        super().__init__(workers, mp_context=self._context, initializer=begin)

    @property
    def started(self) -> list[Any]:
        """Return every process of this pool, also one whose start was cut off by Ctrl-C."""
        return self._context.started


class Context(SpawnContext):
    """How a pool starts its processes; remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> "Worker":  # type: ignore[override]  # noqa: N802
        worker = Worker(*args, **kwargs)
        self.started.append(worker)
        return worker


class Worker(SpawnProcess):
    """A process that ignores Ctrl-C, and whose libraries get one core, from its start: before its own code runs."""

    def start(self) -> None:
        with one_core_each(), ctrl_c_blocked():
            super().start()


@contextmanager
def one_core_each() -> Iterator[None]:
    """Give one core to processes that are started inside: in the environment, which libraries read when they load."""
    before = os.environ.copy()
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name in THREAD_LIMITS:
            del os.environ[name]
        os.environ.update({name: before[name] for name in THREAD_LIMITS if name in before})


@contextmanager
def ctrl_c_blocked() -> Iterator[None]:
    """Keep the Ctrl-C that a terminal sends to all from processes that are started inside."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin() -> None:
    """Ignore Ctrl-C, warn in plain lines, and end with the parent; called in a fresh worker."""
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"  # it writes beside the parent's lines
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


# ---------------------------------------------------------------------- the processes of any executor


def processes_of(executor: Executor | None) -> list[Any]:
    """Return the worker processes of a pool on this machine, dead ones included; none for any other executor."""
    started = getattr(executor, "started", None)
    found = started if started is not None else (getattr(executor, "_processes", None) or {}).values()
    return [process for process in found if process.pid is not None]


def exit_code(process: Any, patience: float = 1.0) -> int | None:
    """Return how a process ended that is about to; None if it does not.

    A dying process closes its pipes, which breaks the pool, a moment before it is gone; and when the pool's own thread
    waits for it too, `join` may return before its exit code is known. Hence the patience, in seconds.
    """
    until = time.monotonic() + patience
    while process.exitcode is None and time.monotonic() < until:
        time.sleep(0.005)
    code: int | None = process.exitcode
    return code


def cause_of_death(executor: Executor | None) -> str:
    """Return how the first worker of a broken pool ended, if that can be known; the others were ended after it."""
    codes = [exit_code(process) for process in processes_of(executor)]
    code = next((code for code in codes if code not in (None, 0, -signal.SIGTERM)), None)
    if code is None:
        return ""
    if code > 0:
        return f"it ended with exit code {code}"
    name = signal.Signals(-code).name
    kills = ", which is what a system does that runs out of memory" if name == "SIGKILL" else ""
    return f"it was ended by {name}{kills}"


def kill(executor: Executor) -> None:
    """End an executor without waiting for what its workers are doing."""
    started = processes_of(executor)
    for process in started:
        process.kill()
    executor.shutdown(wait=False)
    for process in started:
        exit_code(process, patience=5)
