"""Two ways to combine what earlier tasks say with what the new task has shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nasedu.controllers.gaussian import kernel
from nasedu.core.ranking import normal_scores
from nasedu.meta.ranking import misranked, weights_by_losses
from nasedu.meta.task_similarity import FEWEST, TaskSimilarity

COMBINATIONS = ("ranks", "scores")
LENGTH = 1.0
NOISE = 0.1
OWN = 0.5
"""Variance of what the new task has for itself, where an earlier task's scores have variance 1."""
ANYWHERE = 10.0
"""Variance of the new task's level, in the same unit: it says nothing in advance."""


# ---------------------------------------------------------------------- RGPE


@dataclass(frozen=True)
class Vote:
    """What each model says, and how much it counts: the expected value of a network is the weighted sum.

    Attributes:
        tasks: the names of the earlier tasks.
        said: what the model of each earlier task predicts, in normal scores, (tasks, members).
        weights: of the earlier tasks, (tasks,).
        own: what a model of the new task's own trials predicts, (members,); 0 until there are enough of them.
        own_weight: of that model; all weights have the sum 1.
        predictions: what each model predicts of the networks that were seen, the own model last, (tasks + 1, seen);
            of the own model, what it predicts of each network without having seen it.
        rewards: of the same networks, (seen,).
    """

    tasks: Sequence[str]
    said: np.ndarray
    weights: np.ndarray
    own: np.ndarray
    own_weight: float
    predictions: np.ndarray
    rewards: np.ndarray

    @property
    def expected(self) -> np.ndarray:
        """Return what all models together expect of every member, (members,)."""
        together: np.ndarray = self.weights @ self.said + self.own_weight * self.own
        return together

    @property
    def wrong(self) -> np.ndarray:
        """Return how many pairs of what was seen each model puts in the wrong order, (tasks + 1,)."""
        return misranked(self.predictions, self.rewards, np.ones((1, len(self.rewards))))[:, 0]


def vote(task_similarity: TaskSimilarity) -> Vote:
    """Return the vote of all models, weighted as the ranking-weighted ensemble of Feurer, Letham, Bakshy 2018.

    Args:
        task_similarity: what was seen of the new task, and what each earlier one says of it.
    """
    pool, places = task_similarity.pool, task_similarity.places
    tasks, rewards = [evidence.task for evidence in pool.evidence], np.array(task_similarity.rewards)
    if len(places) < FEWEST:
        nothing = np.zeros((1, pool.said.shape[1]))
        predictions = np.vstack([pool.said, nothing])[:, places]
        return Vote(tasks, pool.said, task_similarity.weights, nothing[0], 0.0, predictions, rewards)
    y = normal_scores(task_similarity.rewards)
    seen = pool.X[places]
    K = kernel(seen, seen, LENGTH) + NOISE * np.eye(len(places))
    inverse = np.linalg.inv(K)
    coefficients = inverse @ y
    without_itself = y - coefficients / np.diag(inverse)  # Rasmussen, Williams 2006, equation 5.12
    predictions = np.vstack([task_similarity.predictions, without_itself])
    losses = misranked(predictions, rewards, task_similarity.draws())
    before = np.append(task_similarity.before, 1 / len(pool.said))  # in advance it counts as much as an average task
    # Section 3.1 of the paper: a model that is usually worse than the new task's own at its worst has no say.
    before[:-1] *= np.median(losses[:-1], axis=1) <= np.quantile(losses[-1], 0.95)
    weights = weights_by_losses(losses, np.maximum(before, 1e-12))
    own = kernel(pool.X, seen, LENGTH) @ coefficients
    return Vote(tasks, pool.said, weights[:-1], own, float(weights[-1]), predictions, rewards)


# ---------------------------------------------------------------------- a process whose covariance was learned


def by_scores(task_similarity: TaskSimilarity, optimism: float) -> np.ndarray:
    """Return mean plus spread of a Gaussian process for the new task, in units of its scores.

    The model of the new task is level + sum of w_t * (prediction of task t) + own part. The weight w_t is normal around
    the similarity of task t. The level is normal and so wide that it says nothing. The own part is a Gaussian process
    over the features. Multi-task priors of this form:
    Wang, Kim, Kaelbling, "Regret Bounds for Meta Bayesian Optimization with an Unknown Prior", NeurIPS 2018.

    Returns:
        expected + optimism * standard deviation of every member, (members,).
    """
    pool, places = task_similarity.pool, task_similarity.places
    rewards, tasks = np.array(task_similarity.rewards), len(pool.said)
    mean: np.ndarray = task_similarity.weights @ pool.said
    if len(places) < 2:
        return mean
    y = (rewards - rewards.mean()) / scale_of(rewards, mean[places]) - mean[places]
    seen = pool.said[:, places]
    covariance = ANYWHERE + pool.said.T @ seen / tasks + OWN * kernel(pool.X, pool.X[places], LENGTH)
    inverse = np.linalg.inv(covariance[places] + NOISE * np.eye(len(places)))
    expected = mean + covariance @ (inverse @ y)
    if not optimism:
        return expected
    alone = ANYWHERE + (pool.said**2).sum(axis=0) / tasks + OWN
    variance = alone - np.einsum("mi,ij,mj->m", covariance, inverse, covariance, optimize=True)
    return expected + optimism * np.sqrt(np.maximum(variance, 0))


def scale_of(rewards: np.ndarray, expected: np.ndarray, strength: float = 2.0) -> float:
    """Return how much reward one unit of expectation is worth: the slope of a line through the observations.

    `strength` more observations pull it towards the slope that the spreads alone would give. So few or contrary
    observations never give a slope of 0 or below.
    """
    r, e = rewards - rewards.mean(), expected - expected.mean()
    spread = max(float(r.std()), 1e-9)
    slope = float((r @ e + strength * spread) / (e @ e + strength))
    return max(slope, spread / 4)
