"""Sine waves as a distribution of tasks: Finn, Abbeel, Levine, ICML 2017, section 5.1."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nasedu.core import check_counts
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.tasks.base import Split
from nasedu.tasks.sinusoids import waves


@dataclass(frozen=True)
class Sinusoids:
    """Regression: each task is a wave of another amplitude (0.1 to 5) and phase (0 to pi), on inputs from -5 to 5.

    Args:
        shots: examples of a wave to learn from (the paper: 5, 10 or 20).
        queries: examples to be asked about.

    Raises:
        BadValue: a number below 1.
    """

    shots: int = 10
    queries: int = 10

    name: ClassVar[str] = "sinusoids"
    kind: ClassVar[str] = "regression"
    input_shape: ClassVar[tuple[int, ...]] = (1,)
    outputs: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_counts(shots=self.shots, queries=self.queries)

    def draw(self, count: int, rng: np.random.Generator) -> TaskBatch:
        """Return new waves; `origin` is (count, 2), the amplitude and the phase of each."""
        X, y, amplitude, phase = waves(count, self.shots + self.queries, rng)
        support, query = (Split(X[:, of], y[:, of]) for of in (slice(self.shots), slice(self.shots, None)))
        return TaskBatch(support, query, np.stack([amplitude, phase], axis=1))

    def describe(self) -> dict[str, Any]:
        return {"name": self.name, "shots": self.shots, "queries": self.queries}
