"""How alike tasks are: by what is known about them, and by how they rank the same few networks.

Landmarking: Pfahringer, Bensusan, Giraud-Carrier, "Meta-Learning by Landmarking Various Learning Algorithms", ICML
2000. Lesson 15 draws the map.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nasedu.core import Architecture
from nasedu.core.ranking import first_best, normal_scores, rank_correlation
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.prior import Evidence
from nasedu.meta.ranking import ranking_weights

DRAWS = 64
FEWEST = 3
"""Observations from which on a ranking says something."""


def task_similarity(evidence: Sequence[Evidence], space: Any, *, landmarks: int | None = None) -> np.ndarray:
    """Return how alike each two tasks rank networks: rank correlations, (tasks, tasks), for a map.

    Where a task did not try a network, a model of what it did try stands in for it.

    Args:
        evidence: what is known of each task.
        space: the space that was searched.
        landmarks: compare on n networks, chosen by `landmark_places`; None compares on all that were tried.
    """
    pool = CandidatePool(space, evidence)
    if landmarks is None:
        places = sorted({pool.place(a) for e in pool.evidence for a in e.scores})
    else:
        places = landmark_places(pool.said, landmarks)
    columns = recorded(pool)[:, places]
    return np.array([[rank_correlation(a, b) for b in columns] for a in columns])


def recorded(pool: CandidatePool) -> np.ndarray:
    """Return the score of every member of a pool on each task, (tasks, members): recorded, or else predicted.

    Recorded scores are put on the scale of the predictions by their rank.
    """
    said = pool.said.copy()
    for row, evidence in enumerate(pool.evidence):
        scores = evidence.scores
        places = [pool.place(architecture) for architecture in scores]
        said[row, places] = normal_scores(list(scores.values()))
    return said


def landmark_places(
    said: np.ndarray, count: int, weights: np.ndarray | None = None, asked: Sequence[int] = ()
) -> list[int]:
    """Return the places of the landmarks: together they leave no earlier task without a good network.

    The first is best on the average task; each further one raises the best of the chosen most, over the tasks. So they
    are worth their price (each is charged to the budget): a network that is the best of a group of tasks also tells
    whether the new task belongs to that group. A greedy portfolio: Wistuba, Schilling, Schmidt-Thieme, "Sequential
    Model-Free Hyperparameter Tuning", ICDM 2015.

    Args:
        said: what each earlier task says of each candidate, (tasks, candidates).
        count: how many.
        weights: of the tasks, (tasks,); equal, if none are given.
        asked: places that are asked anyway; the landmarks are chosen to go with them, and are not among them.
    """
    weights = np.ones(len(said)) if weights is None else weights
    chosen: list[int] = []
    free = np.ones(said.shape[1], dtype=bool)
    free[list(asked)] = False
    best = said[:, list(asked)].max(axis=1, initial=-np.inf)
    for _ in range(min(count, int(free.sum()))):
        together = np.maximum(said, best[:, None])
        worth = weights @ together + 1e-6 * (weights @ said)  # on a tie, the one that is better on the average
        place = first_best(np.where(free, worth, -np.inf))
        chosen.append(place)
        free[place] = False
        best = together[:, place]
    return chosen


class TaskSimilarity:
    """How alike each earlier task is to the one that is being searched, as its scores come in.

    Args:
        pool: the candidates, and what each earlier task says of them.
        about: what is known about the new task, as in `Evidence.about`.
        rng: for the bootstrap.

    Attributes:
        places, rewards: what was seen on the new task.
        before: the weights without any evaluation, (tasks,), with the sum 1: by what is known about the tasks.
    """

    def __init__(self, pool: CandidatePool, rng: np.random.Generator, about: Mapping[str, float] | None = None):
        self.pool = pool
        self.rng = rng
        self.places: list[int] = []
        self.rewards: list[float] = []
        self.before = weights_by_description(pool.evidence, about or {})
        self._drawn: np.ndarray | None = None
        self._weights = self.before

    def tell(self, architecture: Architecture, reward: float) -> None:
        """Record the reward of an architecture on the new task."""
        place = self.pool.place(architecture)
        if place in self.places:
            self.rewards[self.places.index(place)] = reward
        else:
            self.places.append(place)
            self.rewards.append(reward)
        if len(self.places) >= FEWEST:
            self._drawn = self.draws()

    @property
    def weights(self) -> np.ndarray:
        """Return the weights of today, (tasks,), with the sum 1: computed when they are asked for."""
        if self._drawn is not None:
            self._weights = ranking_weights(self.predictions, np.array(self.rewards), self._drawn, self.before)
            self._drawn = None
        return self._weights

    @property
    def predictions(self) -> np.ndarray:
        """Return what each earlier task says of what was seen, (tasks, observations)."""
        return self.pool.said[:, self.places]

    def draws(self) -> np.ndarray:
        """Draw bootstrap samples of the observations: how often each is in, (draws, observations)."""
        count = len(self.places)
        return self.rng.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)

    def correlations(self) -> dict[str, float]:
        """Return the rank correlation of each earlier task with the new one, on what was seen of it."""
        names = [e.task for e in self.pool.evidence]
        return {name: rank_correlation(row, self.rewards) for name, row in zip(names, self.predictions, strict=True)}


def weights_by_description(evidence: Sequence[Evidence], about: Mapping[str, float]) -> np.ndarray:
    """Weigh tasks of similar size and number of classes more: (tasks,), with the sum 1.

    The weight is a normal density of the distance of the descriptions, as `scaled_descriptions` measures it.
    """
    there, here = scaled_descriptions(evidence, about)
    weights = np.exp(-np.minimum(((there - here) ** 2).sum(axis=1), 8))
    return weights / weights.sum()


def scaled_descriptions(evidence: Sequence[Evidence], about: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return tasks as points: the earlier ones (tasks, numbers) and the new one (numbers,); random ones lie 1 apart.

    Logarithms of what is known, each scaled to the same spread over the earlier tasks. What the new task or an earlier
    one lacks, or what is the same on all earlier ones, counts for nothing: there may be no number left.
    """
    logs = [{name: np.log1p(abs(value)) for name, value in e.about} for e in evidence]
    shared = [name for name in about if all(name in one for one in logs)]
    there = np.array([[one[name] for name in shared] for one in logs]).reshape(len(evidence), len(shared))
    here = np.array([np.log1p(abs(about[name])) for name in shared])
    tells = there.std(axis=0) > 1e-9
    middle, scale = there.mean(axis=0)[tells], there.std(axis=0)[tells] * np.sqrt(2 * max(tells.sum(), 1))
    return (there[:, tells] - middle) / scale, (here[tells] - middle) / scale
