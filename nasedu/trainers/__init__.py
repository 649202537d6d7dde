"""Floor 3: trainers, what a choice is worth.

Only the modules that train import torch.

    base.py        the contracts: `Trainer`, `Continuing` (goes on with a training), `Wrapper` (around a trainer)
    recipe.py      how a network is trained: optimiser, schedule, augmentation, ...
    jobs.py        what a trainer is asked to do, checked before anything is trained
    checkpoint.py  the state of a training that can be continued
    table.py       looks scores up in a table, and trains nothing

    single/        trains one network after the other; holds all parts of a training
    population/    trains many small networks as one batched computation
    halving/       trains many for few epochs, and continues with the best: successive halving, Hyperband
    parallel/      shares the work among threads, processes or the machines of a cluster
"""

import importlib
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
    },
)


def load(name: str, space: Any, task: Any, **parameters: Any) -> Trainer:
    """Return the trainer `name` for networks of a space on a task: `load("sequential", space, task, patience=2)`.

    Raises:
        UnknownName: no such trainer; the message lists those that exist.
        BadValue: a parameter that the trainer does not have, or with an impossible value.
    """
    registry.check_parameters(name, parameters)
    return registry[name](space, task, **parameters)


LAZY = {
    "Halving": "nasedu.trainers.halving.halving",
    "Hyperband": "nasedu.trainers.halving.hyperband",
    "Parallel": "nasedu.trainers.parallel.trainer",
    "processes": "nasedu.trainers.parallel.processes",
}


def __getattr__(name: str) -> Any:
    """Return a trainer around trainers, or `processes` for its workers; imported on first use."""
    if name in LAZY:
        return getattr(importlib.import_module(LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Continuing", "Recipe", "Trainer", "Wrapper", "load", "registry"]
