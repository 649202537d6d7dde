"""Where a one-shot search was left: a flat dictionary of tensors and some plain data, in one safetensors file."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from nasedu.core import BadValue, Mismatch


class SearchState(NamedTuple):
    """All that a search needs to go on as if it had never stopped; numbers, strings, lists and dictionaries beside.

    Attributes:
        tensors: by name, on the CPU.
        about: what the search is of: method, space, task, settings. A search of something else refuses it.
        plain: how far it is, and what it has seen.
    """

    tensors: dict[str, torch.Tensor]
    about: dict[str, Any]
    plain: dict[str, Any]


def save_state(state: SearchState, path: str | Path) -> None:
    """Write the state as a file. The file is either the old one or the new one, even if the process is killed."""
    path = Path(path)
    told = {"about": json.dumps(state.about), "plain": json.dumps(state.plain)}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.tensors.items()}
    new = path.with_name(f"{path.name}.new")  # one that a killed process left is written over
    try:
        with new.open("wb") as file:
            file.write(save(tensors, told))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise BadValue(f"the checkpoint {path} cannot be written: {error.strerror or error}") from error


def load_state(path: str | Path) -> SearchState:
    """Return the state that `save_state` wrote. Raise BadValue for a file that is none, or that holds NaN."""
    try:
        with safe_open(path, "pt") as file:
            told = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dictionary
        state = SearchState(tensors, json.loads(told["about"]), json.loads(told["plain"]))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BadValue(f"{path} is no checkpoint of a search or of a meta-learner ({reason})") from error
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise BadValue(f"the checkpoint {path} cannot be continued: {name!r} in it is NaN or infinite; begin again")
    return state


def check_about(given: Mapping[str, Any], wanted: Mapping[str, Any], what: str = "search") -> None:
    """Raise Mismatch, naming the first difference, if a state is of another search, or of another `what`."""
    given, wanted = (json.loads(json.dumps(about)) for about in (given, wanted))  # one of them may be from a file
    for name, here in wanted.items():
        there = given.get(name)
        if there != here:
            where, there, here = _innermost(name, there, here)
            raise Mismatch(
                f"the checkpoint is of another {what}: its {where} is {there!r}, and here it is {here!r}; make the "
                f"{what} as it was made then"
            )


def _innermost(name: str, there: Any, here: Any) -> tuple[str, Any, Any]:
    """Return where two values differ, and the two: of dictionaries the first entry that both have and that differs."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in here:
            if key in there and there[key] != here[key]:
                return _innermost(f"{name}: {key}", there[key], here[key])
    return name, there, here


def optimiser_tensors(name: str, optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the memory of an optimiser as NAME/position/key."""
    state = optimiser.state_dict()["state"]
    return {
        f"{name}/{n}/{key}": value for n, memory in state.items() for key, value in memory.items() if value is not None
    }


def restore_optimiser(name: str, optimiser: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]) -> None:
    """Put back what `optimiser_tensors` gave."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for full, tensor in tensors.items():
        prefix, _, rest = full.partition("/")
        if prefix == name:
            position, _, key = rest.partition("/")
            state.setdefault(int(position), {})[key] = tensor.clone()
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
