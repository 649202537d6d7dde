"""Layers of many networks at once: every weight has a leading dimension, one entry for each member of a population.

A value is laid out as (members, *features, examples): the examples come last, so that whatever a layer moves around is
moved in long runs, and a convolution is one matrix product for each member. A layer here computes what the layer of
the same name in `torch.nn` computes, for each member by itself.
"""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.spaces import layers


class Buffers(NamedTuple):
    """Memory that a convolution uses again at every step: fresh memory costs more than the arithmetic.

    Attributes:
        columns: (members, channels, height, width of the window, height, width of the result, examples); zero wherever
            a window reaches over the border.
        result: (members, filters, height, width, examples).
        back: the gradient of the columns.
        moves: for each place of the window, where in the columns it goes and where in the input it comes from.
    """

    columns: torch.Tensor
    result: torch.Tensor
    back: torch.Tensor
    moves: list[tuple[tuple[Any, ...], tuple[Any, ...]]]


class Conv2d(nn.Module):
    """Convolutions of one shape: (members, channels, height, width, examples) to (members, filters, ...)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None, stride: int, padding: int):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = None if bias is None else nn.Parameter(bias)
        self.stride = stride
        self.padding = padding
        self._buffers_for: dict[Any, Buffers | None] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight, buffers = self.weight.to(x.dtype), self._prepared(x)
        bias = x.new_zeros(weight.shape[:2]) if self.bias is None else self.bias.to(x.dtype)
        if buffers is not None:
            return Convolve.apply(x, weight, bias, buffers)
        return torch.baddbmm(bias[:, :, None], weight.flatten(2), x.flatten(2)).unflatten(2, x.shape[2:])

    def forget(self) -> None:
        """Give the memory back; the next step takes new."""
        self._buffers_for.clear()

    def _prepared(self, x: torch.Tensor) -> Buffers | None:
        key = x.shape, x.dtype
        if key not in self._buffers_for:
            self._buffers_for[key] = self._prepare(x)
        return self._buffers_for[key]

    def _prepare(self, x: torch.Tensor) -> Buffers | None:
        members, channels, height, width, examples = x.shape
        if self.weight.shape[3:] == (1, 1) and self.stride == 1 and not self.padding:
            return None  # a window of one pixel: the input is its own columns
        filters, window = self.weight.shape[1], self.weight.shape[3:]
        size = [
            (side + 2 * self.padding - k) // self.stride + 1 for side, k in zip((height, width), window, strict=True)
        ]
        columns = x.new_zeros(members, channels, *window, *size, examples)
        moves = [
            ((slice(None), slice(None), i, j, rows[0], along[0]), (slice(None), slice(None), rows[1], along[1]))
            for i in range(window[0])
            for j in range(window[1])
            if (rows := self._overlap(i, height, size[0])) and (along := self._overlap(j, width, size[1]))
        ]
        return Buffers(columns, x.new_empty(members, filters, *size, examples), torch.empty_like(columns), moves)

    def _size(self, side: int, window: int) -> int:
        return (side + 2 * self.padding - window) // self.stride + 1

    def _overlap(self, place: int, side: int, size: int) -> tuple[slice, slice] | None:
        """Which results see an input at this place of the window, and which inputs those are."""
        first = max(ceil((self.padding - place) / self.stride), 0)
        last = min((side - 1 + self.padding - place) // self.stride, size - 1)
        if last < first:
            return None
        seen = slice(
            first * self.stride + place - self.padding, last * self.stride + place - self.padding + 1, self.stride
        )
        return slice(first, last + 1), seen


class Convolve(torch.autograd.Function):
    """A convolution as one matrix product for each member: Chellapilla, Puri, Simard, "High Performance Convolutional
    Neural Networks for Document Processing", 2006 (im2col)."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, buffers: Buffers) -> Any:
        for there, here in buffers.moves:
            buffers.columns[there].copy_(x[here])
        ctx.save_for_backward(weight)
        ctx.shape, ctx.buffers = x.shape, buffers
        columns, result = _matrices(buffers.columns), buffers.result
        torch.baddbmm(bias[:, :, None], weight.flatten(2), columns, out=result.flatten(2))
        return result.view(result.shape)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        (weight,) = ctx.saved_tensors
        buffers: Buffers = ctx.buffers
        gradient = gradient.flatten(2)
        of_weight = torch.bmm(gradient, _matrices(buffers.columns).transpose(1, 2)).view_as(weight)
        of_bias = gradient.sum(2)
        if not ctx.needs_input_grad[0]:
            return None, of_weight, of_bias, None
        torch.bmm(weight.flatten(2).transpose(1, 2), gradient, out=_matrices(buffers.back))
        of_input = gradient.new_zeros(ctx.shape)
        for there, here in buffers.moves:
            of_input[here] += buffers.back[there]
        return of_input, of_weight, of_bias, None


def _matrices(columns: torch.Tensor) -> torch.Tensor:
    """The columns as one matrix for each member: what a window sees, by where it is and in which example."""
    return columns.flatten(4).flatten(1, 3)


class Linear(nn.Module):
    """Linear layers of one shape: (members, features, examples) to (members, outputs, examples)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = None if bias is None else nn.Parameter(bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.weight.to(x.dtype)
        if self.bias is None:
            return torch.bmm(weight, x)
        return torch.baddbmm(self.bias[:, :, None].to(x.dtype), weight, x)


class Pool2d(nn.Module):
    """The greatest value, or the mean, of each window."""

    def __init__(self, pool: nn.Module):
        super().__init__()
        self.pool = pool

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # To torch this is a batch of images in "channels last" order, whose channels are the examples.
        images = x.flatten(0, 1).permute(0, 3, 1, 2)
        return self.pool(images).permute(0, 2, 3, 1).unflatten(0, x.shape[:2])


class GlobalAverage(nn.Module):
    """The mean of each channel over the image; the image keeps a height and a width of 1 if `keep`."""

    def __init__(self, keep: bool):
        super().__init__()
        self.keep = keep

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3), keepdim=self.keep)


class Flatten(nn.Module):
    """All features of an example in one dimension."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1, -2)


class BatchNorm(nn.Module):
    """Batch normalisation of each channel of each member over its own examples (Ioffe, Szegedy, ICML 2015)."""

    running_mean: torch.Tensor
    running_var: torch.Tensor
    num_batches_tracked: torch.Tensor

    def __init__(self, norms: Sequence[nn.BatchNorm1d | nn.BatchNorm2d], stacked: dict[str, torch.Tensor]):
        super().__init__()
        self.weight = nn.Parameter(stacked["weight"])
        self.bias = nn.Parameter(stacked["bias"])
        self.register_buffer("running_mean", stacked["running_mean"])
        self.register_buffer("running_var", stacked["running_var"])
        self.register_buffer("num_batches_tracked", stacked["num_batches_tracked"])
        self.eps = norms[0].eps
        self.momentum = norms[0].momentum or 0.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, var = self.running_mean.flatten(), self.running_var.flatten()
        if self.training:
            self.num_batches_tracked += 1
        # One long image for all members: each channel of each member is normalised by itself.
        long = x.reshape(1, mean.numel(), -1)
        weight, bias = self.weight.flatten(), self.bias.flatten()
        normal = nn.functional.batch_norm(long, mean, var, weight, bias, self.training, self.momentum, self.eps)
        return normal.view_as(x)


class Dropout(nn.Module):
    """Dropout in which each member draws from its own generator, what it would draw if it were alone."""

    def __init__(self, dropouts: Sequence[layers.Dropout]):
        super().__init__()
        self.p = dropouts[0].p
        self.generators = [dropout.generator for dropout in dropouts]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        keep = torch.empty(len(x), x.shape[-1], *x.shape[1:-1], device=x.device)
        for own, generator in zip(keep, self.generators, strict=True):
            own.bernoulli_(1 - self.p, generator=generator)
        return x * keep.movedim(1, -1).to(x.dtype) / (1 - self.p)


class Activations(nn.Module):
    """Activations that differ between the members: `which[member]` is the place of its own among `functions`."""

    which: torch.Tensor

    def __init__(self, functions: Sequence[nn.Module], which: torch.Tensor):
        super().__init__()
        self.functions = nn.ModuleList(functions)
        self.register_buffer("which", which, persistent=False)  # no weight: it belongs to no checkpoint

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result = self.functions[0](x)
        which = self.which.view(-1, *[1] * (x.dim() - 1))
        for place, function in enumerate(self.functions[1:], 1):
            result = torch.where(which == place, function(x), result)
        return result
