"""Measures of a network that a constraint can limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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

    with torch.device("meta"), _without_drawing():
        network = space.build(architecture).eval()
        if name == "parameters":
            return sum(p.numel() for p in network.parameters())
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, *input_shape_of(space)))
    return counter.get_total_flops()


def _without_drawing() -> Any:
    """Return a context in which layers do not fill their weights: on the meta device this takes most of their time."""
    import torch
    from torch.nn import init
    from torch.overrides import TorchFunctionMode

    filling = {init.kaiming_uniform_, init.uniform_, torch.Tensor.uniform_, torch.Tensor.normal_}

    class WithoutDrawing(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            return (args[0] if args else kwargs["tensor"]) if function in filling else function(*args, **kwargs)

    return WithoutDrawing()
