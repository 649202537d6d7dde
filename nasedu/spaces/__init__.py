"""Floor 1: search spaces. A search space defines which networks can be built.

A space is a finite decision process: `start`, `choices`, `step`, `build`. See `nasedu.spaces.base.Space`.
"""

from typing import Any

from nasedu.core import Mismatch, Registry
from nasedu.spaces.base import Choice, Space, State

registry = Registry(
    "space",
    {
        "mlp": "nasedu.spaces.mlp:MLP",
        "chain-cnn": "nasedu.spaces.chain_cnn:ChainCNN",
        "macro": "nasedu.spaces.macro:Macro",
        "cell-201": "nasedu.spaces.cell_201:Cell201",
        "skip-chain": "nasedu.spaces.skip_chain:SkipChain",
        "darts": "nasedu.spaces.darts:Darts",
        "recurrent": "nasedu.spaces.recurrent:Recurrent",
        "attention": "nasedu.spaces.attention:Attention",
        "grammar": "nasedu.spaces.grammar:Grammar",
    },
    contract="nasedu.spaces.base:Space",
)


def load(name: str, task: Any, **parameters: Any) -> Space:
    """Return the space `name`, made for the shapes of a task: `load("chain-cnn", tasks.load("digits"), depth=4)`.

    Args:
        name: a registered name, which `nasedu spaces` lists; or the path of a class of your own, "module:Widths".
        task: an object with `name`, `kind`, `input_shape` and `outputs`, such as a `nasedu.tasks.Task`.
        **parameters: parameters of this space (widths, depth limit, ...).

    Raises:
        UnknownName: the space does not exist; the message lists the spaces that exist.
        BadValue: a parameter does not exist in this space, or its value is impossible.
        Mismatch: the space cannot be built for this task; the message lists the spaces that can.
    """
    try:
        return registry.make(name, task, **parameters)
    except Mismatch as error:
        known = not registry.is_own(name) and task.input_shape
        fit = ", ".join(fitting(task)) if known else ""
        raise Mismatch(f"{error}; spaces that fit: {fit}" if fit else str(error)) from error


def fitting(*tasks: Any) -> list[str]:
    """Return the registered spaces that can be built for each of these tasks, those of your own not included."""
    made = ((name, getattr(registry[name], "why_unfit", None)) for name in registry)
    return [name for name, objection in made if objection and not any(map(objection, tasks))]


def usual(*tasks: Any) -> str:
    """Return the space that is searched if none is named: "chain-cnn" for images, "recurrent" for sequences, or "mlp".

    Args:
        *tasks: at least one; of several, the space fits all.

    Raises:
        Mismatch: no registered space fits.
    """
    shape = tasks[0].input_shape
    first = "chain-cnn" if len(shape) == 3 else "recurrent" if len(shape) == 2 and shape[0] != 1 else "mlp"
    fit = fitting(*tasks)
    if not fit:
        raise Mismatch(f"no space fits {', '.join(task.name for task in tasks)}: name one of your own, module:Name")
    return min(fit, key=lambda name: (name != first, name != "mlp"))


def rebuild(description: dict[str, Any], task: Any) -> Space:
    """Return the space from a description that `nasedu.core.describe` made and a store kept.

    Args:
        description: its name and its parameters, the shapes of the task among them.
        task: as for `load`.

    Raises:
        UnknownName, BadValue: it is not registered here, or has other parameters in this version.
    """
    parameters = {k: v for k, v in description.items() if k not in ("name", "input_shape", "outputs")}
    return load(description["name"], task, **parameters)


__all__ = ["Choice", "Space", "State", "fitting", "load", "rebuild", "registry", "usual"]
