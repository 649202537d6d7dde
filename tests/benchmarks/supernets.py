"""The supernets that several benchmarks look at: one for each task of the atlas and each seed, trained once.

They are those of `SharedTrainer` with its default settings. The networks of a space are built once for all of them, and
the seconds of building are counted for each. Own trainings are timed just before and just after each supernet, so that
both meet the same load of the machine: a recorded second of the atlas is not one of this machine, now.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from inspect import signature
from multiprocessing import get_context
from typing import NamedTuple, TypeVar

import numpy as np
import torch

from nasedu import tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.core import Architecture, rng_from
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.shared_trainer import SharedTrainer
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.tables import atlas
from nasedu.trainers import Recipe
from nasedu.trainers.single.metrics import score_of
from nasedu.trainers.single.training import Data, order_of

SEEDS = 5
"""Supernets of each task. One takes half a minute of one core."""
WORKERS = 2
T = TypeVar("T")
DEFAULTS = signature(SharedTrainer).parameters
STEPS, USUAL = DEFAULTS["steps"].default, DEFAULTS["statistics"].default


class Trained(NamedTuple):
    """A trained supernet, and the processor seconds: of building all networks of its space, and of its training."""

    supernet: Supernet
    building: float
    training: float


class Scored(NamedTuple):
    """What one supernet said: scores in the order of the atlas, and what it cost.

    Attributes:
        scores: in the order of the atlas.
        seconds: processor seconds of building, training and scoring.
        own: processor seconds of two own trainings in the same minutes, and what the atlas recorded for them.
    """

    scores: np.ndarray
    seconds: float
    own: tuple[float, float]


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


def trained(task: str, seed: int, steps: int) -> Trained:
    """Return the supernet that `SharedTrainer` trains; the networks of a space are built once for all of them."""
    trainer = trainer_for(task)
    first, building = built(trainer.task.outputs)
    begun, supernet = time.process_time(), first.again(seed)
    for _ in SupernetTraining(supernet, trainer.task, steps=steps, seed=seed):
        pass
    return Trained(supernet, building, time.process_time() - begun)


def on_two_cores(work: Callable[[str, int], T], tasks: Iterable[str]) -> dict[tuple[str, int], T]:
    """Return what work gives for each task and seed; of each task's number of outputs, networks are built once."""
    pairs = [(task, seed) for seed in range(SEEDS) for task in tasks]
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        return dict(zip(pairs, pool.map(work, *zip(*pairs, strict=True)), strict=True))


SCORED: dict[tuple[str, int], Scored] = {}


def all_scored(tasks: Iterable[str]) -> dict[tuple[str, int], Scored]:
    """Return what the supernet of each task and seed says; each is trained once for all benchmarks of a run."""
    if new := [task for task in tasks if (task, 0) not in SCORED]:
        SCORED.update(on_two_cores(_scored, new))
    return SCORED


def _scored(task: str, seed: int) -> Scored:
    """Return what the supernet of a seed says of every network."""
    first, second = rng_from(seed, "own trainings", task).choice(len(atlas()), 2, replace=False)
    before = own_training(task, int(first), seed)
    supernet, building, training = trained(task, seed, STEPS)
    begun = time.process_time()
    scores = score(task, supernet, supernet.space.enumerate())
    seconds = building + training + time.process_time() - begun
    spent = before + own_training(task, int(second), seed)
    recorded = float(atlas().seconds[[first, second]].sum())
    return Scored(
        np.array([scores[architecture] for architecture in atlas().architectures]), seconds, (spent, recorded)
    )


def own_training(task: str, row: int, seed: int) -> float:
    """Train a network of the atlas alone, as the atlas did; return the processor seconds."""
    loaded, recipe = tasks.load(task), Recipe(**ATLAS.recipe)
    trainer = trainers.load("sequential", ATLAS.space_for(loaded), loaded, device="cpu", recipe=recipe, patience=0)
    _torch_is_awake()
    begun = time.process_time()
    trainer([atlas().architectures[row]], epochs=ATLAS.epochs, seed=seed)
    return time.process_time() - begun


@cache
def _torch_is_awake() -> None:
    """Train once, for an epoch: what torch imports at its first step is no cost of a training."""
    loaded = tasks.load(ATLAS.tasks[0])
    trainers.load("sequential", ATLAS.space_for(loaded), loaded, device="cpu")([("stop",)], epochs=1, seed=0)


def score(task: str, supernet: Supernet, architectures: Iterable[Architecture], statistics: str = USUAL) -> dict:
    """Return the scores of some networks with shared weights, as `SharedTrainer` does."""
    trainer = trainer_for(task)
    train, validation = Data.of(trainer.task.train, "cpu"), Data.of(trainer.task.validation, "cpu")
    seen = train.X[order_of(len(train.X), supernet.seed, 0)[: trainer.examples]]
    found = answers(supernet, architectures, validation.X, statistics=statistics, seen=seen)
    return {architecture: score_of(trainer.task, outputs, validation.y) for architecture, outputs in found}
