"""Warm against cold on tasks: the searches of `nasedu.meta.compare`, with networks that are really trained."""

import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nasedu import controllers, spaces, tasks
from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, Exhausted, NaseduError, check_counts, derive_seed
from nasedu.meta.comparison import Lengths, Way, check_same_space, check_sources, ways
from nasedu.meta.paired import Paired
from nasedu.meta.prior import Evidence
from nasedu.meta.pruning import readable
from nasedu.meta.search import space_for
from nasedu.racing.contestant import contestants_from
from nasedu.racing.run import MOST_REPEATS
from nasedu.study.build import has_cohort, make_trainer
from nasedu.tables import Table, TableTask
from nasedu.trainers.base import check_epochs, check_is_trainer, settings_of
from nasedu.trainers.kept import Kept

USUAL = (5, 20, 40)
"""Seeds, different networks in a search, and in an earlier search: a training costs a second, not a look-up."""
EPOCHS = 8

Trials = list[tuple[Architecture, float]]


@dataclass(frozen=True)
class TaskComparison(Paired):
    """Searches of one task, opened in several ways, with networks that were trained.

    Attributes:
        task: the new task.
        found: by way, the best score so far, (seeds, evaluations). A search that had nothing left to ask stays where
            it was.
        twins: by way, the way with the same mind and no memory.
        trained: trainings of the new task and of the earlier ones. A network that several searches asked is one.
    """

    task: str
    found: Mapping[str, np.ndarray]
    twins: Mapping[str, str] = field(default_factory=dict)
    trained: int = 0

    @property
    def curves(self) -> Mapping[str, np.ndarray]:
        """Return the best scores so far."""
        return self.found


@dataclass(frozen=True)
class Plan:
    """All that the searches of one seed need; it can be sent to another process.

    Attributes:
        spaces, trainers: by task, the target included.
        target: name of the new task.
        sources: names of the tasks that are searched before.
        evidence: what earlier searches found, in place of sources; None for none.
        priors, controller: as for `compare`.
        lengths: how long.
        epochs: passes over the training split for each network.
    """

    spaces: Mapping[str, Any]
    trainers: Mapping[str, Any]
    target: str
    sources: Sequence[str]
    evidence: Sequence[Evidence] | None
    priors: Iterable[Way] | Mapping[str, Way]
    controller: Way
    lengths: Lengths
    epochs: int


def compare_on_tasks(
    space_of: Any,
    of: Any,
    priors: Iterable[Way] | Mapping[str, Way],
    target: str | None,
    controller: Way,
    evidence: Sequence[Evidence] | None,
    sources: Sequence[str] | None,
    seeds: int | Sequence[int] | None,
    evaluations: int | None,
    earlier: int | None,
    trainer: Any,
    epochs: int | None,
    workers: int | None,
) -> TaskComparison:
    """Search one task in several ways. Arguments and errors as for `nasedu.meta.compare`."""
    known = load_tasks(of)
    chosen = list(known)[-1] if target is None else target
    for name in (chosen, *(sources or ())):
        if name not in known:
            raise BadValue(f"the tasks are {', '.join(known)}; given {name!r}")
    others = [name for name in known if name != chosen] if sources is None else list(sources)
    check_sources(chosen, others if evidence is None else [one.task for one in evidence])
    needed = [chosen, *(others if evidence is None else ())]
    workers = 1 if workers is None else workers
    epochs = EPOCHS if epochs is None else epochs
    check_counts(workers=workers)
    check_epochs(epochs)
    space_of = spaces.usual(*known.values()) if space_of is None else space_of
    made = {name: space_for(space_of, known[name], {}) for name in needed}
    plan = Plan(
        made,
        {name: trainer_for(trainer, made[name], known[name]) for name in needed},
        chosen,
        needed[1:],
        evidence,
        priors if isinstance(priors, Mapping) else list(priors),
        controller,
        Lengths.of(seeds, evaluations, earlier, USUAL),
        epochs,
    )
    check_parts(plan)
    found = list(searches_of_seeds(plan, workers))
    curves = {way: np.stack([one[way] for one, *_ in found]) for way in found[0][0]}
    return TaskComparison(chosen, curves, found[0][1], sum(trained for *_, trained in found))


# ---------------------------------------------------------------------- at the door


def load_tasks(of: Any) -> dict[str, Any]:
    """Return tasks by name, given names, tasks, and tables with all their tasks. Raises BadValue, UnknownName."""
    if isinstance(of, str) or not isinstance(of, Iterable):
        raise BadValue(
            f"what is compared is a table, or a list of tasks, such as ['digits', 'digits-noisy']; given {of!r}"
        )
    found: dict[str, Any] = {}
    for one in of:
        several = [one.task(name) for name in one.tasks] if isinstance(one, Table) else [one]
        for task in (tasks.load(one) if isinstance(one, str) else one for one in several):
            if not hasattr(task, "name"):
                raise BadValue(f"a task is a registered name, a task or a table; given {task!r}")
            if task.name in found:
                raise BadValue(f"the task {task.name!r} comes twice: a search would learn from its own answers")
            found[task.name] = task
    if not found:
        raise BadValue("what is compared needs a task; the list is empty")
    return found


def trainer_for(given: Any, space: Any, task: Any) -> Kept:
    """Return the trainer of a task, which trains each network once. Raises BadValue, UnknownName, Mismatch."""
    if isinstance(task, TableTask):
        check_same_space(task.table, space)
    if given is None:
        given = "table" if isinstance(task, TableTask) else "sequential"
    if callable(given):
        made = given(space, task)
        check_is_trainer(made, "a comparison on tasks")
    else:
        name, parameters = (given, {}) if isinstance(given, str) else given
        made = make_trainer(name, space, task, parameters)
    if has_cohort(made):
        raise BadValue(
            f"the trainer {getattr(made, 'name', made)!r} compares the networks of a call with each other; a search "
            "asks one network at a time: give a trainer such as 'sequential'"
        )
    if settings_of(made).record_test_at is not None:
        raise BadValue("this trainer looks at the test split (record_test_at), which no search may be told")
    return Kept(made)


def check_parts(plan: Plan) -> None:
    """Raise an error for a prior or a controller that cannot be made, before anything is trained."""
    space, seed = plan.spaces[plan.target], plan.lengths.seeds[0]
    sample = Evidence("earlier", tuple((space.sample(np.random.default_rng(n)), n / 10) for n in range(10)))
    opened, _ = ways({seed: [sample]}, plan.priors, plan.controller)
    for contestant in contestants_from(opened):
        contestant.fresh(space, seed, plan.lengths.evaluations)
    if plan.evidence is not None:
        evidence_for(plan, list(plan.evidence))


def evidence_for(plan: Plan, found: list[Evidence]) -> list[Evidence]:
    """Return what the space of the target can read of the evidence. Raises BadValue if that is nothing."""
    kept = [entry for entry in (readable(plan.spaces[plan.target], one) for one in found) if entry.trials]
    if not kept:
        names = ", ".join(one.task for one in found)
        raise BadValue(f"the space of {plan.target!r} can read nothing that was found on {names}: name other sources")
    return kept


# ---------------------------------------------------------------------- the searches

Found = tuple[dict[str, np.ndarray], dict[str, str], int]
"""Of one seed: by way the best score so far, (evaluations,); the twins; and how many networks were trained."""


def searches_of_seeds(plan: Plan, workers: int) -> Iterable[Found]:
    """Yield what the searches of each seed found, in the order of the seeds; in processes if there are several."""
    seeds = plan.lengths.seeds
    if min(workers, len(seeds)) == 1:
        yield from (searches_of(plan, seed) for seed in seeds)
        return
    from concurrent.futures.process import BrokenProcessPool

    import cloudpickle

    from nasedu.trainers.parallel.processes import ProcessPool

    try:
        sent = cloudpickle.dumps(plan)  # with classes and functions of a notebook
    except Exception as error:
        raise BadValue(f"this comparison cannot be sent to {workers} processes ({error}): give workers=1") from error
    pool = ProcessPool(min(workers, len(seeds)))
    try:
        yield from pool.map(partial(searches_in_worker, sent), seeds)
    except BrokenProcessPool as error:
        raise NaseduError("a process of the comparison was killed (out of memory?): workers=1 needs less") from error
    finally:
        pool.shutdown(cancel_futures=True)


def searches_in_worker(sent: bytes, seed: int) -> Found:
    """Do the searches of one seed in a process of its own."""
    return searches_of(pickle.loads(sent), seed)


def searches_of(plan: Plan, seed: int) -> Found:
    """Do all searches of one seed: first the earlier tasks, then the target in every way."""
    lengths = plan.lengths
    before = len_known(plan)
    with threadpool_limits(1):  # the matrices are small: threads would only wait for each other
        evidence = plan.evidence or [earlier_search(plan, name, seed) for name in plan.sources]
        opened, twins = ways({seed: evidence_for(plan, list(evidence))}, plan.priors, plan.controller)
        found = {}
        for contestant in contestants_from(opened):
            asks = contestant.fresh(plan.spaces[plan.target], seed, lengths.evaluations)
            scores = [score for _, score in search(plan, plan.target, asks, lengths.evaluations, seed)]
            scores += scores[-1:] * (lengths.evaluations - len(scores))
            found[contestant.label] = np.maximum.accumulate(scores)
    return found, twins, len_known(plan) - before


def len_known(plan: Plan) -> int:
    """Return how many trainings the trainers of all tasks remember."""
    return sum(len(trainer.known) for trainer in plan.trainers.values())


def earlier_search(plan: Plan, task: str, seed: int) -> Evidence:
    """Return what a cold search of an earlier task by Q-learning finds."""
    own, networks = derive_seed(seed, "earlier", task), plan.lengths.earlier
    asks = controllers.load("q-learning", plan.spaces[task], seed=own, budget=networks)
    return Evidence(task, tuple(search(plan, task, asks, networks, seed)))


def search(plan: Plan, task: str, controller: Controller, networks: int, seed: int) -> Trials:
    """Ask, train and tell until this number of different networks was trained, or nothing new is asked.

    A network that was asked before is answered again, and not counted; so is one that builds the same function.

    Returns:
        Each different network and its score, in the order asked.
    """
    space, trainer = plan.spaces[task], plan.trainers[task]
    found: Trials = []
    known: dict[Architecture, float] = {}
    repeats = 0
    while len(found) < networks and repeats < MOST_REPEATS:
        try:
            architecture = tuple(controller.ask())
        except Exhausted:
            break
        network = space.canonical(architecture)
        repeats += 1
        if network not in known:
            (evaluation,) = trainer([architecture], epochs=plan.epochs, seed=seed)
            known[network] = float(evaluation.score)
            found.append((architecture, known[network]))
            repeats = 0
        controller.tell(architecture, known[network])
    if not found:
        raise BadValue(f"the controller {controller.name!r} asked for no network of {task!r}: it was exhausted at once")
    return found
