"""Floor 2: trainers, what a choice is worth. Importing the module of one that trains imports torch."""

import importlib
from typing import Any

from nasedu.core import Registry
from nasedu.trainers.base import Continuing, Trainer
from nasedu.trainers.recipe import Recipe

trainers = Registry(
    "trainer",
    {
        "sequential": "nasedu.trainers.sequential:SequentialTrainer",
        "population": "nasedu.trainers.population:PopulationTrainer",
        "table": "nasedu.trainers.table:TableTrainer",
        "halving": "nasedu.trainers.halving:halving",
        "hyperband": "nasedu.trainers.hyperband:hyperband",
    },
)


def load(name: str, space: Any, task: Any, **parameters: Any) -> Trainer:
    """The trainer `name` for networks of a space on a task: `load("sequential", space, task, patience=2)`.

    Raises:
        UnknownName: no such trainer; the message lists those that exist.
        BadValue: a parameter that the trainer does not have, or with an impossible value.
    """
    trainers.check_parameters(name, parameters)
    return trainers[name](space, task, **parameters)


WRAPPERS = {
    "Halving": "nasedu.trainers.halving",
    "Hyperband": "nasedu.trainers.hyperband",
    "Parallel": "nasedu.trainers.parallel",
}


def __getattr__(name: str) -> Any:
    """Trainers that go around others, imported when they are first asked for."""
    if name in WRAPPERS:
        return getattr(importlib.import_module(WRAPPERS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Continuing", "Recipe", "Trainer", "load", "trainers"]
