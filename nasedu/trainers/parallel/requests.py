"""One call of a trainer, made in a worker: what travels there, and what the worker does with it.

A trainer holds the data, so it travels once to each worker and not with each call: a letter names it by a token, and
a worker that does not know the token says so. Pickle is the transport here; nothing of it ever lies on a disk.
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

from nasedu.core import BadValue
from nasedu.trainers.jobs import Job
from nasedu.trainers.parallel.threads import limited
from nasedu.trainers.parallel.watchdog import ended_after

KEPT = 2  # trainers that a worker remembers: a search and its successor in a notebook
UNKNOWN = "this worker does not know the trainer"


class Call(NamedTuple):
    """One call of a trainer.

    Attributes:
        method: "__call__", "retrain_and_test" or "extend"; see `nasedu.trainers.base`.
        jobs: what it is asked to do, of the same epochs and total.
        states: for "extend", one for each job; None where a training begins.
    """

    method: str
    jobs: Sequence[Job]
    states: Sequence[Any]

    def cut(self, size: int) -> list["Call"]:
        """The same in calls of at most so many jobs, in order."""
        starts = range(0, len(self.jobs), size)
        return [Call(self.method, self.jobs[s : s + size], self.states[s : s + size]) for s in starts]

    def made_on(self, trainer: Any) -> list[Any]:
        """What the trainer answers: one result for each job."""
        epochs, total = self.jobs[0].epochs, self.jobs[0].total
        if self.method == "retrain_and_test":
            return [trainer.retrain_and_test(job.architecture, epochs=epochs, seed=job.seed) for job in self.jobs]
        architectures, seeds = [job.architecture for job in self.jobs], [job.seed for job in self.jobs]
        if self.method == "extend":
            return trainer.extend(architectures, epochs=epochs, seed=seeds, total=total, states=self.states)
        return trainer(architectures, epochs=epochs, seed=seeds)


class Letter(NamedTuple):
    """What is sent to a worker.

    Attributes:
        token: names the trainer.
        home: the process that sent it, as host and process number.
        call: what to do; None only asks whether the worker lives and can read the trainer.
        deadline: seconds until the worker's process is ended, if it is not the sender's own; None for never.
        cores: that a trainer may use which does not limit itself.
        trainer: pickled, if the worker is thought not to know it.
        number: makes every letter different: dask answers two equal requests with one answer.
    """

    token: str
    home: tuple[str, int]
    call: Call | None
    deadline: float | None
    cores: int
    trainer: bytes | None
    number: str

    @classmethod
    def about(cls, trainer: Any, token: str, call: Call | None, *, carries: bool, **limits: Any) -> "Letter":
        """A letter from this process; `carries`: with the trainer in it."""
        pickled = pickle.dumps(trainer, pickle.HIGHEST_PROTOCOL) if carries else None
        return cls(token, this_process(), call, trainer=pickled, number=uuid.uuid4().hex, **limits)

    def sealed(self) -> bytes:
        """As bytes, in which no executor looks for something to replace."""
        return pickle.dumps(self, pickle.HIGHEST_PROTOCOL)


def perform(sealed: bytes) -> Any:
    """In a worker: what the trainer answers, or UNKNOWN if the letter has to come again with the trainer."""
    letter: Letter = pickle.loads(sealed)
    trainer = trainer_for(letter)
    if trainer is None:
        return UNKNOWN
    if letter.call is None:
        return []
    away = letter.home != this_process()
    with limited(trainer, letter.cores), ended_after(letter.deadline if away else None):
        return letter.call.made_on(trainer)


def this_process() -> tuple[str, int]:
    return socket.gethostname(), os.getpid()


# ---------------------------------------------------------------------- trainers that are known here

_at_home: WeakValueDictionary[str, Any] = WeakValueDictionary()
_sent_here: OrderedDict[str, Any] = OrderedDict()
_reading = threading.Lock()


def name_trainer(trainer: Any) -> str:
    """A token under which workers ask for the trainer; those that are threads of this process find it at once."""
    token = uuid.uuid4().hex
    _at_home[token] = trainer
    return token


def trainer_for(letter: Letter) -> Any:
    """The trainer that a letter names; None if it is not known here and did not come along.

    Raises:
        BadValue: it came along and cannot be read here.
    """
    with _reading:
        if letter.token in _at_home:
            return _at_home[letter.token]
        if letter.token not in _sent_here and letter.trainer is not None:
            _sent_here[letter.token] = read_trainer(letter.trainer)
            while len(_sent_here) > KEPT:
                _sent_here.popitem(last=False)
        if letter.token in _sent_here:
            _sent_here.move_to_end(letter.token)
        return _sent_here.get(letter.token)


def read_trainer(pickled: bytes) -> Any:
    try:
        trainer = pickle.loads(pickled)
    except Exception as error:
        raise BadValue(
            f"a worker cannot read the trainer that it was sent ({type(error).__name__}: {error}): a class of your own "
            "must stand in a file that the worker can import, not in a notebook, and the worker needs the same packages"
        ) from error
    warm_up()
    return trainer


def warm_up() -> None:
    """Make torch's first optimiser, which imports for a second or more: before any candidate's time begins to run."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.optim.SGD([torch.zeros(1)])
