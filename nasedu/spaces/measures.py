"""Measures of a network that a constraint can limit."""

from nasedu.core import Architecture, BadValue
from nasedu.spaces.base import Space, input_shape_of

MEASURES = ("parameters", "flops", "layers")


def check(name: str) -> None:
    if name not in MEASURES:
        raise BadValue(f"unknown measure {name!r}; known: {', '.join(MEASURES)}")


def measure(space: Space, name: str, architecture: Architecture) -> int:
    """Compute a measure. A huge network costs nothing: torch's meta device builds it without memory for its weights."""
    check(name)
    if name == "layers":
        return len(space.walk(architecture))
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"):
        network = space.build(architecture).eval()
        if name == "parameters":
            return sum(p.numel() for p in network.parameters())
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, *input_shape_of(space)))
    return counter.get_total_flops()
