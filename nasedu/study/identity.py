"""Which study it is: what must be equal for a store to go on with it."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import describe
from nasedu.trainers.base import Trainer


def identity_of(
    space: Any, controller: Controller, trainer: Trainer, epochs: int, seed: int, prior: Any = None
) -> dict[str, Any]:
    """Return what makes two studies the same study, as plain data."""
    return {
        "task": trainer.task.name,
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
