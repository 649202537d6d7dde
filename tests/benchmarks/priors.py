"""What a prior carries over from digits to its relatives, beside its honest baselines.

For each seed: a random search of 40 networks on digits is the evidence; then a search of 20 networks on a relative,
opened in several ways, or cold. Measured: the best validation score after 5, 10 and 20 networks.
"""

import functools
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from nasedu import Study, controllers, meta, spaces, tasks, trainers
from nasedu.trainers.kept import Kept
from tests.benchmarks.row import Row, mean_and_error

SEEDS = range(5)
AT = (5, 10, 20)
TARGETS = ("digits-rotated", "digits-noisy", "digits-shuffled")


def measure() -> list[Row]:
    rows = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for target in TARGETS:
            found: dict[str, list[list[float]]] = {}
            for ways in pool.map(searches, [target] * len(SEEDS), SEEDS):
                for how, path in ways.items():
                    found.setdefault(how, []).append([max(path[:n]) for n in AT])
            for how, runs in found.items():
                measured = " / ".join(mean_and_error(list(column)) for column in zip(*runs, strict=True))
                rows.append(Row(f"digits to {target}: {how}", "", measured))
    return rows


def searches(target: str, seed: int) -> dict[str, list[float]]:
    """The scores in the order asked, for each way to open a search."""
    evidence = earlier(seed)
    q = {"budget": AT[-1]}
    ways = {
        "random": ("random-uniform", {}, None),
        "cold": ("q-learning", q, None),
        "cold, warm schedule": ("q-learning", {**q, "epsilon_first": 0.5}, None),
        "warm-q": ("q-learning", q, "warm-q"),
        "copy-best": ("q-learning", q, "copy-best"),
        "local-search": ("local-search", {}, None),
        "copy-best, then local-search": ("local-search", {}, "copy-best"),
        "gp-cold, the twin of mixture": ("gp-cold", {}, None),
        "mixture": ("local-search", {}, "mixture"),
    }
    scores = {}
    for how, (controller, parameters, prior) in ways.items():
        scores[how], _ = search(target, controller, AT[-1], seed, parameters, prior and meta.load(prior, [evidence]))
    return scores


@functools.cache
def earlier(seed: int) -> meta.Evidence:
    """What a random search on digits found."""
    return search("digits", "random", 40, seed)[1]


def search(task_name, controller, trials, seed, parameters=None, prior=None):
    space, trainer = world(task_name)
    with Study(
        space, controllers.load(controller, space, seed=seed, **(parameters or {})), trainer, epochs=4, prior=prior
    ) as study:
        for _ in study.run(trials):
            pass
        path = [(t.architecture, t.score) for t in study.trials]
    return [score for _, score in path], meta.Evidence(task_name, tuple(path))


@functools.cache
def world(task_name):
    task = tasks.load(task_name)
    space = spaces.load("chain-cnn", task)
    return space, Kept(trainers.load("sequential", space, task))  # ways of one seed ask many of the same networks
