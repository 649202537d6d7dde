"""What the training of a network costs, and whom it can be stacked with."""

from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn

from nasedu.trainers.population.stacking import can_be_mapped, can_be_padded, skeleton
from nasedu.trainers.single.model_size import count_flops, count_parameters

CACHE = 2 * 2**20
"""Bytes that one core has near by. Measured with `make bench`, in the benchmark of the population trainer."""


@dataclass(frozen=True)
class Profile:
    """One architecture, looked at before it is trained.

    Attributes:
        parameters, flops: of the network.
        exact: what networks of the same shapes share; None for one that cannot be stacked layer by layer.
        loose: what networks that differ in width share; None where widths may not be filled up.
        mapped: whether it is stacked through `torch.func`.
        products: (places, inputs, outputs) of each layer that multiplies: of a convolution the places are those of its
            window times those of the image.
        numbers: that a training step keeps for one example.
        columns: of them, what the windows of its convolutions see.
    """

    parameters: int
    flops: int
    exact: str | None
    loose: str | None
    mapped: bool
    products: tuple[tuple[int, int, int], ...]
    numbers: int
    columns: int

    @property
    def bytes_a_parameter(self) -> int:
        """Count the bytes of a weight, its gradient and Adam's two memories."""
        return 16

    def fits_a_cache(self, examples: int, precision: torch.dtype) -> bool:
        """Return whether what a convolution moves around stays near the processor.

        Written as matrix products, convolutions of larger networks wait for memory; torch's own, one network after
        the other, are faster then.
        """
        return self.columns * examples * precision.itemsize <= CACHE

    def bytes(self, examples: int) -> int:
        """Return the memory that one member takes while it trains on batches of `examples` examples, in float32."""
        return self.bytes_a_parameter * self.parameters + 4 * examples * self.numbers


def profile_of(network: nn.Module, example: torch.Tensor, outputs: int | None = None) -> Profile:
    """Look at a network, on one example with a batch dimension of 1; see `count_flops`.

    Whatever the network raises is raised.
    """
    products: list[tuple[int, int, int]] = []
    numbers = [example.numel()]
    columns: list[int] = []

    def note(layer: nn.Module, _inputs: Any, result: Any) -> None:
        if isinstance(result, torch.Tensor) and not list(layer.children()):
            numbers.append(3 * result.numel())  # the value, its gradient, and what the next layer makes of it
        if isinstance(layer, nn.Conv2d):
            places = prod(layer.kernel_size) * prod(result.shape[2:])
            products.append((places, layer.in_channels, layer.out_channels))
            columns.append(places * layer.in_channels)
        elif isinstance(layer, nn.Linear):
            products.append((result.numel() // layer.out_features, layer.in_features, layer.out_features))

    hooks = [layer.register_forward_hook(note) for layer in network.modules()]
    flops = count_flops(network, example, outputs)
    for hook in hooks:
        hook.remove()
    exact = skeleton(network, exact=True)
    return Profile(
        parameters=count_parameters(network),
        flops=flops,
        exact=exact,
        loose=skeleton(network, exact=False) if exact and can_be_padded(network) else None,
        mapped=exact is None and can_be_mapped(network, example),
        products=tuple(products),
        numbers=sum(numbers) + 2 * sum(columns),
        columns=sum(columns),
    )


def arithmetic(products: tuple[tuple[int, int, int], ...]) -> int:
    """Return the multiplications of one forward pass of one example."""
    return sum(places * inputs * outputs for places, inputs, outputs in products)


def widest(profiles: list[Profile]) -> tuple[tuple[int, int, int], ...]:
    """Return the products of a network that holds each of these: as wide as the widest in every layer."""
    layers = zip(*(profile.products for profile in profiles), strict=True)
    return tuple((max(c[0] for c in layer), max(c[1] for c in layer), max(c[2] for c in layer)) for layer in layers)
