"""The command that makes a study again, from what its store says of it."""

import inspect
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from nasedu import controllers, spaces, trainers
from nasedu.cli.study_record import StudyRecord
from nasedu.core import Registry
from nasedu.core.describe import plain
from nasedu.core.options import shown
from nasedu.meta.pruned_space import whole_description

GIVEN = ("name", "input_shape", "outputs", "seed", "budget", "recipe", "device")
"""What a description holds and no option says: the task, the search or the machine gives it."""


def command_of(record: StudyRecord, store: str) -> list[str]:
    """Return the words of the `nasedu search` command of a study, with every option that is not the usual one."""
    identity = record.identity
    controller = identity["controller"].get("inner", identity["controller"])
    trainer = identity["trainer"]
    words = ["nasedu", "search", "--task", identity["task"], "--space", record.space]
    words += ["--controller", controller["name"], "--trainer", trainer["name"], "--trials", str(len(record.counted))]
    words += ["--epochs", str(identity["epochs"]), "--seed", str(identity["seed"]), "--store", store]
    words += ["--prior", "STORE", "--prior-kind", identity["prior"]["name"]] if identity["prior"] else []
    words += ["--most-parameters", f"{record.limits['parameters']}"] if "parameters" in record.limits else []
    for flag, registry, described in (
        ("--space-option", spaces.registry, whole_description(identity["space"])),
        ("--controller-option", controllers.registry, controller),
        ("--trainer-option", trainers.registry, trainer),
    ):
        words += [word for option in _options(registry, described) for word in (flag, option)]
    words += [word for option in _recipe(trainer) for word in ("--recipe", option)]
    return words


def typed(words: list[str]) -> str:
    """Return a command as it is typed into a shell, a line for each option."""
    return " ".join(f"\\\n  {word}" if word.startswith("--") else shlex.quote(word) for word in words)


def _options(registry: Registry, described: Mapping[str, Any]) -> Iterator[str]:
    """Yield `name=value` for what differs from the defaults of a registered entry."""
    if described["name"] not in registry:
        return
    parameters = inspect.signature(registry[described["name"]]).parameters
    for name, value in described.items():
        if name in GIVEN or name not in parameters:
            continue
        if isinstance(value, dict):  # a part inside a part is given by its name
            value = value.get("name", value)
        default = parameters[name].default
        if default is inspect.Parameter.empty or value != plain(default, name):
            yield f"{name}={value if isinstance(value, str) else shown(value)}"


def _recipe(trainer: Mapping[str, Any]) -> Iterator[str]:
    """Yield `name=value` for what differs from the usual recipe, of the trainer or of one inside it."""
    from nasedu.trainers.recipe import Recipe

    while trainer and "recipe" not in trainer:
        trainer = trainer.get("trainer") or {}
    for name, value in (trainer.get("recipe") or {}).items():
        if name != "name" and value != getattr(Recipe(), name, value):
            yield f"{name}={value if isinstance(value, str) else shown(value)}"
