"""Three ways to normalise a network whose weights are shared.

The running means and variances of a supernet are moved by every path that was trained, so they belong to none of them:

- "running": the shared running statistics, as they are;
- "batch": the statistics of the examples that are scored, as in training;
- "re-estimated": the statistics of some training examples, computed for each path alone (Bender et al., ICML 2018,
  section 3.4; Guo et al., ECCV 2020, section 3.3).

Used in lesson 10.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from nasedu.core import BadValue, unknown
from nasedu.trainers.single.norm_and_dropout import NORMS

STATISTICS = ("running", "batch", "re-estimated")

MOVED = ("running_mean", "running_var", "num_batches_tracked")
"""Tensors of normalisation that torch changes in place."""


def check_statistics(statistics: str) -> None:
    """Raise BadValue if there is no such way to normalise."""
    if statistics not in STATISTICS:
        raise BadValue(unknown("statistics of batch normalisation", statistics, STATISTICS))


def normalised(
    layer: nn.Module, tensors: Mapping[str, torch.Tensor], X: torch.Tensor, seen: torch.Tensor | None, statistics: str
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return the outputs of a layer, or of a whole network, for the examples and for the training examples.

    The shared statistics stay as they are.

    Args:
        layer: its parameters do not matter.
        tensors: its parameters and statistics by name.
        X: inputs of the layer, for the examples that are scored.
        seen: its inputs for training examples; needed for "re-estimated" alone.
        statistics: one of `STATISTICS`.
    """
    norms: list[Any] = [module for module in layer.modules() if isinstance(module, NORMS)]
    layer.eval()
    if not norms or statistics == "running":
        own = dict(tensors)
    else:
        own = {name: t.clone() if name.endswith(MOVED) else t for name, t in tensors.items()}
    if statistics == "re-estimated":
        assert seen is not None
        with _taking_statistics(norms):
            seen = functional_call(layer, own, (seen,))
    if statistics == "batch":
        with _taking_statistics(norms):
            return functional_call(layer, own, (X,)), None
    return functional_call(layer, own, (X,)), seen


@contextmanager
def _taking_statistics(norms: list[Any]) -> Iterator[None]:
    """Normalise by the statistics of the batch inside, and take them over as running ones, with no memory."""
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.eval()
            norm.momentum = momentum
