"""One model of all earlier tasks, which knows them by numbers: what an architecture is worth on a task like this.

Where a model of one task reads architectures, this one reads architectures and tasks, so that it can say something of
a task that no earlier one is like. Surrogates over several tasks in this manner: Bardenet, Brendel, Kegl, Sebag,
"Collaborative Hyperparameter Tuning", ICML 2013. Lesson 15.

What it is worth on the atlas, leave-one-task-out, mean evaluations until a network of the best 1% is asked (40 at most,
16 tasks, 8 seeds): 7.31 with it and 7.32 without. With meta-features of the tasks it is 7.64 with it and 7.77 without:
those of the atlas are so alike in size that they say little, and the two tasks with unusual numbers are misled.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from nasedu.core import rng_from
from nasedu.meta.candidate_pool import CandidatePool, features
from nasedu.meta.gaussian import Gaussian, kernel
from nasedu.meta.ranking import normal_scores
from nasedu.meta.task_similarity import recorded, scaled_descriptions

MOST = 1500
"""Trials that it is fitted to: the price grows with their third power."""
TRIED = 300
"""Trials from which length scale and noise are chosen, as `Gaussian` chooses them."""


class Joint:
    """A Gaussian process over [architecture, meta_features of the task, scores of the landmarks on the task].

    Args:
        pool: the candidates, and the earlier tasks.
        landmarks: the places of the landmarks in the pool.
        about: what is known about the new task, as in `Evidence.about`.
    """

    def __init__(self, pool: CandidatePool, landmarks: Sequence[int], about: Mapping[str, float]):
        self.pool = pool
        self.landmarks = list(landmarks)
        there, self.here = scaled_descriptions(pool.evidence, about)
        marks = recorded(pool)[:, self.landmarks]
        rows, scores = [], []
        for row, evidence in enumerate(pool.evidence):
            own = features(pool.space, list(evidence.scores))
            rows.append(_beside(own, np.concatenate([there[row], pattern(marks[row])])))
            scores.append(normal_scores(list(evidence.scores.values())))
        X, y = np.vstack(rows), np.concatenate(scores)
        kept = rng_from(0, "nasedu.meta", "joint").permutation(len(y))[:MOST]
        self.X, y = X[kept], y[kept]
        chosen = Gaussian(self.X[:TRIED], y[:TRIED])
        self.length = chosen.length
        self._weights = np.linalg.solve(kernel(self.X, self.X, self.length) + chosen.noise * np.eye(len(y)), y)

    def predict(self, rewards: Sequence[float]) -> np.ndarray:
        """What is expected of every member of the pool, in normal scores: (members,).

        Args:
            rewards: of the landmarks on the new task, in their order.
        """
        X = _beside(self.pool.X, np.concatenate([self.here, pattern(np.array(rewards))]))
        return kernel(X, self.X, self.length) @ self._weights


def pattern(scores: np.ndarray) -> np.ndarray:
    """Scores of the landmarks as one point, (landmarks,): two random patterns are at a distance of about 1.

    The level and the spread are taken off, since those of a new task are not known from a few networks.
    """
    centred = scores - scores.mean() if len(scores) else scores
    length = float(np.sqrt((centred**2).sum()))
    return centred / (np.sqrt(2) * length) if length > 1e-12 else np.zeros(len(scores))


def _beside(X: np.ndarray, task: np.ndarray) -> np.ndarray:
    return np.hstack([X, np.tile(task, (len(X), 1))])
