"""Floor 3: trainers, what a choice is worth. Importing the module of one that trains imports torch."""

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


WRAPPERS = {
    "Halving": "nasedu.trainers.halving.halving",
    "Hyperband": "nasedu.trainers.halving.hyperband",
    "Parallel": "nasedu.trainers.parallel.trainer",
    "processes": "nasedu.trainers.parallel.processes",
}


def __getattr__(name: str) -> Any:
    """Return a trainer that goes around others, or what makes its workers; imported when it is first asked for."""
    if name in WRAPPERS:
        return getattr(importlib.import_module(WRAPPERS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Continuing", "Recipe", "Trainer", "Wrapper", "load", "registry"]
