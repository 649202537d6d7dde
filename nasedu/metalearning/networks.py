"""Networks to begin with: for waves, for small images, and of any space."""

from typing import Any

from torch import nn

from nasedu.core import Architecture, check_counts
from nasedu.trainers.recipe import USUAL
from nasedu.trainers.single.network import build


def wave_network() -> nn.Module:
    """Return two hidden layers of 40 units with ReLU (Finn et al., ICML 2017, section 5.1)."""
    return nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))


def image_network(input_shape: tuple[int, ...], *, width: int = 32, outputs: int | None = None) -> nn.Module:
    """Return blocks of convolution, batch normalisation and ReLU: most with pooling, until less than 4 pixels are left.

    Vinyals et al., NIPS 2016, section 4.1.1, with four blocks of 64 channels for 28x28 pixels. Here the last block does
    not pool: on 12x12 pixels it is the third, and without it letters of new scripts are told apart less well.

    Args:
        input_shape: (channels, height, width).
        width: channels of each block.
        outputs: of a linear layer at the end; None for a trunk that gives features.
    """
    check_counts(width=width)
    channels, *sides = input_shape
    layers: list[nn.Module] = []
    while min(sides) >= 4:
        layers += [*_block(channels, width), nn.MaxPool2d(2)]
        channels, sides = width, [side // 2 for side in sides]
    head = [] if outputs is None else [nn.Linear(width * sides[0] * sides[1], outputs)]
    return nn.Sequential(*layers, *_block(channels, width), nn.Flatten(), *head)


def _block(channels: int, width: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]


def network_of(space: Any, architecture: Architecture) -> nn.Module:
    """Return the network of an architecture of any space, as a base to learn from."""
    return build(space, architecture, USUAL)
