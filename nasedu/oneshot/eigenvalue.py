"""How sharply a loss bends in alpha: the Hessian's largest eigenvalue, and when it says that a search must stop.

Zela et al., "Understanding and Robustifying Differentiable Architecture Search", ICLR 2020, sections 4 and 5.1.
Lesson 11.
"""

from collections.abc import Callable, Sequence

import torch

from nasedu.core import derive_seed

K = 5
"""Eigenvalues that are averaged, and how many later the average is compared with the one before (the paper: epochs).

The authors' code compares with the average 4 earlier, stops at a growth by 1.3 (1 / 0.77), and never before epoch 10.
"""
RATIO = 0.75


def largest_eigenvalue(
    loss: Callable[[torch.Tensor], torch.Tensor],
    alpha: torch.Tensor,
    *,
    seed: int = 0,
    iterations: int = 50,
    tolerance: float = 1e-3,
) -> float:
    """Return the largest eigenvalue of the Hessian of a loss in alpha, by power iteration.

    Power iteration finds the eigenvalue of the largest magnitude. If that is negative, a second run on the Hessian
    minus this eigenvalue finds the largest: all eigenvalues of the difference are at least 0. No Hessian is ever
    formed. Its product with a vector is the gradient of (gradient times vector): Pearlmutter, "Fast Exact
    Multiplication by the Hessian", Neural Computation 6, 1994.

    Args:
        loss: from alpha to a number, twice differentiable.
        alpha: where; of any shape.
        seed: of the vector that the iteration begins with.
        iterations: at most, in each run.
        tolerance: relative change of the eigenvalue at which a run ends.
    """
    at = alpha.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(loss(at), at, create_graph=True)
    if gradient.grad_fn is None:  # the loss is linear in alpha, or does not depend on it
        return 0.0

    def product(vector: torch.Tensor) -> torch.Tensor:
        (result,) = torch.autograd.grad(
            gradient, at, grad_outputs=vector, retain_graph=True, allow_unused=True, materialize_grads=True
        )
        return result

    def dominant(shift: float) -> float:
        generator = torch.Generator().manual_seed(derive_seed(seed, "eigenvalue"))
        vector = torch.randn(at.shape, generator=generator).to(at)
        vector /= vector.norm()
        value = 0.0
        for _ in range(iterations):
            after = product(vector) - shift * vector
            before, value = value, float((vector * after).sum())  # Rayleigh's quotient
            length = after.norm()
            if abs(value - before) <= tolerance * abs(value) or length == 0:
                break
            vector = after / length
        return value

    first = dominant(0.0)
    return first if first >= 0 else first + dominant(first)


def must_stop(eigenvalues: Sequence[float]) -> bool:
    """Return whether the eigenvalue has grown too fast: the mean K before is under RATIO of the mean now.

    Each mean is over K eigenvalues, so the rule needs 2K of them.
    """
    if len(eigenvalues) < 2 * K:
        return False
    now, before = sum(eigenvalues[-K:]) / K, sum(eigenvalues[-2 * K : -K]) / K
    return before < RATIO * now


def stop_place(eigenvalues: Sequence[float]) -> int:
    """Return the place of the eigenvalue at which the search should have ended: the middle of the mean before."""
    return len(eigenvalues) - 2 * K + K // 2
