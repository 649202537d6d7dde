"""How well a learner adapts: the mean over many new tasks, with its interval."""

from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import check_counts, rng_from
from nasedu.metalearning.task_distribution import TaskBatch, TaskDistribution

AT_ONCE = 50
"""Tasks whose answers are computed together."""


class MetaTest(NamedTuple):
    """Scores on new tasks.

    Attributes:
        scores: one of each task: the accuracy of its queries, or their mean squared error for numbers.
        mean: of the scores.
        interval: half the width of the 95% interval of the mean over tasks. It says how well these tasks stand for
            others of their distribution, and nothing about another training of the learner.
    """

    scores: np.ndarray
    mean: float
    interval: float


def meta_test(learner: Any, tasks: TaskDistribution, episodes: int = 600, *, seed: int = 0, **how: Any) -> MetaTest:
    """Return how well a learner answers the queries of new tasks, each adapted to its support set.

    Args:
        learner: what has `check_fits` and `answers`, such as a `Learner`.
        tasks: the distribution to test on.
        episodes: how many tasks.
        seed: of the tasks; the same seed gives all learners the same tasks.
        **how: for `answers`, such as steps=5.

    Raises:
        Mismatch: tasks that do not fit the learner.
    """
    check_counts(episodes=episodes)
    learner.check_fits(tasks)
    rng = rng_from(seed, "meta-test")
    counts = [min(AT_ONCE, episodes - start) for start in range(0, episodes, AT_ONCE)]
    batches = [tasks.draw(count, rng) for count in counts]
    scores = np.concatenate([scores_of(learner.answers(batch, **how), batch) for batch in batches])
    spread = scores.std(ddof=1) if episodes > 1 else np.nan
    return MetaTest(scores, float(scores.mean()), float(1.96 * spread / np.sqrt(episodes)))


def scores_of(outputs: torch.Tensor, batch: TaskBatch) -> np.ndarray:
    """Return the accuracy, or the mean squared error, of each task of a batch: float64, (tasks,).

    A task with an output that is not finite has no score, but NaN: its adaptation exploded.
    """
    given, y = outputs.cpu().numpy().astype(np.float64), np.asarray(batch.query.y)
    exploded = ~np.isfinite(given.reshape(len(given), -1)).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.square(given - y).mean(axis=(1, 2)) if y.dtype.kind == "f" else None
    scores = (given.argmax(-1) == y).mean(axis=1) if errors is None else errors
    scores[exploded] = np.nan
    return scores
