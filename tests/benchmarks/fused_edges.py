"""What it saves that all edges which leave one node are one call: processor seconds of a step of weights and alpha."""

import time

import numpy as np
import torch

from nasedu import spaces, tasks
from nasedu.oneshot import mixture
from nasedu.oneshot.darts import Darts
from tests.benchmarks.row import Row

TASK, STEPS = "what/digits", 5
SPACES = {
    "cell-201": {"width": 4},
    "cell-201, wide": {"width": 16},
    "darts, two nodes": {"width": 4, "nodes": 2, "cells": 1},
    "darts, four nodes": {"width": 2, "nodes": 4, "cells": 1},
}


def measure() -> list[Row]:
    """A row for each space: fused and apart take turns, step by step, so that other programs slow both down."""
    return [cost(name) for name in SPACES]


def cost(name: str) -> Row:
    task = tasks.load(TASK)
    search = Darts(spaces.load(name.partition(",")[0], task, **SPACES[name]), task, steps=2 * STEPS + 2)
    fused, seconds = mixture.side_by_side, {}
    try:
        for number in range(2 * STEPS + 2):
            mixture.side_by_side = apart if number % 2 else fused
            started = time.process_time()
            search.step()
            seconds.setdefault(mixture.side_by_side, []).append(time.process_time() - started)
    finally:
        mixture.side_by_side = fused
    one, each = (np.array(seconds[way][1:]) for way in (fused, apart))
    low, high = np.quantile(one / each, (0.25, 0.75))
    measured = f"{1000 * np.median(one):.0f} ms against {1000 * np.median(each):.0f} ms: {np.median(one / each):.2f}"
    ratio = np.median(one / each)
    return Row(
        f"{name}, width {SPACES[name]['width']}: one call against one for each edge",
        "half the time",
        f"{measured} ({low:.2f} to {high:.2f}, quartiles)",
        bool(ratio <= 0.55),
    )


def apart(layers, x):
    """Compute each layer by itself."""
    return torch.stack([layer(x) for layer in layers], dim=1)
