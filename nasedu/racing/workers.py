"""The runs of a race, one after the other or in processes of their own."""

import os
import pickle
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from nasedu.core import NaseduError
from nasedu.core.machine import in_browser
from nasedu.racing.contestant import Contestant
from nasedu.racing.run import Run, TabularBenchmark, complete_run


class RunSpec(NamedTuple):
    """What to run: a contestant by its place in the list, a seed, and the number of different networks."""

    contestant: int
    seed: int
    budget: int


_given: tuple[TabularBenchmark, list[Contestant]] | None = None
"""In a worker: what it was started with."""


def run_all(
    benchmark: TabularBenchmark, contestants: list[Contestant], specs: list[RunSpec], workers: int
) -> Iterator[Run]:
    """Yield a run for each spec, in their order.

    Raises:
        NaseduError: a process was killed.
        Any error of a controller (see `nasedu.racing.run.run_steps`).
    """
    workers = 1 if in_browser() else min(workers, len(specs))
    sent = to_send(benchmark, contestants) if workers > 1 else None
    if sent is not None:
        return _run_on_workers(sent, specs, workers)
    return (_run_here(benchmark, contestants, spec) for spec in specs)


def _run_on_workers(sent: Any, specs: list[RunSpec], workers: int) -> Iterator[Run]:
    import multiprocessing  # here: a browser has no processes, and a race there does without
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("fork" if can_fork() else None)
    pool = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(sent,))
    try:
        yield from pool.map(_run_in_worker, specs, chunksize=max(1, len(specs) // (16 * workers)))
    except BrokenProcessPool as error:
        raise NaseduError(
            "a process of the race was killed (out of memory?); workers=1 shows what it was doing, or needs less"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def can_fork() -> bool:
    """Return whether a worker can be forked, and has all that this process has. Safe on Linux only."""
    return sys.platform == "linux"


def to_send(benchmark: TabularBenchmark, contestants: list[Contestant]) -> Any:
    """Return what `_start_worker` gets: pickled, with classes of a notebook, unless a fork has it already.

    None for what cannot be pickled.
    """
    if can_fork():
        return benchmark, contestants
    import cloudpickle  # here: a race in a browser has one process, and no cloudpickle

    try:
        return cloudpickle.dumps((benchmark, contestants))
    except Exception:  # an object of the user's may raise any error when it is pickled
        return None


def _start_worker(sent: Any) -> None:
    """In a fresh worker: keep what it needs, and stay on one core."""
    global _given
    _given = pickle.loads(sent) if isinstance(sent, bytes) else sent
    os.environ["OMP_NUM_THREADS"] = "1"
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _run_in_worker(spec: RunSpec) -> Run:
    assert _given is not None
    return _run_here(*_given, spec)


def _run_here(benchmark: TabularBenchmark, contestants: list[Contestant], spec: RunSpec) -> Run:
    return complete_run(benchmark, contestants[spec.contestant], spec.seed, spec.budget)
