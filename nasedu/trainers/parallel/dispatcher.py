"""Calls go out to workers, and answers come back: also when workers die, or are ended because they hang."""

import time
import uuid
import warnings
from collections import deque
from collections.abc import Sequence
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import cloudpickle

from nasedu.core import BadValue, Evaluation, NaseduError, counted
from nasedu.trainers.base import TIME_TO_TEST
from nasedu.trainers.parallel import requests
from nasedu.trainers.parallel.dask import is_killed_worker
from nasedu.trainers.parallel.executor import RestartableExecutor
from nasedu.trainers.parallel.processes import cause_of_death
from nasedu.trainers.parallel.threads import time_limit_each, with_threads


@dataclass(eq=False)
class PendingCall:
    """A call on its way to a worker and back.

    Attributes:
        answer: one result for each job; None until it is there.
        includes_trainer: whether the trainer goes along.
        sent_at: when it was sent, by `time.monotonic`.
        seconds: from there until its worker was lost.
        deaths: how many workers it cost since then (dask tries again by itself).
        cause: what is known of the last one's end.
    """

    call: requests.Call
    answer: list[Any] | None = None
    includes_trainer: bool = False
    sent_at: float = 0.0
    seconds: float = 0.0
    deaths: int = 1
    cause: str = ""


class Dispatcher:
    """Sends calls of one trainer to the workers of an executor.

    At most one call for each worker is out at any time: when a worker dies, only these can have been the reason.

    Args:
        pool: where the workers come from.
        trainer: what is called; a worker asks for it with its first call.
        workers: how many there are.
        cores: for each of them.
        grace: seconds beyond the trainer's own limit until a worker is ended from outside.
    """

    def __init__(self, pool: RestartableExecutor, trainer: Any, *, workers: int, cores: int, grace: float):
        self.pool = pool
        self.trainer = with_threads(trainer, cores)
        self.workers = workers
        self.cores = cores
        self.grace = grace
        self.limit = time_limit_each(trainer)
        self.trainer_id = requests.register_trainer(self.trainer)

    def answers(self, calls: Sequence[requests.Call]) -> list[Any]:
        """Return what the trainer answered, one result for each job, in order; a failure where no worker survived.

        Raises:
            NaseduError: the pool broke and cannot be made again, or its workers die before they do anything.
            Exception: whatever the trainer itself raised.
        """
        pending = [PendingCall(call) for call in calls]
        try:
            self._run(deque(pending))
        except BaseException:  # also Ctrl-C: nobody waits for what the workers are doing
            self.pool.close()
            raise
        return [result for one in pending for result in one.answer or ()]

    # ------------------------------------------------------------------ until all is answered

    def _run(self, waiting: deque[PendingCall]) -> None:
        """Run until every call has its answer."""
        while waiting:
            lost = self._run_until_broken(waiting)
            own_worker_each = isinstance(self.pool.executor, futures.ProcessPoolExecutor)
            hung = [one for one in lost if own_worker_each and self._hung(one)]
            if len(hung) == 1:  # of several, one may have been late only because its worker had just been started
                self._settle(hung[0])
            for one in (one for one in lost if one.answer is None):
                if len(hung) == 1:  # it ran at the same time as the one that hung, and is known to be innocent
                    waiting.appendleft(one)
                else:
                    self._run_alone(one)

    def _run_alone(self, pending: PendingCall) -> None:
        """Run a call once more, and nothing else: if it loses its worker again, it has brought the worker down."""
        if self._run_until_broken(deque([pending])):
            self._settle(pending)

    def _settle(self, pending: PendingCall) -> None:
        """Answer a call that brought its worker down: of several jobs each is tried by itself, one has failed."""
        parts = [PendingCall(call) for call in pending.call.split(1)]
        if len(parts) == 1:
            pending.answer = [self._failure(pending)]
            return
        for part in parts:
            self._run_alone(part)
        pending.answer = [part.answer[0] for part in parts if part.answer]

    def _failure(self, pending: PendingCall) -> Any:
        """Return the result of the one job of a call that its worker did not survive."""
        job, seconds = pending.call.jobs[0], pending.seconds
        hung = self._hung(pending)
        reason = f"it brought its worker down, also with nothing beside it: {pending.cause or 'the worker died'}"
        if hung:
            reason = (
                f"no answer after {seconds:.1f} s; the limit is {self.limit:g} s, and as nothing else stopped it, "
                "its worker was ended"
            )
        evaluation = Evaluation(
            job.architecture,
            self.trainer.task.chance,
            "timeout" if hung else "error",
            seconds=seconds,
            epochs=job.epochs,
            seed=job.seed,
            reason=reason,
        )
        return (evaluation, None) if pending.call.method == "extend" else evaluation

    def _hung(self, pending: PendingCall) -> bool:
        """Return whether it was out for so long that its own watchdog must have ended its workers."""
        limit = self._time_limit(pending.call)
        return limit is not None and pending.seconds >= limit * pending.deaths

    def _time_limit(self, call: requests.Call | None) -> float | None:
        """Return the seconds until a worker that makes this call is ended."""
        if call is None or self.limit is None:
            return None
        limits = TIME_TO_TEST if call.method == "retrain_and_test" else len(call.jobs)
        return self.limit * limits + self.grace

    # ------------------------------------------------------------------ until the pool breaks

    def _run_until_broken(self, waiting: deque[PendingCall]) -> list[PendingCall]:
        """Keep every worker busy until all calls are answered or the pool is broken; return those that it lost."""
        if self.pool.broken and self.pool.make is not None:
            self.pool.close()
            self._check_life()
        executor = self.pool.open()
        out: dict[futures.Future[Any], PendingCall] = {}
        lost: list[PendingCall] = []
        try:
            while out or (waiting and not self.pool.broken):
                while waiting and len(out) < self.workers and not self.pool.broken:
                    self._send(executor, waiting, out)
                done = futures.wait(out, return_when=futures.FIRST_COMPLETED).done
                while done:
                    future = done.pop()
                    pending = out.pop(future)
                    if not self._receive(future, pending):
                        lost.append(pending)
                    elif pending.answer is None:
                        waiting.appendleft(pending)
                    del future  # as long as somebody holds it, dask computes it again when a worker dies that had it
        finally:
            for future in out:
                future.cancel()
        return lost

    def _check_life(self) -> None:
        """See that fresh workers live and can read the trainer: if not, no candidate is to blame for their deaths."""
        try:
            self.pool.open().submit(requests.handle, self._request(None, includes_trainer=True)).result()
        except futures.BrokenExecutor as error:
            raise NaseduError(
                f"workers die before they train anything ({cause_of_death(self.pool.executor) or error}). A script "
                "that uses worker processes must do its work behind `if __name__ == '__main__':`; else see what they "
                "said on standard error, and how much memory is free"
            ) from error

    # ------------------------------------------------------------------ one call

    def _send(
        self, executor: futures.Executor, waiting: deque[PendingCall], out: dict[futures.Future[Any], PendingCall]
    ) -> None:
        """Send the next call; it stays where it is if the pool turns out to be broken."""
        pending = waiting[0]
        request = self._request(pending.call, includes_trainer=pending.includes_trainer)
        try:
            with warnings.catch_warnings():  # the trainer holds the data, and travels once
                warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
                future = executor.submit(requests.handle, request)
        except futures.BrokenExecutor as error:
            self.pool.broken = error
            return
        except RuntimeError as error:
            raise NaseduError(f"the executor takes no more work ({error}): give Parallel one that is open") from error
        pending.sent_at = time.monotonic()
        out[future] = waiting.popleft()

    def _request(self, call: requests.Call | None, *, includes_trainer: bool) -> bytes:
        request = requests.Request(
            self.trainer_id,
            requests.this_process(),
            call,
            time_limit=self._time_limit(call),
            cores=self.cores,
            trainer=cloudpickle.dumps(self.trainer) if includes_trainer else None,
            number=uuid.uuid4().hex,
        )
        return cloudpickle.dumps(request)

    def _receive(self, future: futures.Future[Any], pending: PendingCall) -> bool:
        """Return whether the worker came back; with an answer, or with the wish to be sent the trainer."""
        try:
            answer = requests.answer_of(future.result())
        except (futures.BrokenExecutor, futures.CancelledError) as error:
            self.pool.broken = error
            pending.cause = cause_of_death(self.pool.executor)
        except Exception as error:
            if not is_killed_worker(error):
                raise
            pending.deaths = error.allowed_failures + 1  # type: ignore[attr-defined]
            pending.cause = f"{counted(pending.deaths, 'worker')} died of it"
        else:
            pending.includes_trainer = answer == requests.TRAINER_NEEDED
            pending.answer = None if pending.includes_trainer else self._checked(answer, pending.call)
            return True
        pending.seconds = time.monotonic() - pending.sent_at
        return False

    def _checked(self, answer: list[Any], call: requests.Call) -> list[Any]:
        if len(answer) != len(call.jobs):
            raise BadValue(
                f"the trainer {type(self.trainer).__name__} was given {len(call.jobs)} architectures and returned "
                f"{len(answer)} results: an Evaluation for each is expected, in the same order"
            )
        return answer
