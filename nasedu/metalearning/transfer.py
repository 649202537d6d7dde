"""Transfer: train a network on all classes at once, then use its features for new classes.

Chen, Liu, Kira, Wang, Huang, "A Closer Look at Few-shot Classification", ICLR 2019, section 3.2 (a linear layer on a
trained trunk, and a cosine classifier); Tian, Wang, Krishnan, Tenenbaum, Isola, "Rethinking Few-Shot Image
Classification: A Good Embedding Is All You Need?", ECCV 2020. These are the rivals that a meta-learner has to beat.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad

from nasedu.core import Mismatch, check_counts, derive_seed
from nasedu.metalearning.embedding import Embedding, centroids
from nasedu.metalearning.examples import TensorBatch, on_device
from nasedu.metalearning.functional import Examples, Parameters, loss_of, over_tasks
from nasedu.metalearning.learner import MetaStep, check_rates, check_same_learner
from nasedu.metalearning.task_distribution import TaskBatch, TaskDistribution
from nasedu.oneshot.search_state import SearchState
from nasedu.tasks.base import Split

HEAD = "head."


class NearestCentroid(Embedding):
    """Train the network, with a linear layer behind it, to tell all classes of a pool apart; then compare by cosine.

    Without `meta_train` the trunk is untrained. With `nn.Flatten()` as the network, the features are the pixels.

    Args:
        network, **more: see `Learner`; `batch` is the number of images in a step.
    """

    needs_weights: ClassVar[bool] = False

    def __init__(self, network: nn.Module, *, batch: int = 128, **more: Any):
        super().__init__(network, batch=batch, **more)

    def meta_train(self, tasks: TaskDistribution, steps: int | None = None) -> Iterator[MetaStep]:
        """Yield each step of ordinary training on all classes of the pool of the tasks; otherwise as of `Learner`."""
        pool = getattr(tasks, "pool", None)
        if pool is None:
            raise Mismatch(f"transfer trains on a pool of classes, and {tasks.name!r} has none; use FewShotTasks")
        self.check_fits(tasks)
        with torch.no_grad():
            features = self.embed(torch.zeros(2, *tasks.input_shape, device=self.device)).shape[1]
        self.grow_head(len(pool.classes), features)
        return super().meta_train(tasks, steps)

    def grow_head(self, classes: int, features: int) -> None:
        """Make the linear layer behind the trunk, unless it is there."""
        if f"{HEAD}weight" not in self.learned:
            generator = torch.Generator().manual_seed(derive_seed(self.seed, "head"))
            weight = torch.empty(classes, features).uniform_(-1, 1, generator=generator) / features**0.5
            head = {f"{HEAD}weight": weight.to(self.device), f"{HEAD}bias": torch.zeros(classes, device=self.device)}
            self.learned |= {name: tensor.requires_grad_() for name, tensor in head.items()}

    def restore(self, state: SearchState) -> None:
        """Go back to where a training was, as of `Learner`."""
        check_same_learner(state.about, self.about())
        if (head := state.tensors.get(f"learned/{HEAD}weight")) is not None:
            self.grow_head(*head.shape)
        super().restore(state)

    def draw(self, tasks: Any, rng: np.random.Generator) -> TaskBatch:
        """Return examples of all classes, as one large task."""
        pool = tasks.pool
        places = rng.integers(len(pool.y), size=self.batch)
        both = Split(pool.X[places][None], pool.y[places][None])
        return TaskBatch(both, both, places[None])

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean cross-entropy over all classes of the pool, and its gradient."""
        features = self.embed(batch.support.X[0], training=True)
        outputs = nn.functional.linear(features, self.learned[f"{HEAD}weight"], self.learned[f"{HEAD}bias"])
        loss = loss_of(outputs, batch.support.y[0])
        gradient = torch.autograd.grad(loss, list(self.learned.values()), allow_unused=True, materialize_grads=True)
        return loss.detach(), dict(zip(self.learned, gradient, strict=True))

    def compare(self, features: torch.Tensor, y: torch.Tensor, ways: int, asked: torch.Tensor) -> torch.Tensor:
        """Return the cosine with the mean of each class."""
        means = nn.functional.normalize(centroids(features, y, ways), dim=1)
        return nn.functional.normalize(asked, dim=1) @ means.T


class LinearProbe(NearestCentroid):
    """Train as `centroid` does; then learn for each task a linear layer on the features, scaled to length 1.

    Args:
        network, **more: see `NearestCentroid`.
        probe_steps: steps of gradient descent, from zero.
        probe_rate: their rate.
    """

    def __init__(self, network: nn.Module, *, probe_steps: int = 100, probe_rate: float = 10.0, **more: Any):
        super().__init__(network, **more)
        check_counts(probe_steps=probe_steps)
        check_rates(probe_rate=probe_rate)
        self.probe_steps, self.probe_rate = probe_steps, probe_rate

    def compare(self, features: torch.Tensor, y: torch.Tensor, ways: int, asked: torch.Tensor) -> torch.Tensor:
        """Return the outputs of logistic regression; a column of ones is its bias."""
        features, asked = (with_ones(nn.functional.normalize(part, dim=1)) for part in (features, asked))
        member = (y[:, None] == torch.arange(ways, device=y.device)).to(features.dtype)
        weight = features.new_zeros(ways, features.shape[1])
        for _ in range(self.probe_steps):
            wrong = (features @ weight.T).softmax(1) - member
            weight = weight - self.probe_rate / len(y) * (wrong.T @ features)
        return asked @ weight.T


class FineTuning(NearestCentroid):
    """Train as `centroid` does; then train on with a new linear layer for each task: all weights move.

    Batch normalisation keeps the statistics of the training.

    Args:
        network, **more: see `NearestCentroid`.
        tuning_steps: steps of gradient descent on the support set.
        tuning_rate: their rate.
    """

    def __init__(self, network: nn.Module, *, tuning_steps: int = 20, tuning_rate: float = 0.1, **more: Any):
        super().__init__(network, **more)
        check_counts(tuning_steps=tuning_steps)
        check_rates(tuning_rate=tuning_rate)
        self.tuning_steps, self.tuning_rate = tuning_steps, tuning_rate

    def tuned(self, X: torch.Tensor, y: torch.Tensor, ways: int) -> Parameters:
        """Return the weights of the trunk and of its new layer, which starts as the prototypes' (see `Prototypes`)."""
        weights = {name: weight.detach() for name, weight in self.network.named_parameters()}
        means = centroids(self.embed(X), y, ways).detach()
        weights |= {f"{HEAD}weight": 2 * means, f"{HEAD}bias": -means.square().sum(1)}
        step = grad(lambda weights: loss_of(self.outputs(weights, X), y))
        for _ in range(self.tuning_steps):
            gradient = step(weights)
            weights = {name: weight - self.tuning_rate * gradient[name] for name, weight in weights.items()}
        return weights

    def outputs(self, weights: Parameters, X: torch.Tensor) -> torch.Tensor:
        """Return the outputs of trunk and layer."""
        trunk = {name: weight for name, weight in weights.items() if not name.startswith(HEAD)}
        features = functional_call(self.network.eval(), trunk, (X,)).flatten(1)
        return nn.functional.linear(features, weights[f"{HEAD}weight"], weights[f"{HEAD}bias"])

    def predict(self, support: Examples) -> Callable[[torch.Tensor], torch.Tensor]:
        X, y = support
        weights = self.tuned(X, y, int(y.max()) + 1)
        return lambda asked: self.outputs(weights, asked)

    def answers(self, batch: TaskBatch) -> torch.Tensor:
        """Return the outputs for the queries of many tasks, (tasks, queries, ways)."""
        support, query = on_device(batch, self.device)
        ways = int(support.y.max()) + 1
        each = over_tasks(lambda X, y, asked: self.outputs(self.tuned(X, y, ways), asked), chunk=50)
        with torch.no_grad():
            return each(*support, query.X)


def with_ones(features: torch.Tensor) -> torch.Tensor:
    """Return the features with one more, which is always 1."""
    return torch.cat([features, torch.ones_like(features[:, :1])], dim=1)
