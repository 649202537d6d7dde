"""What the scores of a task are like: one of several Gaussian processes, each weighted by how likely it makes them.

Rasmussen, Williams, "Gaussian Processes for Machine Learning", MIT Press 2006, sections 2.7 (a process around a known
function with an unknown weight) and 5.4 (marginal likelihood); Hoeting, Madigan, Raftery, Volinsky, "Bayesian Model
Averaging: A Tutorial", Statistical Science 1999. Expected improvement: Jones, Schonlau, Welch, "Efficient Global
Optimization of Expensive Black-Box Functions", 1998, equation 15.
"""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from nasedu.controllers.gaussian import kernel
from nasedu.core.ranking import normal_scores

LENGTHS = (0.5, 1.0, 2.0)
NOISES = (0.1, 0.3)
LEVEL = 10.0
"""Variance of the level of the scores: so wide that it says nothing."""
SHARED = 0.8
"""What an expectation is multiplied by: a correlation between what was expected of a task and what it is."""
SPREAD = 0.3
"""Standard deviation of this factor."""
LIKELY = 0.98
"""Processes that together have this weight are asked; the others could not change the choice."""
PROMISING = 2_000
"""Members with the highest expected score for which the expected improvement is computed."""
DIGITS = 9
"""Digits after which expected scores count as equal: the last ones are the processor's."""


class Posterior(NamedTuple):
    """What is known of every member.

    Attributes:
        weights: how likely each expectation is, (expectations,), with the sum 1.
        improvement: expected improvement over the best so far, in normal scores, (members,); `-inf` where the expected
            score is not among the `PROMISING` highest.
    """

    weights: np.ndarray
    improvement: np.ndarray


def posterior(
    X: np.ndarray,
    places: Sequence[int],
    rewards: Sequence[float],
    expectations: np.ndarray | None = None,
    before: np.ndarray | None = None,
    learned: np.ndarray | None = None,
) -> Posterior:
    """Return what the rewards of a few members say of all.

    Under expectation m, the normal scores of the rewards are level + w m + g + noise: w is normal around `SHARED`, the
    level says nothing, and g is a Gaussian process with the variance that w leaves, 1 - `SHARED`^2. Where a row of
    expectations is 0, nothing is expected, and g has the variance 1. Features (given or learned), length scale and
    noise are those of the highest marginal likelihood, the same for all expectations.

    Args:
        X: features of the members, (members, features).
        places, rewards: what was seen, at least one.
        expectations: (expectations, members), in normal scores; None for one row of zeros.
        before: how likely each is in advance, (expectations,).
        learned: other features that the processes may use, (members, features); None for none.
    """
    m = np.zeros((1, len(X))) if expectations is None else expectations
    shared = np.where(m.any(axis=1), SHARED, 0.0)
    choices = [X] if learned is None else [X, learned]
    fit = _likeliest(choices, places, normal_scores(rewards), m, shared, np.ones(len(m)) if before is None else before)
    weights = np.exp(fit.logs - fit.logs.max())
    weights /= weights.sum()
    order = np.argsort(-weights, kind="stable")
    asked = order[: np.searchsorted(np.cumsum(weights[order]), LIKELY) + 1]
    K = kernel(fit.X[places], fit.X, fit.length)
    means = np.array([_mean(fit, h, K, m[h], shared[h], places) for h in asked])
    expected = weights[asked] @ means
    most = min(PROMISING, len(X))
    promising = np.sort(np.argsort(-expected.round(DIGITS), kind="stable")[:most])
    improvement = np.full(len(X), -np.inf)
    improvement[promising] = sum(
        weights[h] * _improvement(fit, h, K[:, promising], m[h], shared[h], places, mean, promising)
        for h, mean in zip(asked, means, strict=True)
    )
    return Posterior(weights, improvement)


class _Fit(NamedTuple):
    """Features; length scale; logarithm of each weight; Cholesky factors (expectations, n, n); inverse times rest."""

    X: np.ndarray
    length: float
    logs: np.ndarray
    factors: np.ndarray
    coefficients: np.ndarray


def _likeliest(
    choices: list[np.ndarray],
    places: Sequence[int],
    y: np.ndarray,
    m: np.ndarray,
    shared: np.ndarray,
    before: np.ndarray,
) -> _Fit:
    """Return the fit with the features, the length scale and the noise that make the scores most likely."""
    known = m[:, places]
    along = LEVEL + SPREAD**2 * known[:, :, None] * known[:, None, :]
    rest = (y - shared[:, None] * known)[:, :, None]
    best, found = -np.inf, None
    for X, length in product(choices, LENGTHS):
        own = along + (1 - shared**2)[:, None, None] * kernel(X[places], X[places], length)
        for noise in NOISES:
            factors = np.linalg.cholesky(own + noise * np.eye(len(y)))
            half = np.linalg.solve(factors, rest)
            logs = np.log(before) - 0.5 * (half**2).sum((1, 2))
            logs -= np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(1)
            if (together := float(np.logaddexp.reduce(logs))) > best:
                coefficients = np.linalg.solve(factors.swapaxes(1, 2), half)[:, :, 0]
                best, found = together, _Fit(X, length, logs, factors, coefficients)
    assert found is not None
    return found


def _mean(fit: _Fit, h: int, K: np.ndarray, m: np.ndarray, shared: float, places: Sequence[int]) -> np.ndarray:
    """Return the expected score of every member under expectation h, (members,)."""
    a = fit.coefficients[h]
    mean: np.ndarray = LEVEL * a.sum() + (1 - shared**2) * (a @ K) + (shared + SPREAD**2 * (a @ m[places])) * m
    return mean


def _improvement(
    fit: _Fit,
    h: int,
    K: np.ndarray,
    m: np.ndarray,
    shared: float,
    places: Sequence[int],
    mean: np.ndarray,
    promising: np.ndarray,
) -> np.ndarray:
    """Return the expected improvement of some members over the best expected score of what was seen."""
    from scipy.linalg import solve_triangular
    from scipy.stats import norm

    covariance = LEVEL + (1 - shared**2) * K + SPREAD**2 * np.outer(m[places], m[promising])
    explained = (solve_triangular(fit.factors[h], covariance, lower=True) ** 2).sum(axis=0)
    alone = LEVEL + (1 - shared**2) + SPREAD**2 * m[promising] ** 2
    sd = np.sqrt(np.maximum(alone - explained, 1e-9))
    z = (mean[promising] - mean[places].max()) / sd
    improvement: np.ndarray = sd * (z * norm.cdf(z) + norm.pdf(z))
    return improvement
