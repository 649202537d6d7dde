"""Calls go out to workers, and answers come back: also when workers die, or are ended because they hang."""

import time
import warnings
from collections import deque
from collections.abc import Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from typing import Any

from nasedu.core import BadValue, NaseduError
from nasedu.trainers.parallel.executor import Pool
from nasedu.trainers.parallel.failures import brought_down, cause_of_death, is_killed_worker
from nasedu.trainers.parallel.requests import UNKNOWN, Call, Letter, name_trainer, perform
from nasedu.trainers.parallel.threads import longest, with_share


@dataclass(eq=False)
class Errand:
    """A call on its way to a worker and back.

    Attributes:
        answer: one result for each job; None until it is there.
        carries: whether the trainer goes along.
        since: when it was sent, by `time.monotonic`.
        took: seconds from there until its worker was lost.
        deaths: how many workers it cost since then (dask tries again by itself).
        cause: what is known of the last one's end.
    """

    call: Call
    answer: list[Any] | None = None
    carries: bool = False
    since: float = 0.0
    took: float = 0.0
    deaths: int = 1
    cause: str = ""


class Dispatcher:
    """Sends calls of one trainer to the workers of a pool.

    At most one call for each worker is out at any time: when a worker dies, only these can have been the reason.

    Args:
        pool: where the workers come from.
        trainer: what is called; a worker asks for it with its first call.
        workers: how many there are.
        cores: for each of them.
        grace: seconds beyond the trainer's own limit until a worker is ended from outside.
    """

    def __init__(self, pool: Pool, trainer: Any, *, workers: int, cores: int, grace: float):
        self.pool = pool
        self.trainer = with_share(trainer, cores)
        self.workers = workers
        self.cores = cores
        self.grace = grace
        self.limit = longest(trainer)
        self.token = name_trainer(self.trainer)

    def answers(self, calls: Sequence[Call]) -> list[Any]:
        """What the trainer answered, one result for each job, in order; a failure where no worker survived.

        Raises:
            NaseduError: the pool broke and cannot be made again, or its workers die before they do anything.
            Exception: whatever the trainer itself raised.
        """
        errands = [Errand(call) for call in calls]
        try:
            self._run(deque(errands))
        except BaseException:  # also Ctrl-C: nobody waits for what the workers are doing
            self.pool.drop()
            raise
        return [result for errand in errands for result in errand.answer or ()]

    # ------------------------------------------------------------------ until all is answered

    def _run(self, waiting: deque[Errand]) -> None:
        """Until every errand has its answer."""
        while waiting:
            lost = self._run_together(waiting)
            own_worker_each = isinstance(self.pool.executor, ProcessPoolExecutor)
            hung = [errand for errand in lost if own_worker_each and self._hung(errand)]
            if len(hung) == 1:  # of several, one may have been late only because its worker had just been started
                self._settle(hung[0])
            for errand in (e for e in lost if e.answer is None):
                if len(hung) == 1:  # it worked beside one that hung, and is known to be innocent
                    waiting.appendleft(errand)
                else:
                    self._run_alone(errand)

    def _run_alone(self, errand: Errand) -> None:
        """Once more, with nothing beside it: an errand that loses its worker again has brought it down."""
        if self._run_together(deque([errand])):
            self._settle(errand)

    def _settle(self, errand: Errand) -> None:
        """An errand that brought its worker down: of several jobs each is tried by itself, one has failed."""
        parts = [Errand(call) for call in errand.call.cut(1)]
        if len(parts) == 1:
            limit = self.limit if self._hung(errand) else None
            chance = self.trainer.task.chance
            errand.answer = [brought_down(errand.call, chance, seconds=errand.took, cause=errand.cause, limit=limit)]
            return
        for part in parts:
            self._run_alone(part)
        errand.answer = [part.answer[0] for part in parts if part.answer]

    def _hung(self, errand: Errand) -> bool:
        """Whether it was out for so long that its own watchdog must have ended its workers."""
        allowed = self._allowed(errand.call)
        return allowed is not None and errand.took >= allowed * errand.deaths

    def _allowed(self, call: Call | None) -> float | None:
        """Seconds until a worker that makes this call is ended."""
        if call is None or self.limit is None:
            return None
        return self.limit * len(call.jobs) + self.grace

    # ------------------------------------------------------------------ until the pool breaks

    def _run_together(self, waiting: deque[Errand]) -> list[Errand]:
        """Keep every worker busy until all errands are answered or the pool is broken; gives back those it lost."""
        if self.pool.broken and self.pool.make is not None:
            self.pool.drop()
            self._check_life()
        executor = self.pool.open()
        out: dict[Future[Any], Errand] = {}
        lost: list[Errand] = []
        try:
            while out or (waiting and not self.pool.broken):
                while waiting and len(out) < self.workers and not self.pool.broken:
                    self._send(executor, waiting, out)
                done = wait(out, return_when=FIRST_COMPLETED).done
                while done:
                    future = done.pop()
                    errand = out.pop(future)
                    if not self._receive(future, errand):
                        lost.append(errand)
                    elif errand.answer is None:
                        waiting.appendleft(errand)
                    del future  # as long as somebody holds it, dask computes it again when a worker dies that had it
        finally:
            for future in out:
                future.cancel()
        return lost

    def _check_life(self) -> None:
        """See that fresh workers live and can read the trainer: if not, no candidate is to blame for their deaths."""
        try:
            self.pool.open().submit(perform, self._letter(None, carries=True)).result()
        except BrokenExecutor as error:
            raise NaseduError(
                f"workers die before they train anything ({cause_of_death(self.pool.executor) or error}). A script "
                "that uses worker processes must do its work behind `if __name__ == '__main__':`; else see what they "
                "said on standard error, and how much memory is free"
            ) from error

    # ------------------------------------------------------------------ one errand

    def _send(self, executor: Executor, waiting: deque[Errand], out: dict[Future[Any], Errand]) -> None:
        """Send the next errand; it stays where it is if the pool turns out to be broken."""
        errand = waiting[0]
        letter = self._letter(errand.call, carries=errand.carries)
        try:
            with warnings.catch_warnings():  # the trainer holds the data, and travels once
                warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
                future = executor.submit(perform, letter)
        except BrokenExecutor as error:
            self.pool.broken = error
            return
        except RuntimeError as error:
            raise NaseduError(f"the executor takes no more work ({error}): give Parallel one that is open") from error
        errand.since = time.monotonic()
        out[future] = waiting.popleft()

    def _letter(self, call: Call | None, *, carries: bool) -> bytes:
        limits = {"deadline": self._allowed(call), "cores": self.cores}
        return Letter.about(self.trainer, self.token, call, carries=carries, **limits).sealed()

    def _receive(self, future: Future[Any], errand: Errand) -> bool:
        """Whether the worker came back; with an answer, or with the wish to be sent the trainer."""
        try:
            answer = future.result()
        except (BrokenExecutor, CancelledError) as error:
            self.pool.broken = error
            errand.cause = cause_of_death(self.pool.executor)
        except Exception as error:
            if not is_killed_worker(error):
                raise
            errand.deaths = error.allowed_failures + 1  # type: ignore[attr-defined]
            errand.cause = f"{errand.deaths} worker{'s' if errand.deaths > 1 else ''} died of it"
        else:
            errand.carries = answer == UNKNOWN
            errand.answer = None if errand.carries else self._checked(answer, errand.call)
            return True
        errand.took = time.monotonic() - errand.since
        return False

    def _checked(self, answer: list[Any], call: Call) -> list[Any]:
        if len(answer) != len(call.jobs):
            raise BadValue(
                f"the trainer {type(self.trainer).__name__} was given {len(call.jobs)} architectures and returned "
                f"{len(answer)} results: an Evaluation for each is expected, in the same order"
            )
        return answer
