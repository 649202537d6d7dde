"""Several tasks that are trained together: variants of one shape, or the folds of a cross-validation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nasedu.core import BadValue, derive_seed
from nasedu.tasks.base import Split, Task
from nasedu.tasks.preparing import first_copies


@dataclass(frozen=True)
class MultiTask:
    """Tasks of one shape as one: the score of a network is the mean of its scores on each. Made by `together`.

    Attributes:
        tasks: what it is made of.
        input_shape, outputs, kind, metrics: those of each task.
    """

    tasks: tuple[Task, ...]
    input_shape: tuple[int, ...]
    outputs: int
    kind: str
    metrics: tuple[str, ...]

    @property
    def name(self) -> str:
        return "+".join(task.name for task in self.tasks)

    @property
    def summary(self) -> str:
        return f"The mean score on {len(self.tasks)} tasks: {', '.join(task.name for task in self.tasks)}."

    @property
    def chance(self) -> float:
        return float(np.mean([task.chance for task in self.tasks]))

    def fingerprint(self) -> list[dict[str, Any]]:
        """Return the fingerprint of each task (see `Task.fingerprint`)."""
        return [task.fingerprint() for task in self.tasks]


def together(*tasks: Task) -> MultiTask:
    """Combine tasks of one shape into one: `together(load("digits"), load("digits-noisy"))`.

    Raises:
        BadValue: none, one that is given twice, or tasks that differ in input shape, outputs, kind or metrics.
    """
    if not tasks:
        raise BadValue("together needs at least one task; none was given")
    names = [task.name for task in tasks]
    if len(set(names)) < len(names):
        raise BadValue(f"together needs different tasks; given {', '.join(names)}")
    shapes = {(task.input_shape, task.outputs, task.kind, task.metrics) for task in tasks}
    if len(shapes) > 1:
        told = "; ".join(f"{t.name}: {t.kind} of {t.input_shape} to {t.outputs}, {t.metrics}" for t in tasks)
        raise BadValue(f"together needs tasks of one shape, outputs, kind and metrics; given {told}")
    return MultiTask(tasks, *shapes.pop())


def tasks_in(task: Any) -> tuple[Task, ...]:
    """Return the tasks that a task is made of; of one that is made of none, itself."""
    return task.tasks if isinstance(task, MultiTask) else (task,)


def folds_of(task: Task, folds: int, seed: int = 0) -> tuple[Task, ...]:
    """Return the tasks of a k-fold cross-validation: each validates on another share of the examples.

    Each task trains on the rest. Training and validation examples are put together and divided again, each class by
    itself; the test split stays sealed. Equal examples, and those of one group (`task.groups`), stay together. The
    division depends on the seed alone.

    Args:
        folds: k, at least 2 and at most the number of examples of the rarest class; for regression at most half the
            number of examples.

    Raises:
        BadValue: a number of folds out of that range, too few groups, or a task that is divided in the order of time.
    """
    from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

    if task.reading and task.reading.divided_by == "time":
        raise BadValue(f"{task.name!r} is divided in the order of time, which folds would mix; train without folds")
    X, y = (np.concatenate(pair) for pair in zip(task.train, task.validation, strict=True))
    classes = task.kind == "classification"
    most = int(np.bincount(y).min()) if classes else len(y) // 2  # R2 needs two examples in every fold
    if not isinstance(folds, int) or not 2 <= folds <= most:
        rarest = "examples of its rarest class" if classes else "half of the examples"
        raise BadValue(f"folds is a whole number from 2 to {most}, the {rarest} of {task.name!r}; given {folds!r}")
    groups = np.concatenate(task.groups) if task.groups else first_copies(X)[1]
    together = len(np.unique(groups)) < len(groups)
    kind = StratifiedGroupKFold if together else StratifiedKFold if classes else KFold
    state = derive_seed(seed, "folds") % 2**32  # what scikit-learn accepts
    labels = y if classes else np.zeros(len(y), np.int64)
    divided = kind(folds, shuffle=True, random_state=state).split(X, labels, groups if together else None)
    return tuple(_fold(task, X, y, n, folds, places) for n, places in enumerate(divided, 1))


def _fold(task: Task, X: np.ndarray, y: np.ndarray, number: int, folds: int, places: Sequence[np.ndarray]) -> Task:
    train, validation = (Split(X[chosen], y[chosen]) for chosen in places)
    groups = tuple(np.concatenate(task.groups)[chosen] for chosen in places) if task.groups else None
    name = f"{task.name}/fold {number} of {folds}"
    return replace(task, name=name, train=train, validation=validation, groups=groups)
