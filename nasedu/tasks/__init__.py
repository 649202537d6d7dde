"""Floor 1: tasks, what a network is judged on."""

from nasedu.core import Registry
from nasedu.tasks.base import Split, Task, split_indices
from nasedu.tasks.several import Together, folds_of, together

tasks = Registry(
    "task",
    {
        "digits": "nasedu.tasks.digits:digits",
        "digits-rotated": "nasedu.tasks.digits:digits_rotated",
        "digits-noisy": "nasedu.tasks.digits:digits_noisy",
        "digits-shuffled": "nasedu.tasks.digits:digits_shuffled",
    },
)


def load(name: str) -> Task:
    """The task of this name: `load("digits")`. Raises UnknownName, listing those that exist."""
    return tasks[name]()


__all__ = ["Split", "Task", "Together", "folds_of", "load", "split_indices", "tasks", "together"]
