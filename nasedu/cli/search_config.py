"""From the names that a person gives to an open study: whatever is wrong is said before anything is written."""

import hashlib
import inspect
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from nasedu import controllers, meta, spaces, tasks, trainers
from nasedu.cli.rebuild import prior_of
from nasedu.cli.study_record import StudyRecord, study_meant, takes
from nasedu.core import BadValue, Mismatch, Registry, UnknownName
from nasedu.logs import TensorBoard
from nasedu.logs.tensorboard import check_tensorboard
from nasedu.meta import evidence_in
from nasedu.store import canonical_json
from nasedu.study import Study, check_counts, identity_of
from nasedu.trainers.base import settings_of
from nasedu.trainers.parallel.dask import Cluster, check_dask
from nasedu.trainers.parallel.processes import processes
from nasedu.trainers.parallel.trainer import Parallel
from nasedu.trainers.recipe import Recipe


@dataclass(frozen=True)
class SearchConfig:
    """A search as it is asked for on the command line.

    Attributes:
        task, space, controller, trainer: registered names.
        trials: how many the study shall have in the end.
        batch: how many are asked together; None for 4, or as many as the trainer compares with each other.
        epochs: passes over the training split for each candidate.
        seed: of the controller, and of every candidate's weights and data order.
        store: a file, or ":memory:".
        prior: a store with earlier studies; None for a cold start.
        prior_kind: a registered name; None for the usual one of the controller.
        device: None leaves the choice to the trainer.
        workers: processes that train; 1 trains in this one.
        dask: the address of a scheduler whose workers train; None for this machine.
        tensorboard: a folder for curves; None for none.
        limits: the greatest allowed value of a measure, such as {"parameters": 20000}; empty for no constraint.
        space_options, controller_options, trainer_options: parameters by name.
        recipe: fields of the trainer's recipe by name; what is not named stays as usual.
    """

    task: str
    space: str
    controller: str
    trainer: str
    trials: int
    batch: int | None
    epochs: int
    seed: int
    store: str
    prior: str | None = None
    prior_kind: str | None = None
    device: str | None = None
    workers: int = 1
    dask: str | None = None
    tensorboard: str | None = None
    limits: dict[str, float] = field(default_factory=dict)
    space_options: dict[str, Any] = field(default_factory=dict)
    controller_options: dict[str, Any] = field(default_factory=dict)
    trainer_options: dict[str, Any] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Everything that can be known at once, before a second goes into imports.

        Raises:
            UnknownName, BadValue, MissingExtra: what is wrong, in one line.
        """
        check_counts(trials=self.trials, epochs=self.epochs, workers=self.workers)
        if self.batch is not None:
            check_counts(batch=self.batch)
        self._check_dask()
        if self.tensorboard is not None:
            check_tensorboard(self.tensorboard)
        tasks.check_name(self.task)
        for registry, name in (
            (spaces.registry, self.space),
            (controllers.registry, self.controller),
            (trainers.registry, self.trainer),
        ):
            if name not in registry:
                raise UnknownName(f"unknown {registry.family} {name!r}; known: {', '.join(sorted(registry))}")
        if self.prior_kind is not None and self.prior is None:
            raise BadValue(f"--prior-kind {self.prior_kind} says how to use a prior, and none is given: add --prior")
        if self.prior is not None and self.kind_of_prior not in meta.registry:
            raise UnknownName(f"unknown prior {self.prior_kind!r}; known: {', '.join(sorted(meta.registry))}")

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
        return self.prior_kind or ("warm-q" if self.controller == "q-learning" else "copy-best")


def open_study(config: SearchConfig) -> tuple[Study, str]:
    """The study that is wished for, and a line on what it goes on from (empty for a new one).

    Raises:
        NaseduError: whatever is wrong with the config; nothing was written.
    """
    config.check()
    task = tasks.load(config.task)
    space = made(spaces.registry, config.space, config.space_options, lambda o: spaces.load(config.space, task, **o))
    controller = _controller(config, space, {})
    options = ({"device": config.device} if config.device else {}) | _recipe(config) | config.trainer_options
    trainer = made(
        trainers.registry, config.trainer, options, lambda o: trainers.load(config.trainer, space, task, **o)
    )
    prior = _prior(config, space, identity_of(space, controller, trainer, config.epochs, config.seed))
    identity = identity_of(space, controller, trainer, config.epochs, config.seed, prior)
    found = study_meant(config.store, identity, any_budget="budget" not in config.controller_options)
    if found and found.identity != identity:
        prior = prior_of(found)
        controller = _controller(config, space, {"budget": found.budget} if found.budget else {})
    if compares(trainer):
        trainer.brackets(1, config.epochs)  # refuses epochs that have no room for its rungs
    with at_work(config, trainer) as working:
        study = Study(
            space, controller, working, store=config.store, epochs=config.epochs, seed=config.seed, prior=prior
        )
    return study, goes_on_from(config, found, identity) if found else opened_with(prior)


@contextmanager
def at_work(config: SearchConfig, trainer: Any) -> Iterator[Any]:
    """The trainer with the workers that are wished for, who are sent home if what follows goes wrong.

    If it compares its candidates, they train for it, and do not divide the cohort.

    Raises:
        BadValue: no scheduler answers at the address of the cluster, or one without workers.
    """
    if config.workers == 1 and config.dask is None:
        yield trainer
        return
    inner = trainer.trainer if compares(trainer) else trainer
    working = Parallel(inner, processes(config.workers) if config.dask is None else Cluster(config.dask))
    try:
        yield trainer.around(working) if compares(trainer) else working
    except BaseException:
        working.close()
        raise


def compares(trainer: Any) -> bool:
    """Whether the candidates of a call race against each other, as in successive halving."""
    return settings_of(trainer).cohort is not None


def batch_of(config: SearchConfig, trainer: Any) -> int:
    """How many are asked together: what the person said, or as many as the trainer compares, or 4."""
    return config.batch if config.batch is not None else settings_of(trainer).cohort or 4


def advice(config: SearchConfig, trainer: Any) -> Iterator[str]:
    """One line on each way in which workers would wait for each other."""
    batch = batch_of(config, trainer)
    trainer = trainer.trainer if compares(trainer) else trainer
    if not isinstance(trainer, Parallel):
        return
    if batch < trainer.workers:
        yield (
            f"a batch of {batch} gives work to {batch} of {trainer.workers} workers at a time; "
            f"--batch {trainer.workers} would keep all of them busy"
        )
    if trainer.crowded:
        yield trainer.crowded


def log_for(folder: str, study: Study, warn: Callable[[str], None]) -> TensorBoard:
    """A log of the study in a folder of its own, so that many stand side by side, with the trials it has already."""
    identity = study.identity
    about = (
        identity["task"],
        identity["space"]["name"],
        StudyRecord(identity, [], []).controller,
        f"seed{identity['seed']}",
    )
    digest = hashlib.sha256(canonical_json(identity).encode()).hexdigest()[:8]
    log = TensorBoard(Path(folder) / "-".join((*about, digest)), warn=warn)
    log.catch_up(study.trials)
    return log


def opened_with(prior: Any) -> str:
    """One line on what a new study starts from; empty for a cold start."""
    if prior is None:
        return ""
    earlier = ", ".join(f"{len(e.trials)} trials on {e.task}" for e in prior.evidence)
    return f"{prior.name} opens this search with what was found in {earlier}"


def goes_on_from(config: SearchConfig, found: StudyRecord, identity: dict[str, Any]) -> str:
    """One line on the study that a command goes on with, for whoever watches."""
    have = len(found.trials)
    line = f"{config.store} has {have} trials of this search"
    line += "; going on from there" if have < config.trials else ": nothing is left to train"
    if have < config.trials and found.identity["controller"] != identity["controller"]:
        line += f" (it was begun for {found.budget} trials, and its exploration keeps to that)"
    if found.identity["prior"] != identity["prior"]:
        line += " (with the prior that it was opened with: the prior's store has changed since)"
    return line


def _controller(config: SearchConfig, space: Any, settled: dict[str, Any]) -> Any:
    """A fresh controller; one that has a budget gets the number of trials, unless it is settled otherwise."""
    registry = controllers.registry
    usual = {"budget": config.trials} if takes(registry[config.controller], "budget") else {}
    options = usual | config.controller_options | settled
    free = made(
        registry,
        config.controller,
        options,
        lambda o: controllers.load(config.controller, space, seed=config.seed, **o),
    )
    return controllers.Constrained(free, limits=config.limits) if config.limits else free


def _recipe(config: SearchConfig) -> dict[str, Any]:
    """The recipe that is wished for, as an option of the trainer; none if the trainer shall take its own.

    Raises:
        BadValue: a trainer without a recipe, or a field that a recipe does not have.
    """
    if not config.recipe:
        return {}
    options = config.trainer_options
    inner = (
        options.get("trainer", "sequential") if takes(trainers.registry[config.trainer], "trainer") else config.trainer
    )
    if inner in trainers.registry and not takes(trainers.registry[inner], "recipe"):
        having = [name for name in trainers.registry if takes(trainers.registry[name], "recipe")]
        raise BadValue(f"the trainer {inner!r} trains by no recipe; those that do: {', '.join(having)}")
    known = [f.name for f in fields(Recipe)]
    for name in config.recipe:
        if name not in known:
            raise BadValue(f"a recipe has no field {name!r}; it has: {', '.join(known)}")
    return {"recipe": Recipe(**config.recipe)}


def _prior(config: SearchConfig, space: Any, cold: dict[str, Any]) -> Any:
    if config.prior is None:
        return None
    return meta.load(config.kind_of_prior, evidence_in(config.prior, space, leave_out=cold))


def options_from(family: str, texts: list[str]) -> dict[str, Any]:
    """`["depth=4", "filters=[16,32]", "target=max"]` as a dictionary: values are JSON, or else plain words."""
    options: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            option = "recipe" if family == "recipe" else f"{family}-option"
            such_as = "batch_size=64" if family == "recipe" else "depth=4"
            raise BadValue(f"--{option} takes name=value, such as {such_as}; given {text!r}")
        try:
            options[name.strip()] = json.loads(value, parse_constant=lambda word: word)
        except ValueError:
            options[name.strip()] = value.strip()
    return options


def made(registry: Registry, name: str, options: dict[str, Any], make: Callable[[dict[str, Any]], Any]) -> Any:
    """What `make(options)` makes, with options of a wrong name or kind refused in words.

    Raises:
        BadValue: an option that the entry does not have, or with a value that it cannot be.
    """
    registry.check_parameters(name, options)
    parameters = inspect.signature(registry[name]).parameters
    free = [p.name for p in parameters.values() if p.default is not p.empty and p.name != "seed"]
    for option, value in options.items():
        if option in parameters and option not in free:
            raise BadValue(
                f"{registry.family} {name!r}: {option} is given by the search itself; "
                f"free to choose are: {', '.join(free) or 'none'}"
            )
        usual = parameters[option].default if option in parameters else None
        if not _same_kind(value, usual):
            usually = f"{_kind(usual)}, such as {_shown(usual)}"
            raise BadValue(f"{registry.family} {name!r}: {option} is {usually}; given {_shown(value)}")
    try:
        return make(options)
    except (TypeError, ValueError, IndexError, ArithmeticError) as error:
        if isinstance(error, BadValue | Mismatch):
            raise
        given = ", ".join(f"{option}={_shown(value)}" for option, value in options.items())
        raise BadValue(f"{registry.family} {name!r} cannot be made with {given or 'no options'}: {error}") from error


KINDS: tuple[tuple[type, str, tuple[type, ...]], ...] = (
    (bool, "true or false", (bool,)),
    (int, "a whole number", (int,)),
    (float, "a number", (int, float)),
    (str, "a word", (str,)),
    (tuple, "a list", (list, tuple)),
    (list, "a list", (list, tuple)),
)
"""A default's type, its name in an error, and which JSON values may stand in its place."""


def _same_kind(value: Any, usual: Any) -> bool:
    """Whether a value may stand where `usual` is the default; anything may where the default tells nothing."""
    for kind, _, allowed in KINDS:
        if isinstance(usual, kind):
            finite = not isinstance(value, float) or math.isfinite(value)
            return finite and isinstance(value, allowed) and (kind is bool or not isinstance(value, bool))
    return True


def _kind(usual: Any) -> str:
    return next(words for kind, words, _ in KINDS if isinstance(usual, kind))


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)
