"""Which choice mattered: how much of the spread of the scores goes with what was chosen at each place.

The question is that of functional ANOVA for hyperparameters (F. Hutter, H. Hoos, K. Leyton-Brown, "An Efficient
Approach for Assessing Hyperparameter Importance", ICML 2014): a random forest learns the scores from the choices, and
is then asked. Their answer averages over all architectures of a grid. A space of walks is no grid, so the forest is
asked as in L. Breiman, "Random Forests", Machine Learning 2001, section 10: the choices at one place change hands among
networks that a tree has not seen, and its error grows if that place matters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nasedu.core import Architecture, BadValue, rng_from
from nasedu.spaces.base import Space
from nasedu.spaces.places import Place, places

FEWEST = 20
"""Different architectures with a score that an answer needs."""

TREES = 30
FORESTS = 10
"""Each grown on another four fifths of the architectures: their spread says how much the answer depends on them."""

SHUFFLES = 30
"""Forests that are grown on shuffled scores, in which no choice matters."""


@dataclass(frozen=True)
class Importance:
    """How much each place mattered, in the order of the walk.

    A share of 0.5 says: half of the variance of the scores goes with this choice, alone or together with others. So the
    shares may add up to more than 1. A share below 0 is none.

    Attributes:
        names: of the places at which the architectures differ.
        shares: the mean over the forests, one for each place.
        low, high: the smallest and the largest share that one of the forests gave.
        chance: the largest share of any place that shuffled scores stay below in 95 of 100 cases.
        architectures: how many different ones were looked at.
    """

    names: tuple[str, ...]
    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray
    chance: float
    architectures: int

    @property
    def important(self) -> list[str]:
        """Return the places whose share is above chance, the largest first; often there is none."""
        order = np.argsort(-self.shares, kind="stable")
        return [self.names[i] for i in order if self.shares[i] > self.chance]


def importance_of(
    space: Space, architectures: Sequence[Architecture], scores: Sequence[float], *, seed: int = 0
) -> Importance:
    """Return how much the choice at each place mattered for the score, and how much it would by chance.

    The answer is about the architectures that are given. A search that settled early has seen little else than what
    it settled on.

    Args:
        space: that can read the architectures.
        architectures: those that were scored; of one that is there twice, the first counts.
        scores: one for each. A failed training has no score of its own: give none of those.
        seed: of the forests and the shuffles.

    Raises:
        BadValue: fewer than 20 different architectures, or scores that are all equal.
    """
    distinct: dict[Architecture, float] = {}
    for architecture, score in zip(architectures, scores, strict=True):
        distinct.setdefault(tuple(architecture), float(score))
    y = np.array(list(distinct.values()))
    if len(y) < FEWEST:
        raise BadValue(
            f"{len(y)} different networks with a score are too few to tell which choice mattered: "
            f"at least {FEWEST} are needed"
        )
    if np.ptp(y) == 0:
        raise BadValue(f"all {len(y)} networks have the score {y[0]:.4g}: no choice made a difference")
    found = places(space, list(distinct))
    X, groups = _one_hot(found)
    rng = rng_from(seed, "importance")
    shares = np.array([_shares(X, groups, y, rng) for _ in range(FORESTS)])
    largest = [_shares(X, groups, rng.permutation(y), rng).max() for _ in range(SHUFFLES)]
    return Importance(
        names=tuple(place.name for place in found),
        shares=shares.mean(0),
        low=shares.min(0),
        high=shares.max(0),
        chance=float(np.quantile(largest, 0.95)),
        architectures=len(y),
    )


def _one_hot(found: list[Place]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return a column of 0 and 1 for each value at each place, and the columns of each place."""
    columns: list[list[bool]] = []
    groups = []
    for place in found:
        names = sorted(set(place.values))
        groups.append(np.arange(len(columns), len(columns) + len(names)))
        columns += [[value == name for value in place.values] for name in names]
    return np.array(columns, dtype=np.float32).T, groups


def _shares(X: np.ndarray, groups: list[np.ndarray], y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the share of each place, from one forest on four fifths of the architectures.

    If f is the true score, then exchanging one place makes the squared error grow by twice the variance that goes with
    it: E (f(x) - f(x'))^2 / 2 is the total effect of that place (M. Jansen, "Analysis of variance designs for model
    output", Computer Physics Communications 1999).
    """
    from sklearn.ensemble import RandomForestRegressor

    rows = rng.permutation(len(y))[: len(y) * 4 // 5]
    X, y = X[rows], y[rows]
    forest: Any = RandomForestRegressor(TREES, max_features=1 / 3, random_state=int(rng.integers(2**31)))
    forest.fit(X, y)
    grown, count = np.zeros(len(groups)), 0
    for tree, seen in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        out = np.setdiff1d(np.arange(len(y)), seen)
        error = _errors(tree, X[out], y[out]).sum()
        for place, columns in enumerate(groups):
            exchanged = X[out]
            exchanged[:, columns] = exchanged[:, columns][rng.permutation(len(out))]
            grown[place] += _errors(tree, exchanged, y[out]).sum() - error
        count += len(out)
    return grown / count / (2 * y.var() or 1)


def _errors(tree: Any, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the squared error of one tree for each row."""
    return (tree.tree_.predict(X)[:, 0] - y) ** 2
