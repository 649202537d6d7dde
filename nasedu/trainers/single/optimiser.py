"""The optimiser of a recipe, and its rate at every step."""

import math
from collections.abc import Iterable
from typing import Any

import torch

from nasedu.trainers.recipe import Recipe

FUSED = ("cpu", "cuda")
"""Devices on which torch takes a step for all parameters at once, in one operation."""

RISE = 0.3
"""Share of a one-cycle schedule in which the rate rises, if the recipe does not say."""

FIRST, LAST = 1 / 25, 1 / 25e4
"""What a one-cycle schedule begins and ends with, relative to its greatest rate: torch's `OneCycleLR`."""


def make_optimiser(recipe: Recipe, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
    """Return the optimiser of a recipe for these parameters.

    Every one of them looks at a number of a weight by itself, so that stacked weights are trained as single ones are,
    but for the last bit: torch's fused step on a CPU rounds the last few numbers of a tensor otherwise, those that do
    not fill a vector of the processor. Without it a step takes two to three times as long.

    Raises:
        ValueError: no parameters; of torch.
    """
    parameters = list(parameters)
    options: dict[str, Any] = {"lr": recipe.learning_rate, "weight_decay": recipe.weight_decay}
    options["fused"] = all(parameter.device.type in FUSED for parameter in parameters)
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(parameters, momentum=recipe.momentum, **options)
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(parameters, **options)
    return torch.optim.Adam(parameters, **options)


def rate_at(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of one step.

    With a rate r and W = warmup * steps, rounded, the first W steps have r / (W + 1), 2 r / (W + 1), and so on. T =
    steps - W steps follow. There step t has r ("constant"); or r (1 + cos(pi t / T)) / 2 ("cosine"); or r, then r / 10
    from T / 2 on, then r / 100 from 3 T / 4 on ("step"). For "one-cycle" see `_one_cycle`.

    Args:
        step: from 0.
        steps: how many the whole training has.
    """
    if recipe.schedule == "one-cycle":
        return recipe.learning_rate * _one_cycle(RISE if recipe.warmup is None else recipe.warmup, step, steps)
    rising = round((recipe.warmup or 0) * steps)
    if step < rising:
        return recipe.learning_rate * (step + 1) / (rising + 1)
    done = (step - rising) / (steps - rising)
    if recipe.schedule == "cosine":
        return recipe.learning_rate * (1 + math.cos(math.pi * done)) / 2
    if recipe.schedule == "step":
        return recipe.learning_rate * 0.1 ** ((done >= 1 / 2) + (done >= 3 / 4))
    return recipe.learning_rate


def _one_cycle(rise: float, step: int, steps: int) -> float:
    """Half a cosine wave from FIRST up to 1 at step rise * steps - 1, and half a wave down to LAST at the last step."""
    top, end = max(rise * steps - 1, 0), steps - 1
    if step < top:
        return _wave(FIRST, 1, step / top)
    return _wave(1, LAST, (step - top) / (end - top)) if end > top else 1.0


def _wave(start: float, end: float, done: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Use this learning rate from the next step on."""
    for group in optimiser.param_groups:
        group["lr"] = rate
