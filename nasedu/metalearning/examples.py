"""Examples as tensors, and what is checked of a support set."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import BadValue, Mismatch
from nasedu.metalearning.functional import Examples
from nasedu.metalearning.task_distribution import TaskBatch


class TensorBatch(NamedTuple):
    """A `TaskBatch` as tensors: several tasks, one after another along the first axis."""

    support: Examples
    query: Examples


def on_device(batch: TaskBatch | TensorBatch, device: torch.device) -> TensorBatch:
    """Return tasks as tensors on a device; those that are there already are not copied."""
    parts = (batch.support, batch.query)
    support, query = (Examples(*(torch.as_tensor(part, device=device) for part in split)) for split in parts)
    return TensorBatch(support, query)


def tensor_of(values: Any, device: torch.device) -> torch.Tensor:
    """Return inputs as a float32 tensor. Raise BadValue for what is no array of finite numbers."""
    tensor = _tensor(values, "X").to(device=device, dtype=torch.float32)
    if not tensor.isfinite().all():
        raise BadValue("X has values that are NaN or infinite; remove or fill them first")
    return tensor


def check_support(support: Any, kinds: Sequence[str], method: str, device: torch.device) -> Examples:
    """Return a support set as tensors.

    Raises:
        BadValue: no pair (X, y), no examples, a single class, a class without examples, values that are not finite.
        Mismatch: answers of a kind that the method does not learn.
    """
    try:
        X, y = support
    except (TypeError, ValueError) as error:
        raise BadValue(f"a support set is a pair (X, y); given a {type(support).__name__}") from error
    X, y = tensor_of(X, device), _tensor(y, "y").to(device)
    if len(X) != len(y) or not len(X):
        raise BadValue(f"a support set has an answer for each example; given {len(X)} examples and {len(y)} answers")
    kind = "regression" if y.is_floating_point() else "classification"
    if kind not in kinds:
        raise Mismatch(
            f"{method} learns tasks of {' or '.join(kinds)}, and these answers are {y.dtype}: {kind}; give classes as "
            "whole numbers, or choose another method"
        )
    if kind == "regression":
        if y.dim() != 2 or not y.isfinite().all():
            raise BadValue(f"the answers are finite numbers of shape (examples, outputs); given {tuple(y.shape)}")
        return Examples(X, y.float())
    y = y.long()
    found = y.unique().tolist() if y.dim() == 1 else []
    if len(found) < 2:
        told = f"only the class {found[0]}" if found else f"answers of shape {tuple(y.shape)}"
        raise BadValue(f"the support set has {told}; give at least 2 classes, with the classes 0, 1, ... in y")
    if found != list(range(len(found))):
        raise BadValue(
            f"the classes of a support set are 0, 1, ..., {len(found) - 1}, each with examples; given {found}"
        )
    return Examples(X, y)


def check_answers(outputs: torch.Tensor, y: torch.Tensor, whose: str = "") -> None:
    """Raise Mismatch if a network has another number of outputs than the answers need."""
    ways = None if y.is_floating_point() else int(y.max()) + 1
    if ways is None and outputs.shape[1:] != y.shape[1:]:
        raise Mismatch(f"{whose}answers of {y.shape[1]} numbers, and the network gives {outputs.shape[1]}")
    if ways is not None and outputs.shape[1] < ways:
        raise Mismatch(
            f"{whose}{ways} classes, and the network has {outputs.shape[1]} outputs; give a network with {ways}, "
            "or use prototypes, which take any number of classes"
        )


def _tensor(values: Any, name: str) -> torch.Tensor:
    try:
        return values if isinstance(values, torch.Tensor) else torch.from_numpy(np.array(values))
    except (TypeError, ValueError) as error:
        raise BadValue(f"{name} is no array of numbers: {error}") from error
