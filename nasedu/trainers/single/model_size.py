"""The size of a network: its parameters, and the arithmetic of one forward pass."""

from math import prod
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from nasedu.core import BadValue


def count_parameters(network: nn.Module) -> int:
    """Return how many trainable numbers it holds."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def count_flops(network: nn.Module, example: torch.Tensor, outputs: int | None = None) -> int:
    """Count the floating-point operations of one forward pass of one example; a multiply-add counts as two.

    Args:
        example: one input with a batch dimension of 1, on the network's device.
        outputs: numbers that a task wants for it; None for any.

    Raises:
        BadValue: the network gives something else. Some losses would take it, and train towards nothing.
    """
    training = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False, custom_mapping=RECURRENT) as counter:
        given = network(example)
    if outputs is not None and getattr(given, "shape", None) != (1, outputs):
        told = tuple(given.shape) if hasattr(given, "shape") else type(given).__name__
        raise BadValue(f"the network gives {told} for one example, and the task wants (1, {outputs}): mend `build`")
    network.train(training)
    return counter.get_total_flops()


def _fused_layer(inputs: Any, to_gates: Any, state_to_gates: Any, *_rest: Any, **_more: Any) -> int:
    """One recurrent layer in one direction: both its matrices, at every step (oneDNN's LSTM on a CPU)."""
    return 2 * prod(inputs[:2]) * (prod(to_gates) + prod(state_to_gates))


def _fused_network(inputs: Any, weights: Any, *_rest: Any, **_more: Any) -> int:
    """All recurrent layers: all their matrices, at every step (cuDNN)."""
    return 2 * prod(inputs[:2]) * sum(prod(shape) for shape in weights if len(shape) == 2)


RECURRENT: dict[Any, Any] = {
    torch.ops.aten.mkldnn_rnn_layer: _fused_layer,
    torch.ops.aten._cudnn_rnn: _fused_network,
}
"""Operations that torch's counter passes over, because they do a whole layer at once: from the shapes of their
arguments to the arithmetic."""
