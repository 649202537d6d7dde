"""Which networks are alike: a linear map of the features that makes the scores of earlier tasks likely.

A kernel learned on several tasks: Wistuba, Grabocka, "Few-Shot Bayesian Optimization with Deep Kernel Surrogates", ICLR
2021, with a matrix in place of a network. Gradient of the marginal likelihood: Rasmussen, Williams, "Gaussian Processes
for Machine Learning", MIT Press 2006, equation 5.9. Lesson 15.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.controllers.candidates import features, remembered
from nasedu.controllers.gaussian import kernel
from nasedu.core.ranking import normal_scores
from nasedu.meta.prior import Evidence

STEPS = 15
"""Steps of L-BFGS: few, so that a few hundred trials cannot pull the map far from the identity."""
NOISE = 0.1
"""Variance of the noise at the start, in normal scores; it is learned, and at least `LEAST`."""
LEAST = 1e-3
DIGITS = 6
"""The map is rounded: from about the 13th digit on, its entries depend on how many threads add them up."""

Scored = tuple[np.ndarray, np.ndarray]
"""Features of what a task tried, (trials, features), and its normal scores, (trials,)."""


def learned_map(space: Any, evidence: Sequence[Evidence]) -> np.ndarray:
    """Return the map W, (features, features): networks with near rows of X @ W score alike on the earlier tasks.

    W and the noise maximise the sum of the tasks' log marginal likelihoods. In advance each entry of W is normal around
    that of the identity, with variance 1. The space remembers the map.
    """
    return remembered(space, ("learned map", *evidence), lambda: _learn(space, evidence))


def _learn(space: Any, evidence: Sequence[Evidence]) -> np.ndarray:
    from scipy.optimize import minimize

    trials = [one.scores for one in evidence]
    scored = [(features(space, list(scores)), normal_scores(list(scores.values()))) for scores in trials]
    size = scored[0][0].shape[1]
    start = np.append(np.eye(size).ravel(), np.log(NOISE))
    found = minimize(loss, start, (scored,), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.round(found.x[:-1].reshape(size, size), DIGITS)


def loss(parameters: np.ndarray, scored: Sequence[Scored]) -> tuple[float, np.ndarray]:
    """Return the negative logarithm of the posterior density, up to a constant, and its gradient.

    Args:
        parameters: the map's entries, row by row, and then the logarithm of the noise.
        scored: one entry for each task.
    """
    size = scored[0][0].shape[1]
    W, noise = parameters[:-1].reshape(size, size), np.exp(parameters[-1])
    total, by_map, by_noise = 0.5 * ((W - np.eye(size)) ** 2).sum(), W - np.eye(size), 0.0
    for X, y in scored:
        Z = X @ W
        alike = kernel(Z, Z, 1.0)
        factor = np.linalg.cholesky(1 + alike + (noise + LEAST) * np.eye(len(y)))  # 1: a level of the task's own
        root = np.linalg.inv(factor)
        inverse = root.T @ root
        explained = inverse @ y
        total += 0.5 * y @ explained + np.log(factor.diagonal()).sum()
        by_covariance = 0.5 * (inverse - np.outer(explained, explained))
        pull = by_covariance * alike
        by_map = by_map - 2 * X.T @ (pull.sum(1)[:, None] * Z - pull @ Z)
        by_noise += noise * by_covariance.trace()
    return float(total), np.append(by_map.ravel(), by_noise)
