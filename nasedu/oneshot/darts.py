"""DARTS: descend in the weights and in alpha by turns, then keep the operations of the largest shares.

Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, section 2.3, algorithm 1, equations 5 to 8.
Lesson 11.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch

from nasedu.core import Architecture, BadValue
from nasedu.oneshot.eigenvalue import largest_eigenvalue, must_stop, stop_place
from nasedu.oneshot.mixture_search import MixtureSearch, Weights
from nasedu.oneshot.search_state import SearchState

Loss = Callable[[Weights, torch.Tensor], torch.Tensor]
"""From weights and alpha to a number: the loss of one batch."""

RADIUS = 0.01
"""How far the weights are moved for the finite difference (the paper's footnote 2)."""


class DartsStep(NamedTuple):
    """One step of DARTS, after it.

    Attributes:
        number: from 1.
        alpha, shares: (edges, operations).
        loss: of the batch that trained the weights, before.
        validation_loss: of the batch that trained alpha, before; None while alpha stays.
        eigenvalue: the largest of the Hessian of the loss in alpha; None where none was asked for.
        derived: the architecture of the largest shares.
        skips: how many of its edges are skip connections.
        stopped: whether the eigenvalue ended the search; `derived` is then the architecture from before it grew.
    """

    number: int
    alpha: np.ndarray
    shares: np.ndarray
    loss: float
    validation_loss: float | None
    eigenvalue: float | None
    derived: Architecture
    skips: int
    stopped: bool


def hypergradient(
    train: Loss, validation: Loss, weights: Weights, alpha: torch.Tensor, xi: float, radius: float = RADIUS
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the gradient in alpha of the validation loss after one step of the weights, and that loss.

    It is the gradient of L_val(w', alpha) with w' = w - xi dL_train(w, alpha)/dw, in two parts (equation 7): that at
    fixed w', less xi times a product of mixed second derivatives with the vector v = dL_val(w', alpha)/dw'. The
    product is a finite difference (equation 8), whose step is `radius` over the length of v.

    On a smooth loss its error falls with the square of `radius`. Where a loss has edges (ReLU, max pooling), the finite
    difference counts the edges that it crosses, and exact second derivatives do not see them: the two differ.

    With xi = 0 it is the first-order gradient: the weights count as if they did not depend on alpha.

    Args:
        train, validation: the losses of one batch from each half.
        weights, alpha: where.
        xi: the rate of the step that the weights are thought to make; the code takes plain gradient descent here.
        radius: the length of the finite difference.
    """
    moved = weights
    if xi:
        moved = tuple(w - xi * g for w, g in zip(weights, gradient(train(weights, alpha), weights), strict=True))
    loss = validation(moved, alpha)
    if not xi:
        (direct,) = gradient(loss, (alpha,))  # those in the weights would cost a quarter more
        return direct, loss.detach()
    direct, *v = gradient(loss, (alpha, *moved))
    epsilon = radius / torch.sqrt(sum((g.square().sum() for g in v), start=torch.zeros_like(loss)))
    with torch.no_grad():
        up = tuple(w + epsilon * g for w, g in zip(weights, v, strict=True))
        down = tuple(w - epsilon * g for w, g in zip(weights, v, strict=True))
    (above,), (below,) = (gradient(train(place, alpha), (alpha,)) for place in (up, down))
    return direct - xi * (above - below) / (2 * epsilon), loss.detach()


def gradient(loss: torch.Tensor, places: Weights) -> Weights:
    """Return the gradient in each place; zeros in one that the loss does not depend on."""
    return torch.autograd.grad(loss, places, allow_unused=True, materialize_grads=True)


class Darts(MixtureSearch):
    """Gradient descent in the weights on one half of the training examples, in alpha on the other half.

        search = Darts(space, task, steps=200, order=2)
        for step in search.run():
            print(step.number, step.validation_loss, step.skips)
        search.derived()

    Arguments and errors are those of `MixtureSearch`. `order=1` and `order=2` are the paper's first and second order;
    with `relaxation="gumbel"` it is GDAS, with "sigmoid" Fair DARTS.
    """

    stopped: Architecture | None = None

    def run(self) -> Iterator[DartsStep]:
        """Yield each step that is still to do."""
        while self.done < self.settings.steps and self.stopped is None:
            yield self.step()

    def step(self) -> DartsStep:
        """Make one step of alpha and one of the weights (algorithm 1)."""
        validation_loss = None
        if self.done >= self.settings.warm and not self.settings.frozen:
            validation_loss = self._step_alpha()
        loss = self._step_weights()
        self.done += 1
        eigenvalue = None
        if self.settings.eigenvalue_every and self.done % self.settings.eigenvalue_every == 0:
            eigenvalue = self._look_at_eigenvalue()
        alpha, shares, derived = self.alpha.detach().cpu().numpy().copy(), self.shares(), self.derived()
        skips, stopped = self.edges.skips(derived), self.stopped is not None
        return DartsStep(self.done, alpha, shares, loss, validation_loss, eigenvalue, derived, skips, stopped)

    def _step_alpha(self) -> float:
        train, validation = self.batch("weights"), self.batch("alpha")
        self.alpha.grad, loss = hypergradient(
            lambda weights, alpha: self.loss(weights, alpha, train),
            lambda weights, alpha: self.alpha_loss(weights, alpha, validation),
            self.weights(),
            self.alpha,
            xi=self.weight_rate() if self.settings.order == 2 else 0.0,
        )
        self.alpha_optimiser.step()
        if not self.alpha.isfinite().all():
            raise BadValue(
                f"alpha became NaN or infinite in step {self.done + 1}, at a validation loss of {float(loss):.3g}: use "
                f"a smaller weight_rate ({self.settings.weight_rate}) or alpha_rate ({self.settings.alpha_rate})"
            )
        return float(loss)

    def _step_weights(self) -> float:
        self.weight_optimiser.param_groups[0]["lr"] = self.weight_rate()
        self.weight_optimiser.zero_grad()  # a weight that is not computed has no gradient, and stays
        loss = self.loss(self.weights(), self.alpha.detach(), self.batch("weights"))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights(), self.settings.clip)
        self.weight_optimiser.step()
        value = float(loss.detach())
        if not math.isfinite(value):
            raise BadValue(
                f"the loss became {value} in step {self.done + 1}: use a smaller weight_rate "
                f"({self.settings.weight_rate})"
            )
        return value

    def _look_at_eigenvalue(self) -> float:
        batch = self.batch("alpha")._replace(seed=None)  # without noise: its size would hide the loss's own bends
        weights = tuple(weight.detach() for weight in self.weights())
        value = largest_eigenvalue(lambda alpha: self.loss(weights, alpha, batch), self.alpha, seed=self.seed)
        self.eigenvalues.append(value)
        self.derived_at.append(list(super().derived()))
        self._check_stop()
        return value

    def _check_stop(self) -> None:
        if self.settings.stop_early and must_stop(self.eigenvalues):
            self.stopped = tuple(self.derived_at[stop_place(self.eigenvalues)])

    def derived(self) -> Architecture:
        """Return the architecture of the largest shares; if the eigenvalue ended the search, the one from before."""
        return self.stopped or super().derived()

    def restore(self, state: SearchState) -> None:
        super().restore(state)
        self.stopped = None
        self._check_stop()
