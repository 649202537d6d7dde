"""What a search by shared weights finds, compared with other searches of as many processor seconds.

The ten best by shared weights are retrained, and one recorded training (the told one) chooses among them; the mean of
the two others judges the choice. Other ways get the same seconds, the supernet's included. What an own training costs
on this machine is measured next to each supernet (`supernets`), one network after the other. What others find is the
mean over `ORDERS` random orders of the networks, so an interval is of the supernets and of what was told.
"""

from functools import cache

import numpy as np

from nasedu.building.atlas import ATLAS
from nasedu.core import rng_from
from nasedu.tables import atlas
from tests.benchmarks.row import Row, half_width, spread
from tests.benchmarks.supernets import SEEDS, all_scored

SEVERAL = ("what/digits", "where/digits", "shuffled/digits", "gratings/width")
"""Four unlike tasks."""
BEST = 10
SAMPLED = 100
ORDERS = 200
COHORT = 16


def measure() -> list[Row]:
    rows, outcomes = [], []
    scored = all_scored(ATLAS.tasks)
    seconds = atlas().seconds * seconds_of_this_machine()
    for task in SEVERAL:
        found = {name: [] for name in ("shared", *AGAINST)}
        spent = []
        for seed in range(SEEDS):
            best = best_first(scored[task, seed].scores, np.arange(len(atlas())))[:BEST]
            budget = scored[task, seed].seconds + float(seconds[best].sum())
            spent.append(budget)
            for name, way in (("random", random_search), ("halving", halving)):
                found[name].append(way(task, seed % ATLAS.seeds, seconds, budget, seed))
            found["shared"].append(retrained(task, seed % ATLAS.seeds, best))
            found["sampled"].append(sampled(task, seed, SAMPLED))
        outcomes.append([verdict(found["shared"], found[name]) for name in AGAINST])
        trainings = np.mean(spent) / seconds.mean()
        gaps = [f"{said} {difference(found['shared'], found[name])}" for name, said in AGAINST.items()]
        what = f"{task}, {SEEDS} seeds: {np.mean(spent):.0f} s, {trainings:.0f} own trainings"
        rows.append(Row(what, "", "; ".join([f"shared {spread(found['shared'], 3)}", *gaps])))
    own = f"{seconds.mean():.2f} s, {seconds_of_this_machine():.1f} times what the atlas recorded"
    rows.append(Row("an own training here, processor seconds, timed next to each supernet", "", own))
    for place, said in enumerate(AGAINST.values()):
        kinds = [outcome[place] for outcome in outcomes]
        counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("win", "tie", "loss"))
        rows.append(Row(f"shared weights {said}, {len(SEVERAL)} tasks", "", counted))
    return rows


@cache
def seconds_of_this_machine() -> float:
    """Return how many processor seconds of now a recorded second is: by the own trainings next to all supernets."""
    spent, recorded = np.sum([found.own for found in all_scored(ATLAS.tasks).values()], axis=0)
    return float(spent / recorded)


AGAINST = {
    "random": "against random search",
    "halving": f"against successive halving (cohorts of {COHORT})",
    "sampled": f"against the best ten of {SAMPLED} random ones by shared weights",
}


def best_first(scores: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return rows from the best score to the worst; on a tie, the smaller network first."""
    return rows[np.lexsort((atlas().parameters[rows], -scores[rows]))]


def judged(task: str, told: int) -> np.ndarray:
    """Return each network's score by the trainings that were not told."""
    rest = [seed for seed in range(ATLAS.seeds) if seed != told]
    return np.mean([atlas().curves(task, seed=seed) for seed in rest], axis=0).max(axis=1)


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


def sampled(task: str, seed: int, count: int) -> float:
    """Return the same of random search with weight sharing (Li and Talwalkar, UAI 2019): it scores a few at random."""
    scores, found = all_scored([task])[task, seed].scores, []
    for order in orders(seed):
        found.append(retrained(task, seed % ATLAS.seeds, best_first(scores, order[:count])[:BEST]))
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
