"""The runs of a race, one after the other or in processes of their own."""

import multiprocessing
import os
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from nasedu.core import NaseduError
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
    workers = min(workers, len(specs))
    if workers > 1 and can_pickle(benchmark, contestants):
        return _run_on_workers(benchmark, contestants, specs, workers)
    return (_run_here(benchmark, contestants, spec) for spec in specs)


def _run_on_workers(
    benchmark: TabularBenchmark, contestants: list[Contestant], specs: list[RunSpec], workers: int
) -> Iterator[Run]:
    context = multiprocessing.get_context("fork" if can_fork() else None)
    pool = ProcessPoolExecutor(workers, context, initializer=_start_worker, initargs=(benchmark, contestants))
    try:
        yield from pool.map(_run_in_worker, specs, chunksize=max(1, len(specs) // (16 * workers)))
    except BrokenProcessPool as error:
        raise NaseduError(
            "a process of the race was killed (out of memory?); workers=1 shows what it was doing, or needs less"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def can_fork() -> bool:
    """Return whether workers may be forked, and so see a student's own classes in a notebook. Safe on Linux only."""
    return sys.platform == "linux"


def can_pickle(benchmark: TabularBenchmark, contestants: list[Contestant]) -> bool:
    """Return whether a worker can be given everything: what a notebook defines cannot be pickled by its name."""
    if can_fork():
        return True
    try:
        return b"__main__" not in pickle.dumps((benchmark, contestants))
    except (pickle.PicklingError, AttributeError, TypeError):
        return False


def _start_worker(benchmark: TabularBenchmark, contestants: list[Contestant]) -> None:
    """In a fresh worker: keep what it needs, and stay on one core."""
    global _given
    _given = benchmark, contestants
    os.environ["OMP_NUM_THREADS"] = "1"
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _run_in_worker(spec: RunSpec) -> Run:
    assert _given is not None
    return _run_here(*_given, spec)


def _run_here(benchmark: TabularBenchmark, contestants: list[Contestant], spec: RunSpec) -> Run:
    return complete_run(benchmark, contestants[spec.contestant], spec.seed, spec.budget)
