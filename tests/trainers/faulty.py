"""Networks that fail in every way there is, and trainers that can be watched: in a module that workers can import."""

import copy
import ctypes
import math
import os
import signal
import time
import uuid
from pathlib import Path

import torch
from torch import nn

from nasedu.controllers.base import Controller
from nasedu.core import Evaluation
from nasedu.spaces import Space
from nasedu.trainers.single.sequential import SequentialTrainer

FEATURES, CLASSES = 36, 4  # the small task of tests/conftest.py


class Workshop(Space):
    """One architecture for each network that is named.

    Args:
        networks: names from NETWORKS.
        folder: where a network finds out whether it was built before.
    """

    name = "workshop"

    def __init__(self, networks, folder=""):
        self.networks = tuple(networks)
        self.folder = str(folder)

    def start(self):
        return "open"

    def choices(self, state):
        return self.networks if state == "open" else ()

    def step(self, state, choice):
        return "closed"

    def build(self, architecture):
        return NETWORKS[architecture[0]](Path(self.folder))


def plain(width):
    return lambda _: nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, width), nn.ReLU(), nn.Linear(width, CLASSES))


class Trick(nn.Module):
    """Does something with its answers, which it may count."""

    def __init__(self, trick):
        super().__init__()
        self.network = nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, CLASSES))
        self.trick = trick
        self.steps = 0

    def forward(self, x):
        self.steps += self.training
        return self.trick(self.network(x), self.steps)


def refuse(_):
    raise ValueError("no such layer")


def end_process(number):
    def build(_):
        os.kill(os.getpid(), number)
        time.sleep(60)

    return build


def end_process_once(folder):
    mark = folder / "was here"
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)
    return plain(4)(folder)


def leave(_):
    os._exit(3)


def never_end(_):
    while True:
        pass


def hang_in_c(_):
    """Sleeps in C without giving Python's lock back: no thread and no signal handler of Python's is heard."""
    ctypes.PyDLL(None).sleep(600)


def explode(outputs, step):
    return outputs * math.inf if step >= 100 else outputs


def doze(outputs, step):
    time.sleep(0.05)
    return outputs


NETWORKS = {
    "4": plain(4),
    "8": plain(8),
    "16": plain(16),
    "32": plain(32),
    "nan": lambda _: Trick(lambda outputs, step: outputs * math.nan),
    "explodes": lambda _: Trick(explode),
    "never ends": lambda _: Trick(doze),
    "refuses": refuse,
    "too large": lambda _: nn.Sequential(nn.Flatten(), nn.Linear(FEATURES, 30_000_000), nn.Linear(30_000_000, CLASSES)),
    "killed": end_process(signal.SIGKILL),
    "killed once": end_process_once,
    "leaves": leave,
    "loops": never_end,
    "hangs in C": hang_in_c,
}


class InOrder(Controller):
    """Asks for every network of a workshop, in the order in which they are named."""

    name = "in order"

    def __init__(self, space, *, seed=0):
        super().__init__(space, seed=seed)
        self.left = iter(space.networks)

    def ask(self):
        return (next(self.left),)


class Unhurried(SequentialTrainer):
    """Says what its time limit is, and keeps to none: for workers that only a watchdog can end."""

    name = "unhurried"

    def __call__(self, architectures, *, epochs, seed):
        patient = copy.copy(self)
        patient.time_limit = math.inf
        return SequentialTrainer.__call__(patient, architectures, epochs=epochs, seed=seed)


class Threes(SequentialTrainer):
    """Likes three architectures in one call."""

    name = "threes"
    preferred_batch = 3


class Watched(Threes):
    """Leaves a file for each call that it gets, and for each process that it is sent to."""

    def __init__(self, space, task, folder):
        super().__init__(space, task, device="cpu")
        self.folder = folder

    def __call__(self, architectures, *, epochs, seed):
        self.note(f"call of {len(architectures)}")
        return super().__call__(architectures, epochs=epochs, seed=seed)

    def __setstate__(self, state):
        self.__dict__ = state
        self.note(f"sent to {os.getpid()}")

    def note(self, what):
        (Path(self.folder) / f"{what} {uuid.uuid4().hex}").touch()

    def notes(self, what):
        return sorted(path.name.rpartition(" ")[0] for path in Path(self.folder).glob(f"{what} *"))


class Bare:
    """A trainer with no more than a study needs, which says how many threads torch would use."""

    name = "bare"
    preferred_batch = 1

    def __init__(self, space, task):
        self.space = space
        self.task = task

    def __call__(self, architectures, *, epochs, seed):
        return [Evaluation(a, 0.5, epochs=epochs, seed=0, parameters=torch.get_num_threads()) for a in architectures]

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return self([architecture], epochs=epochs, seed=seed)[0]


class Forgetful(Bare):
    """Gives back one result too few."""

    def __call__(self, architectures, *, epochs, seed):
        return super().__call__(architectures, epochs=epochs, seed=seed)[1:]


class UnsendablePair(Exception):
    """Can be pickled, and not read again."""

    def __init__(self, what, epoch):
        super().__init__(f"{what} {epoch}")


class Raising(Bare):
    """Raises an error that cannot be sent to another process."""

    def __init__(self, space, task, kind):
        super().__init__(space, task)
        self.kind = kind

    def __call__(self, architectures, *, epochs, seed):
        class Unsendable(Exception):
            pass

        raise Unsendable("no such epoch") if self.kind == "local" else UnsendablePair("no such", "epoch")


class Unreadable(Bare):
    """Can be pickled, and not read again."""

    def __setstate__(self, state):
        raise ImportError("no such module over here")


def essence(evaluations):
    """Everything but the seconds."""
    return [(e.architecture, e.status, e.score, e.curve, e.reason, e.epochs, e.seed) for e in evaluations]
