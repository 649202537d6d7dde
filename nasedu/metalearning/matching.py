"""Matching networks: each example of the support set votes for its class, the more the more alike it is.

Vinyals, Blundell, Lillicrap, Kavukcuoglu, Wierstra, "Matching Networks for One Shot Learning", NIPS 2016, section
2.1.1, equation 1, without the full context embeddings of section 2.1.2.
"""

from typing import Any

import torch
from torch import nn

from nasedu.metalearning.embedding import Embedding
from nasedu.metalearning.learner import check_rates


class Matching(Embedding):
    """Classify by attention over the support set: a softmax of cosines.

    Args:
        network, **more: see `Learner`.
        sharpness: what the cosines are multiplied by before the softmax. The paper has 1, at which the most certain
            vote of five is 0.65.
    """

    def __init__(self, network: nn.Module, *, sharpness: float = 10.0, **more: Any):
        super().__init__(network, **more)
        check_rates(sharpness=sharpness)
        self.sharpness = sharpness

    def compare(self, features: torch.Tensor, y: torch.Tensor, ways: int, asked: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of each class's share of the votes."""
        cosines = nn.functional.normalize(asked, dim=1) @ nn.functional.normalize(features, dim=1).T
        votes = (self.sharpness * cosines).softmax(1)
        member = (y[:, None] == torch.arange(ways, device=y.device)).to(votes.dtype)
        return (votes @ member).clamp(min=1e-12).log()
