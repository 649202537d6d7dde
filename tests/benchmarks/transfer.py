"""What is carried over from earlier tasks: evaluations until a network of the best 1% is found, leave-one-task-out.

For each seed and each task of a table, a study of `EARLIER` different networks by cold Q-learning is the evidence: what
a student has who searched those tasks before, not the table. Then each task in turn is the new one, and the others are
what was searched before.

A controller is told one recorded training (the same recorded seed throughout a search, as in life). A search has
reached its aim when it evaluated a network whose mean over all recorded seeds is among the best 1% of the table. One
that has not within `LIMIT` different networks counts as `LIMIT`: that flatters whoever is slow.

What the surrogate asks first and the guard's share were chosen on the atlas with other seeds (100 to 147): so that it
was worse than copying on no task of either half of them, and so that the mean was lowest on either half.
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
BUDGETS = (50, 100, 200)
"""Lengths over which cold Q-learning's exploration may fall; the best of them counts."""
BUDGET = 100
"""The length that a guard has in mind, and the cold search with the warm schedule."""

Q = ("q-learning", {"budget": min(BUDGETS)})
WAYS = {
    "random": ("random", {}, None),
    **{f"cold q-learning, schedule over {n}": ("q-learning", {"budget": n}, None) for n in BUDGETS},
    "cold q-learning, warm schedule": ("q-learning", {"budget": BUDGET, "epsilon_first": 0.5}, None),
    "cold regularized-evolution": ("regularized-evolution", {}, None),
    "cold local-search": ("local-search", {}, None),
    "cold reinforce": ("reinforce", {}, None),
    "copy-best": (*Q, ("copy-best", {"most": 20})),
    "copy-best, weighted": (*Q, ("copy-best", {"most": 20, "weighted": True})),
    "warm-q": (*Q, ("warm-q", {})),
    "warm-policy": ("reinforce", {}, ("warm-policy", {})),
    "surrogate, ranks": (*Q, ("surrogate", {"combine": "ranks"})),
    "surrogate, ranks, copies nothing": (*Q, ("surrogate", {"copied": 0, "landmarks": 3})),
    "surrogate, scores": (*Q, ("surrogate", {"combine": "scores"})),
    "guarded surrogate": (*Q, ("guarded", {"prior": "surrogate", "budget": BUDGET})),
    "guarded surrogate, local-search": ("local-search", {}, ("guarded", {"prior": "surrogate", "budget": BUDGET})),
}
"""How a search is opened: controller, its parameters, and (prior, its parameters)."""
COLD_Q = [label for label in WAYS if label.startswith("cold q-learning, schedule")]
COLD = [label for label in WAYS if label.startswith("cold") or label == "random"]
BEST, COPY = "guarded surrogate, local-search", "copy-best"
"""The best prior is the one with the lowest mean over the atlas; on other tables it is not chosen anew."""
BARE = "surrogate, ranks"
"""The same without its guard."""
GUARDED = {"guarded surrogate": "", "guarded surrogate, local-search": "cold local-search"}
"""Guards, and the search of the same controller without a prior; the first one's is cold Q-learning."""

Found = dict[str, np.ndarray]
"""For each way, evaluations until the aim was reached: (seeds, tasks)."""


def measure() -> list[Row]:
    if atlas() is None:
        return skipped("the atlas", "it is not built yet")
    return report(atlas, bars=True)


def report(load: Callable[[], Table | None], bars: bool, seeds: int = SEEDS) -> list[Row]:
    start = time.perf_counter()
    found = everybody(load, seeds)
    tasks = load().tasks  # type: ignore[union-attr]
    seconds = time.perf_counter() - start
    rows = [Row(f"{label}: median of the tasks; mean; worst task", "", described(found[label])) for label in found]
    rows += list(comparisons(found, tasks, bars))
    rows += bounds.alike(load())
    rows.append(
        Row(
            "all of it, on two cores",
            "under 180 s" if bars else "",
            f"{seconds:.0f} s",
            seconds < 180 if bars else None,
        )
    )
    return rows


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
            found[label].append(evaluations_to_aim(controller, table, target, seed))
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


def evaluations_to_aim(controller, table: Table, task: str, seed: int) -> int:
    """Different networks that were evaluated when the first of the best 1% was."""
    told, aimed = rewards(table, task, seed % table.values.shape[2]), aim(table, task)
    seen: set[int] = set()
    for _ in range(4 * LIMIT):  # a question that was asked before is answered, and not counted
        try:
            architecture = controller.ask()
        except Exhausted:
            return LIMIT
        row = table.row(architecture)
        seen.add(row)
        if aimed[row]:
            return len(seen)
        if len(seen) == LIMIT:
            break
        controller.tell(architecture, float(told[row]))
    return LIMIT


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


def median(found: np.ndarray) -> float:
    return float(np.median(found.mean(axis=0)))


def comparisons(found: Found, tasks: tuple[str, ...], bars: bool) -> Iterator[Row]:
    """The bars of the issue."""
    cold_q = min(COLD_Q, key=lambda label: median(found[label]))
    cold = min(COLD, key=lambda label: median(found[label]))
    for prior in (BEST, BARE):
        for rival, factor in ((cold_q, 5), (cold, 3)):
            times = median(found[rival]) / median(found[prior])
            promised = f"{factor} x fewer" if bars else ""
            yield Row(f"{prior} against {rival}", promised, f"{times:.1f} x fewer", times >= factor if bars else None)
        yield against_copying(found, tasks, prior, bars)
    for prior, itself in GUARDED.items():
        for rival in dict.fromkeys((cold_q, itself or cold_q)):
            yield worst_task(found, tasks, prior, rival, bars)


def against_copying(found: Found, tasks: tuple[str, ...], prior: str, bars: bool) -> Row:
    lead = found[COPY] - found[prior]
    error = 1.96 * lead.std(axis=0, ddof=1) / len(lead) ** 0.5
    better = int((lead.mean(axis=0) > error).sum())
    worse = np.flatnonzero(lead.mean(axis=0) < -error)
    where = "".join(f" ({tasks[i]}: {-lead.mean(axis=0)[i]:.1f} ± {error[i]:.1f} more)" for i in worse)
    measured = f"better on {better}, worse on {len(worse)}{where}, of {lead.shape[1]}; "
    return Row(
        f"{prior} against {COPY}, tasks by more than their interval",
        "worse on none" if bars else "",
        measured + f"{with_interval(lead.mean(axis=1))} fewer",
        len(worse) == 0 if bars else None,
    )


def worst_task(found: Found, tasks: tuple[str, ...], prior: str, rival: str, bars: bool) -> Row:
    ratios = found[prior].mean(axis=0) / found[rival].mean(axis=0)
    measured = f"{ratios.max():.2f} x ({tasks[int(ratios.argmax())]}); next {np.sort(ratios)[-2]:.2f} x"
    promised = "at most 1.2 x" if bars else ""
    return Row(f"{prior} against {rival}, worst task", promised, measured, ratios.max() <= 1.2 if bars else None)
