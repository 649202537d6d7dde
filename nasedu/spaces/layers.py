"""Layers that torch lacks or that it draws from a global generator."""

import torch
from torch import nn


class Dropout(nn.Module):
    """Dropout whose randomness belongs to it: `generator` is set by the trainer, so a score depends on its seed alone.

    `torch.nn.Dropout` draws from torch's one global generator, which other threads and other networks draw from too.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        keep = torch.empty_like(x).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep / (1 - self.p)
