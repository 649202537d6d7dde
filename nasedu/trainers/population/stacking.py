"""Many networks as one: their weights stacked, member by member, and every layer computed once for all.

Two ways are known here. A chain of common layers becomes the same chain of `stacked_layers`. Any other network that
keeps no memory and draws nothing while it trains goes through `torch.func`: its forward pass, mapped over the stacked
weights. What fits neither is trained alone.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from nasedu.spaces import layers
from nasedu.trainers.population import stacked_layers

ACTIVATIONS = (nn.ReLU, nn.Tanh, nn.GELU, nn.SiLU, nn.ELU, nn.Sigmoid, nn.Identity)
"""Layers that look at one number at a time: they do not care where the members and the examples are."""

ZERO_AT_ZERO = (nn.ReLU, nn.Tanh, nn.GELU, nn.SiLU, nn.ELU, nn.Identity)
"""Activations that give 0 for 0: behind them a unit without weights stays without weights (see `padded`)."""


def layers_of(network: nn.Module) -> list[nn.Module] | None:
    """Return the layers of a chain, in order; None for a network that is no chain of layers known here."""
    if type(network) in (nn.Sequential, layers.Block):
        inside = [layers_of(child) for child in network.children()]
        return None if None in inside else [layer for part in inside for layer in part or ()]
    return [network] if _is_known(network) else None


def _is_known(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d):
        square = layer.stride[0] == layer.stride[1] and isinstance(layer.padding, tuple)
        plain = layer.groups == 1 and layer.dilation == (1, 1) and layer.padding_mode == "zeros"
        return square and plain and layer.padding[0] == layer.padding[1]
    if isinstance(layer, nn.AdaptiveAvgPool2d):
        return layer.output_size in (1, (1, 1))
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        return layer.affine and layer.track_running_stats and layer.momentum is not None
    if isinstance(layer, nn.Flatten):
        return layer.start_dim == 1 and layer.end_dim == -1
    if isinstance(layer, nn.MaxPool2d):
        return not layer.return_indices and layer.dilation == 1
    return isinstance(layer, (nn.Linear, nn.AvgPool2d, layers.Dropout, layers.GlobalAverage, *ACTIVATIONS))


def skeleton(network: nn.Module, *, exact: bool) -> str | None:
    """Return what networks must share to be stacked, as text; None for a network that is no chain known here.

    Args:
        exact: networks of one skeleton have the same shapes; if not, widths may differ (see `padded`).
    """
    chain = layers_of(network)
    if chain is None:
        return None
    parts = [_without_choice(layer) if exact else _without_width(layer) for layer in chain]
    return " ".join(parts)


def _without_choice(layer: nn.Module) -> str:
    """The layer with its shapes, but one name for all activations."""
    if isinstance(layer, layers.Dropout):
        return f"dropout {layer.p}"
    return "activation" if isinstance(layer, ACTIVATIONS) else repr(layer)


def _without_width(layer: nn.Module) -> str:
    """The layer without how wide it is."""
    if isinstance(layer, nn.Conv2d):
        return f"conv {layer.kernel_size} {layer.stride} {layer.padding} {layer.bias is not None}"
    if isinstance(layer, nn.Linear):
        return f"linear {layer.bias is not None}"
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        return f"{type(layer).__name__} {layer.eps} {layer.momentum}"
    return _without_choice(layer)


def can_be_padded(network: nn.Module) -> bool:
    """Return whether zeros that are added to its weights stay zeros while it trains."""
    chain = layers_of(network) or []
    return not any(isinstance(layer, layers.Dropout | nn.Sigmoid) for layer in chain)


def stack(networks: Sequence[nn.Module]) -> nn.Module:
    """Return one network for all, of one skeleton: (members, *features, examples) to (members, outputs, examples).

    Its parameters and buffers are those of a single network, in the same order, with a leading dimension for the
    members. Narrower members are filled up with zeros.
    """
    chains = [layers_of(network) or [] for network in networks]
    return nn.Sequential(*(_stacked(column) for column in zip(*chains, strict=True)))


def _stacked(column: Sequence[Any]) -> nn.Module:
    """One layer for all members."""
    first = column[0]
    tensors = {name: padded([layer.state_dict()[name] for layer in column]) for name in first.state_dict()}
    if isinstance(first, nn.Conv2d):
        return stacked_layers.Conv2d(tensors["weight"], tensors.get("bias"), first.stride[0], int(first.padding[0]))
    if isinstance(first, nn.Linear):
        return stacked_layers.Linear(tensors["weight"], tensors.get("bias"))
    if isinstance(first, nn.BatchNorm1d | nn.BatchNorm2d):
        return stacked_layers.BatchNorm(column, tensors)
    if isinstance(first, nn.MaxPool2d | nn.AvgPool2d):
        return stacked_layers.Pool2d(first)
    if isinstance(first, nn.AdaptiveAvgPool2d | layers.GlobalAverage):
        return stacked_layers.GlobalAverage(keep=isinstance(first, nn.AdaptiveAvgPool2d))
    if isinstance(first, nn.Flatten):
        return stacked_layers.Flatten()
    if isinstance(first, layers.Dropout):
        return stacked_layers.Dropout(column)
    return _activations(column)


def _activations(column: Sequence[nn.Module]) -> nn.Module:
    """The activation of all members, or one for each kind that comes up."""
    kinds = {repr(layer): layer for layer in column}
    if len(kinds) == 1:
        return column[0]
    return stacked_layers.Activations(list(kinds.values()), torch.tensor([list(kinds).index(repr(a)) for a in column]))


def padded(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return tensors of one or of different shapes as one, each filled up with zeros at its far end.

    A unit whose weights, inward and outward, are all zero gives 0, is given no gradient, and so stays as it is: a
    narrow network is a wide one with zeros. In a convolution the filters come first, and after `Flatten` the features
    of one channel stand together. So the zeros stand behind the values, here and in the next layer.
    """
    if len({tensor.shape for tensor in tensors}) == 1:
        return torch.stack(list(tensors))
    shape = [max(sides) for sides in zip(*(tensor.shape for tensor in tensors), strict=True)]
    result = tensors[0].new_zeros(len(tensors), *shape)
    for member, tensor in enumerate(tensors):
        corner(result[member], tensor.shape).copy_(tensor)
    return result


def select(network: nn.Module, members: torch.Tensor) -> None:
    """Keep these members of a stacked network, in place."""
    for parameter in network.parameters():
        parameter.data = parameter.data[members]
        parameter.grad = None
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            setattr(module, name, buffer[members])
        if isinstance(module, stacked_layers.Conv2d):
            module.forget()
        if isinstance(module, stacked_layers.Dropout):
            module.generators = [module.generators[member] for member in members.tolist()]


def corner(tensor: torch.Tensor, shape: Sequence[int]) -> torch.Tensor:
    """Return the part of a tensor that was not filled up: its first entries along every dimension."""
    for dimension, size in enumerate(shape):
        tensor = tensor.narrow(dimension, 0, size)
    return tensor


class Mapped(nn.Module):
    """Networks of one architecture through `torch.func`: (members, *features, examples) to (members, outputs, ...).

    `torch.vmap` turns every operation into one that is computed for all members. The parameters are those of a single
    network, in the same order, with a leading dimension for the members.
    """

    def __init__(self, networks: Sequence[nn.Module]):
        super().__init__()
        weights, _ = torch.func.stack_module_state(list(networks))
        self._names = list(weights)
        self._weights = nn.ParameterList(weights.values())
        self._skeleton = [networks[0]]  # in a list: its own parameters are none of this network's

    def train(self, mode: bool = True) -> "Mapped":
        self._skeleton[0].train(mode)
        return super().train(mode)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def one(weights: dict[str, torch.Tensor], examples: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = torch.func.functional_call(self._skeleton[0], weights, (examples.movedim(-1, 0),))
            return result.movedim(0, -1)

        weights = {name: own.to(x.dtype) for name, own in zip(self._names, self._weights, strict=True)}
        return torch.vmap(one)(weights, x)


def can_be_mapped(network: nn.Module, example: torch.Tensor) -> bool:
    """Return whether `Mapped` computes what the network does: it is tried on one example, twice over.

    Networks with buffers (batch normalisation), with randomness of their own (dropout) or with fused recurrent layers
    are not mapped. On a CPU nor are convolutions: mapped, they are computed in groups, slower than one by one.
    """
    modules = list(network.modules())
    if next(network.buffers(), None) is not None or next(network.parameters(), None) is None:
        return False
    if any(hasattr(module, "generator") or isinstance(module, nn.RNNBase) for module in modules):
        return False
    if example.device.type == "cpu" and any(isinstance(m, nn.Conv1d | nn.Conv2d) for m in modules):
        return False
    try:
        with torch.no_grad():
            both = Mapped([network, network])(torch.stack([example, example]).movedim(1, -1))
            return bool(torch.allclose(both[1].movedim(-1, 0), network(example), atol=1e-4))
    except Exception:  # torch.func has many ways to say that it cannot
        return False
