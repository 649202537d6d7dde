"""From the names that a person gives to an open study: whatever is wrong is said before anything is written."""

import inspect
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nasedu import controllers, meta, spaces, tasks, trainers
from nasedu.core import BadValue, Mismatch, Registry, UnknownName
from nasedu.meta import evidence_in
from nasedu.records import Record, prior_of, study_meant, takes
from nasedu.study import Study, check_counts, identity_of


@dataclass(frozen=True)
class Wish:
    """A search as it is asked for on the command line.

    Attributes:
        task, space, controller, trainer: registered names.
        trials: how many the study shall have in the end.
        batch: how many are asked together.
        epochs: passes over the training split for each candidate.
        seed: of the controller, and of every candidate's weights and data order.
        store: a file, or ":memory:".
        prior: a store with earlier studies; None for a cold start.
        prior_kind: a registered name; None for the usual one of the controller.
        device: None leaves the choice to the trainer.
        limits: the greatest allowed value of a measure, such as {"parameters": 20000}; empty for no constraint.
        space_options, controller_options, trainer_options: parameters by name.
    """

    task: str
    space: str
    controller: str
    trainer: str
    trials: int
    batch: int
    epochs: int
    seed: int
    store: str
    prior: str | None = None
    prior_kind: str | None = None
    device: str | None = None
    limits: dict[str, float] = field(default_factory=dict)
    space_options: dict[str, Any] = field(default_factory=dict)
    controller_options: dict[str, Any] = field(default_factory=dict)
    trainer_options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Everything that can be known at once, before a second goes into imports.

        Raises:
            UnknownName, BadValue, StoreError: what is wrong, in one line.
        """
        check_counts(trials=self.trials, batch=self.batch, epochs=self.epochs)
        for registry, name in (
            (tasks.tasks, self.task),
            (spaces.spaces, self.space),
            (controllers.controllers, self.controller),
            (trainers.trainers, self.trainer),
        ):
            if name not in registry:
                raise UnknownName(f"unknown {registry.family} {name!r}; known: {', '.join(sorted(registry))}")
        if self.prior_kind is not None and self.prior is None:
            raise BadValue(f"--prior-kind {self.prior_kind} says how to use a prior, and none is given: add --prior")
        if self.prior is not None and self.kind_of_prior not in meta.priors:
            raise UnknownName(f"unknown prior {self.prior_kind!r}; known: {', '.join(sorted(meta.priors))}")

    @property
    def kind_of_prior(self) -> str:
        return self.prior_kind or ("warm-q" if self.controller == "q-learning" else "copy-best")


def open_study(wish: Wish) -> tuple[Study, str]:
    """The study that is wished for, and a line on what it goes on from (empty for a new one).

    Raises:
        NaseduError: whatever is wrong with the wish; nothing was written.
    """
    wish.check()
    task = tasks.load(wish.task)
    space = made(spaces.spaces, wish.space, wish.space_options, lambda o: spaces.load(wish.space, task, **o))
    controller = _controller(wish, space, {})
    options = ({"device": wish.device} if wish.device else {}) | wish.trainer_options
    trainer = made(trainers.trainers, wish.trainer, options, lambda o: trainers.load(wish.trainer, space, task, **o))
    prior = _prior(wish, space, identity_of(space, controller, trainer, wish.epochs, wish.seed))
    identity = identity_of(space, controller, trainer, wish.epochs, wish.seed, prior)
    found = study_meant(wish.store, identity, any_budget="budget" not in wish.controller_options)
    if found and found.identity != identity:
        prior = prior_of(found)
        controller = _controller(wish, space, {"budget": found.budget} if found.budget else {})
    study = Study(space, controller, trainer, store=wish.store, epochs=wish.epochs, seed=wish.seed, prior=prior)
    return study, goes_on_from(wish, found, identity) if found else opened_with(prior)


def opened_with(prior: Any) -> str:
    """One line on what a new study starts from; empty for a cold start."""
    if prior is None:
        return ""
    earlier = ", ".join(f"{len(e.trials)} trials on {e.task}" for e in prior.evidence)
    return f"{prior.name} opens this search with what was found in {earlier}"


def goes_on_from(wish: Wish, found: Record, identity: dict[str, Any]) -> str:
    """One line on the study that a command goes on with, for whoever watches."""
    have = len(found.trials)
    line = f"{wish.store} has {have} trials of this search"
    line += "; going on from there" if have < wish.trials else ": nothing is left to train"
    if have < wish.trials and found.identity["controller"] != identity["controller"]:
        line += f" (it was begun for {found.budget} trials, and its exploration keeps to that)"
    if found.identity["prior"] != identity["prior"]:
        line += " (with the prior that it was opened with: the prior's store has changed since)"
    return line


def _controller(wish: Wish, space: Any, settled: dict[str, Any]) -> Any:
    """A fresh controller; one that has a budget gets the number of trials, unless it is settled otherwise."""
    registry = controllers.controllers
    usual = {"budget": wish.trials} if takes(registry[wish.controller], "budget") else {}
    options = usual | wish.controller_options | settled
    free = made(
        registry, wish.controller, options, lambda o: controllers.load(wish.controller, space, seed=wish.seed, **o)
    )
    return controllers.Constrained(free, limits=wish.limits) if wish.limits else free


def _prior(wish: Wish, space: Any, cold: dict[str, Any]) -> Any:
    if wish.prior is None:
        return None
    return meta.load(wish.kind_of_prior, evidence_in(wish.prior, space, leave_out=cold))


def options_from(family: str, texts: list[str]) -> dict[str, Any]:
    """`["depth=4", "filters=[16,32]", "target=max"]` as a dictionary: values are JSON, or else plain words."""
    options: dict[str, Any] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise BadValue(f"--{family}-option takes name=value, such as depth=4; given {text!r}")
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
    return json.dumps(value)
