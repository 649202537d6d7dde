"""The winner's test against its score in the search, at any number of epochs: how long is it trained again?

Three rules on the same splits. A score of the search is the best of several networks and epochs, so a little luck is in
it, and a test is a little lower: how much of it comes from choosing the network, the row of a network that nobody chose
shows. What the rule must give is that the difference does not grow with `epochs`.
"""

import numpy as np

from nasedu import spaces, trainers
from nasedu.core import Architecture, Evaluation, rng_from
from nasedu.tasks.base import Task
from tests.benchmarks.own_sets import task_of
from tests.benchmarks.row import Row, mean_and_error

SPLITS = 20
CANDIDATES = 12
EPOCHS = (8, 20, 60, 120)
SETS = ("diabetes", "breast_cancer", "wine")
TRAINED = 0.75
"""Share of the training split in training and validation split together."""


def measure() -> list[Row]:
    rows = []
    for name in SETS:
        differences = {}
        for epochs in EPOCHS:
            runs = [one(task_of(name, seed), epochs, seed) for seed in range(SPLITS)]
            scores = [score for score, _ in runs]
            for rule in runs[0][1]:
                tests = [found[rule] for _, found in runs]
                gap = np.subtract(tests, scores)
                differences[rule, epochs] = gap
                measured = (
                    f"search {mean_and_error(scores)}, test {mean_and_error(tests)}, test - search {interval(gap)}"
                )
                rows.append(Row(f"{name}, {epochs} epochs, {rule}", "", measured))
        rows += [longest_against_shortest(name, rule, differences) for rule in runs[0][1]]
        rows.append(not_chosen(name))
    return rows


def not_chosen(name: str) -> Row:
    """Return the difference of test and search for one network that was not chosen among others."""
    gaps = []
    for seed in range(SPLITS):
        score, found = one(task_of(name, seed), EPOCHS[-1], seed, candidates=[("64-relu", "stop")])
        gaps.append(found["best epoch"] - score)
    what = f"{name}, {EPOCHS[-1]} epochs, best epoch, a network that nobody chose: test - search"
    return Row(what, "", interval(np.array(gaps)))


def longest_against_shortest(name: str, rule: str, differences: dict) -> Row:
    """Return whether the difference of test and search is the same after the most epochs as after the fewest."""
    change = differences[rule, EPOCHS[-1]] - differences[rule, EPOCHS[0]]
    promised = "0 within its interval" if rule == "best epoch" else ""
    kept = bool(abs(change.mean()) <= half_width(change) + 1e-12) if promised else None
    return Row(f"{name}, {rule}: change from {EPOCHS[0]} to {EPOCHS[-1]} epochs", promised, interval(change), kept)


def one(task: Task, epochs: int, seed: int, candidates: list[Architecture] | None = None) -> tuple[float, dict]:
    """Return the score of the best of a few networks, and its test by each rule."""
    space = spaces.load("mlp", task)
    trainer = trainers.load("sequential", space, task, device="cpu")
    rng = rng_from(seed, "candidates")
    tried = candidates or [space.sample(rng) for _ in range(CANDIDATES)]
    best = max(trainer(tried, epochs=epochs, seed=seed), key=score_of)
    rules = {
        "best epoch": (epochs, best.best_epoch),
        "as many steps": (max(round(epochs * TRAINED), 1), max(round(best.best_epoch * TRAINED), 1)),
        "all epochs (until now)": (epochs, epochs),
    }
    tested = {
        rule: trainer.retrain_and_test(best.architecture, epochs=total, seed=seed, best_epoch=stop).score
        for rule, (total, stop) in rules.items()
    }
    return best.score, tested


def score_of(evaluation: Evaluation) -> float:
    return evaluation.score


def half_width(values: np.ndarray) -> float:
    return 1.96 * values.std(ddof=1) / np.sqrt(len(values))


def interval(values: np.ndarray) -> str:
    return f"{values.mean():+.3f} ± {half_width(values):.3f} (95%)"
