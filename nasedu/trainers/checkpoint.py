"""Where a training was left."""

from dataclasses import dataclass, field
from typing import Any

import torch

OPTIMISER = "optimiser"  # begins the names of the optimiser's tensors: optimiser/0/exp_avg


@dataclass(frozen=True)
class Checkpoint:
    """Where a training was left: all that it needs to go on as if it had never stopped.

    The randomness of an epoch (order, dropout, augmentation) follows from the seed and the epoch's number, so no
    generator has to be kept.

    Attributes:
        epochs: how many are done.
        tensors: weights and buffers by name, and the optimiser's memory, on the CPU.
        curve, losses, metrics, seconds: of the training so far.
    """

    epochs: int
    tensors: dict[str, torch.Tensor] = field(repr=False)
    curve: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def optimiser(self) -> dict[int, dict[str, torch.Tensor]]:
        """Return the optimiser's memory by the position of the parameter: the `state` of torch's `state_dict`."""
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in self.tensors.items():
            prefix, _, rest = name.partition("/")
            if prefix == OPTIMISER:
                position, _, key = rest.partition("/")
                state.setdefault(int(position), {})[key] = tensor.clone()
        return state


State = tuple[Checkpoint | None, ...]
"""Where the training of an architecture was left: a checkpoint for each subtask, None where it failed."""
