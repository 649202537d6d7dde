"""What a recipe adds to a network or takes out of it: batch normalisation and dropout.

Only layers that stand in a chain (`nn.Sequential`, at any depth of the network) are normalised: what a module of
another kind does with the layers inside, its own code knows alone.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.spaces import layers
from nasedu.trainers.recipe import Recipe

WEIGHING = (nn.Conv1d, nn.Conv2d, nn.Linear)
"""Layers that batch normalisation is put behind."""

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)

OVER_STEPS = (nn.LayerNorm, nn.RNNBase, nn.Embedding, nn.MultiheadAttention, layers.SelfAttention, layers.Rows)
"""They read or make one vector for each step of a sequence, which batch normalisation would take for channels."""


def apply_norm_and_dropout(network: nn.Module, recipe: Recipe) -> nn.Module:
    """Return the network with what the recipe asks for; the network that is given is changed.

    Raises:
        BadValue: a network that the recipe cannot be applied to.
    """
    if recipe.batch_norm is True:
        network = with_norm(network)
    elif recipe.batch_norm is False:
        network = without_norm(network)
    return network if recipe.dropout is None else with_dropout(network, recipe.dropout)


def with_norm(network: nn.Module) -> nn.Module:
    """Return the network with batch normalisation behind every convolution and linear layer of a chain, but the last.

    One that is normalised already stays as it is. A bias before normalisation would be subtracted again with the mean:
    such a layer gets none.

    Raises:
        BadValue: a network that reads sequences, or one with no layer in a chain.
    """
    for module in network.modules():
        if isinstance(module, OVER_STEPS):
            raise BadValue(
                "batch_norm=True normalises the channels of images and the features of dense layers, and this network "
                f"has a {type(module).__name__}, which works on the steps of a sequence: use batch_norm=None"
            )
    weighing = [module for module in network.modules() if isinstance(module, WEIGHING)]
    places = [(a, b) for chain in chains(network) for a, b in pairwise([*chain, None]) if isinstance(a, WEIGHING)]
    places = [(a, b) for a, b in places if a is not weighing[-1]]
    if weighing[:-1] and not places:
        raise BadValue(
            f"batch_norm=True finds no layer of a {type(network).__name__} to normalise: put its layers into an "
            "nn.Sequential, or use batch_norm=None"
        )
    exchange: dict[nn.Module, nn.Module] = {}
    for layer, following in places:
        if "Norm" not in type(following).__name__:
            layer.bias = None
            exchange[layer] = nn.Sequential(layer, _norm_for(layer))
    return replaced(network, exchange)


def _norm_for(layer: Any) -> nn.Module:
    if isinstance(layer, nn.Conv2d):
        return nn.BatchNorm2d(layer.out_channels)
    return nn.BatchNorm1d(layer.out_channels if isinstance(layer, nn.Conv1d) else layer.out_features)


def without_norm(network: nn.Module) -> nn.Module:
    """Return the network without batch normalisation; a layer that had no bias because of it gets one."""
    for chain in chains(network):
        for layer, following in pairwise(chain):
            if isinstance(layer, WEIGHING) and isinstance(following, NORMS) and layer.bias is None:
                layer.bias = nn.Parameter(torch.zeros(following.num_features))
    return replaced(network, {m: nn.Identity() for m in network.modules() if isinstance(m, NORMS)})


def with_dropout(network: nn.Module, p: float) -> nn.Module:
    """Return the network in which every dropout drops this share; without any, one goes before the last linear layer.

    Raises:
        BadValue: a network with neither dropout nor a linear layer.
    """
    old = [module for module in network.modules() if isinstance(module, nn.Dropout | layers.Dropout)]
    if old:
        return replaced(network, {module: layers.Dropout(p) for module in old})
    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if not linear:
        raise BadValue(
            f"dropout={p} is put before the last linear layer, and this network has no linear layer and no dropout "
            "of its own: use dropout=None"
        )
    return replaced(network, {linear[-1]: nn.Sequential(layers.Dropout(p), linear[-1])}) if p else network


def chains(network: nn.Module) -> Iterator[list[nn.Module]]:
    """Return every chain of a network as its layers in order; chains within chains are taken as one."""
    if isinstance(network, nn.Sequential):
        chain = list(_flat(network))
        yield chain
    else:
        chain = list(network.children())
    for module in chain:
        yield from chains(module)


def _flat(chain: nn.Sequential) -> Iterator[nn.Module]:
    for module in chain:
        if isinstance(module, nn.Sequential):
            yield from _flat(module)
        else:
            yield module


def replaced(network: nn.Module, exchange: dict[nn.Module, nn.Module]) -> nn.Module:
    """Return the network with some of its modules exchanged for others."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if child in exchange:
                parent._modules[name] = exchange[child]
    return exchange.get(network, network)
