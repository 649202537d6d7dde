"""MAML: learn a start from which one step of gradient descent solves a task.

Finn, Abbeel, Levine, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks", ICML 2017, algorithm 2.
"""

from itertools import repeat
from typing import Any

import numpy as np
import torch
from torch import nn

from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import InnerLoop


class MAML(InnerLoop):
    """Descend in the loss of the queries after adaptation, by its gradient through the inner steps.

        learner = MAML(network, inner_rate=0.01, meta_rate=0.003)
        for step in learner.meta_train(Sinusoids(shots=10), steps=4000):
            print(step.number, step.loss)

    The relatives change one line of it: `FirstOrderMAML`, `ANIL`, `MetaSGD`.

    Args:
        network, **settings: as of `InnerLoop`.
        every_step: descend in the mean loss after each inner step, instead of the loss after the last of them: what is
            learned then works for any number of steps up to `inner_steps` (Antoniou, Edwards, Storkey, "How to Train
            Your MAML", ICLR 2019, section 4).
    """

    def __init__(self, network: nn.Module, *, every_step: bool = False, **settings: Any):
        super().__init__(network, **settings)
        self.every_step = every_step

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean loss of the queries after adaptation, and its gradient (line 8 of algorithm 2)."""

        def loss_after(X: torch.Tensor, y: torch.Tensor, query_X: torch.Tensor, query_y: torch.Tensor) -> torch.Tensor:
            steps = list(self.descend(self.learned, repeat(Examples(X, y), self.inner_steps)))
            judged = steps if self.every_step else steps[-1:]
            return torch.stack(
                [self.function.loss(step.parameters, Examples(query_X, query_y)) for step in judged]
            ).mean()

        loss = self.function.over_tasks(loss_after)(*batch.support, *batch.query).mean()
        gradient = torch.autograd.grad(loss, list(self.learned.values()), allow_unused=True, materialize_grads=True)
        return loss.detach(), dict(zip(self.learned, gradient, strict=True))
