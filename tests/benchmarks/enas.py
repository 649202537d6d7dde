"""ENAS against uniform paths (SPOS): the same number of weight steps, the same scoring, best of ten retrained.

How many of 200 networks that the policy draws are different, and how good they truly are, says whether it collapsed.
The ten with the best shared scores among them are retrained, and judged as in `shared_weights`. Uniform paths choose
their ten among all networks of the space. The defaults of `Enas` were chosen on `CHOSEN_ON`, with other seeds.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch

from nasedu.core import rng_from
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.spos import SUPERNET_RECIPE
from nasedu.oneshot.supernet import Supernet
from nasedu.tables import atlas
from nasedu.trainers.single.metrics import score_of
from tests.benchmarks.row import Row
from tests.benchmarks.shared_weights import (
    ATLAS,
    BEST,
    SEEDS,
    best_first,
    difference,
    retrained,
    scored,
    spread,
    trainer_for,
)

CHOSEN_ON = ("what/digits", "where/digits")
REPORTED = ("shuffled/digits", "gratings/width")
DRAWN = 200
ROUNDS, WEIGHT_STEPS = 20, 75
"""As many weight steps as the supernets of `shared_weights` have."""


class Drawn(NamedTuple):
    """The rows of the atlas that a trained policy draws, and the shared scores of the different ones."""

    rows: np.ndarray
    scores: dict[int, float]


def measure() -> list[Row]:
    return [row for task in REPORTED for row in compared(task)]


def compared(task: str) -> list[Row]:
    """Return what the policy draws, and how the best ten fare against those of uniform paths."""
    true, ours, theirs, different, drawn = atlas().scores(task), [], [], [], []
    for seed in range(SEEDS):
        told, found = seed % ATLAS.seeds, searched(task, seed)
        rows = np.array(list(found.scores))
        shared = np.full(len(true), -np.inf)
        shared[rows] = list(found.scores.values())
        ours.append(retrained(task, told, best_first(shared, rows)[:BEST]))
        everyone = np.arange(len(true))
        theirs.append(retrained(task, told, best_first(scored(task, seed).scores, everyone)[:BEST]))
        different.append(len(rows))
        drawn.append(float(true[found.rows].mean()))
    collapsed = f"{spread(different, 0)} different; true mean {spread(drawn, 3)}, of all {true.mean():.3f}"
    kept = min(different) > BEST and float(np.mean(drawn)) > true.mean()
    best = f"ENAS {spread(ours, 3)}, uniform paths {spread(theirs, 3)}; {difference(ours, theirs)}"
    return [
        Row(f"{task}: {DRAWN} drawn from the policy", f"over {BEST} different, better than the mean", collapsed, kept),
        Row(f"{task}: best of ten retrained, ENAS against uniform paths", "", best),
    ]


@cache
def searched(task: str, seed: int) -> Drawn:
    """Return what the policy of one search draws at its end."""
    trainer, table = trainer_for(task), atlas()
    loaded = trainer.task
    supernet = Supernet(trainer.space, seed=seed, recipe=SUPERNET_RECIPE)
    enas = Enas(supernet, loaded, rounds=ROUNDS, weight_steps=WEIGHT_STEPS, seed=seed)
    for _ in enas:
        pass
    rng = rng_from(seed, "drawn")
    drawn = [enas.draw(rng) for _ in range(DRAWN)]
    X, y = enas.validation
    seen = torch.from_numpy(loaded.train.X)[: trainer.examples]
    told = answers(supernet, sorted(set(drawn)), X, statistics=trainer.statistics, seen=seen)
    return Drawn(np.array([table.row(a) for a in drawn]), {table.row(a): score_of(loaded, out, y) for a, out in told})
