"""Layers that torch lacks, or that torch draws from a global generator.

A module with an attribute `drawing` is drawn as one box with that title. The modules inside it are not drawn.
"""

from typing import Any

import torch
from torch import nn


class Dropout(nn.Module):
    """Dropout with its own `generator`. The trainer sets it, so that a score depends on its seed alone.

    `torch.nn.Dropout` draws from torch's one global generator, from which other threads and networks draw too.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p
        self.generator: torch.Generator | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        # Not `empty_like`: the dropped units would depend on the memory layout of the previous layer's result.
        keep = torch.empty(x.shape, device=x.device).bernoulli_(1 - self.p, generator=self.generator)
        return x * keep.to(x.dtype) / (1 - self.p)


class Block(nn.Sequential):
    """Layers in sequence that count as one: an operation of a cell, or the feed-forward part of a Transformer."""

    def __init__(self, drawing: str, *layers: nn.Module):
        super().__init__(*layers)
        self.drawing = drawing


class Residual(nn.Module):
    """`main(x) + shortcut(x)`: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016."""

    def __init__(self, main: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.main = main
        self.shortcut = shortcut or nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.main(x) + self.shortcut(x)


class GlobalAverage(nn.Module):
    """The mean of each channel over the image: (batch, channels, height, width) to (batch, channels)."""

    drawing = "AvgPool global"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3))


class Rows(nn.Module):
    """Reads an image row by row: (batch, channels, height, width) to (batch, height, channels * width)."""

    drawing = "Rows"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(1, 2).flatten(2)


def steps(shape: tuple[int, ...]) -> tuple[list[nn.Module], int, int]:
    """Return how to read inputs of this shape: the layers that read it, the number of steps, the features of a step."""
    if len(shape) == 2:
        return [], *shape
    channels, height, width = shape
    return [Rows()], height, channels * width


class Pooled(nn.Module):
    """Reduces a sequence to one vector: (batch, time, width) to (batch, width).

    Args:
        how: "mean" or "max" over time; "first", the vector of the first step.
    """

    def __init__(self, how: str):
        super().__init__()
        self.how = how
        self.drawing = {"mean": "Mean of steps", "max": "Max of steps", "first": "First step"}[how]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.how == "mean":
            return x.mean(1)
        return x.amax(1) if self.how == "max" else x[:, 0]


class Recurrent(nn.Module):
    """A recurrent network over (batch, time, features) that gives its states at all steps, or only its final state.

    Args:
        cell: "simple", "gru" or "lstm".
        both: read backwards too, by a second network of the same width; the two states are concatenated.
        last: give (batch, width), the last layer's final state (of the backward network: after the first step),
            instead of (batch, time, width).
    """

    def __init__(self, cell: str, features: int, width: int, *, layers: int, both: bool, last: bool):
        super().__init__()
        kind: Any = {"simple": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
        self.network = kind(features, width, layers, batch_first=True, bidirectional=both)
        self.last = last
        self.directions = 2 if both else 1
        self.drawing = f"{kind.__name__} {layers} {'layer' if layers == 1 else 'layers'}{', both' if both else ''}"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, final = self.network(x)
        if not self.last:
            return states
        hidden = final[0] if isinstance(final, tuple) else final  # an LSTM gives (state, memory)
        return hidden[-self.directions :].transpose(0, 1).flatten(1)


class Positions(nn.Module):
    """Adds a learned vector to each step; with `token`, a learned class token comes first.

    The class token: Devlin et al., "BERT", NAACL 2019; for images Dosovitskiy et al., "An Image Is Worth 16x16
    Words", ICLR 2021.
    """

    def __init__(self, time: int, width: int, *, token: bool):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, width)) if token else None
        self.positions = nn.Parameter(torch.zeros(time + token, width))
        self.drawing = "Positions + class token" if token else "Positions"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.token is not None:
            x = torch.cat([self.token.expand(x.shape[0], 1, -1), x], dim=1)
        return x + self.positions


class SelfAttention(nn.Module):
    """Multi-head attention of a sequence over itself: (batch, time, width) to the same.

    Vaswani et al., "Attention Is All You Need", NIPS 2017, section 3.2. It is written in matrix products, so that a
    reader can follow it and its operations can be counted.
    """

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)
        self.drawing = f"Attention {heads} {'head' if heads == 1 else 'heads'}"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # (batch, time, 3 width) -> three of (batch, heads, time, width / heads)
        parts = self.queries_keys_values(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        queries, keys, values = parts.unbind(0)
        weights = (queries @ keys.transpose(-1, -2) / queries.shape[-1] ** 0.5).softmax(-1)
        return self.join((weights @ values).transpose(1, 2).flatten(2))


class TransformerLayer(nn.Module):
    """Attention and a feed-forward network, each with a shortcut around it and normalisation.

    Args:
        factor: how much wider than `width` the hidden layer of the feed-forward network is.
        norm_first: normalise before each part (Xiong et al., "On Layer Normalization in the Transformer
            Architecture", ICML 2020) instead of after its sum (Vaswani et al., 2017).
    """

    def __init__(self, width: int, heads: int, factor: int, *, norm_first: bool):
        super().__init__()
        self.norm_first = norm_first
        wide = factor * width
        feed_forward = Block(f"Dense {wide}, {width}", nn.Linear(width, wide), nn.ReLU(), nn.Linear(wide, width))
        self.parts = nn.ModuleList([SelfAttention(width, heads), feed_forward])
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for part, norm in zip(self.parts, self.norms, strict=True):
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x
