"""Floor 3: trainers, what a choice is worth.

Only the modules that train import torch.

    base.py        the contracts: `Trainer`, `Continuing` (goes on with a training), `Wrapper` (around a trainer)
    recipe.py      how a network is trained: optimiser, schedule, augmentation, ...
    jobs.py        what a trainer is asked to do, checked before anything is trained
    checkpoint.py  the state of a training that can be continued
    failures.py    how a training failed, from what it raised
    table.py       looks scores up in a table, and trains nothing
    kept.py        trains each network once, for any number of searches of a task
    function.py    calls a training function of your own: `from_function`
    global_randomness.py  keeps the global generators of each such training apart

    single/        trains one network after the other; holds all parts of a training
    population/    trains many small networks as one batched computation
    halving/       trains many for few epochs, and continues with the best: successive halving, Hyperband
    parallel/      shares the work among threads, processes or the machines of a cluster
"""

import importlib
import inspect
from typing import Any

from nasedu.core import Registry
from nasedu.trainers.base import Continuing, Trainer, Wrapper
from nasedu.trainers.recipe import Recipe

registry = Registry(
    "trainer",
    {
        "sequential": "nasedu.trainers.single.sequential:SequentialTrainer",
        "population": "nasedu.trainers.population.trainer:PopulationTrainer",
        "table": "nasedu.trainers.table:TableTrainer",
        "halving": "nasedu.trainers.halving.halving:halving",
        "hyperband": "nasedu.trainers.halving.hyperband:hyperband",
        "shared": "nasedu.oneshot.shared_trainer:SharedTrainer",
    },
    contract="nasedu.trainers.base:Trainer",
)

TRAINING_FUNCTION = ["architecture", "epochs", "seed"]
"""The arguments of a training function, by which `load` knows one."""


def load(name: str, space: Any, task: Any, **parameters: Any) -> Trainer:
    """Return the trainer `name` for networks of a space on a task: `load("sequential", space, task, patience=2)`.

    A name may also be a path, "module:Mine": of a class of your own, of a function `(space, task)` that makes a
    trainer, or of a training function `(architecture, epochs, seed)` (see `nasedu.trainers.function`).

    Raises:
        UnknownName: no such trainer; the message lists those that exist.
        BadValue: a parameter that the trainer does not have, or with an impossible value.
    """
    if registry.is_own(name) and list(inspect.signature(registry[name]).parameters)[:3] == TRAINING_FUNCTION:
        from nasedu.trainers.function import from_function

        return registry.claim(name, from_function(registry[name], space, task, **parameters))
    return registry.make(name, space, task, **parameters)


LAZY = {
    "from_function": "nasedu.trainers.function",
    "Halving": "nasedu.trainers.halving.halving",
    "Hyperband": "nasedu.trainers.halving.hyperband",
    "Parallel": "nasedu.trainers.parallel.trainer",
    "processes": "nasedu.trainers.parallel.processes",
}


def __getattr__(name: str) -> Any:
    """Return what makes a trainer of a function or of other trainers, or its workers; imported on first use."""
    if name in LAZY:
        return getattr(importlib.import_module(LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Continuing", "Recipe", "Trainer", "Wrapper", "load", "registry"]
