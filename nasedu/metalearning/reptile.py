"""Reptile: train on a task for a while, then move the start a little towards where it ended.

Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", arXiv 1803.02999, 2018, algorithm 2 and section 5.
"""

from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.core import check_counts
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import InnerLoop, detached


class Reptile(InnerLoop):
    """Move the start towards the parameters that each task would have; needs no second derivatives and no queries.

    Support and query are one training set here. Each inner step takes other examples of it, which is what makes
    several steps more than joint training (section 5.1).

    Args:
        network, **settings: as of `InnerLoop`.
        minibatch: examples of an inner step.
    """

    def __init__(self, network: nn.Module, *, minibatch: int = 10, inner_steps: int = 5, **settings: Any):
        super().__init__(network, inner_steps=inner_steps, **settings)
        check_counts(minibatch=minibatch)
        self.minibatch = minibatch

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean loss of the first inner step, and the mean way from the ends to the start over the rate.

        With one inner step this is the gradient of joint training.
        """
        X, y = (torch.cat(pair, dim=1) for pair in zip(batch.support, batch.query, strict=True))
        count = X.shape[1]
        orders = [rng.permutation(count) for _ in range(-(-self.inner_steps * self.minibatch // count) + 1)]
        places = np.concatenate(orders)[: self.inner_steps * self.minibatch].reshape(self.inner_steps, -1)
        chosen = torch.from_numpy(places).to(X.device)
        learned = detached(self.learned)

        def way(X: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, Parameters]:
            steps = list(self.descend(learned, (Examples(X[of], y[of]) for of in chosen)))
            end = steps[-1].parameters
            return steps[0].loss, {name: (weight - end[name]) / self.inner_rate for name, weight in learned.items()}

        losses, ways = self.function.over_tasks(way)(X, y)
        return losses.mean(), {name: each.mean(0) for name, each in ways.items()}
