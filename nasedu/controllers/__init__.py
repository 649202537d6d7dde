"""Floor 3: controllers. A controller chooses which architecture to try next. Controllers run without torch."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.controllers.constrained import Constrained
from nasedu.core import Registry

registry = Registry(
    "controller",
    {
        "random": "nasedu.controllers.random_search:RandomSearch",
        "random-uniform": "nasedu.controllers.random_search:UniformRandomSearch",
        "grid": "nasedu.controllers.grid_search:GridSearch",
        "local-search": "nasedu.controllers.local_search:LocalSearch",
        "genetic": "nasedu.controllers.evolution:Genetic",
        "regularized-evolution": "nasedu.controllers.evolution:RegularizedEvolution",
        "swarm": "nasedu.controllers.swarm:Swarm",
        "reinforce": "nasedu.controllers.reinforce:Reinforce",
        "reinforce-table": "nasedu.controllers.tabular_reinforce:TabularReinforce",
        "tpe": "nasedu.controllers.optuna_samplers:TPE",
        "gp": "nasedu.controllers.optuna_samplers:GaussianProcess",
        "gp-cold": "nasedu.controllers.gp_cold:GPCold",
        "predictor": "nasedu.controllers.predictor:Predictor",
        "q-learning": "nasedu.controllers.q_learning:QLearning",
    },
    contract="nasedu.controllers.base:Controller",
)


def load(name: str, space: Any, *, seed: int = 0, **parameters: Any) -> Controller:
    """Return the controller `name` over a space: `load("q-learning", space, seed=0, budget=40)`.

    A name may also be the path of a class of your own, "module:Mine".

    Raises:
        UnknownName: the controller does not exist; the message lists the controllers that exist.
        BadValue: a parameter does not exist in this controller, or its value is impossible.
    """
    return registry.make(name, space, seed=seed, **parameters)


def rebuild(description: dict[str, Any], space: Any) -> Controller:
    """Return a new controller from a description that `nasedu.core.describe` made and a store kept.

    Raises:
        UnknownName, BadValue: the controller is not registered here, or has other parameters in this version.
    """
    parameters = {key: value for key, value in description.items() if key != "name"}
    if description["name"] == Constrained.name:
        return Constrained(rebuild(parameters.pop("inner"), space), **parameters)
    return load(description["name"], space, **parameters)


__all__ = ["Constrained", "Controller", "load", "rebuild", "registry"]
