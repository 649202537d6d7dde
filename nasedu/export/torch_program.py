"""A network as a `torch.export` program: one file that torch runs without the network's code."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.export.checks import Exported, answer, check_equal, check_path, ready


def export_torch(module: nn.Module, input_shape: Sequence[int], path: str | Path) -> Exported:
    """Write the network as a `torch.export` program, `path` with the suffix .pt2. The batch may have any size.

    Args:
        module: maps (batch, *input_shape) to (batch, ...); it is exported in eval mode and stays as it is.
        input_shape: of one example.
        path: where to write; an existing file is overwritten.

    Raises:
        BadValue: a bad path or shape; a network whose code fixes the size of the batch.
        Mismatch: the network cannot take inputs of this shape.
    """
    path = check_path(path, ".pt2")
    module = ready(module, input_shape)
    exported = program(module, input_shape)
    check_equal(module, input_shape, lambda x: answer(exported.module(), x), 1e-6, "the torch.export program")
    exported.example_inputs = None  # torch would pickle them into the file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(exported, path)
    return Exported((path,), f"network = torch.export.load({path.name!r}).module()")


def program(module: nn.Module, input_shape: Sequence[int]) -> torch.export.ExportedProgram:
    """Return the program of a network that is ready; its batch has any size. Raise BadValue if it has one size only."""
    example = torch.zeros(2, *input_shape)
    try:
        with warnings.catch_warnings():  # of torch's own making: an RNN's flat weights, deprecated parts of its tracer
            warnings.simplefilter("ignore")
            return torch.export.export(module, (example,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    except Exception as error:  # it has no common base class of its own
        reason = str(error).strip().partition("\n")[0]
        if "specialized" in str(error):
            reason = "it fixes the size of the batch"
        raise BadValue(
            f"torch.export cannot follow the network's code ({reason}). Write x.shape[0] instead of len(x), and let "
            "no `if` depend on the numbers in a tensor"
        ) from error
