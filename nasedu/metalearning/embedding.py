"""Adaptation without descent: compare the features of a query with those of the support set."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from nasedu.metalearning.examples import TensorBatch, on_device
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.learner import Learner
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.trainers.single.norm_and_dropout import NORMS

AT_ONCE = 256
"""Examples that are computed together when nothing is learned: as many as a core's cache holds."""


class Embedding(Learner):
    """Learners whose network gives features, and which classify by comparing them.

    Dropout drops nothing. Batch normalisation uses the statistics of all tasks of a step while it learns, and running
    ones afterwards: the answer to a query does not depend on other queries.

    Arguments and errors are those of `Learner`.
    """

    kinds: ClassVar[tuple[str, ...]] = ("classification",)

    def __init__(self, network: nn.Module, **more: Any):
        super().__init__(network, **more)
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast

    @abstractmethod
    def compare(self, features: torch.Tensor, y: torch.Tensor, ways: int, asked: torch.Tensor) -> torch.Tensor:
        """Return a number for each class, (queries, ways), of one task.

        Args:
            features: of the support set, (examples, features).
            y: its classes, (examples,).
            ways: how many classes there are.
            asked: features of the queries, (queries, features).
        """

    def embed(self, X: torch.Tensor, *, training: bool = False) -> torch.Tensor:
        """Return the features of inputs, (examples, features)."""
        for module in self.network.modules():
            module.training = training and isinstance(module, NORMS)
        return self.network(X).flatten(1)

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean cross-entropy of the queries, and its gradient."""
        X = torch.cat([batch.support.X, batch.query.X], dim=1)
        features = self.embed(X.flatten(0, 1), training=True).unflatten(0, X.shape[:2])
        outputs = self._compared(features, batch.support.y)
        loss = nn.functional.cross_entropy(outputs.flatten(0, 1), batch.query.y.flatten())
        gradient = torch.autograd.grad(loss, list(self.learned.values()), allow_unused=True, materialize_grads=True)
        return loss.detach(), dict(zip(self.learned, gradient, strict=True))

    def _compared(self, features: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Return (tasks, queries, ways), of features of the support sets and, after them, of the queries."""
        ways, examples = int(y.max()) + 1, y.shape[1]
        compare = torch.vmap(lambda support, y, asked: self.compare(support, y, ways, asked))
        return compare(features[:, :examples], y, features[:, examples:])

    def predict(self, support: Examples) -> Callable[[torch.Tensor], torch.Tensor]:
        X, y = support
        with torch.no_grad():
            features = self.embed(X)
        return lambda asked: self.compare(features, y, int(y.max()) + 1, self.embed(asked))

    def answers(self, batch: TaskBatch) -> torch.Tensor:
        """Return the outputs for the queries of many tasks, (tasks, queries, ways)."""
        support, query = on_device(batch, self.device)
        X = torch.cat([support.X, query.X], dim=1)
        with torch.no_grad():
            features = torch.cat([self.embed(part) for part in X.flatten(0, 1).split(AT_ONCE)])
            return self._compared(features.unflatten(0, X.shape[:2]), support.y)

    def check_outputs(self, X: torch.Tensor, y: torch.Tensor, whose: str = "") -> None:
        """Raise Mismatch if the network cannot read two examples; any number of features will do."""
        try:
            self.embed(X)
        except RuntimeError as error:
            raise self.unreadable(X, whose, error) from error


def centroids(features: torch.Tensor, y: torch.Tensor, ways: int) -> torch.Tensor:
    """Return the mean features of each class, (ways, features)."""
    member = (y[:, None] == torch.arange(ways, device=y.device)).to(features.dtype)
    return member.T @ features / member.sum(0)[:, None]
