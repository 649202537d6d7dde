"""Floor 1: search spaces. A search space defines which networks can be built.

A space is a finite decision process: `start`, `choices`, `step`, `build`. See `nasedu.spaces.base.Space`.
"""

from typing import Any

from nasedu.core import Registry
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
        Mismatch: the space cannot be built for this task.
    """
    return registry.make(name, task, **parameters)


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


__all__ = ["Choice", "Space", "State", "load", "rebuild", "registry"]
