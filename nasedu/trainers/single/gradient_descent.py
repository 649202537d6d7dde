"""Gradient descent with nothing hidden: the smallest network, its loss and its gradient written out. Lesson 02.

Logistic regression, a network of one layer and no more, for two classes. Cross-entropy and its gradient: Bishop,
"Pattern Recognition and Machine Learning", 2006, section 4.3.2, equations 4.90 and 4.91. Numpy alone, so that every
number can be done again by hand.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nasedu.core import BadValue, Mismatch, rng_from

Weights = Sequence[float] | np.ndarray


class DescentStep(NamedTuple):
    """One step: from `weights`, against `gradient`, to `after` = weights - alpha * gradient.

    Attributes:
        number: how many steps were made before it.
        weights: where it begins, one for each column of X.
        loss: cross-entropy there, over all examples, in nats.
        accuracy: there, over all examples, from 0 to 1.
        gradient: of the loss over the examples of this step (all of them, without batches).
        alpha: the step size.
        after: where it ends.
    """

    number: int
    weights: tuple[float, ...]
    loss: float
    accuracy: float
    gradient: tuple[float, ...]
    alpha: float
    after: tuple[float, ...]


def probabilities(weights: Weights, X: np.ndarray) -> np.ndarray:
    """Return how sure the network is of class 1, for each example: 1 / (1 + exp(-X w)); shape (examples,)."""
    z = X @ np.asarray(weights, dtype=float)
    return np.exp(-np.logaddexp(0, -z))  # the same, and finite for any z


def cross_entropy(weights: Weights, X: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of -log(probability of the right class), in nats."""
    z = X @ np.asarray(weights, dtype=float)
    return float(np.mean(np.logaddexp(0, z) - y * z))


def gradient(weights: Weights, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the gradient of `cross_entropy` by the weights: the mean of (probability - y) x; shape (columns,)."""
    return X.T @ (probabilities(weights, X) - y) / len(X)


def accuracy(weights: Weights, X: np.ndarray, y: np.ndarray) -> float:
    """Return the share of examples whose class is the likelier one."""
    return float(np.mean((probabilities(weights, X) > 0.5) == (y == 1)))


def descend(
    X: np.ndarray,
    y: np.ndarray,
    *,
    alpha: float,
    steps: int,
    weights: Weights | None = None,
    batch: int | None = None,
    seed: int = 0,
) -> Iterator[DescentStep]:
    """Descend the gradient, step by step; with `batch`, stochastic: each step draws a few examples.

    Args:
        X: examples, shape (examples, columns). There is no bias: add a column of ones if you want one.
        y: 0 or 1 for each example, shape (examples,).
        alpha: step size, above 0.
        steps: how many, at least 1.
        weights: where to begin; at 0 if not given.
        batch: examples for each step; all of them if not given.
        seed: what batches are drawn from.

    Raises:
        Mismatch: X, y and weights whose shapes do not belong together.
        BadValue: a number out of its range, or a y that is neither 0 nor 1.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    start = np.zeros(X.shape[-1]) if weights is None else np.asarray(weights, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1] or start.shape != X.shape[1:]:
        raise Mismatch(
            "X has the shape (examples, columns), y (examples,) and weights (columns,); given "
            f"{X.shape}, {y.shape} and {start.shape}"
        )
    if not np.isin(y, (0, 1)).all():
        raise BadValue(f"y holds a class, 0 or 1, for each example; given {np.unique(y).tolist()[:5]}")
    if not alpha > 0 or steps < 1 or (batch is not None and not 1 <= batch <= len(X)):
        raise BadValue(
            f"gradient descent needs alpha > 0, steps >= 1 and a batch of 1 to {len(X)}; "
            f"given {alpha=}, {steps=}, {batch=}"
        )
    return _descend(X, y, start, alpha, steps, batch, seed)


def _descend(
    X: np.ndarray, y: np.ndarray, weights: np.ndarray, alpha: float, steps: int, batch: int | None, seed: int
) -> Iterator[DescentStep]:
    rng = rng_from(seed, "descent")
    for number in range(steps):
        seen = slice(None) if batch is None else rng.choice(len(X), batch, replace=False)
        slope = gradient(weights, X[seen], y[seen])
        after = weights - alpha * slope
        loss, right = cross_entropy(weights, X, y), accuracy(weights, X, y)
        yield DescentStep(
            number, tuple(weights.tolist()), loss, right, tuple(slope.tolist()), alpha, tuple(after.tolist())
        )
        weights = after
