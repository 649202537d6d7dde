"""Acquisition functions: what a trial of a candidate is worth, given what a model expects and how sure it is.

Each takes what is expected of every candidate and its standard deviation, (candidates,) each, and returns as many
numbers: the candidate with the highest value is tried next. Lesson 07.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr

OPTIMISM = 1.0
"""Standard deviations that the upper confidence bound adds."""


def expected_improvement(mean: np.ndarray, spread: np.ndarray, best: float) -> np.ndarray:
    """Return the mean of max(0, score - best), if a score is normal with this mean and standard deviation.

    In closed form (mean - best) Phi(z) + spread phi(z), z = (mean - best) / spread. Where the spread is 0, nothing is
    left to learn, and it is max(0, mean - best): 0 for every network whose score is known. Mockus, 1975; Jones,
    Schonlau, Welch, "Efficient Global Optimization of Expensive Black-Box Functions", 1998, equation 15.
    """
    mean, spread = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(spread, dtype=float))
    above = mean - best
    z = np.divide(above, spread, out=np.zeros(above.shape), where=spread > 0)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    return np.where(spread > 0, above * ndtr(z) + spread * density, np.maximum(above, 0))


def upper_confidence_bound(mean: np.ndarray, spread: np.ndarray, optimism: float = OPTIMISM) -> np.ndarray:
    """Return mean + optimism * spread (Srinivas, Krause, Kakade, Seeger, ICML 2010, equation 6)."""
    return np.asarray(mean) + optimism * np.asarray(spread)


def independent_thompson(mean: np.ndarray, spread: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a score for each candidate, drawn for itself alone: normal, with its mean and standard deviation.

    Thompson sampling draws one function for all candidates. BANANAS draws each one independently (White, Neiswanger,
    Savani, AAAI 2021).
    """
    return rng.normal(mean, spread)


Acquisition = Callable[[np.ndarray, np.ndarray, float, np.random.Generator], np.ndarray]

ACQUISITIONS: dict[str, Acquisition] = {
    "thompson": lambda mean, spread, best, rng: independent_thompson(mean, spread, rng),
    "expected-improvement": lambda mean, spread, best, rng: expected_improvement(mean, spread, best),
    "upper-bound": lambda mean, spread, best, rng: upper_confidence_bound(mean, spread),
    "mean": lambda mean, spread, best, rng: mean,
}
"""By name; each is called with the means, the standard deviations, the best known score, and a random generator."""
