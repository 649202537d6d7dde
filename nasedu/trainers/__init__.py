"""Floor 2: trainers, what a choice is worth. Importing the module of one that trains imports torch."""

from typing import Any

from nasedu.core import Registry
from nasedu.trainers.base import Trainer

trainers = Registry(
    "trainer",
    {
        "sequential": "nasedu.trainers.sequential:SequentialTrainer",
        "table": "nasedu.trainers.table:TableTrainer",
    },
)


def load(name: str, space: Any, task: Any, **parameters: Any) -> Trainer:
    """The trainer `name` for networks of a space on a task: `load("sequential", space, task, batch_size=32)`.

    Raises:
        UnknownName: no such trainer; the message lists those that exist.
        BadValue: a parameter that the trainer does not have, or with an impossible value.
    """
    trainers.check_parameters(name, parameters)
    return trainers[name](space, task, **parameters)


__all__ = ["Trainer", "load", "trainers"]
