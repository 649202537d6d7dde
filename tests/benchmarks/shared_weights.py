"""Ranks by shared weights against the atlas's ground truth, and what a search by them finds in equal seconds.

A supernet for each task and seed scores every network of the atlas. Kendall's tau compares these scores with the means
over three own trainings. On the same task stand parameters, FLOPs, and own trainings of one epoch, of two and of all
against the means of the two others.

Equal seconds: the ten best by shared weights are retrained, and one recorded training (the told one) chooses among
them; the mean of the two others judges the choice. Other ways get the same processor seconds. A recorded second of the
table is not one of this machine, so some own trainings are timed here: the cheaper of two trainers counts, which
favours the ways without shared weights. What others found is the mean over `ORDERS` random orders of the networks.

Default settings of `SharedTrainer` were chosen on `CHOSEN_ON`, with other seeds. Normalisation is compared on
`VARIED`, with three seeds, because each further way costs a scoring of the space.
"""

import time
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.stats import kendalltau, t

from nasedu import tasks, trainers
from nasedu.building.atlas import ATLAS
from nasedu.core import BadValue, rng_from
from nasedu.oneshot.batch_norm import STATISTICS
from nasedu.tables import atlas
from nasedu.trainers import Recipe
from tests.benchmarks.row import Row

ALL = ATLAS.tasks
RIVALS = ("parameters", "FLOPs")
SEEDS = 5
CHOSEN_ON = ("what/digits", "where/digits", "gratings/angle", "glyphs/greek")
VARIED = ("shuffled/digits", "gratings/width")
GOAL = 0.5
MOST_SECONDS = 30
BEST = 10
SAMPLED = 100
ORDERS = 200
COHORT = 16
OWN = 24
"""Own trainings that are timed."""


class Scored(NamedTuple):
    """What one supernet said: scores in the order of the atlas, and the processor seconds of training and scoring."""

    scores: np.ndarray
    training: float
    scoring: float


@cache
def trainer_for(task: str, **options):
    loaded = tasks.load(task)
    return trainers.load("shared", ATLAS.space_for(loaded), loaded, device="cpu", **options)


@cache
def scored(task: str, seed: int) -> Scored:
    """Return what the supernet of a seed says of every network."""
    trainer, begun = trainer_for(task), time.process_time()
    trainer.supernet(seed)
    trained = time.process_time()
    found = trainer.score_all(seed=seed)
    ended = time.process_time()
    return Scored(np.array([found[a] for a in atlas().architectures]), trained - begun, ended - trained)


def cost(task: str) -> tuple[float, float]:
    """Return the seconds of training and of scoring: those of the first supernet, which builds the networks, too."""
    first = scored(task, 0)
    return first.training, first.scoring


def measure() -> list[Row]:
    own = own_trainings()
    return [*ranks(), *variants(), *own.rows, *equal_seconds(own.ratio)]


# ---------------------------------------------------------------------- ranks


def ranks() -> list[Row]:
    found = {task: [tau(scored(task, seed).scores, atlas().scores(task)) for seed in range(SEEDS)] for task in ALL}
    alone = {task: controls(task) for task in ALL}
    rows = []
    for task in ALL:
        rivals = {name: value for name, value in alone[task].items() if name in RIVALS}
        ahead = [name for name, value in rivals.items() if value > np.mean(found[task])]
        said = "; ".join(f"{name} {value:.2f}" for name, value in alone[task].items())
        note = f"; **{' and '.join(ahead)} alone rank better**" if ahead else ""
        chosen = " (settings chosen on it)" if task in CHOSEN_ON else ""
        seconds = f"{sum(cost(task)):.0f} s"
        rows.append(Row(f"{task}{chosen}: tau", "", f"shared {spread(found[task])}, {seconds}; {said}{note}"))
    means = {task: float(np.mean(found[task])) for task in ALL}
    good = [task for task in ALL if means[task] >= GOAL]
    others = [task for task in ALL if task not in CHOSEN_ON]
    unseen = f"{sum(means[task] >= GOAL for task in others)} of {len(others)} tasks on which nothing was chosen"
    slowest = max(sum(cost(task)) for task in ALL)
    within = f"within {MOST_SECONDS} s each"
    beaten = {name: sum(alone[task][name] > means[task] for task in ALL) for name in next(iter(alone.values()))}
    half, counted = len(ALL) // 2, f"{len(good)} of {len(ALL)}; {unseen}"
    return [
        *rows,
        Row(f"tasks with tau >= {GOAL}", f"at least {half} of {len(ALL)}", counted, len(good) >= half),
        Row("seconds for a supernet and all scores, slowest task", within, f"{slowest:.1f} s", slowest <= MOST_SECONDS),
        Row("tasks on which another order is better", "", "; ".join(f"{name} {n}" for name, n in beaten.items())),
    ]


def tau(a: np.ndarray, b: np.ndarray) -> float:
    return float(kendalltau(a, b).statistic)


def controls(task: str) -> dict[str, float]:
    """Return Kendall's tau of other orders with the true one. Of own trainings, each is compared with the others."""
    table = atlas()
    found = {"parameters": tau(table.parameters, table.scores(task)), "FLOPs": tau(table.flops, table.scores(task))}
    for epochs, name in ((1, "one own epoch"), (2, "two"), (16, "one own training")):
        each = [tau(table.scores(task, seed=seed, epochs=epochs), judged(task, seed)) for seed in range(ATLAS.seeds)]
        found[name] = float(np.mean(each))
    return found


def judged(task: str, told: int) -> np.ndarray:
    """Return each network's score by the trainings that were not told."""
    rest = [seed for seed in range(ATLAS.seeds) if seed != told]
    return np.mean([atlas().curves(task, seed=seed) for seed in rest], axis=0).max(axis=1)


def variants() -> list[Row]:
    """Return tau with each kind of statistics, and for strict fairness what the space says."""
    rows = []
    for task in VARIED:
        found = {}
        for statistics in STATISTICS:
            trainer = trainer_for(task)
            trainer.statistics = statistics
            scores = [trainer.score_all(seed=seed) for seed in range(3)]
            found[statistics] = [tau([s[a] for a in atlas().architectures], atlas().scores(task)) for s in scores]
        trainer.statistics = STATISTICS[-1]
        said = "; ".join(f"{statistics} {spread(values)}" for statistics, values in found.items())
        rows.append(Row(f"{task}: tau by statistics of batch normalisation (3 seeds)", "", said))
    try:
        trainer_for(VARIED[0], paths="fair")
        told = "possible"
    except BadValue as refused:
        told = f"not possible: {refused}"
    return [*rows, Row("strict fairness", "", told)]


def spread(values: list[float], digits: int = 2) -> str:
    """Mean ± half of the 95% interval, by Student's t."""
    return f"{np.mean(values):.{digits}f} ± {half_width(values):.{digits}f}"


def half_width(values: list[float]) -> float:
    return float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))


# ---------------------------------------------------------------------- equal seconds


class Own(NamedTuple):
    """How many seconds of this machine a recorded second is, and the rows that say so."""

    ratio: float
    rows: list[Row]


@cache
def own_trainings() -> Own:
    """Time some own trainings by two trainers; the cheaper one is what a recorded second is worth."""
    table, task = atlas(), tasks.load(ALL[0])
    rows = rng_from(0, "own trainings").permutation(len(table))[:OWN]
    recorded, found, said = float(table.seconds[rows].sum()), {}, []
    for name in ("sequential", "population"):
        options = {"device": "cpu", "recipe": Recipe(**ATLAS.recipe), "patience": 0}
        trainer = trainers.load(name, ATLAS.space_for(task), task, **options)
        begun = time.process_time()
        trainer([table.architectures[row] for row in rows], epochs=ATLAS.epochs, seed=0)
        spent = time.process_time() - begun
        found[name] = spent / recorded
        said.append(f"{name} {spent / OWN:.2f} s a training, {found[name]:.2f} of the recorded")
    what = f"an own training here ({OWN} networks, {ATLAS.epochs} epochs), processor seconds"
    return Own(min(found.values()), [Row(what, "", "; ".join(said))])


def equal_seconds(ratio: float) -> list[Row]:
    rows, outcomes = [], []
    for task in ALL:
        seconds = atlas().seconds * ratio
        found = {name: [] for name in ("shared", "random", "halving", "sampled")}
        spent = []
        for seed in range(SEEDS):
            best = best_first(scored(task, seed).scores, np.arange(len(atlas())))[:BEST]
            budget = sum(cost(task)) + float(seconds[best].sum())
            spent.append(budget)
            for name, way in (("random", random_search), ("halving", halving)):
                found[name].append(way(task, seed % ATLAS.seeds, seconds, budget, seed))
            found["shared"].append(retrained(task, seed % ATLAS.seeds, best))
            found["sampled"].append(sampled(task, seed))
        gaps = {name: difference(found["shared"], found[name]) for name in ("random", "halving", "sampled")}
        outcomes.append([verdict(found["shared"], found[name]) for name in gaps])
        trainings = np.mean(spent) / seconds.mean()
        said = "; ".join([f"shared {spread(found['shared'], 3)}", *(f"{AGAINST[name]} {gaps[name]}" for name in gaps)])
        rows.append(Row(f"{task}: {np.mean(spent):.0f} s, {trainings:.0f} own trainings", "", said))
    for place, name in enumerate(("random", "halving", "sampled")):
        kinds = [outcome[place] for outcome in outcomes]
        said = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("win", "tie", "loss"))
        rows.append(Row(f"shared weights {AGAINST[name]}, {len(ALL)} tasks", "", said))
    return rows


AGAINST = {
    "random": "against random search",
    "halving": f"against successive halving (cohorts of {COHORT})",
    "sampled": f"against the best ten of {SAMPLED} random ones by shared weights",
}


def best_first(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return rows from the best score to the worst; on a tie, the smaller network first."""
    return rows[np.lexsort((atlas().parameters[rows], -scores[rows]))]


def retrained(task: str, told: int, rows: np.ndarray) -> float:
    """Return the judged score of the network that the told training likes best."""
    return float(judged(task, told)[rows[atlas().scores(task, seed=told)[rows].argmax()]])


def random_search(task: str, told: int, seconds: np.ndarray, budget: float, seed: int) -> float:
    """Return the mean judged score of what random search finds in the budget."""
    known, found = atlas().scores(task, seed=told), []
    for order in orders(seed):
        n = max(int(np.searchsorted(np.cumsum(seconds[order]), budget)), 1)
        found.append(order[:n][known[order[:n]].argmax()])
    return float(judged(task, told)[found].mean())


def halving(task: str, told: int, seconds: np.ndarray, budget: float, seed: int) -> float:
    """Return the same of successive halving, one cohort after the other; each goes on from where it was."""
    table, shuffled = atlas(), np.array(orders(seed))
    known = [table.scores(task, seed=told, epochs=epochs) for epochs in table.epochs]
    spent, best = np.zeros(len(shuffled)), np.full(len(shuffled), -1)
    for first in range(0, len(table) - COHORT + 1, COHORT):
        left, before, price = shuffled[:, first : first + COHORT], 0, 0.0
        for rung, epochs in enumerate(table.epochs):
            price = price + seconds[left].sum(axis=1) * (epochs - before) / ATLAS.epochs
            ranked = np.lexsort((table.parameters[left], -known[rung][left]), axis=1)
            left, before = np.take_along_axis(left, ranked[:, : max(left.shape[1] // 2, 1)], axis=1), epochs
        spent += price
        better = (spent <= budget) & ((best < 0) | (known[-1][left[:, 0]] > known[-1][best]))
        best = np.where(better, left[:, 0], best)
        if (spent > budget).all():
            break
    return float(judged(task, told)[best[best >= 0]].mean())


def sampled(task: str, seed: int) -> float:
    """Return the same of random search with weight sharing (Li and Talwalkar, UAI 2019): it scores a few at random."""
    scores, found = scored(task, seed).scores, []
    for order in orders(seed):
        found.append(retrained(task, seed % ATLAS.seeds, best_first(scores, order[:SAMPLED])[:BEST]))
    return float(np.mean(found))


@cache
def orders(seed: int) -> list[np.ndarray]:
    rng = rng_from(seed, "orders")
    return [rng.permutation(len(atlas())) for _ in range(ORDERS)]


def difference(ours: list[float], theirs: list[float]) -> str:
    gaps = np.subtract(ours, theirs)
    return f"{gaps.mean():+.3f} ± {half_width(gaps):.3f}, {verdict(ours, theirs)}"


def verdict(ours: list[float], theirs: list[float]) -> str:
    gaps = np.subtract(ours, theirs)
    if abs(gaps.mean()) <= half_width(gaps):
        return "tie"
    return "win" if gaps.mean() > 0 else "loss"
