"""MAML: learn a start from which one step of gradient descent solves a task.

Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, algorithm 2.
"""

from itertools import repeat

import numpy as np
import torch

from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import InnerLoop


class MAML(InnerLoop):
    """Descend in the loss of the queries after adaptation, by its gradient through the inner steps.

        learner = MAML(network, inner_rate=0.01, meta_rate=0.003)
        for step in learner.meta_train(Sinusoids(shots=10), steps=4000):
            print(step.number, step.loss)

    Arguments and errors are those of `InnerLoop`. The relatives change one line of it: `FirstOrderMAML`, `ANIL`,
    `MetaSGD`.
    """

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean loss of the queries after adaptation, and its gradient (line 8 of algorithm 2)."""

        def loss_after(X: torch.Tensor, y: torch.Tensor, query_X: torch.Tensor, query_y: torch.Tensor) -> torch.Tensor:
            parameters = self.adapted(self.learned, repeat(Examples(X, y), self.inner_steps))
            return self.function.loss(parameters, Examples(query_X, query_y))

        loss = self.function.over_tasks(loss_after)(*batch.support, *batch.query).mean()
        gradient = torch.autograd.grad(loss, list(self.learned.values()), allow_unused=True, materialize_grads=True)
        return loss.detach(), dict(zip(self.learned, gradient, strict=True))
