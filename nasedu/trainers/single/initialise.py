"""Weights drawn from a generator of one's own, in torch's default distributions.

torch's layers draw their weights from one global generator when they are made. Two networks trained side by side
would then disturb each other's randomness. Drawing them here makes a network's weights a function of its seed.
"""

import math
from typing import Any

import torch
from torch import nn


@torch.no_grad()
def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Draw every parameter of the network, in place, and hand the generator to layers that ask for one.

    - convolution and linear: uniform within 1/sqrt(fan-in), torch's default (He et al., 2015, with a = sqrt(5));
    - normalisation: weight 1, bias 0;  embedding: standard normal;
    - recurrent: uniform within 1/sqrt(hidden size);
    - any other parameter: uniform within 1/sqrt(size of one output's input) if it is a matrix; untouched if not.
    """
    module: Any
    for module in network.modules():
        if hasattr(module, "generator"):
            module.generator = generator
        own = dict(module.named_parameters(recurse=False))
        if isinstance(module, nn.RNNBase):
            bounds = dict.fromkeys(own, 1 / math.sqrt(module.hidden_size))
        elif isinstance(module, nn.Embedding):
            own["weight"].normal_(generator=generator)
            continue
        elif own and "Norm" in type(module).__name__:
            module.reset_parameters()  # ones and zeros: nothing is drawn
            continue
        else:
            weights = [p for p in own.values() if p.dim() > 1]
            fan_in = math.prod(weights[0].shape[1:]) if weights else 0
            bounds = dict.fromkeys(own if fan_in else (), 1 / math.sqrt(fan_in or 1))
        for name, bound in bounds.items():
            own[name].uniform_(-bound, bound, generator=generator)
