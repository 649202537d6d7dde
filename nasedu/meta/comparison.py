"""Warm against cold: what earlier tasks teach about a new one, with its baselines. Lesson 15."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nasedu import controllers, meta
from nasedu.controllers.base import Controller
from nasedu.controllers.budget import with_budget
from nasedu.core import BadValue, Mismatch, derive_seed, describe, rng_from
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.paired import Paired
from nasedu.meta.prior import Evidence
from nasedu.meta.ranking import ranking_weights
from nasedu.meta.rivals import COLD, COPY_THEN_LOCAL, LOCAL, RANDOM, RIVALS
from nasedu.meta.task_similarity import DRAWS
from nasedu.racing import race
from nasedu.racing.start import check_lengths, seed_numbers
from nasedu.tables import Table

Way = str | tuple[str, Mapping[str, Any]]
"""A registered prior, or (name, parameters)."""
EARLIER = 100
"""Different networks in an earlier search of a table."""
WARM_START = 0.5
"""Where epsilon begins behind a warm Q-table."""
TWIN = "gp-cold"
BASELINES = (RANDOM, COLD, "cold, warm schedule", LOCAL, TWIN, COPY_THEN_LOCAL, "copy-best")
"""Rivals that always run. A prior with a model is compared with `TWIN`, its own mind without memory."""

_studies: WeakKeyDictionary[Table, dict[tuple[str, int, int, str], Evidence]] = WeakKeyDictionary()
"""Earlier searches that were made already, by table: each target learns from nearly the same ones."""


@dataclass(frozen=True)
class Comparison(Paired):
    """Searches of one task of a table, opened in several ways. Plain arrays: anyone's own results fit in, too.

    Attributes:
        task: the new task.
        regrets: by way, how far below the best of the table the best network so far is, (seeds, evaluations).
        weights: by earlier task, how much it counts as evidence after `evaluations` random networks: the share of the
            bootstrap draws in which it ranks them best (`nasedu.meta.ranking.ranking_weights`), (seeds,).
        twins: by way, the way with the same mind and no memory.
    """

    task: str
    regrets: Mapping[str, np.ndarray]
    weights: Mapping[str, np.ndarray]
    twins: Mapping[str, str] = field(default_factory=dict)

    lower_is_better = True

    @property
    def curves(self) -> Mapping[str, np.ndarray]:
        """Return the regrets."""
        return self.regrets


def compare(
    space: Any,
    of: Any,
    priors: Iterable[Way] | Mapping[str, Way] = ("warm-q", "surrogate"),
    seeds: int | Sequence[int] | None = None,
    evaluations: int | None = None,
    *,
    target: str | None = None,
    controller: Way = "q-learning",
    evidence: Sequence[Evidence] | None = None,
    sources: Sequence[str] | None = None,
    earlier: int | None = None,
    reward: str = "mean",
    trainer: Any = None,
    epochs: int | None = None,
    workers: int | None = None,
) -> Any:
    """Search one task in several ways, each opened with what searches of the other tasks found.

        compare(space, table, ["mixture"], target="where/digits")
        compare("chain-cnn", ["digits", "digits-noisy"], ["mixture"], controller="local-search", seeds=3)

    For each seed, the evidence is a cold search of each earlier task by Q-learning. That is what a student has who
    searched those tasks before; a table knows more. The baselines always run too: random search (each network equally
    likely), a cold start of the controller, for Q-learning also with the warm exploration schedule, and local search.
    `gp-cold` is the mind of the priors with a model, without their memory. `copy-best` copies what was best before,
    also into local search. Each prior is compared with its own cold twin: `summary()` shows all of it.

    On the atlas a target takes a few seconds. On tasks that are no table, networks are really trained. A network is
    trained once for each task and seed, however many searches ask it: give all priors in one call.

    Args:
        space: what is searched. For tasks also a registered name, a function from a task to its space, or None for a
            usual space that fits all. A table in its place, with the name of the target as `of`, stands for its space.
        of: a table; or tasks: a list of names, of tasks, of tasks of tables, or of tables with all their tasks.
        priors: how a search is opened, in addition to the baselines; a dictionary gives labels of your own.
        seeds: how many (0, 1, 2, ...), or which; 10 on a table, 5 on tasks. On tasks also of initial weights and data
            order.
        evaluations: different networks in a search; 50 on a table, 20 on tasks.
        target: the new task; the last one, if none is named.
        controller: what the priors open, and the cold start: a registered name, or (name, parameters).
        evidence: what earlier searches found, for all seeds; then nothing is searched before.
        sources: the earlier tasks; all others, if none are given.
        earlier: different networks in each earlier search; 100 on a table, 40 on tasks.
        reward: of a table, as for `nasedu.race`; the earlier searches are told the same kind: "mean" or
            "one-seed", as in life. What counts is always the mean.
        trainer: of tasks: a registered name, (name, parameters), or a function (space, task); "sequential", if none.
        epochs: of tasks: passes over the training split for each network; 8, if none are given.
        workers: processes, each for some seeds; 2 on a table, as for `nasedu.race`, and 1 on tasks.

    Returns:
        A `Comparison` of regrets on a table. Without ground truth there is no regret: on tasks a `TaskComparison` of
        the best score found so far.

    Raises:
        UnknownName, BadValue, Mismatch: an unknown task, prior or number, a target among its own sources, another
            space than that of the table, or what only a table has, or only tasks.
    """
    if isinstance(space, Table):
        if target is not None or not isinstance(of, str):
            raise BadValue(f"compare(table, target) takes the name of a task; given {of!r} and target={target!r}")
        space, of, target = space.space, space, of
    if evidence is not None and sources is not None:
        raise BadValue("give either the evidence, or the sources that are searched for it")
    if isinstance(of, Table):
        if trainer is not None or epochs is not None:
            raise BadValue("trainer and epochs are for tasks; the networks of a table are trained already")
        check_same_space(of, space)
        lengths = Lengths.of(seeds, evaluations, earlier, (10, 50, EARLIER))
        chosen = of.tasks[-1] if target is None else target
        return _on_table(
            of, chosen, priors, controller, evidence, sources, lengths, reward, 2 if workers is None else workers
        )
    if reward != "mean":
        raise BadValue(f"reward={reward!r} is for a table: a training of a task has one score")
    from nasedu.meta.task_comparison import compare_on_tasks  # tasks and their trainers are not needed for a table

    return compare_on_tasks(
        space, of, priors, target, controller, evidence, sources, seeds, evaluations, earlier, trainer, epochs, workers
    )


@dataclass(frozen=True)
class Lengths:
    """How long a comparison is.

    Attributes:
        seeds: which.
        evaluations: different networks in a search.
        earlier: different networks in each earlier search.
    """

    seeds: list[int]
    evaluations: int
    earlier: int

    @classmethod
    def of(cls, seeds: Any, evaluations: Any, earlier: Any, usual: tuple[int, int, int]) -> "Lengths":
        """Return the lengths; the usual ones for None. Raises BadValue for one that is impossible."""
        seeds, evaluations, earlier = (
            own if given is None else given for given, own in zip((seeds, evaluations, earlier), usual, strict=True)
        )
        check_lengths(evaluations, ())
        if not isinstance(earlier, int) or earlier < 1:
            raise BadValue(f"an earlier search has at least one network; given earlier={earlier!r}")
        return cls(seed_numbers(seeds), evaluations, earlier)


def check_same_space(table: Table, space: Any) -> None:
    """Raise Mismatch unless a table is of this space."""
    if table.space is not space and describe(table.space) != describe(space):
        raise Mismatch(f"the table {table.name!r} is of {table.space!r}; the space given is {space!r}")


def check_sources(target: str, others: Sequence[str]) -> None:
    """Raise BadValue for a target without other tasks, or among them."""
    if target in others or not others:
        raise BadValue(f"the sources of {target!r} are other tasks of the table, at least one; given {list(others)}")


def _on_table(
    table: Table,
    target: str,
    priors: Iterable[Way] | Mapping[str, Way],
    controller: Way,
    evidence: Sequence[Evidence] | None,
    sources: Sequence[str] | None,
    lengths: Lengths,
    reward: str,
    workers: int,
) -> Comparison:
    others = [task for task in table.tasks if task != target] if sources is None else list(sources)
    others = others if evidence is None else [one.task for one in evidence]
    for task in (target, *(others if evidence is None else ())):
        table.task(task)
    check_sources(target, others)
    numbers, evaluations = lengths.seeds, lengths.evaluations
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        before = {
            seed: list(evidence)
            if evidence is not None
            else [earlier_study(table, task, seed, lengths.earlier, reward) for task in others]
            for seed in numbers
        }
        opened, twins = ways(before, priors, controller)
        raced = race(table.space, table, opened, evaluations, numbers, task=target, reward=reward, workers=workers)
        weights = np.array([source_weights(table, target, before[s], s, evaluations, reward) for s in numbers])
    regrets = {label: raced.curves(label, "regret") for label in raced.labels}
    return Comparison(target, regrets, dict(zip(others, weights.T, strict=True)), twins)


def ways(
    before: Mapping[int, list[Evidence]],
    priors: Iterable[Way] | Mapping[str, Way],
    controller: Way = "q-learning",
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return every way to open a search, by label, as a race takes them; and for each prior, which way is its twin.

    A twin that is no baseline is one more way. Raises BadValue for two of one label.
    """
    name, parameters = _parts(controller)
    found: dict[str, Any] = {RANDOM: RIVALS[RANDOM][0], COLD: (name, dict(parameters))}
    if name == "q-learning":
        found[BASELINES[2]] = (name, {**parameters, "epsilon_first": WARM_START})
    found |= {LOCAL: RIVALS[LOCAL][0], TWIN: TWIN}
    found[COPY_THEN_LOCAL] = _opener(before, "copy-best", {}, "local-search", {})
    twins = {COPY_THEN_LOCAL: LOCAL}
    labelled = priors.items() if isinstance(priors, Mapping) else [(_label(way), way) for way in priors]
    for label, way in [("copy-best", "copy-best"), *labelled]:
        if label in found and (label, way) != ("copy-best", "copy-best"):
            raise BadValue(f"{label!r} is there already; give every prior once, with a label of its own")
        found[label] = _opener(before, *_parts(way), name, parameters)
        prior, more = _parts(way)
        twins[label] = meta.load(prior, next(iter(before.values())), **more).twin or COLD
    return {twin: twin for twin in twins.values() if twin not in found} | found, twins


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
        length = {"budget": budget} if prior == "guarded" else {}  # a guard may cost a share of the search
        return meta.load(prior, before[seed], **(length | dict(more))).open(cold)

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
