"""Judging a network without training it: zero-cost proxies. Lesson 09."""

from typing import Any

import torch
from torch.nn import functional

from nasedu.core import Architecture, BadValue
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.devices import thread_limit
from nasedu.trainers.single.network import build, draw_weights


def gradient_norm(space: Any, architecture: Architecture, task: Any, *, seed: int = 0, examples: int = 50) -> float:
    """Return the length of the loss's gradient by all weights, as they were drawn, for one batch of training examples.

    Abdelfattah, Mehrotra, Dudziak, Lane, "Zero-Cost Proxies for Lightweight NAS", ICLR 2021, section 3.2 (grad_norm).
    No label of the validation part is looked at.

    Args:
        space: builds the network.
        architecture: of this space.
        task: a classification of images or vectors.
        seed: of the weights.
        examples: how many of the first training examples make the batch.

    Raises:
        BadValue: a task that is no classification.
    """
    if task.kind != "classification":
        raise BadValue(
            f"the gradient norm is that of a cross-entropy, for classifications; {task.name!r} is {task.kind}"
        )
    network = build(space, architecture, Recipe())
    draw_weights(network, seed)
    X = torch.as_tensor(task.train.X[:examples])
    y = torch.as_tensor(task.train.y[:examples]).long()
    with thread_limit(1):  # so small a batch is not shared out: threads would only wait for each other
        functional.cross_entropy(network(X), y).backward()
    squares = [parameter.grad.square().sum() for parameter in network.parameters() if parameter.grad is not None]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0
