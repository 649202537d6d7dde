"""Scores of different tasks on one scale: ranks, and what can be said with them alone.

An accuracy of 0.9 is poor on one task and out of reach on another; that a network was the third best of a hundred means
the same on both. Everything that is carried from one task to another is therefore carried as ranks.
"""

import numpy as np


def misranked(predictions: np.ndarray, rewards: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return how many pairs each model puts in the wrong order, for each draw of a bootstrap.

    Args:
        predictions: (models, observations).
        rewards: (observations,).
        draws: how often each observation is in a draw, (draws, observations).

    Returns:
        (models, draws): pairs in the wrong order; a tie of a model counts half.
    """
    truth = np.sign(rewards[:, None] - rewards[None, :])
    wrong = np.abs(truth - np.sign(predictions[:, :, None] - predictions[:, None, :])) / 2 * (truth != 0)
    counts = draws.astype(np.float32)  # pairs and halves are exact in it, and it is twice as fast
    return ((counts @ wrong.astype(np.float32)) * counts).sum(axis=2, dtype=float) / 2


def ranking_weights(predictions: np.ndarray, rewards: np.ndarray, draws: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the weight of each model: the share of the draws in which it puts the fewest pairs in the wrong order.

    Feurer, Letham, Bakshy, "Scalable Meta-Learning for Bayesian Optimization using Ranking-Weighted Gaussian Process
    Ensembles", AutoML workshop at ICML 2018, section 3. Models that are equally good share a draw, as `before` says.

    Args:
        predictions, rewards, draws: as for `misranked`.
        before: what each model would weigh without any observation, (models,), above 0.

    Returns:
        (models,), with the sum 1.
    """
    return weights_by_losses(misranked(predictions, rewards, draws), before)


def weights_by_losses(losses: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the weights of `ranking_weights` from known counts of wrong pairs, (models, draws)."""
    best = (losses <= losses.min(axis=0) + 1e-9) * before[:, None]
    return (best / best.sum(axis=0)).mean(axis=1)
