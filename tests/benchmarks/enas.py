"""ENAS against uniform paths (SPOS): the same number of weight steps, the same scoring, best of ten retrained.

How many of 200 networks that the policy draws are different, and how good they truly are, says whether it collapsed.
The ten with the best shared scores among them are retrained, and judged as in `equal_seconds`. Uniform paths choose
their ten among all networks of the space; random search with weight sharing, among as many random ones as the policy
draws.

The rate and the entropy bonus of `Enas` were chosen on four tasks (its docstring names them), none of which is here. A
first choice, with a higher rate and a lower bonus, was given up because the policy collapsed on shuffled/digits.
gratings/width had been looked at by then, too. So anywhere/hebrew alone is unseen.
"""

from typing import NamedTuple

import numpy as np

from nasedu.building.atlas import ATLAS
from nasedu.core import rng_from
from nasedu.oneshot.enas import Enas
from nasedu.tables import atlas
from tests.benchmarks.equal_seconds import BEST, best_first, difference, retrained, sampled
from tests.benchmarks.row import Row, spread
from tests.benchmarks.supernets import SEEDS, STEPS, all_scored, built, on_two_cores, score, trainer_for

REPORTED = ("shuffled/digits", "gratings/width", "anywhere/hebrew")
DRAWN = 200
ROUNDS = 20


class Drawn(NamedTuple):
    """The rows of the atlas that a trained policy draws, and the shared scores of the different ones."""

    rows: np.ndarray
    scores: dict[int, float]


def measure() -> list[Row]:
    all_scored(REPORTED)
    found = on_two_cores(searched, REPORTED)
    return [row for task in REPORTED for row in compared(task, [found[task, seed] for seed in range(SEEDS)])]


def compared(task: str, policies: list[Drawn]) -> list[Row]:
    """Return what the policy draws, and how the best ten fare against those of uniform paths."""
    true, ours, theirs, different, drawn = atlas().scores(task), [], [], [], []
    random = [sampled(task, seed, DRAWN) for seed in range(SEEDS)]
    for seed, found in enumerate(policies):
        told = seed % ATLAS.seeds
        rows = np.array(list(found.scores))
        shared = np.full(len(true), -np.inf)
        shared[rows] = list(found.scores.values())
        ours.append(retrained(task, told, best_first(shared, rows)[:BEST]))
        everyone = np.arange(len(true))
        theirs.append(retrained(task, told, best_first(all_scored([task])[task, seed].scores, everyone)[:BEST]))
        different.append(len(rows))
        drawn.append(float(true[found.rows].mean()))
    collapsed = f"{spread(different, 0)} different; true mean {spread(drawn, 3)}, of all {true.mean():.3f}"
    kept = min(different) > BEST and float(np.mean(drawn)) > true.mean()
    best = (
        f"ENAS {spread(ours, 3)}, uniform paths {spread(theirs, 3)}; {difference(ours, theirs)}; "
        f"against random search with weight sharing {difference(ours, random)}"
    )
    return [
        Row(
            f"{task}, {SEEDS} seeds: {DRAWN} drawn from the policy",
            f"over {BEST} different, better than the mean",
            collapsed,
            kept,
        ),
        Row(f"{task}, {SEEDS} seeds: best of ten retrained, ENAS against uniform paths", "", best),
    ]


def searched(task: str, seed: int) -> Drawn:
    """Return what the policy of one search draws at its end."""
    trainer, table, rng = trainer_for(task), atlas(), rng_from(seed, "drawn")
    supernet = built(trainer.task.outputs)[0].again(seed)
    enas = Enas(supernet, trainer.task, rounds=ROUNDS, weight_steps=STEPS // ROUNDS, seed=seed)
    for _ in enas:
        pass
    drawn = [enas.draw(rng) for _ in range(DRAWN)]
    scores = score(task, supernet, sorted(set(drawn)))
    return Drawn(np.array([table.row(a) for a in drawn]), {table.row(a): value for a, value in scores.items()})
