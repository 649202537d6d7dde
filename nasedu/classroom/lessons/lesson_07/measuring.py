"""How good predictors are that learned from a few random networks of the atlas, and what they find. Lesson 07."""

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nasedu.controllers.predictor import ENCODINGS, MODELS
from nasedu.core import derive_seed, rng_from
from nasedu.core.ranking import rank_correlation
from nasedu.tables.atlas import atlas

KINDS = {
    "ridge, one-hot": ("ridge", "one-hot"),
    "ridge, path": ("ridge", "path"),
    "trees, one-hot": ("tree", "one-hot"),
    "trees, path": ("tree", "path"),
}
"""Model and encoding by the name of their pair."""
TASKS = ("what/digits", "where/digits", "same/digits", "gratings/angle")
"""Four tasks of the atlas that ask different questions."""
RECORDED = Path(__file__).with_name("recorded.json")
KNOWN, MEMBERS, PICKS = 50, 5, 10
SHARE = 0.05


class Judged(NamedTuple):
    """How good one predictor is on the networks that it did not see.

    Attributes:
        rank: Spearman's rank correlation of prediction and score over all of them.
        top: of the best 5% by prediction, the share that is among the best 5% by score.
        found: how far the best of the first ten by prediction is below the best of all.
    """

    rank: float
    top: float
    found: float


def judged(kind: str, task: str, seed: int, known: int = KNOWN) -> Judged:
    """Fit a predictor of a kind to some random networks of the atlas, and judge it on all others.

    Args:
        kind: of `KINDS`.
        task: of the atlas.
        seed: draws the networks, and seeds the members of the ensemble.
        known: networks to learn from.
    """
    scores = atlas().scores(task)
    drawn = rng_from(seed, "lesson 07", "known").permutation(len(scores))
    seen, rest = drawn[:known], drawn[known:]
    return judged_by(predicted(kind, seen, scores[seen], seed)[rest], scores[rest])


def judged_by(said: np.ndarray, scores: np.ndarray) -> Judged:
    """Judge predictions by the true scores of the same networks, (networks,) both."""
    count = int(SHARE * len(scores))
    order = np.argsort(-said, kind="stable")
    least = np.sort(scores)[-count]
    top = float((scores[order[:count]] >= least).mean())
    return Judged(rank_correlation(said, scores), top, float(scores.max() - scores[order[:PICKS]].max()))


def predicted(kind: str, seen: np.ndarray, scores: np.ndarray, seed: int, members: int = MEMBERS) -> np.ndarray:
    """Return the mean prediction of an ensemble for every network of the atlas, in units of the spread of `scores`."""
    model, encoding = KINDS[kind]
    X = encoded(encoding)
    y = (scores - scores.mean()) / scores.std()
    seeds = [derive_seed(seed, "lesson 07", member) % 2**32 for member in range(members)]
    return np.mean([MODELS[model](X[seen], y, one).predict(X) for one in seeds], axis=0)


@lru_cache(maxsize=2)
def encoded(encoding: str) -> np.ndarray:
    """Return every network of the atlas as a vector, (networks, features)."""
    table = atlas()
    return ENCODINGS[encoding](table.space, table.architectures, table.architectures)


def recorded() -> dict[str, dict[str, np.ndarray]]:
    """Return regrets after 50 networks, by task and by controller: one for each seed, (seeds,).

    `python -m tests.benchmarks predictor` recorded them. NAS-Bench-Macro is one of the tasks; the package does not
    contain it.
    """
    found = json.loads(RECORDED.read_text(encoding="utf-8"))
    return {task: {name: np.array(of) for name, of in by.items()} for task, by in found.items()}
