"""Floor 3: controllers, who chooses next. They run without torch."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.controllers.constrained import Constrained
from nasedu.core import Registry

registry = Registry(
    "controller",
    {
        "random": "nasedu.controllers.random_search:RandomSearch",
        "grid": "nasedu.controllers.grid_search:GridSearch",
        "local-search": "nasedu.controllers.local_search:LocalSearch",
        "genetic": "nasedu.controllers.evolution:Genetic",
        "regularized-evolution": "nasedu.controllers.evolution:RegularizedEvolution",
        "swarm": "nasedu.controllers.swarm:Swarm",
        "reinforce": "nasedu.controllers.reinforce:Reinforce",
        "tpe": "nasedu.controllers.optuna_samplers:TPE",
        "gp": "nasedu.controllers.optuna_samplers:GaussianProcess",
        "q-learning": "nasedu.controllers.q_learning:QLearning",
    },
)


def load(name: str, space: Any, *, seed: int = 0, **parameters: Any) -> Controller:
    """The controller `name` over a space: `load("q-learning", space, seed=0, budget=40)`.

    Raises:
        UnknownName: no such controller; the message lists those that exist.
        BadValue: a parameter that the controller does not have, or with an impossible value.
    """
    registry.check_parameters(name, parameters)
    return registry[name](space, seed=seed, **parameters)


def rebuild(description: dict[str, Any], space: Any) -> Controller:
    """A fresh controller from what `nasedu.core.describe` said of one, as a store keeps it.

    Raises:
        UnknownName, BadValue: it is not registered here, or has other parameters today.
    """
    parameters = {key: value for key, value in description.items() if key != "name"}
    if description["name"] == Constrained.name:
        return Constrained(rebuild(parameters.pop("inner"), space), **parameters)
    return load(description["name"], space, **parameters)


__all__ = ["Constrained", "Controller", "load", "rebuild", "registry"]
