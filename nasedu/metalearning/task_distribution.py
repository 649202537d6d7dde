"""The contract of what a meta-learner learns from: tasks without end, drawn from one distribution.

A distribution of your own needs the five attributes and methods of `TaskDistribution`, and nothing else.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from nasedu.tasks.base import Split


class TaskBatch(NamedTuple):
    """Several small tasks of one shape, one after another along the first axis.

    Attributes:
        support: the examples to learn from. X: float32, (tasks, examples, *input_shape). y: int64, (tasks, examples)
            for classes; float32, (tasks, examples, outputs) for numbers.
        query: the examples to be asked about, in the same form.
        origin: where each task is from, (tasks, ...): the amplitude and the phase of a wave, or the classes of a pool.
    """

    support: Split
    query: Split
    origin: np.ndarray


class TaskDistribution(Protocol):
    """What a meta-learner draws its tasks from.

    Attributes:
        name: such as "sinusoids" or "glyphs".
        kind: "classification" or "regression".
        input_shape: of one example.
        outputs: numbers that a network gives for one example; the ways, for classification.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def input_shape(self) -> tuple[int, ...]: ...

    @property
    def outputs(self) -> int: ...

    def draw(self, count: int, rng: np.random.Generator) -> TaskBatch:
        """Return new tasks; the same generator gives the same tasks."""
        ...

    def describe(self) -> dict[str, Any]:
        """Return what tells this distribution from others, ready for JSON: a checkpoint is of one distribution."""
        ...


def one_task(batch: TaskBatch, number: int) -> tuple[Split, Split]:
    """Return support and query of one task of a batch, numbered from 0."""
    support, query = (Split(part.X[number], part.y[number]) for part in (batch.support, batch.query))
    return support, query
