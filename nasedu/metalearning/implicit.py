"""Implicit MAML: the gradient at the end of a long adaptation, without a way back through its steps.

Rajeswaran, Finn, Kakade, Levine, "Meta-Learning with Implicit Gradients", NeurIPS 2019, algorithms 1 and 2.
"""

from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import grad, grad_and_value

from nasedu.core import check_counts
from nasedu.metalearning.examples import TensorBatch
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.inner_loop import InnerLoop, detached
from nasedu.metalearning.learner import check_rates


class ImplicitMAML(InnerLoop):
    """Adapt by descent in the loss of the support set plus strength / 2 |parameters - start|^2, until it is at rest.

    Where it is at rest, the gradient in the start is a solution g of (I + H / strength) g = gradient of the queries,
    with the Hessian H of the support set's loss (equation 6). Conjugate gradients find it with products H v alone, so
    memory does not grow with the number of inner steps.

    Args:
        network, **settings: as of `InnerLoop`; few inner steps do not come to rest, and the gradient is then wrong.
        strength: of the pull towards the start (lambda in the paper).
        solver_steps: of conjugate gradients.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        inner_steps: int = 16,
        strength: float = 2.0,
        solver_steps: int = 5,
        **settings: Any,
    ):
        super().__init__(network, inner_steps=inner_steps, **settings)
        check_rates(strength=strength)
        check_counts(solver_steps=solver_steps)
        self.strength, self.solver_steps = strength, solver_steps

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return the parameters after one step, which also pulls them towards the start."""
        pulled = {name: gradient[name] + self.strength * (parameters[name] - learned[name]) for name in parameters}
        return super().moved(learned, parameters, pulled)

    def meta_gradient(self, batch: TensorBatch, rng: np.random.Generator) -> tuple[torch.Tensor, Parameters]:
        """Return the mean loss of the queries after adaptation, and its implicit gradient."""
        learned = detached(self.learned)

        def of_task(X: torch.Tensor, y: torch.Tensor, asked: torch.Tensor, y_asked: torch.Tensor) -> Any:
            support = Examples(X, y)
            end = self.adapted(learned, repeat(support, self.inner_steps))
            gradient, loss = grad_and_value(self.function.loss)(end, Examples(asked, y_asked))
            slope = grad(self.function.loss)

            def product(v: Parameters) -> Parameters:
                curved = grad(lambda weights: inner(slope(weights, support), v))(end)
                return {name: v[name] + curved[name] / self.strength for name in v}

            return loss, conjugate_gradients(product, gradient, self.solver_steps)

        losses, gradients = self.function.over_tasks(of_task)(*batch.support, *batch.query)
        return losses.mean(), {name: each.mean(0) for name, each in gradients.items()}


def conjugate_gradients(product: Callable[[Parameters], Parameters], b: Parameters, steps: int) -> Parameters:
    """Return x with product(x) near b, from x = b; `product` is linear and symmetric."""
    x = b
    residual = combined(b, -1.0, product(b))
    direction, size = residual, inner(residual, residual)
    for _ in range(steps):
        image = product(direction)
        bent = inner(direction, image)
        length = torch.where(bent > 0, size / bent, 0.0)  # no step along a direction in which the loss bends down
        x, residual = combined(x, length, direction), combined(residual, -length, image)
        before, size = size, inner(residual, residual)
        direction = combined(residual, size / before.clamp(min=1e-20), direction)
    return x


def inner(one: Parameters, other: Parameters) -> torch.Tensor:
    """Return the inner product."""
    return torch.stack([(one[name] * other[name]).sum() for name in one]).sum()


def combined(one: Parameters, factor: torch.Tensor | float, other: Parameters) -> Parameters:
    """Return one + factor * other."""
    return {name: one[name] + factor * other[name] for name in one}
