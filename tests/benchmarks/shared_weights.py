"""Ranks by shared weights against the atlas's ground truth.

A supernet for each task and seed scores every network of the atlas. Kendall's tau compares these scores with the means
over three own trainings. On the same task stand parameters, FLOPs, and own trainings of one epoch, of two and of all
against the means of the two others. What is found in equal seconds is in `equal_seconds`.

The default settings of `SharedTrainer` were chosen on the tasks in `CHOSEN_ON`. Normalisation and fewer steps are
compared on `VARIED`, by every sixth network.
"""

from typing import Any

import numpy as np
from scipy.stats import kendalltau

from nasedu.building.atlas import ATLAS
from nasedu.core import BadValue
from nasedu.oneshot.batch_norm import STATISTICS
from nasedu.oneshot.spos import FairPaths
from nasedu.tables import atlas
from tests.benchmarks import equal_seconds
from tests.benchmarks.equal_seconds import judged
from tests.benchmarks.row import Row, half_width, spread
from tests.benchmarks.supernets import SEEDS, STEPS, USUAL, all_scored, on_two_cores, score, trained, trainer_for

ALL = ATLAS.tasks
RIVALS = ("parameters", "FLOPs")
CHOSEN_ON = ("what/digits", "where/digits", "gratings/angle", "glyphs/greek")
VARIED = ("shuffled/digits", "gratings/width")
FEWER_STEPS = STEPS // 4
GOAL = 0.5
MOST_SECONDS = 30


def measure() -> list[Row]:
    """Every row of the section."""
    return [*ranks(), *variants(), *equal_seconds.measure()]


def ranks() -> list[Row]:
    scored = all_scored(ALL)
    found = {task: [tau(scored[task, seed].scores, atlas().scores(task)) for seed in range(SEEDS)] for task in ALL}
    seconds = {task: float(np.mean([scored[task, seed].seconds for seed in range(SEEDS)])) for task in ALL}
    alone = {task: controls(task) for task in ALL}
    rows = []
    for task in ALL:
        rivals = {name: value for name, value in alone[task].items() if name in RIVALS}
        upper = np.mean(found[task]) + half_width(found[task])
        ahead = [name for name, value in rivals.items() if value > upper]
        said = "; ".join(f"{name} {value:.2f}" for name, value in alone[task].items())
        note = f"; **{' and '.join(ahead)} alone rank better**" if ahead else ""
        chosen = " (chosen on)" if task in CHOSEN_ON else ""
        measured = f"shared {spread(found[task])}, {seconds[task]:.0f} s; {said}{note}"
        rows.append(Row(f"{task}{chosen}, {SEEDS} seeds: tau", "", measured))
    means = {task: float(np.mean(found[task])) for task in ALL}
    good = [task for task in ALL if means[task] >= GOAL]
    others = [task for task in ALL if task not in CHOSEN_ON]
    unseen = f"{sum(means[task] >= GOAL for task in others)} of {len(others)} tasks not chosen on"
    slowest = max(seconds.values())
    within = f"within {MOST_SECONDS} s each"
    beaten = {name: sum(alone[task][name] > means[task] for task in ALL) for name in next(iter(alone.values()))}
    half, counted = len(ALL) // 2, f"{len(good)} of {len(ALL)}; {unseen}"
    return [
        *rows,
        Row(f"tasks with tau >= {GOAL}", f"at least {half} of {len(ALL)}", counted, len(good) >= half),
        Row("seconds for a supernet and all scores, slowest task", within, f"{slowest:.1f} s", slowest <= MOST_SECONDS),
        Row("tasks on which another order is better", "", "; ".join(f"{name} {n}" for name, n in beaten.items())),
    ]


def tau(a: Any, b: Any) -> float:
    return float(kendalltau(a, b).statistic)


def controls(task: str) -> dict[str, float]:
    """Return Kendall's tau of other orders with the true one. Of own trainings, each is compared with the others."""
    table = atlas()
    found = {"parameters": tau(table.parameters, table.scores(task)), "FLOPs": tau(table.flops, table.scores(task))}
    for epochs, name in ((1, "one own epoch"), (2, "two"), (16, "one own training")):
        each = [tau(table.scores(task, seed=seed, epochs=epochs), judged(task, seed)) for seed in range(ATLAS.seeds)]
        found[name] = float(np.mean(each))
    return found


def variants() -> list[Row]:
    """Return tau with each kind of statistics and with fewer steps, and for strict fairness what the space says."""
    rows, found = [], on_two_cores(varied, VARIED)
    for task in VARIED:
        each = [found[task, seed] for seed in range(SEEDS)]
        said = "; ".join(f"{name} {spread([taus[name] for taus in each])}" for name in each[0])
        what = f"{task}, {SEEDS} seeds, every sixth network: tau by statistics of normalisation, by steps"
        rows.append(Row(what, "", said))
    try:
        FairPaths(trainer_for(ALL[0]).space)
        told = "possible"
    except BadValue as refused:
        told = f"not possible: {refused}"
    return [*rows, Row("strict fairness", "", told)]


def varied(task: str, seed: int) -> dict[str, float]:
    """Return tau of some networks with each kind of statistics, and with fewer steps."""
    some = list(trainer_for(task).space.enumerate())[::6]
    true = atlas().scores(task)[[atlas().row(architecture) for architecture in some]]
    ways = {statistics: (STEPS, statistics) for statistics in STATISTICS}
    ways[f"{USUAL} and {FEWER_STEPS:,} steps"] = (FEWER_STEPS, USUAL)
    nets, found = {steps: trained(task, seed, steps).supernet for steps in (STEPS, FEWER_STEPS)}, {}
    for name, (steps, statistics) in ways.items():
        scores = score(task, nets[steps], some, statistics)
        found[name] = tau([scores[architecture] for architecture in some], true)
    return found
