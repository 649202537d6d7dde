"""The smallest mixture, of a convolution and a skip connection, in which the best alpha is known.

Wang, Cheng, Chen, Tang, Hsieh, "Rethinking Architecture Selection in Differentiable NAS", ICLR 2021, proposition 1.
Lesson 11.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch

from nasedu.oneshot.gdas import softmax


class TwoShares(NamedTuple):
    """The shares of a convolution and of a skip connection, which add up to 1."""

    convolution: float
    skip: float


def mixture_error(shares: torch.Tensor, o: torch.Tensor, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Return the variance of (mixture - target): what proposition 1 makes small."""
    return (shares[0] * o + shares[1] * x - target).var()


def best_shares(o: torch.Tensor, x: torch.Tensor, target: torch.Tensor) -> TwoShares:
    """Return the shares of the mixture that is nearest to a target.

    The share of the convolution grows with var(x - target), that of the skip with var(o - target); both less the
    covariance of the two. The better the input is already, the more the skip gets.

    Args:
        o: what the convolution gives.
        x: its input, which the skip passes on.
        target: the best mixture; all three of one shape.
    """
    of_convolution, of_skip = (o - target).flatten(), (x - target).flatten()
    covariance = torch.cov(torch.stack([of_convolution, of_skip]))
    convolution, skip = covariance[1, 1] - covariance[0, 1], covariance[0, 0] - covariance[0, 1]
    first = float((convolution / (convolution + skip)).clamp(0, 1))
    return TwoShares(first, 1 - first)


def learn_shares(
    o: torch.Tensor, x: torch.Tensor, target: torch.Tensor, *, steps: int = 200, rate: float = 0.1
) -> Iterator[TwoShares]:
    """Yield the shares after each step of Adam on alpha, which begins at 0; arguments as for `best_shares`."""
    alpha = torch.zeros(1, 2, dtype=o.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([alpha], lr=rate)
    kept = torch.ones(1, 2, dtype=torch.bool)
    for _ in range(steps):
        optimiser.zero_grad()
        mixture_error(softmax(alpha, kept, 1.0, None).values[0], o, x, target).backward()
        optimiser.step()
        yield TwoShares(*softmax(alpha.detach(), kept, 1.0, None).values[0].tolist())
