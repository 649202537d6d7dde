"""The second-order gradient of DARTS by finite differences, against the exact one through one unrolled step.

On a smooth loss the two agree. The second-order term is xi times a product, so what it is worth grows with xi, the rate
of the weights: 0.05 at the beginning of our searches. Ten times that tests the finite difference harder too, and there
no seed has a term so small that leaving it out would be no error.

Where a loss has edges (ReLU, max pooling), exact second derivatives do not see the edges that the finite difference
crosses. Which of the two is of more use is asked of the loss itself: alpha moves by a tenth in random directions, and
each gradient says how much the loss after the step changes.
"""

from functools import partial

import numpy as np
import torch
from torch import nn

from nasedu.oneshot.darts import Darts, hypergradient
from tests.benchmarks.row import Row
from tests.oneshot.small_mixtures import SPACES, TASK
from tests.oneshot.unrolled import after_a_step, exact, leaf, relative, smooth_losses, without_second_order

SEEDS = 10
SUPERNETS = 5
XI, LARGE_XI = 0.05, 0.5
MOVE, DIRECTIONS = 0.1, 2
GELU = {nn.ReLU: lambda _: nn.GELU()}
MAX = {nn.AvgPool2d: lambda pool: nn.MaxPool2d(pool.kernel_size, pool.stride, pool.padding)}
CELLS = {
    "cell-201 with ReLU, 30 steps": ("cell-201", {}, 30),
    "cell-201 with GELU, 30 steps": ("cell-201", GELU, 30),
    "cell-201 with GELU and max pooling, 30 steps": ("cell-201", {**GELU, **MAX}, 30),
}


def measure() -> list[Row]:
    """Every row of the section."""
    return [*on_a_smooth_toy(), *(row for name in CELLS for row in on_cells(name))]


def on_a_smooth_toy() -> list[Row]:
    rows = []
    for dtype in (torch.float32, torch.float64):
        for xi in (XI, LARGE_XI):
            errors, without = [], []
            for seed in range(SEEDS):
                train, validation, weights, alpha = smooth_losses(dtype, seed)
                true = exact(train, validation, weights, alpha, xi)
                found, _ = hypergradient(train, validation, leaf(weights), alpha.clone().requires_grad_(), xi)
                errors.append(relative(found, true))
                without.append(relative(without_second_order(train, validation, weights, alpha, xi), true))
            name = f"smooth toy, {str(dtype).removeprefix('torch.')}, xi {xi}, {SEEDS} seeds: "
            worst, least = max(errors), min(without)
            promise = {"promised": "over 1e-2", "kept": least > 1e-2} if xi == LARGE_XI else {"promised": ""}
            measured = f"{least:.1e}, median {np.median(without):.1e}"
            rows.append(Row(f"{name}worst relative error", "under 1e-4", f"{worst:.1e}", worst < 1e-4))
            rows.append(Row(f"{name}without the second-order term, least", measured=measured, **promise))
    return rows


def on_cells(name: str) -> list[Row]:
    """Return the errors of the finite difference on a supernet, and which gradient foretells its loss."""
    found = [one_supernet(name, seed) for seed in range(SUPERNETS)]
    errors, without = (np.array([one[place] for one in found]) for place in (0, 1))
    changes = np.concatenate([one[2] for one in found])  # (seeds x directions, 4): true, then by each gradient
    missed = np.sqrt(((changes[:, 1:] - changes[:, :1]) ** 2).sum(0) / (changes[:, 0] ** 2).sum())
    return [
        Row(
            f"{name}, {SUPERNETS} seeds: relative error against the exact gradient; without the second-order term",
            "",
            f"{middle(errors)}; {middle(without)}",
        ),
        Row(
            f"{name}: part of the loss's true change that is missed by exact / finite difference / neither",
            "",
            " / ".join(f"{part:.2f}" for part in missed),
        ),
    ]


def middle(values: np.ndarray) -> str:
    return f"median {np.median(values):.1e} ({values.min():.0e} to {values.max():.0e})"


def one_supernet(name: str, seed: int) -> tuple[float, float, np.ndarray]:
    """Return the two relative errors, in float64, and the changes of the loss: true, and as the gradients say."""
    space, exchanged, steps = CELLS[name]
    search = Darts(SPACES[space](), TASK, steps=31, batch=24, alpha_rate=0.05, seed=seed)
    exchange(search.mixture, exchanged)
    for _ in range(steps):
        search.step()
    search.mixture.double()
    weights, alpha = tuple(w.detach() for w in search.weights()), search.alpha.detach().double()
    batches = [search.batch(half)._replace(X=search.batch(half).X.double()) for half in ("weights", "alpha")]
    train, validation = (lambda w, a, batch=batch: search.loss(w, a, batch) for batch in batches)
    true = exact(train, validation, weights, alpha, XI)
    by_differences, _ = hypergradient(train, validation, leaf(weights), alpha.clone().requires_grad_(), XI)
    partly = without_second_order(train, validation, weights, alpha, XI)
    loss = partial(after_a_step, train, validation, weights, xi=XI)
    generator, changes = torch.Generator().manual_seed(seed), []
    for _ in range(DIRECTIONS):
        step = torch.randn(alpha.shape, generator=generator, dtype=torch.float64)
        step *= MOVE / step.norm()
        change = float(loss(alpha + step) - loss(alpha - step)) / 2
        changes.append([change, *(float((step * gradient).sum()) for gradient in (true, by_differences, partly))])
    return relative(by_differences, true), relative(partly, true), np.array(changes)


def exchange(mixture: nn.Module, kinds: dict) -> None:
    """Put other layers in the place of some kinds."""
    for name, module in list(mixture.named_modules()):
        if type(module) in kinds:
            mixture.set_submodule(name, kinds[type(module)](module))
