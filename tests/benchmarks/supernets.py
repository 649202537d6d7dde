"""The supernets that several benchmarks look at: one for each task of the atlas and each seed, trained once.

They are those of `SharedTrainer` with its default settings. The networks of a space are built once for all of them, and
the seconds of building are counted for each.
"""

import time
from collections.abc import Iterable
from functools import cache
from inspect import signature
from typing import NamedTuple

import numpy as np

from nasedu import tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.core import Architecture
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.shared_trainer import SharedTrainer
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.tables import atlas
from nasedu.trainers.single.metrics import score_of
from nasedu.trainers.single.training import Data, order_of

SEEDS = dict.fromkeys(ATLAS.tasks, 5)
"""Supernets of each task."""
STEPS = signature(SharedTrainer).parameters["steps"].default


class Trained(NamedTuple):
    """A trained supernet, and the processor seconds: of building all networks of its space, and of its training."""

    supernet: Supernet
    building: float
    training: float


class Scored(NamedTuple):
    """What one supernet said: scores in the order of the atlas, and the processor seconds of all of it."""

    scores: np.ndarray
    seconds: float


@cache
def trainer_for(task: str):
    """Return what says how: a trainer with its default settings."""
    loaded = tasks.load(task)
    return trainers.load("shared", ATLAS.space_for(loaded), loaded, device="cpu")


@cache
def built(outputs: int) -> tuple[Supernet, float]:
    """Return a supernet that has built every network with this number of outputs, and the seconds it took."""
    trainer = next(trainer for trainer in map(trainer_for, ATLAS.tasks) if trainer.task.outputs == outputs)
    begun, supernet = time.process_time(), Supernet(trainer.space, recipe=trainer.recipe)
    supernet.grow(trainer.space.enumerate())
    return supernet, time.process_time() - begun


@cache
def trained(task: str, seed: int, steps: int) -> Trained:
    """Return the supernet that `SharedTrainer` trains; the networks of a space are built once for all of them."""
    trainer = trainer_for(task)
    first, building = built(trainer.task.outputs)
    begun, supernet = time.process_time(), first.again(seed)
    for _ in SupernetTraining(supernet, trainer.task, steps=steps, seed=seed):
        pass
    return Trained(supernet, building, time.process_time() - begun)


@cache
def scored(task: str, seed: int, statistics: str = "re-estimated", steps: int = STEPS) -> Scored:
    """Return what the supernet of a seed says of every network."""
    supernet, building, training = trained(task, seed, steps)
    begun = time.process_time()
    scores = score(task, supernet, supernet.space.enumerate(), statistics)
    seconds = building + training + time.process_time() - begun
    return Scored(np.array([scores[architecture] for architecture in atlas().architectures]), seconds)


def score(task: str, supernet: Supernet, architectures: Iterable[Architecture], statistics: str) -> dict:
    """Return the scores of some networks with shared weights, as `SharedTrainer` does."""
    trainer = trainer_for(task)
    train, validation = Data.of(trainer.task.train, "cpu"), Data.of(trainer.task.validation, "cpu")
    seen = train.X[order_of(len(train.X), supernet.seed, 0)[: trainer.examples]]
    found = answers(supernet, architectures, validation.X, statistics=statistics, seen=seen)
    return {architecture: score_of(trainer.task, outputs, validation.y) for architecture, outputs in found}
