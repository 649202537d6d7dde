"""What can be set in a differentiable search, with what is checked of it."""

from dataclasses import dataclass, fields
from typing import Any

from nasedu.core import BadValue, check_counts, did_you_mean
from nasedu.oneshot.gdas import relaxation


@dataclass(frozen=True)
class Settings:
    """The settings of DARTS and its relatives. The defaults are for small spaces and a few hundred steps.

    Attributes:
        steps: batches in all; warm: of them the first, in which alpha stays (the paper: none; P-DARTS: 10 epochs).
        order: 1 or 2, of the gradient in alpha.
        relaxation: "softmax" (DARTS), "gumbel" (GDAS) or "sigmoid" (Fair DARTS).
        batch: examples in a batch, of each half.
        weight_rate, weight_momentum, weight_decay: of gradient descent on the weights; the rate falls to 0 by a cosine.
        clip: the longest gradient of the weights.
        alpha_rate, alpha_decay: of Adam on alpha (the paper: 3e-4 over 50 epochs, and 1e-3).
        frozen: keep alpha at 0, so that only the weights are trained (Wang et al., 2021).
        hottest, coldest: temperature of "gumbel", from the first step to the last (the authors' 10 and 0.1; theirs
            falls by epoch).
        zero_one: weight of the extra loss of "sigmoid" (Fair DARTS: 10).
        skip_dropout: share of a skip connection that is dropped at first; it falls as in P-DARTS.
        eigenvalue_every: steps from one largest eigenvalue of the Hessian in alpha to the next; 0 for none.
        stop_early: end when `must_stop` says so (Zela et al., 2020).
        device: where torch computes.
    """

    steps: int = 200
    warm: int = 0
    order: int = 1
    relaxation: str = "softmax"
    batch: int = 64
    weight_rate: float = 0.05
    weight_momentum: float = 0.9
    weight_decay: float = 3e-4
    clip: float = 5.0
    alpha_rate: float = 0.02
    alpha_decay: float = 1e-3
    frozen: bool = False
    hottest: float = 10.0
    coldest: float = 0.1
    zero_one: float = 10.0
    skip_dropout: float = 0.0
    eigenvalue_every: int = 0
    stop_early: bool = False
    device: str = "cpu"

    def __post_init__(self) -> None:
        check_counts(steps=self.steps)
        check_counts(2, batch=self.batch)  # a batch is normalised by itself
        check_counts(0, warm=self.warm, eigenvalue_every=self.eigenvalue_every)
        relaxation(self.relaxation)
        if self.order not in (1, 2):
            raise BadValue(f"order is 1 or 2, of the gradient in alpha; given {self.order!r}")
        if not 0 <= self.skip_dropout < 1:
            raise BadValue(f"skip_dropout is at least 0 and less than 1; given {self.skip_dropout!r}")
        for name in ("weight_rate", "alpha_rate", "clip", "hottest", "coldest"):
            if not getattr(self, name) > 0:
                raise BadValue(f"{name} is more than 0; given {getattr(self, name)!r}")
        if self.stop_early and not self.eigenvalue_every:
            raise BadValue("stop_early needs eigenvalues: give eigenvalue_every, for instance 10")


def settings_from(given: dict[str, Any]) -> Settings:
    """Return the settings of these names. Raise BadValue, with what there is, for a name that is none."""
    known = [field.name for field in fields(Settings)]
    for name in given:
        if name not in known:
            raise BadValue(f"a differentiable search has no setting {name!r}{did_you_mean(name, known)}")
    return Settings(**given)
