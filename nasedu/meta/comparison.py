"""Warm against cold on a table: what earlier tasks teach about a new one, with its baselines. Lesson 15."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nasedu import controllers, meta
from nasedu.controllers.base import Controller
from nasedu.controllers.budget import with_budget
from nasedu.core import BadValue, derive_seed, rng_from
from nasedu.core.statistics import Z95, standard_error
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.prior import Evidence
from nasedu.meta.ranking import ranking_weights
from nasedu.meta.task_similarity import DRAWS
from nasedu.racing import race
from nasedu.racing.start import seed_numbers
from nasedu.tables import Table

Way = str | tuple[str, Mapping[str, Any]]
"""A registered prior, or (name, parameters)."""
EARLIER = 100
"""Different networks in an earlier search."""
WARM_START = 0.5
"""Where epsilon begins behind a warm Q-table."""
COLD = "cold"
TWIN = "gp-cold"
COPY_THEN_LOCAL = "copy-best, then local-search"
BASELINES = ("random", COLD, "cold, warm schedule", "local-search", TWIN, COPY_THEN_LOCAL, "copy-best")
"""Rivals that always run. A prior with a model is compared with `TWIN`, its own mind without memory."""

_studies: WeakKeyDictionary[Table, dict[tuple[str, int, int, str], Evidence]] = WeakKeyDictionary()
"""Earlier searches that were made already, by table: each target learns from nearly the same ones."""


@dataclass(frozen=True)
class Comparison:
    """Searches of one task, opened in several ways. Plain arrays: anyone's own results fit in, too.

    Attributes:
        task: the new task.
        regrets: by way, how far below the best of the table the best network so far is, (seeds, evaluations).
        weights: by earlier task, how much it counts as evidence after `evaluations` random networks: the share of the
            bootstrap draws in which it ranks them best (`nasedu.meta.ranking.ranking_weights`), (seeds,).
    """

    task: str
    regrets: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]

    @property
    def evaluations(self) -> int:
        return min(regrets.shape[1] for regrets in self.regrets.values())

    def lead(self, way: str, over: str = COLD, after: int | None = None) -> tuple[float, float]:
        """Return how much lower the regret of one way is than that of another: (mean, half of its 95% interval).

        Both ways ran with the same seeds, so this is the mean of paired differences. Below 0, the first way is behind.

        Args:
            after: number of different networks; all of them, if None.

        Raises:
            BadValue: an unknown way, or more networks than were run.
        """
        last = self.evaluations if after is None else after
        if not {way, over} <= set(self.regrets) or not 1 <= last <= self.evaluations:
            raise BadValue(
                f"this comparison has {', '.join(self.regrets)} for 1 to {self.evaluations} networks; given {way!r} "
                f"over {over!r} after {after!r}"
            )
        lead = self.regrets[over][:, last - 1] - self.regrets[way][:, last - 1]
        return float(lead.mean()), float(Z95 * standard_error(lead))


def compare(
    table: Table,
    target: str,
    priors: Iterable[Way] | Mapping[str, Way] = ("warm-q", "surrogate"),
    seeds: int | Sequence[int] = 10,
    evaluations: int = 50,
    *,
    controller: Way = "q-learning",
    evidence: Sequence[Evidence] | None = None,
    sources: Sequence[str] | None = None,
    earlier: int = EARLIER,
    reward: str = "mean",
    workers: int = 2,
) -> Comparison:
    """Search one task of a table in several ways, each opened with what searches of the other tasks found.

    For each seed, the evidence is a cold search of each earlier task by Q-learning. That is what a student has who
    searched those tasks before; the table knows more. The baselines always run too: random search (each network equally
    likely), a cold start of the controller, for Q-learning also with the warm exploration schedule, and local search.
    `gp-cold` is the mind of the priors with a model, without their memory. `copy-best` copies what was best before,
    also into local search.

    On the atlas a target takes a few seconds.

    Args:
        table: what each network is worth on each task.
        target: the new task.
        priors: how a search is opened, in addition to the baselines; a dictionary gives labels of your own.
        seeds: how many (0, 1, 2, ...), or which.
        evaluations: different networks in a search.
        controller: what the priors open, and the cold start: a registered name, or (name, parameters).
        evidence: what earlier searches found, for all seeds; then nothing is searched before.
        sources: the earlier tasks; all others of the table, if none are given.
        earlier: different networks in each earlier search.
        reward: what a search is told, the earlier ones too: "mean" over the recorded seeds, or "one-seed" of them, as
            in life. What counts is always the mean.
        workers: processes, as for `nasedu.race`.

    Raises:
        UnknownName, BadValue, Mismatch: an unknown task, prior or number, or a target among its own sources.
    """
    numbers = seed_numbers(seeds)
    others = [task for task in table.tasks if task != target] if sources is None else list(sources)
    if evidence is not None:
        if sources is not None:
            raise BadValue("give either the evidence, or the sources that are searched for it")
        others = [one.task for one in evidence]
    for task in (target, *(others if evidence is None else ())):
        table.task(task)
    if target in others or not others:
        raise BadValue(f"the sources of {target!r} are other tasks of the table, at least one; given {others}")
    if earlier < 1:
        raise BadValue(f"an earlier search has at least one network; given earlier={earlier!r}")
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        before = {
            seed: list(evidence)
            if evidence is not None
            else [earlier_study(table, task, seed, earlier, reward) for task in others]
            for seed in numbers
        }
        raced = race(
            table.space,
            table,
            ways(before, priors, controller),
            evaluations,
            numbers,
            task=target,
            reward=reward,
            workers=workers,
        )
        weights = np.array([source_weights(table, target, before[s], s, evaluations, reward) for s in numbers])
    return Comparison(
        target,
        {label: raced.curves(label, "regret") for label in raced.labels},
        dict(zip(others, weights.T, strict=True)),
    )


def ways(
    before: Mapping[int, list[Evidence]],
    priors: Iterable[Way] | Mapping[str, Way],
    controller: Way = "q-learning",
) -> dict[str, Any]:
    """Return every way to open a search, by label, as a race takes them. Raises BadValue for two of one label."""
    name, parameters = _parts(controller)
    found: dict[str, Any] = {"random": "random-uniform", COLD: (name, dict(parameters))}
    if name == "q-learning":
        found[BASELINES[2]] = (name, {**parameters, "epsilon_first": WARM_START})
    found |= {"local-search": "local-search", TWIN: TWIN}
    found[COPY_THEN_LOCAL] = _opener(before, "copy-best", {}, "local-search", {})
    labelled = priors.items() if isinstance(priors, Mapping) else [(_label(way), way) for way in priors]
    for label, way in [("copy-best", "copy-best"), *labelled]:
        if label in found and (label, way) != ("copy-best", "copy-best"):
            raise BadValue(f"{label!r} is there already; give every prior once, with a label of its own")
        found[label] = _opener(before, *_parts(way), name, parameters)
    return found


def _opener(
    before: Mapping[int, list[Evidence]],
    prior: str,
    more: Mapping[str, Any],
    controller: str,
    parameters: Mapping[str, Any],
) -> Any:
    """Return a function that makes a search which a prior has opened, as a race calls it."""

    def opened(space: Any, *, seed: int, budget: int) -> Controller:
        cold = controllers.load(controller, space, seed=seed, **with_budget(controller, parameters, budget))
        return meta.load(prior, before[seed], **more).open(cold)

    return opened


def _parts(way: Way) -> tuple[str, Mapping[str, Any]]:
    return (way, {}) if isinstance(way, str) else way


def _label(way: Way) -> str:
    name, parameters = _parts(way)
    return name + "".join(f", {key} {value}" for key, value in parameters.items())


def earlier_study(table: Table, task: str, seed: int, networks: int = EARLIER, reward: str = "mean") -> Evidence:
    """Return what a cold search of one task by Q-learning finds.

    Args:
        networks: different ones; fewer, if the search ends before.
    """
    known = _studies.setdefault(table, {})
    if (task, seed, networks, reward) not in known:
        own = derive_seed(seed, "earlier", task)
        controller = controllers.load("q-learning", table.space, seed=own, budget=networks)
        told = rewards(table, task, seed, reward)
        found: dict[Any, float] = {}
        for _ in range(4 * networks):  # a question that was asked before is answered, and not counted
            architecture = controller.ask()
            found[architecture] = float(told[table.row(architecture)])
            controller.tell(architecture, found[architecture])
            if len(found) == networks:
                break
        known[task, seed, networks, reward] = Evidence(task, tuple(found.items()))
    return known[task, seed, networks, reward]


def source_weights(
    table: Table, target: str, before: list[Evidence], seed: int, networks: int, reward: str
) -> np.ndarray:
    """Return the weight of each earlier task when `networks` random networks of the target are known, (sources,)."""
    told = rewards(table, target, seed, reward)
    rng = rng_from(seed, "nasedu.meta", "compare", target)
    rows = rng.choice(len(told), min(networks, len(told)), replace=False)
    pool = CandidatePool(table.space, before)
    predictions = pool.said[:, [pool.place(table.architectures[row]) for row in rows.tolist()]]
    draws = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=DRAWS).astype(float)
    return ranking_weights(predictions, told[rows], draws, np.full(len(before), 1 / len(before)))


def rewards(table: Table, task: str, seed: int, reward: str) -> np.ndarray:
    """Return the reward of each network: the mean over the recorded seeds, or one of them; (networks,)."""
    one = seed % table.values.shape[2] if reward == "one-seed" else None
    return table.scores(task, seed=one) / table.scale
