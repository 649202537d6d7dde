"""Which study it is: what must be equal for a store to go on with it."""

from collections.abc import Callable, Iterable
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import describe
from nasedu.store import Trial
from nasedu.trainers.base import Trainer

DATA = ("data", "metric")
"""What a study of version 0.1 did not record: the data that its scores are of, and the name of the score."""


def identity_of(
    space: Any, controller: Controller, trainer: Trainer, epochs: int, seed: int, prior: Any = None
) -> dict[str, Any]:
    """Return what makes two studies the same study, as plain data.

    The data count, and not only the name of the task: a file may have changed since. A task tells its data by a method
    `fingerprint`; of one without such a method, the data are None.
    """
    task = trainer.task
    return {
        "task": task.name,
        "data": task.fingerprint() if hasattr(task, "fingerprint") else None,
        "metric": next(iter(getattr(task, "metrics", ())), "score"),
        "space": describe(space),
        "controller": describe(controller),
        "trainer": describe(trainer),
        "epochs": epochs,
        "seed": seed,
        "prior": prior.identity() if prior else None,
    }


def without_budget(identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity without the length of the search: equal for a search and a longer version of it.

    A controller's `budget` shapes its schedule, so it is part of what a study is. But a user who asks for more trials
    of a search means that search.
    """

    def cut(controller: dict[str, Any]) -> dict[str, Any]:
        return {k: cut(v) if k == "inner" else v for k, v in controller.items() if k != "budget"}

    return {**identity, "controller": cut(identity["controller"])}


def without_evidence(identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity without the digest of its prior's evidence: equal when the store of the prior has grown."""
    prior = identity["prior"] and {k: v for k, v in identity["prior"].items() if k != "digest"}
    return {**identity, "prior": prior}


def without_data(identity: dict[str, Any]) -> dict[str, Any]:
    """Return the identity without what version 0.1 did not record."""
    return {part: value for part, value in identity.items() if part not in DATA}


def may_be_same(
    known: dict[str, Any], wanted: dict[str, Any], trials: Callable[[], Iterable[Trial]] | None = None
) -> bool:
    """Return whether a recorded identity is the wanted one, as far as it says: one of version 0.1 says less.

    Args:
        trials: gives what was recorded under the known identity, which tells the name of a score where it does not.
    """
    if "data" in known:
        return known == wanted
    return known == without_data(wanted) and (trials is None or _can_be(wanted["metric"], trials()))


def _can_be(metric: str, trials: Iterable[Trial]) -> bool:
    """Return whether every score can be this metric: an evaluation holds its score under its name, if under any."""
    found = [t.evaluation for t in trials if t.evaluation and t.evaluation.ok]
    names = [{name for name, value in e.metrics.items() if value == e.score} for e in found]
    return all(metric in own for own in names if own)
