"""What every export checks: the network and the path before anything is written, the numbers afterwards."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn

from nasedu.core import BadValue, Mismatch

BATCHES = (1, 3)
"""Sizes of the batches on which an export is compared with the network."""


class Exported(NamedTuple):
    """What an export wrote: its files, and one line of Python that loads them."""

    paths: tuple[Path, ...]
    usage: str


def check_path(path: str | Path, suffix: str) -> Path:
    """Return the path with the suffix; one without any gets it.

    Raises:
        BadValue: another suffix, or a folder that does not exist.
    """
    path = Path(path)
    if path.suffix not in ("", suffix):
        raise BadValue(f"this export writes a {suffix} file; given {str(path)!r}: use {path.stem + suffix!r}")
    if not path.parent.is_dir():
        raise BadValue(f"the folder {str(path.parent)!r} does not exist: make it first, or use another path")
    return path.with_suffix(suffix)


def ready(module: nn.Module, input_shape: Sequence[int]) -> nn.Module:
    """Return a copy of the network to export: on the CPU, in eval mode, float32.

    Args:
        module: maps (batch, *input_shape) to one tensor whose first dimension is the batch.
        input_shape: of one example, without the batch.

    Raises:
        BadValue: no network, or no shape.
        Mismatch: the network cannot take a batch of this shape.
    """
    if not isinstance(module, nn.Module):
        raise BadValue(f"an export takes a torch.nn.Module with its weights; given a {type(module).__name__}")
    if not input_shape or not all(type(side) is int and side > 0 for side in input_shape):
        raise BadValue(f"input_shape is one example's, such as (1, 8, 8); given {input_shape!r}")
    module = copy.deepcopy(module).cpu().float().eval()
    try:
        output = answer(module, torch.zeros(2, *input_shape))
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        reason = str(error).partition("\n")[0]
        raise Mismatch(f"the network cannot take a batch of shape (2, *{tuple(input_shape)}): {reason}") from error
    if not isinstance(output, torch.Tensor) or output.shape[:1] != (2,):
        raise Mismatch("an export takes a network that gives one tensor, with the batch as its first dimension")
    return module


def answer(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        return module(x)


def check_equal(
    module: nn.Module,
    input_shape: Sequence[int],
    exported: Callable[[torch.Tensor], torch.Tensor],
    tolerance: float,
    what: str,
) -> None:
    """Raise BadValue unless the export gives the network's numbers on random inputs.

    Args:
        tolerance: greatest difference, as a share of the largest number; of 1, if all are smaller.
        what: the export, for the message.
    """
    generator = torch.Generator().manual_seed(0)
    for batch in BATCHES:
        x = torch.rand(batch, *input_shape, generator=generator) * 2 - 1
        expected, given = answer(module, x), exported(x)
        largest = max(1.0, float(expected.abs().max()))
        if not torch.allclose(given, expected, rtol=0, atol=tolerance * largest, equal_nan=True):
            difference = float((given - expected).abs().max()) / largest
            raise BadValue(
                f"{what} differs from the network by {difference:.2g} of its largest output, more than {tolerance:g}, "
                f"for a batch of {batch}; nothing was written. Let its `forward` depend on nothing but its input and "
                "its weights"
            )
