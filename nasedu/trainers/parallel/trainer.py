"""Many workers for one trainer: threads, processes, or the machines of a cluster, by changing one argument."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from math import ceil
from typing import Any, Self

from nasedu.core import Architecture, BadValue, Evaluation
from nasedu.trainers.base import Continuing, check_is_trainer, close_trainer, settings_of
from nasedu.trainers.jobs import Job, jobs_for, one_state_each
from nasedu.trainers.parallel.dispatcher import Dispatcher
from nasedu.trainers.parallel.executor import RestartableExecutor, count_workers
from nasedu.trainers.parallel.pickling import check_picklable
from nasedu.trainers.parallel.processes import check_workers
from nasedu.trainers.parallel.requests import Call
from nasedu.trainers.parallel.threads import cores_each, oversubscription

GROUPS_PER_WORKER = 2
"""Groups of architectures for each worker in one call of a study: a worker that is done early finds more to do. A study
stores results when a call is done, so more groups would also mean more to do again after a power cut."""


class Parallel:
    """Share a trainer's work out among workers, each architecture (or group of them) to one.

        with Parallel(trainer, nasedu.trainers.processes(2)) as trainer:
            study = Study(space, controller, trainer, store="digits.db")

    The results are those of the trainer alone, in the same order: a study with one worker and one with eight are the
    same study, trial for trial, and one can go on with the other. A study is only as parallel as its batch.

    - `nasedu.trainers.processes(2)`: processes on this machine. One that dies is made again, one that hangs is ended.
    - `ProcessPoolExecutor(2, get_context("spawn"))`: the same, but when a worker dies or is ended the pool is broken,
      and that is an error that says so. Give a function that makes the pool, and it is made again.
    - `ThreadPoolExecutor(2)`: threads of this process, for trainers that leave Python's lock alone most of the time.
      A crash takes this process with it, and nothing can end a thread that hangs.
    - `Client(...).get_executor()`: a cluster of dask's, which tries again by itself when a worker dies, up to three
      times; one that hangs is ended.

    A worker that dies is no candidate's fault at first: what was being trained is trained again, each network alone.
    One that brings its worker down again is a result with status `error`, one that was ended because it hung has the
    status `timeout`, both with the chance score. On a cluster where networks hang, set dask's
    `distributed.scheduler.allowed-failures` to 0, or each of them hangs four times.

    The trainer travels to each worker once, by pickle, and is not to be changed afterwards. Classes and functions that
    a notebook or a script defines travel with it. A trainer with `threads` of None gets its share of the cores in each
    worker. Successive halving compares the architectures of a call: it goes around, `Halving(Parallel(trainer, ...))`.

    Args:
        trainer: any trainer.
        executor: any `concurrent.futures.Executor`, which stays open; or a function without arguments that makes one,
            so that it can be made again when it breaks.
        workers: how many there are; by default what the executor says.
        grace: seconds beyond the trainer's own `time_limit` until a worker is ended from outside.

    Attributes:
        oversubscription: a warning if there are more working threads than this machine has cores, else "".

    Raises:
        BadValue: no trainer; no executor, or one that does not say how many workers it has; a trainer that cannot be
            sent to another process, with the part of it that cannot be pickled.
    """

    name = "parallel"

    def __new__(cls, trainer: Any = None, *_: Any, **__: Any) -> Any:
        """With `extend` if the trainer has it: who asks `isinstance(trainer, Continuing)` gets a true answer."""
        return super().__new__(ParallelContinuing if cls is Parallel and isinstance(trainer, Continuing) else cls)

    def __init__(
        self,
        trainer: Any,
        executor: Executor | Callable[[], Executor],
        *,
        workers: int | None = None,
        grace: float = 30.0,
    ):
        check_trainer(trainer)
        if not grace > 0:
            raise BadValue(f"grace is a number of seconds above 0; given {grace!r}")
        self.trainer = trainer
        self.executor = executor
        self.grace = grace
        self.space = trainer.space
        self.task = trainer.task
        self._pool = RestartableExecutor(executor)
        try:
            opened = self._pool.open()
            self.workers = count_workers(opened) if workers is None else check_workers(workers)
            if not isinstance(opened, ThreadPoolExecutor):
                check_picklable(trainer)
        except BaseException:
            self._pool.close()
            raise
        self.preferred_batch = GROUPS_PER_WORKER * self.workers * trainer.preferred_batch
        here = isinstance(opened, ThreadPoolExecutor | ProcessPoolExecutor)
        self.oversubscription = oversubscription(trainer, self.workers) if here else ""
        cores = cores_each(self.workers) if here else 1  # a cluster counts a worker for each core
        self._dispatcher = Dispatcher(self._pool, trainer, workers=self.workers, cores=cores, grace=grace)

    @property
    def described_by(self) -> Any:
        """Return the trainer inside: where it works changes no study (see `nasedu.core.describe`)."""
        return self.trainer

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`."""
        return self._divided("__call__", jobs_for(self.space, architectures, epochs, seed, total=epochs))

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: int | Sequence[int] | None = None
    ) -> Evaluation:
        """See `nasedu.trainers.base.Trainer`; a worker does it, so that a test cannot end this process either."""
        jobs = jobs_for(self.space, [architecture], epochs, seed, total=epochs)
        return self._dispatcher.answers([Call("retrain_and_test", jobs, [None], best_epoch)])[0]

    def _divided(self, method: str, jobs: Sequence[Job], states: Sequence[Any] | None = None) -> list[Any]:
        """Return what the trainer answers; no worker gets more in one call than the trainer's `preferred_batch`."""
        size = max(min(self.trainer.preferred_batch, ceil(len(jobs) / self.workers)), 1)
        return self._dispatcher.answers(Call(method, jobs, one_state_each(jobs, states)).split(size))

    def around(self, trainer: Any) -> Any:
        """Return the same kind of workers for another trainer."""
        return Parallel(trainer, self.executor, workers=self.workers, grace=self.grace)

    def close(self) -> None:
        """End the workers if they were made here. Called again, `Parallel` makes new ones."""
        self._pool.close()
        close_trainer(self.trainer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self.trainer).__name__} on {self.workers} workers>"


class ParallelContinuing(Parallel):
    """`Parallel` of a trainer that can go on with a training."""

    def extend(
        self,
        architectures: Sequence[Architecture],
        *,
        epochs: int,
        seed: int | Sequence[int],
        total: int,
        states: Sequence[Any] | None = None,
    ) -> list[tuple[Evaluation, Any]]:
        """See `nasedu.trainers.base.Continuing`."""
        return self._divided("extend", jobs_for(self.space, architectures, epochs, seed, total=total), states)


def check_trainer(trainer: Any) -> None:
    """Raise BadValue for what is no trainer, or one whose candidates race against each other."""
    check_is_trainer(trainer, "Parallel")
    if settings_of(trainer).cohort is not None:
        outer = type(trainer).__name__
        raise BadValue(
            f"{outer} compares the architectures of a call, and workers would divide them: put Parallel inside, "
            f"{outer}(Parallel(trainer, executor))"
        )
