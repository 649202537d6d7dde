"""Floor 2: controllers, who chooses next. They run without torch."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Registry

controllers = Registry(
    "controller",
    {
        "random": "nasedu.controllers.random_search:RandomSearch",
        "q-learning": "nasedu.controllers.q_learning:QLearning",
    },
)


def load(name: str, space: Any, *, seed: int = 0, **parameters: Any) -> Controller:
    """The controller `name` over a space: `load("q-learning", space, seed=0, budget=40)`.

    Raises:
        UnknownName: no such controller; the message lists those that exist.
        BadValue: a parameter that the controller does not have, or with an impossible value.
    """
    controllers.check_parameters(name, parameters)
    return controllers[name](space, seed=seed, **parameters)


__all__ = ["Controller", "controllers", "load"]
