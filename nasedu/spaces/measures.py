"""Measures of a network that a constraint can limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nasedu.core import Architecture, BadValue, unknown

if TYPE_CHECKING:
    from nasedu.spaces.base import Space

MEASURES = ("parameters", "flops", "layers")


def check(name: str) -> None:
    """Raise BadValue if there is no such measure; the message names those that exist."""
    if name not in MEASURES:
        raise BadValue(unknown("measure", name, MEASURES))


def measure(space: Space, name: str, architecture: Architecture) -> int:
    """Return a measure that a constraint can limit: "parameters", "flops" (one example, forward) or "layers".

    A huge network costs nothing: torch's meta device builds it without memory for its weights.
    """
    check(name)
    if name == "layers":
        return len(space.walk(architecture))
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from nasedu.spaces.base import input_shape_of

    with torch.device("meta"):
        network = space.build(architecture).eval()
        if name == "parameters":
            return sum(p.numel() for p in network.parameters())
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, *input_shape_of(space)))
    return counter.get_total_flops()
