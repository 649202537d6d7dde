"""Meta-SGD: learn a rate for each parameter, along with the start.

Li, Zhou, Chen, Li, "Meta-SGD: Learning to Learn Quickly for Few-Shot Learning", arXiv 1707.09835, 2017, algorithm 1.
"""

from typing import Any

import torch
from torch import nn

from nasedu.core import counted
from nasedu.metalearning.functional import Parameters
from nasedu.metalearning.learner import check_rates
from nasedu.metalearning.maml import MAML

RATE = "rate of "


class MetaSGD(MAML):
    """MAML whose inner rate is a learned number for each parameter; it may become negative.

    Rates that were learned for one inner step explode when more are made, if `share` is large. With
    `inner_steps=5, every_step=True` they hold for one to five.

    Args:
        network, **settings: as of `MAML`; all rates start from `inner_rate`.
        share: the learning rate of the rates, as a share of `meta_rate`. With 1, several inner steps explode while
            they are learned; with 0.1 two of five trainings did on waves, with 0.03 one of fifteen.
    """

    def __init__(self, network: nn.Module, *, share: float = 0.03, **settings: Any):
        super().__init__(network, **settings)
        check_rates(share=share)
        self.share = share
        rates = {RATE + name: torch.full_like(weight, self.inner_rate) for name, weight in self.learned.items()}
        self.learned = {**self.learned, **{name: rate.requires_grad_() for name, rate in rates.items()}}

    def make_optimiser(self) -> torch.optim.Optimizer:
        """Return Adam, which moves the rates more slowly than the weights."""
        weights = list(self.start(self.learned).values())
        rates = list(self.learned.values())[len(weights) :]
        groups = [{"params": weights, "share": 1.0}, {"params": rates, "share": self.share}]
        return torch.optim.Adam(groups, lr=self.meta_rate)

    def start(self, learned: Parameters) -> Parameters:
        """Return the parameters without their rates."""
        return {name: tensor for name, tensor in learned.items() if not name.startswith(RATE)}

    def moved(self, learned: Parameters, parameters: Parameters, gradient: Parameters) -> Parameters:
        """Return the parameters after one step, each at its own rate (equation 2)."""
        return {name: weight - learned[RATE + name] * gradient[name] for name, weight in parameters.items()}

    def advice(self) -> str:
        """Return what to do against an explosion."""
        trained_for = counted(self.inner_steps, "inner step")
        return f"the learned rates fit {trained_for}, as they were trained: train with more"
