"""A network as a function of its parameters, so that a step of descent is one more function to differentiate."""

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.func import functional_call

from nasedu.trainers.single.norm_and_dropout import NORMS, replaced

Parameters = dict[str, torch.Tensor]
"""The parameters of a network by their names."""


class Examples(NamedTuple):
    """Examples and their answers, as tensors."""

    X: torch.Tensor
    y: torch.Tensor


NO_BATCHING_RULE = (nn.RNNBase, nn.RNNCellBase)
"""Layers that `torch.vmap` cannot compute: networks that have one take their tasks in turn from the beginning."""
NO_RULE = ("vmap", "Batching rule not implemented")
"""In the message of an error: torch cannot compute many tasks together."""


class Functional:
    """A network as a pure function `outputs = function(parameters, X)`.

    Dropout drops nothing. Batch normalisation uses the statistics of the examples that are given, and keeps none: of
    one task, as in the code of MAML. So the answers to queries depend on which others are asked at the same time.

    Args:
        network: any; it is copied, and its own parameters do not matter here.
    """

    def __init__(self, network: nn.Module):
        own = copy.deepcopy(network).eval()
        self.network = replaced(own, {m: BatchStatistics(m) for m in own.modules() if isinstance(m, NORMS)})
        self.batched = not any(isinstance(module, NO_BATCHING_RULE) for module in network.modules())

    def __call__(self, parameters: Parameters, X: torch.Tensor) -> torch.Tensor:
        """Return the outputs, (examples, outputs), for X, (examples, *input_shape)."""
        return functional_call(self.network, parameters, (X,))

    def loss(self, parameters: Parameters, examples: Examples) -> torch.Tensor:
        """Return the mean loss of examples: cross-entropy for classes, the squared error for numbers."""
        X, y = examples
        return loss_of(self(parameters, X), y)

    def over_tasks(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function for many tasks at once, as `over_tasks` does; task by task if `batched` is False."""
        return over_tasks(function) if self.batched else in_turn(function)


def over_tasks(function: Callable[..., Any], chunk: int | None = None) -> Callable[..., Any]:
    """Return the function for many tasks at once: all its arguments and results have one more axis, the first.

    With `torch.vmap`. A network for which torch has no such rule is computed task by task: one with recurrent layers,
    or one that looks at the numbers that it computes with.

    Args:
        function: of tensors, or of dictionaries and tuples of them.
        chunk: tasks that are computed together; None for all.
    """

    def together(*arguments: Any) -> Any:
        try:
            return torch.vmap(function, chunk_size=chunk)(*arguments)
        except RuntimeError as error:
            if not any(sign in str(error) for sign in NO_RULE):
                raise
        return in_turn(function)(*arguments)

    return together


def in_turn(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function for many tasks, as of `over_tasks`, that computes them one after another."""

    def each(*arguments: Any) -> Any:
        leaves, tree = torch.utils._pytree.tree_flatten(arguments)
        results = [
            function(*torch.utils._pytree.tree_unflatten([leaf[task] for leaf in leaves], tree))
            for task in range(len(leaves[0]))
        ]
        return torch.utils._pytree.tree_map(lambda *parts: torch.stack(parts), *results)

    return each


class BatchStatistics(nn.Module):
    """Batch normalisation by the statistics of the batch alone.

    It is written out, because second derivatives of torch's own layer are wrong by up to a hundredth inside
    `torch.vmap` (torch 2.13; the tests compare with finite differences).

    Args:
        norm: the layer in whose place it stands; its weight and bias have the same names here.
    """

    def __init__(self, norm: Any):
        super().__init__()
        self.weight, self.bias, self.eps = norm.weight, norm.bias, norm.eps

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        over = [0, *range(2, x.dim())]
        difference = x - x.mean(over, keepdim=True)
        x = difference * (difference.square().mean(over, keepdim=True) + self.eps).rsqrt()
        if self.weight is None:
            return x
        shape = (1, -1, *[1] * (x.dim() - 2))
        return x * self.weight.view(shape) + self.bias.view(shape)


def loss_of(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return the mean loss: cross-entropy if y holds classes (whole numbers), else the squared error."""
    if y.is_floating_point():
        return (outputs - y).square().mean()
    return nn.functional.cross_entropy(outputs, y)
