"""What a trained mixture is worth on the validation split: as it is, and as one cell with the weights it has."""

import numpy as np
import torch

from nasedu.core import Architecture
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.gdas import Shares
from nasedu.oneshot.mixture import estimate_statistics
from nasedu.oneshot.mixture_search import Batch


def of_mixture(search: Darts) -> float:
    """Return the accuracy of the mixture, with the shares that it has."""
    X, y = _validation(search)
    shares = Shares(torch.from_numpy(search.shares()), search.mixture.kept)
    with torch.no_grad():
        outputs = search.outputs(search.weights(), shares, Batch(X, y, None))
    return _right(outputs, y)


def of_cell(search: Darts, architecture: Architecture) -> float:
    """Return the accuracy of one cell with the weights of the mixture; its statistics come from training examples."""
    X, y = _validation(search)
    seen, _ = search.halves["weights"]
    network = estimate_statistics(search.mixture.extract(architecture), seen, batch=len(seen))
    with torch.no_grad():
        return _right(network(X), y)


def _validation(search: Darts) -> tuple[torch.Tensor, torch.Tensor]:
    X, y = search.task.validation
    return torch.from_numpy(np.ascontiguousarray(X)), torch.from_numpy(y)


def _right(outputs: torch.Tensor, y: torch.Tensor) -> float:
    return float((outputs.argmax(1) == y).float().mean())
