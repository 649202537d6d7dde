"""Random quadratics as a distribution of tasks: Andrychowicz et al., NIPS 2016, section 3.1."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from nasedu.core import check_counts
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.tasks.base import Split


@dataclass(frozen=True)
class Quadratics:
    """Each task is a function ||W x - y||^2 of a point x; all numbers in W and y are standard normal.

    It is written as a regression: the network is a `Point`, the rows of W are the examples and y are the answers. Both
    are multiplied by the square root of n, so that the mean of the squared errors is their sum in the formula.

    Args:
        n: numbers of a point.
    """

    n: int = 10

    name: ClassVar[str] = "quadratics"
    kind: ClassVar[str] = "regression"
    outputs: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_counts(n=self.n)

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (self.n,)

    def draw(self, count: int, rng: np.random.Generator) -> TaskBatch:
        """Return new quadratics; the queries are the support set, and `origin` is (count, n), y."""
        numbers = rng.normal(0, np.sqrt(self.n), (count, self.n, self.n + 1)).astype(np.float32)
        split = Split(numbers[:, :, :-1], numbers[:, :, -1:])
        return TaskBatch(split, split, numbers[:, :, -1] / np.sqrt(self.n))

    def describe(self) -> dict[str, Any]:
        return {"name": self.name, "n": self.n}


class Point(nn.Module):
    """A point of n numbers as a network: its answer to a row is the product of the two. It starts standard normal."""

    def __init__(self, n: int = 10):
        super().__init__()
        check_counts(n=n)
        self.x = nn.Embedding(n, 1)  # its weights are drawn from a standard normal distribution

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        return X @ self.x.weight
