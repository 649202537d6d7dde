"""The runs of a race, one after the other or in processes of their own."""

import multiprocessing
import os
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from nasedu.core import NaseduError
from nasedu.racing import run
from nasedu.racing.contestant import Contestant
from nasedu.racing.run import Benchmark, Run

Start = tuple[int, int, int]  # which contestant, with which seed, for how many networks

_here: tuple[Benchmark, list[Contestant]] | None = None
"""In a worker: what it was started with."""


def run_all(benchmark: Benchmark, runners: list[Contestant], starts: list[Start], workers: int) -> Iterator[Run]:
    """Yield every run, in the order of the starts."""
    workers = min(workers, len(starts))
    sent = to_send(benchmark, runners) if workers > 1 else None
    if sent is not None:
        return run_on_workers(sent, starts, workers)
    return (run_here(benchmark, runners, start) for start in starts)


def run_on_workers(sent: Any, starts: list[Start], workers: int) -> Iterator[Run]:
    context = multiprocessing.get_context("fork" if can_fork() else None)
    pool = ProcessPoolExecutor(workers, context, initializer=begin, initargs=(sent,))
    try:
        yield from pool.map(run_in_worker, starts, chunksize=max(1, len(starts) // (16 * workers)))
    except BrokenProcessPool as error:
        raise NaseduError(
            "a process of the race was killed (out of memory?); workers=1 shows what it was doing, or needs less"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def can_fork() -> bool:
    """Return whether a worker can be forked, and has all that this process has. Safe on Linux only."""
    return sys.platform == "linux"


def to_send(benchmark: Benchmark, runners: list[Contestant]) -> Any:
    """Return what `begin` gets: pickled, with classes and functions of a notebook, unless a fork has it already.

    None for what cannot be pickled.
    """
    if can_fork():
        return benchmark, runners
    import cloudpickle  # here: a race in a browser has one process, and no cloudpickle

    try:
        return cloudpickle.dumps((benchmark, runners))
    except Exception:  # whatever a part says that cannot be pickled
        return None


def begin(sent: Any) -> None:
    """In a fresh worker: keep what it needs, and stay on one core."""
    global _here
    _here = pickle.loads(sent) if isinstance(sent, bytes) else sent
    os.environ["OMP_NUM_THREADS"] = "1"
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def run_in_worker(start: Start) -> Run:
    assert _here is not None
    return run_here(*_here, start)


def run_here(benchmark: Benchmark, runners: list[Contestant], start: Start) -> Run:
    place, seed, length = start
    try:
        return run.run(benchmark, runners[place], seed, length)
    except Exception as error:
        error.add_note(f"in a race, where {runners[place].label} ran with seed {seed}")
        raise
