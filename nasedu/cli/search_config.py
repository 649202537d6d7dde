"""A search as it was typed, checked and opened. `nasedu search` goes one way:

1. `nasedu.cli.search` makes a `SearchConfig` of what was typed, and gives it to `open_search`.
2. `open_search` checks the config, and makes the parts by name (`nasedu.study.build`, `nasedu.meta`).
3. It finds the study that the command continues (`nasedu.cli.study_record`, `nasedu.cli.rebuild`), and opens it.
4. `nasedu.cli.search` runs the study to its end; `nasedu.cli.progress` shows each trial.
5. The test is reported (`nasedu.cli.show`, `nasedu.cli.report`, `nasedu.cli.report_json`).
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nasedu import controllers, meta, spaces, tasks, trainers
from nasedu.cli.messages import warn
from nasedu.cli.rebuild import rebuild_prior
from nasedu.cli.study_record import StudyRecord, find_study
from nasedu.cli.tasks import load_task
from nasedu.controllers.base import Controller
from nasedu.controllers.budget import takes_budget
from nasedu.core import Architecture, BadValue, check_counts, counted, did_you_mean
from nasedu.core.options import takes
from nasedu.logs import TensorBoard
from nasedu.logs.base import folder_name
from nasedu.logs.tensorboard import check_tensorboard
from nasedu.meta.earlier import digest_in
from nasedu.store import Trial, canonical_json
from nasedu.study import Study, identity_of
from nasedu.study.build import has_cohort, make_controller, make_space, make_trainer, open_workers
from nasedu.study.validation import check_for_search, check_length
from nasedu.trainers.base import settings_of
from nasedu.trainers.parallel.dask import check_dask
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.recipe import Recipe


@dataclass(frozen=True)
class SearchConfig:
    """A search as it is asked for on the command line.

    Attributes:
        task, controller, trainer: registered names.
        space: a registered name; None for the usual one of the task.
        trials: how many the study has in the end, imported ones not counted; None for as many as the time allows.
        minutes: how long this run goes on, without the test; None for any time.
        batch: how many are asked together; None for 4, or for the cohort of the trainer.
        epochs: passes over the training split for each candidate.
        seed: of the controller, and of every candidate's weights and data order.
        store: a file, or ":memory:".
        enqueue: architectures that are asked before the controller is.
        prior: a store with earlier studies; None for a cold start.
        prior_kind: a registered name; None for the usual one of the controller.
        device: None leaves the choice to the trainer.
        workers: processes that train; 1 trains in this one.
        dask: the address of a scheduler whose workers train; None for this machine.
        tensorboard: a folder for curves; None for none.
        metric: what the score is; None for the usual one of the task.
        limits: the greatest allowed value of a measure, such as {"parameters": 20000}; empty for no constraint.
        space_options, controller_options, trainer_options: parameters by name.
        recipe: fields of the trainer's recipe by name; fields that are not named keep the trainer's defaults.
    """

    task: str
    space: str | None
    controller: str
    trainer: str
    trials: int | None
    batch: int | None
    epochs: int
    seed: int
    store: str
    minutes: float | None = None
    enqueue: tuple[Architecture, ...] = ()
    prior: str | None = None
    prior_kind: str | None = None
    device: str | None = None
    workers: int = 1
    dask: str | None = None
    tensorboard: str | None = None
    metric: str | None = None
    limits: dict[str, float] = field(default_factory=dict)
    space_options: dict[str, Any] = field(default_factory=dict)
    controller_options: dict[str, Any] = field(default_factory=dict)
    trainer_options: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Check everything that can be known at once, before torch is imported.

        Raises:
            UnknownName, BadValue, MissingExtra: what is wrong, in one line.
        """
        check_length(self.trials, self.minutes)
        check_counts(epochs=self.epochs, workers=self.workers)
        if self.batch is not None:
            check_counts(batch=self.batch)
        self._check_dask()
        if self.tensorboard is not None:
            check_tensorboard(self.tensorboard)
        tasks.check_name(self.task)
        if self.space is not None:
            spaces.registry.check_name(self.space)
        controllers.registry.check_name(self.controller)
        trainers.registry.check_name(self.trainer)
        if self.prior_kind is not None and self.prior is None:
            raise BadValue(f"--prior-kind {self.prior_kind} says how to use a prior, and none is given: add --prior")
        if self.prior is not None:
            meta.registry.check_name(self.kind_of_prior)

    def _check_dask(self) -> None:
        if self.dask is None:
            return
        if self.workers > 1:
            raise BadValue("--workers are processes on this machine, --dask those of a cluster: give one of the two")
        if ":" not in self.dask:
            raise BadValue(f"--dask takes a scheduler's address, such as tcp://192.168.1.2:8786; given {self.dask!r}")
        check_dask()

    @property
    def kind_of_prior(self) -> str:
        """Return the prior that is asked for, or the usual one of the controller."""
        return self.prior_kind or ("warm-q" if self.controller == "q-learning" else "copy-best")


@dataclass(frozen=True)
class OpenSearch:
    """A search that is ready to run.

    Attributes:
        study: new, or continued from its store.
        batch: how many trials are asked together.
        read: one line on what was read of the task.
        origin: one line on what the study starts from; empty for a new cold start.
        notes: one line on each thing that a person should know before it runs.
        log: to be called with each new trial.
    """

    study: Study
    batch: int
    read: str
    origin: str
    notes: list[str]
    log: Callable[[Trial], None]


AtTheDoor = Callable[[Controller, Any, list[Trial]], None]
"""Checks something for a study: given its controller, its task, and the trials that it has."""


@contextmanager
def open_search(config: SearchConfig, at_the_door: AtTheDoor | None = None) -> Iterator[OpenSearch]:
    """Open the study that a config asks for, with its workers and its log; close them when the context ends.

    Args:
        config: what is asked for.
        at_the_door: is called before anything is written.

    Raises:
        NaseduError: what is wrong with the config; nothing was written.
    """
    config.check()
    task, read = load_task(config.task, config.metric)
    space = make_space(config.space or spaces.usual(task), task, config.space_options)
    controller = _controller(config, space, config.trials)
    trainer: Any = make_trainer(config.trainer, space, task, _trainer_options(config))
    cold = identity_of(space, controller, trainer, config.epochs, config.seed)
    prior = None
    if config.prior is not None:
        prior = meta.load(config.kind_of_prior, meta.evidence_in(config.prior, space, leave_out=cold))
    identity = {**cold, "prior": prior.identity() if prior else None}
    found = find_study(config.store, identity, any_budget="budget" not in config.controller_options)
    if found and found.identity != identity:
        prior = rebuild_prior(found)
        controller = _controller(config, space, found.budget or config.trials)
    for architecture in config.enqueue:
        check_for_search(controller, architecture)
    if at_the_door:
        at_the_door(controller, task, found.recorded if found else [])
    if has_cohort(trainer):
        trainer.brackets(1, config.epochs)  # refuses epochs that have no room for its rungs
    batch = config.batch or settings_of(trainer).cohort or 4
    origin = continued_line(config, found, identity) if found else opened_line(prior, identity)
    with (
        open_workers(trainer, config.workers, config.dask) as working,
        Study(
            space, controller, working, store=config.store, epochs=config.epochs, seed=config.seed, prior=prior
        ) as study,
        _open_log(config.tensorboard, study) as log,
    ):
        notes = [*worker_notes(working, batch), *([] if found else budget_notes(config, study))]
        yield OpenSearch(study, batch, read, origin, notes, log)


def _controller(config: SearchConfig, space: Any, trials: int | None) -> Any:
    """A fresh controller, within the limits of the search."""
    free = make_controller(config.controller, space, config.controller_options, seed=config.seed, trials=trials)
    return controllers.Constrained(free, limits=config.limits) if config.limits else free


def _trainer_options(config: SearchConfig) -> dict[str, Any]:
    """The options of the trainer, with the device and the recipe that are asked for.

    Raises:
        BadValue: a recipe for a trainer without one, or a field that a recipe does not have.
    """
    options = {**({"device": config.device} if config.device else {}), **config.trainer_options}
    if not config.recipe:
        return options
    outer = trainers.registry[config.trainer]
    inner = options.get("trainer", "sequential") if takes(outer, "trainer") else config.trainer
    if inner in trainers.registry and not takes(trainers.registry[inner], "recipe"):
        having = [name for name in trainers.registry if takes(trainers.registry[name], "recipe")]
        raise BadValue(f"the trainer {inner!r} trains by no recipe; those that do: {', '.join(having)}")
    known = [f.name for f in fields(Recipe)]
    for name in config.recipe:
        if name not in known:
            raise BadValue(f"a recipe has no field {name!r}; it has: {', '.join(known)}{did_you_mean(name, known)}")
    return {"recipe": replace(_usual_recipe(inner), **config.recipe), **options}


def _usual_recipe(trainer: str) -> Recipe:
    """The recipe of a trainer that is given none; that of shared weights is not that of a network alone."""
    parameters = inspect.signature(trainers.registry[trainer]).parameters if trainer in trainers.registry else {}
    usual = parameters["recipe"].default if "recipe" in parameters else None
    return usual if isinstance(usual, Recipe) else Recipe()


def _open_log(folder: str | None, study: Study) -> AbstractContextManager[Callable[[Trial], None]]:
    """A log with the trials that a study has already, in a folder of its own below the given one; None logs nothing."""
    if folder is None:
        return nullcontext(lambda trial: None)
    identity = study.identity
    controller = StudyRecord(identity, [], []).controller
    about = (identity["task"], identity["space"]["name"], controller, f"seed{identity['seed']}")
    digest = hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:8]
    log = TensorBoard(Path(folder) / f"{folder_name('-'.join(about))}-{digest}", warn=warn)
    log.catch_up(study.trials)
    return log


# ---------------------------------------------------------------------- one line each


def worker_notes(trainer: Any, batch: int) -> Iterator[str]:
    """Yield one line on each way in which the workers of a trainer would wait for each other."""
    trainer = trainer.trainer if has_cohort(trainer) else trainer
    if not isinstance(trainer, Parallel):
        return
    if batch < trainer.workers:
        yield (
            f"a batch of {batch} gives work to {batch} of {trainer.workers} workers at a time; "
            f"--batch {trainer.workers} would keep all of them busy"
        )
    if trainer.oversubscription:
        yield trainer.oversubscription


def budget_notes(config: SearchConfig, study: Study) -> Iterator[str]:
    """Yield one line on the schedule of a new search whose number of trials only its time will tell."""
    if config.trials is None and takes_budget(config.controller) and "budget" not in config.controller_options:
        yield (
            f"how many trials fit into this time is not known yet: {config.controller} explores over its usual "
            f"{StudyRecord(study.identity, [], []).budget} trials; --controller-option budget=N sets another number"
        )


def opened_line(prior: Any, identity: dict[str, Any]) -> str:
    """Return one line on what a new study starts from; empty for a cold start."""
    if prior is None:
        return ""
    earlier = ", ".join(f"{counted(len(e.trials), 'trial')} on {e.task}" for e in prior.evidence)
    line = f"{prior.name} opens this search with what was found in {earlier}"
    task, data = identity["task"], digest_in(identity)
    if any(e.task == task and e.digest != data for e in prior.evidence):
        line += f" ({task} had other data then: examples of its test split of today may have been among them)"
    return line


def continued_line(config: SearchConfig, found: StudyRecord, identity: dict[str, Any]) -> str:
    """Return one line on the study that a command continues."""
    have = len(found.counted)
    goes_on = config.trials is None or have < config.trials
    line = f"{config.store} has {counted(have, 'trial')} of this search"
    line += f", and {len(found.imported)} imported ones" if found.imported else ""
    line += "; going on from there" if goes_on else ": nothing is left to train"
    if goes_on and found.identity["controller"] != identity["controller"]:
        line += f" (it was begun for {counted(found.budget or 0, 'trial')}, and its exploration keeps to that)"
    if found.identity["prior"] != identity["prior"]:
        line += " (with the prior that it was opened with: the prior's store has changed since)"
    return line
