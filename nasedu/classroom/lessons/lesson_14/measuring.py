"""Losses of optimisers on many random quadratics at once, and rates that are tuned on others."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from nasedu.metalearning.learned_optimizer import descend
from nasedu.metalearning.quadratics import Quadratics

Made = Callable[[list[torch.Tensor]], torch.optim.Optimizer]

RIVALS: dict[str, Callable[[float], Made]] = {
    "SGD": lambda rate: partial(torch.optim.SGD, lr=rate),
    "momentum": lambda rate: partial(torch.optim.SGD, lr=rate, momentum=0.9),
    "Adam": lambda rate: partial(torch.optim.Adam, lr=rate),
}
RATES = tuple(float(f"{10 ** (power / 5):.2g}") for power in range(-12, 3))
"""Five for each decade, from 0.004 to 2.5."""


def quadratics(seed: int, count: int) -> tuple[Callable[[torch.Tensor], torch.Tensor], torch.Tensor]:
    """Return the losses of points (count, 10), one for each of some quadratics, and standard normal starts."""
    rng = np.random.default_rng(seed)
    X, y = (torch.from_numpy(part) for part in Quadratics(10).draw(count, rng).support)
    starts = torch.from_numpy(rng.normal(size=(count, 10)).astype(np.float32))
    return lambda x: (X @ x[..., None] - y).square().mean((1, 2)), starts


def curve(problems: Any, optimiser: Made, steps: int) -> np.ndarray:
    """Return the mean loss of some problems at the start and after each step, (steps + 1,)."""
    losses, starts = problems
    return np.array([float(step.loss.mean()) for step in descend(losses, starts, optimiser, steps)])


def tuned(problems: Any, steps: int, rates: Sequence[float] = RATES) -> dict[str, float]:
    """Return for each rival the rate with the smallest mean loss after some steps."""
    found = {}
    for name, with_rate in RIVALS.items():
        ends = np.array([curve(problems, with_rate(rate), steps)[-1] for rate in rates])
        found[name] = rates[int(np.where(np.isfinite(ends), ends, np.inf).argmin())]
    return found
