"""From alpha to shares: three relaxations of "one operation on each edge", by name.

- softmax: all operations, shares that add up to 1. Liu, Simonyan, Yang, "DARTS", ICLR 2019, equation 2.
- gumbel: one operation, drawn. Dong, Yang, "Searching for a Robust Neural Architecture in Four GPU Hours" (GDAS), CVPR
  2019, equations 3 to 5.
- sigmoid: all operations, none at the expense of another. Chu et al., "Fair DARTS", ECCV 2020, section 4.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from nasedu.core import UnknownName, unknown


class Shares(NamedTuple):
    """What each operation is multiplied by, (edges, operations), and which are computed; None for all."""

    values: torch.Tensor
    live: np.ndarray | None = None


Relaxation = Callable[[torch.Tensor, torch.Tensor, float, torch.Generator | None], Shares]
"""From alpha, the operations kept, a temperature and a generator to shares. Without a generator nothing is drawn."""


def softmax(alpha: torch.Tensor, kept: torch.Tensor, temperature: float, generator: torch.Generator | None) -> Shares:
    """Share 1 out among the operations of each edge, by the exponential of alpha."""
    return Shares(alpha.masked_fill(~kept, -torch.inf).softmax(1))


def sigmoid(alpha: torch.Tensor, kept: torch.Tensor, temperature: float, generator: torch.Generator | None) -> Shares:
    """Give each operation a share from 0 to 1 by its own alpha, whatever the others have."""
    return Shares(alpha.masked_fill(~kept, -torch.inf).sigmoid())


def gumbel(alpha: torch.Tensor, kept: torch.Tensor, temperature: float, generator: torch.Generator | None) -> Shares:
    """Draw one operation for each edge: its share is 1, and only it is computed.

    Adding Gumbel noise to the logarithms of the softmax and taking the largest draws from the softmax. Backwards, the
    drawn 1 counts as the softmax of the noisy values over the temperature: low ones are steep.
    """
    if generator is None:
        return softmax(alpha, kept, temperature, None)
    uniform = torch.rand(alpha.shape, generator=generator, dtype=torch.float64).clamp_min(1e-300)
    noise = -(-uniform.log()).log().to(alpha)
    noisy = alpha.masked_fill(~kept, -torch.inf).log_softmax(1) + noise
    soft = (noisy / temperature).softmax(1)
    hard = torch.nn.functional.one_hot(noisy.detach().argmax(1), alpha.shape[1]).to(soft)
    return Shares(hard - soft.detach() + soft, hard.bool().cpu().numpy())


RELAXATIONS: dict[str, Relaxation] = {"softmax": softmax, "gumbel": gumbel, "sigmoid": sigmoid}


def relaxation(name: str) -> Relaxation:
    """Return the relaxation of this name. Raise UnknownName, with the names that there are, for another."""
    if name not in RELAXATIONS:
        raise UnknownName(unknown("relaxation", name, list(RELAXATIONS)))
    return RELAXATIONS[name]


def zero_one_loss(shares: torch.Tensor) -> torch.Tensor:
    """Return Fair DARTS's extra loss, which is small where the shares are near 0 or 1 (section 4.2, equation 4)."""
    return -(shares - 0.5).square().mean()
