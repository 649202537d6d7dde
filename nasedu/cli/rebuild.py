"""Rebuild the space, the prior and the controller of a recorded study from what its store says of them."""

from typing import Any

from nasedu import controllers, meta, spaces, tasks
from nasedu.cli.study_record import StudyRecord
from nasedu.controllers.base import Controller
from nasedu.core import Mismatch, describe
from nasedu.meta import Evidence
from nasedu.meta.continued import Continued
from nasedu.meta.pruned_space import PrunedSpace, whole_description
from nasedu.study import replay


def rebuild_prior(record: StudyRecord) -> Any:
    """Return the prior that a study was opened with, from the evidence in the store; None if it had none."""
    if not record.identity["prior"]:
        return None
    return _rebuild_prior(record.identity["prior"], [Evidence.from_data(entry) for entry in record.prior])


def _rebuild_prior(identity: dict[str, Any], evidence: list[Evidence]) -> Any:
    parameters = {k: v for k, v in identity.items() if k not in ("name", "digest")}
    if identity["name"] == Continued.name:
        first = identity["prior"] and _rebuild_prior(identity["prior"], evidence[:-1])
        return Continued(evidence, prior=first)
    return meta.load(identity["name"], evidence, **parameters)


def rebuild_space(described: dict[str, Any], task: Any) -> Any:
    """Return the space of a recorded study, from its description by `nasedu.core.describe`.

    Raises:
        UnknownName, BadValue: it is not registered here, or has other parameters today.
        Mismatch: it is registered, and is another one today.
    """
    whole = whole_description(described)
    space = spaces.rebuild(whole, task)
    if whole is not described:
        space = PrunedSpace(space, described["dropped"])
    if describe(space) != described:
        raise Mismatch(f"its space was {described}, and is {describe(space)} today")
    return space


def rebuild_fresh(record: StudyRecord) -> tuple[Controller, Any]:
    """Return the controller of a recorded study as it was made, before its prior and its trials; and the task.

    Raises:
        UnknownName: its task, space or controller is not registered here.
        BadValue, Mismatch: it is registered, and its code is another one today.
    """
    task = tasks.load(record.identity["task"])
    return controllers.rebuild(record.identity["controller"], rebuild_space(record.identity["space"], task)), task


def rebuild_controller(record: StudyRecord) -> Controller:
    """Return the controller of a recorded study, told of every trial of the record.

    Raises:
        UnknownName: its task, space, controller or prior is not registered here.
        BadValue, Mismatch: it is registered, and its code is another one today.
    """
    controller, _ = rebuild_fresh(record)
    prior = rebuild_prior(record)
    controller = prior.open(controller) if prior else controller
    replay(controller, record.recorded, "the recorded study")
    return controller
