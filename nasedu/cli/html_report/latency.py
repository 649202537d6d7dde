"""How long a network takes to answer on this machine."""

import platform
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

BATCH = 256
"""Examples that are answered together in the second measurement."""

SECONDS = 0.4
"""That each of the two measurements takes, about."""

FEWEST, MOST = 10, 500
"""Repetitions."""


@dataclass(frozen=True)
class Times:
    """Repeated measurements of one computation, in seconds.

    Attributes:
        examples: that were answered at once.
        repeats: how often.
        median, low, high: the middle one, and those that 5 and 95 of 100 stayed below.
    """

    examples: int
    repeats: int
    median: float
    low: float
    high: float


def latency(module: Any, input_shape: tuple[int, ...]) -> list[Times]:
    """Return how long a network takes for one example, and for a batch of 256, on one core of this machine.

    The network alone is measured, on random numbers: reading and preparing an example comes on top of it.
    """
    import torch

    from nasedu.trainers.single.devices import thread_limit

    generator = torch.Generator().manual_seed(0)
    with thread_limit(1), torch.no_grad():
        return [_times(module, torch.randn(count, *input_shape, generator=generator)) for count in (1, BATCH)]


def _times(module: Any, X: Any) -> Times:
    for _ in range(3):
        module(X)
    found: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(found) < FEWEST or (len(found) < MOST and time.perf_counter() < end):
        begun = time.perf_counter()
        module(X)
        found.append(time.perf_counter() - begun)
    low, median, high = np.quantile(found, [0.05, 0.5, 0.95])
    return Times(len(X), len(found), float(median), float(low), float(high))


def machine() -> str:
    """Return what kind of machine this is, without its name."""
    return f"{platform.system()} on {platform.machine() or 'an unknown processor'}"
