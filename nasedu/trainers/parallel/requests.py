"""One call of a trainer, made in a worker: what travels there, and what the worker does with it.

A trainer holds the data, so it travels once to each worker and not with each call: a request names it by an id, and a
worker that does not know the id asks for the trainer. Pickle is the transport here; nothing of it ever lies on a disk.
"""

import os
import pickle
import socket
import sys
import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import cloudpickle

from nasedu.core import BadValue, NaseduError
from nasedu.trainers.jobs import Job
from nasedu.trainers.parallel.threads import threads_limited
from nasedu.trainers.parallel.watchdog import ended_after

CACHED = 2  # trainers that a worker remembers: a search and its successor in a notebook
TRAINER_NEEDED = "this worker does not know the trainer"


class Call(NamedTuple):
    """One call of a trainer.

    Attributes:
        method: "__call__", "retrain_and_test" or "extend"; see `nasedu.trainers.base`.
        jobs: what it is asked to do, of the same epochs and total.
        states: for "extend", one for each job; None where a training begins.
        best_epoch: for "retrain_and_test", which has one job.
    """

    method: str
    jobs: Sequence[Job]
    states: Sequence[Any]
    best_epoch: int | Sequence[int] | None = None

    def split(self, size: int) -> list["Call"]:
        """Return the same as calls of at most `size` jobs each, in order."""
        starts = range(0, len(self.jobs), size)
        return [Call(self.method, self.jobs[s : s + size], self.states[s : s + size]) for s in starts]

    def run(self, trainer: Any) -> list[Any]:
        """Return what the trainer answers: one result for each job."""
        epochs, total = self.jobs[0].epochs, self.jobs[0].total
        if self.method == "retrain_and_test":
            (job,) = self.jobs
            stop = self.best_epoch
            return [trainer.retrain_and_test(job.architecture, epochs=total, seed=job.seed, best_epoch=stop)]
        architectures, seeds = [job.architecture for job in self.jobs], [job.seed for job in self.jobs]
        if self.method == "extend":
            return trainer.extend(architectures, epochs=epochs, seed=seeds, total=total, states=self.states)
        return trainer(architectures, epochs=epochs, seed=seeds)


class Request(NamedTuple):
    """What is sent to a worker: as bytes, in which no executor looks for something to replace.

    Attributes:
        trainer_id: names the trainer.
        sender: the process that sent it, as host and process number.
        call: what to do; None only asks whether the worker lives and can read the trainer.
        time_limit: seconds until the worker's process is ended, if it is not the sender's own; None for never.
        cores: that a trainer may use which does not limit itself.
        trainer: pickled, if the worker is thought not to know it.
        number: makes every request different: dask answers two equal requests with one answer.
    """

    trainer_id: str
    sender: tuple[str, int]
    call: Call | None
    time_limit: float | None
    cores: int
    trainer: bytes | None
    number: str


def handle(pickled: bytes) -> Any:
    """Return a worker's answer to a request, or TRAINER_NEEDED if it has to come again with the trainer.

    An answer to another process is pickled here: the executor's own pickle knows no class of a notebook.

    Raises:
        Exception: whatever the trainer raises; NaseduError in its place if that cannot be sent.
    """
    request: Request = pickle.loads(pickled)
    trainer = find_trainer(request)
    if trainer is None:
        return TRAINER_NEEDED
    if request.call is None:
        return []
    if request.sender == this_process():
        with threads_limited(trainer, request.cores):
            return request.call.run(trainer)
    try:
        with threads_limited(trainer, request.cores), ended_after(request.time_limit):
            return cloudpickle.dumps(request.call.run(trainer))
    except Exception as error:
        failure = sendable(error)
    raise failure  # outside of `except`: dask's pickle would send the first error along, as context


def answer_of(received: Any) -> Any:
    """Return what `handle` returned, in the process that sent the request."""
    return pickle.loads(received) if isinstance(received, bytes) else received


def sendable(error: Exception) -> Exception:
    """Return the error; or a NaseduError that says the same, if another process could not read it."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return NaseduError(f"the trainer raised {type(error).__name__}: {error}")
    return error


def this_process() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()


# ---------------------------------------------------------------------- trainers that are known here

_local: WeakValueDictionary[str, Any] = WeakValueDictionary()
_received: OrderedDict[str, Any] = OrderedDict()
_reading = threading.Lock()


def register_trainer(trainer: Any) -> str:
    """Return an id under which workers ask for the trainer; those that are threads of this process find it at once."""
    trainer_id = uuid.uuid4().hex
    _local[trainer_id] = trainer
    return trainer_id


def find_trainer(request: Request) -> Any:
    """Return the trainer that a request names; None if it is not known here and did not come along.

    Raises:
        BadValue: it came along and cannot be read here.
    """
    with _reading:
        if request.trainer_id in _local:
            return _local[request.trainer_id]
        if request.trainer_id not in _received and request.trainer is not None:
            _received[request.trainer_id] = read_trainer(request.trainer)
            while len(_received) > CACHED:
                _received.popitem(last=False)
        if request.trainer_id in _received:
            _received.move_to_end(request.trainer_id)
        return _received.get(request.trainer_id)


def read_trainer(pickled: bytes) -> Any:
    try:
        trainer = pickle.loads(pickled)
    except Exception as error:
        raise BadValue(
            f"a worker cannot read the trainer that it was sent ({type(error).__name__}: {error}): it needs the same "
            "packages, and your own files where it can import them; what a notebook defines is sent along"
        ) from error
    warm_up()
    return trainer


def warm_up() -> None:
    """Make torch's first optimiser, which imports for a second or more: before any candidate's time begins to run."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.optim.SGD([torch.zeros(1)])
