"""What is carried over from earlier tasks: evaluations until a network of the best 1% is found, leave-one-task-out.

For each seed and each task of a table, a study of `EARLIER` different networks by cold Q-learning is the evidence: what
a student has who searched those tasks before, not the table. Then each task in turn is the new one, and the others are
what was searched before.

A controller is told one recorded training (the same recorded seed throughout a search, as in life). A search has
reached its aim when it evaluated a network whose mean over all recorded seeds is among the best 1% of the table. One
that has not within `LIMIT` different networks counts as `LIMIT`: that flatters whoever is slow.

The prior `mixture` is compared with its twin: the controller `gp-cold` has the same model, the same given features and
the same rule, and no evidence; features that were learned on earlier tasks are memory, too. The number of landmarks of
`mixture`, that its questions alternate, its learned features, and that a guard holds it were chosen on the atlas and on
HPOBench with other seeds (100 to 249).
"""

import functools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from nasedu import Table, controllers, meta
from nasedu.core import Exhausted
from tests.benchmarks import bounds
from tests.benchmarks.row import Row, skipped

SEEDS = 30
EARLIER = 100
LIMIT = 300
AIM = 0.01
SHORT = 50
"""Length of a guarded search."""

Q = ("q-learning", {"budget": SHORT})
LOCAL = ("local-search", {})
WAYS = {
    "random walks": ("random", {}, None),
    "random, each network equally likely": ("random-uniform", {}, None),
    "cold q-learning": (*Q, None),
    "cold regularized-evolution": ("regularized-evolution", {}, None),
    "cold local-search": (*LOCAL, None),
    "cold gp (the twin of mixture)": ("gp-cold", {}, None),
    "copy-best, five, then local-search": (*LOCAL, ("copy-best", {})),
    "copy-best, five, then regularized-evolution": ("regularized-evolution", {}, ("copy-best", {})),
    "warm-q": (*Q, ("warm-q", {})),
    "surrogate (RGPE)": (*LOCAL, ("surrogate", {})),
    "mixture": (*LOCAL, ("mixture", {})),
    "guarded mixture, 50 networks": (*LOCAL, ("guarded", {"prior": "mixture", "budget": SHORT})),
    "guarded surrogate, 50 networks": (*LOCAL, ("guarded", {"prior": "surrogate", "budget": SHORT})),
    "guarded warm-q, 50 networks": (*Q, ("guarded", {"prior": "warm-q", "budget": SHORT})),
}
"""How a search is opened: controller, its parameters, and (prior, its parameters)."""
COLD = [label for label in WAYS if label.startswith(("cold", "random"))]
BEST, TWIN, COPY = "mixture", "cold gp (the twin of mixture)", "copy-best, five, then local-search"
GUARDED = [label for label in WAYS if label.startswith("guarded")]
BARS = {"atlas": (4, 4), "HPOBench": (2, 12)}
"""For each table: how many times fewer evaluations than the twin; median over the tasks."""

Found = dict[str, np.ndarray]
"""For each way, evaluations until the aim was reached: (seeds, tasks)."""


def measure() -> list[Row]:
    if atlas() is None:
        return skipped("the atlas", "it is not built yet")
    return report(atlas, "atlas")


def report(load: Callable[[], Table | None], table: str, seeds: int = SEEDS) -> list[Row]:
    start = time.perf_counter()
    found = everybody(load, seeds)
    tasks = load().tasks  # type: ignore[union-attr]
    seconds = time.perf_counter() - start
    rows = [
        Row(f"{label}: median of the tasks; mean; worst task", "", described(runs))
        for label, runs in found.items()
        if label not in GUARDED
    ]
    rows += list(comparisons(found, tasks, *BARS[table]))
    rows += bounds.alike(load())
    return [*rows, Row("all of it, on two cores", "", f"{seconds:.0f} s")]


@functools.cache
def atlas() -> Table | None:
    from nasedu import tables

    return tables.atlas() if hasattr(tables, "atlas") else None


# ---------------------------------------------------------------------- searching


def everybody(load: Callable[[], Table | None], seeds: int) -> Found:
    """Every way on every task, with every seed."""
    threads = os.environ.get("OMP_NUM_THREADS"), os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for the two processes
    try:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            runs = list(pool.map(one_seed, [load] * seeds, range(seeds)))
    finally:
        for name, value in zip(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads, strict=True):
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return {label: np.array([run[label] for run in runs]) for label in runs[0]}


def one_seed(load: Callable[[], Table | None], seed: int) -> dict[str, list[int]]:
    """Every way on every task, with one seed."""
    table = load()
    assert table is not None
    evidence = {task: earlier(table, task, seed) for task in table.tasks}
    found: dict[str, list[int]] = {label: [] for label in WAYS}
    for target in table.tasks:
        others = [evidence[task] for task in table.tasks if task != target]
        for label, (name, parameters, prior) in WAYS.items():
            controller = controllers.load(name, table.space, seed=seed, **parameters)
            if prior:
                controller = meta.load(prior[0], others, **prior[1]).open(controller)
            limit = SHORT if label in GUARDED else LIMIT
            found[label].append(evaluations_to_aim(controller, table, target, seed, limit))
        for label, order in bounds.orders(table, target, others, seed):
            found.setdefault(label, []).append(int(aim(table, target)[order].argmax()) + 1)
    return found


def earlier(table: Table, task: str, seed: int) -> meta.Evidence:
    """What a cold search on a task found, told one recorded training of each network."""
    place = table.tasks.index(task)
    controller = controllers.load("q-learning", table.space, seed=1000 * seed + place, budget=EARLIER)
    told = rewards(table, task, seed % table.values.shape[2])
    trials = []
    while len(trials) < EARLIER:
        architecture = controller.ask()
        reward = float(told[table.row(architecture)])
        controller.tell(architecture, reward)
        trials.append((architecture, reward))
    return meta.Evidence(task, tuple(trials))


def evaluations_to_aim(controller, table: Table, task: str, seed: int, limit: int = LIMIT) -> int:
    """Different networks that were evaluated when the first of the best 1% was."""
    told, aimed = rewards(table, task, seed % table.values.shape[2]), aim(table, task)
    seen: set[int] = set()
    for _ in range(4 * limit):  # a question that was asked before is answered, and not counted
        try:
            architecture = controller.ask()
        except Exhausted:
            return limit
        row = table.row(architecture)
        seen.add(row)
        if aimed[row]:
            return len(seen)
        if len(seen) == limit:
            break
        controller.tell(architecture, float(told[row]))
    return limit


@functools.cache
def rewards(table: Table, task: str, seed: int) -> np.ndarray:
    return table.scores(task, seed=seed)[table.classes] / table.scale


@functools.cache
def aim(table: Table, task: str) -> np.ndarray:
    """Which networks are among the best 1% of the table, by their mean over the recorded seeds."""
    scores = table.scores(task)[table.classes]
    return scores >= np.sort(scores)[::-1][max(int(AIM * len(scores)), 1) - 1]


# ---------------------------------------------------------------------- telling


def described(found: np.ndarray) -> str:
    """Median over the tasks of the mean over seeds; mean over both, with its 95% interval; the worst task."""
    by_task = found.mean(axis=0)
    return f"{np.median(by_task):.1f}; {with_interval(found.mean(axis=1))}; {by_task.max():.1f}"


def with_interval(values: np.ndarray) -> str:
    """Mean and 95% interval over the seeds (normal, 1.96 standard errors)."""
    return f"{values.mean():.1f} ± {1.96 * values.std(ddof=1) / len(values) ** 0.5:.1f}"


def ratio_interval(above: np.ndarray, below: np.ndarray) -> str:
    """95% interval of the ratio of two means over the same seeds: a bootstrap of the seeds.

    Of the worst task it says how uncertain this one ratio is. It does not account for the choice of the worst: among
    tasks that are all at 1, the worst measured one is above 1.
    """
    drawn = np.random.default_rng(0).integers(len(above), size=(2000, len(above)))
    low, high = np.percentile(above[drawn].mean(axis=1) / below[drawn].mean(axis=1), [2.5, 97.5])
    return f"[{low:.2f}, {high:.2f}]"


def comparisons(found: Found, tasks: tuple[str, ...], fewer: float, middle: float) -> Iterator[Row]:
    """The bars of the issue."""
    mean = {label: runs.mean() for label, runs in found.items()}
    times = mean[TWIN] / mean[BEST]
    measured = f"{times:.1f} x fewer {ratio_interval(found[TWIN].mean(axis=1), found[BEST].mean(axis=1))}"
    yield Row(f"{BEST} against its twin, means", f"at least {fewer} x fewer", measured, times >= fewer)
    each = found[TWIN].mean(axis=0) / found[BEST].mean(axis=0)
    yield Row(
        f"{BEST} against its twin, task by task, geometric mean", "", f"{np.exp(np.log(each).mean()):.1f} x fewer"
    )
    for rival in (TWIN, COPY, "surrogate (RGPE)"):
        yield against(found, tasks, rival)
    cold = min(COLD, key=lambda label: mean[label])
    ratios = found[BEST].mean(axis=0) / found[cold].mean(axis=0)
    place = int(ratios.argmax())
    interval = ratio_interval(found[BEST][:, place], found[cold][:, place])
    worst = f"{ratios.max():.2f} x {interval} ({tasks[place]}); next {np.sort(ratios)[-2]:.2f} x"
    yield Row(f"{BEST} against {cold}, the best cold search, worst task", "at most 1.2 x", worst, ratios.max() <= 1.2)
    half = float(np.median(found[BEST].mean(axis=0)))
    yield Row(f"{BEST}, median of the tasks", f"at most {middle}", f"{half:.1f}", half <= middle)
    for guard in GUARDED:
        prices = found[guard] - np.minimum(found[TWIN], SHORT)
        price, half = prices.mean(axis=0), 1.96 * prices.std(axis=0, ddof=1) / len(prices) ** 0.5
        place = int(price.argmax())
        measured = f"{price.mean():+.1f}; {price[place]:+.1f} ± {half[place]:.1f} ({tasks[place]})"
        yield Row(f"{guard}, against its twin: mean; worst task", "at most +5", measured, price.max() <= 5)


def against(found: Found, tasks: tuple[str, ...], rival: str) -> Row:
    lead = found[rival] - found[BEST]
    error = 1.96 * lead.std(axis=0, ddof=1) / len(lead) ** 0.5
    better = int((lead.mean(axis=0) > error).sum())
    worse = np.flatnonzero(lead.mean(axis=0) < -error)
    where = "".join(f" ({tasks[i]}: {-lead.mean(axis=0)[i]:.1f} ± {error[i]:.1f} more)" for i in worse)
    measured = f"better on {better}, worse on {len(worse)}{where}, of {lead.shape[1]}; "
    return Row(
        f"{BEST} against {rival}, tasks by more than their interval",
        "worse on none" if rival == TWIN else "",
        measured + f"{with_interval(lead.mean(axis=1))} fewer",
        len(worse) == 0 if rival == TWIN else None,
    )
