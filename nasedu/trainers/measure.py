"""The size of a network: its parameters, and the arithmetic of one forward pass."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def count_parameters(network: nn.Module) -> int:
    """How many trainable numbers it holds."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def count_flops(network: nn.Module, example: torch.Tensor) -> int:
    """Floating-point operations of one forward pass of one example (a multiplication and an addition count as two).

    Args:
        example: one input with a batch dimension of 1, on the network's device.
    """
    training = network.training
    network.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(example)
    network.train(training)
    return counter.get_total_flops()
