"""A table as one npz file: arrays and text, no pickle."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nasedu.core import BadValue, Mismatch, describe
from nasedu.spaces import registry as spaces
from nasedu.tables import columns

if TYPE_CHECKING:
    from nasedu.tables.table import Table

FORMAT = "nasedu table 1"
OPTIONAL = ("test", "seconds", "parameters", "flops")


def save(table: "Table", path: columns.Path_) -> None:
    """Write a temporary file in the same folder, then replace the target: an old file stays whole until then."""
    path = Path(path)
    if path.suffix != ".npz":
        raise BadValue(f"a table's file is called something.npz; given {path.name!r}")
    about = {"format": FORMAT, "tasks": table.tasks, "epochs": table.epochs, "scale": table.scale}
    about |= {"name": table.name, "note": table.note, "space": _described(table.space)}
    arrays = {name: getattr(table, name) for name in OPTIONAL if getattr(table, name) is not None}
    arrays["about"] = np.array(json.dumps(about))
    arrays["architectures"] = np.array([json.dumps(architecture) for architecture in table.rows])
    arrays["scores"] = table.values
    half = path.with_name(f".{path.stem}.{os.getpid()}.npz")
    try:
        np.savez_compressed(half, allow_pickle=False, **arrays)
        half.replace(path)
    except OSError as error:
        raise BadValue(f"the table cannot be written to {path}: {error.strerror}") from error
    finally:
        half.unlink(missing_ok=True)


def _described(space: Any) -> dict[str, Any] | None:
    """Return the description of a registered space; None for any other, which a file cannot describe."""
    return describe(space) if getattr(space, "name", None) in spaces else None


def load(path: columns.Path_, space: Any = None) -> dict[str, Any]:
    """Return the arguments of `Table` that a file holds.

    Raises:
        BadValue: a file that `save` did not write; or it does not name its space, and none is given.
        Mismatch: the space given is not the file's.
    """
    path = columns.existing(path)
    arrays = columns.arrays_of(path)
    about = read_about(path.name, arrays)
    about["space"] = _space_of(path.name, about.pop("space", None), space)
    tasks = about.pop("tasks")
    try:
        architectures = [tuple(json.loads(text)) for text in arrays["architectures"].tolist()]
        values: dict[str, Any] = {"scores": arrays["scores"]} | {name: arrays.get(name) for name in OPTIONAL}
        for name in ("scores", "test"):
            array = values[name]
            values[name] = None if array is None else {task: array[:, i] for i, task in enumerate(tasks)}
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise BadValue(f"{path.name} is a damaged table: {type(error).__name__}: {error}") from error
    about["epochs"] = about["epochs"] or None
    return {**about, **values, "architectures": architectures, "where": lambda row: f"{path.name}, row {row}"}


def _space_of(file: str, said: dict[str, Any] | None, given: Any) -> Any:
    """Return the given space, if it is the file's; if none is given, make the file's space."""
    if given is None:
        if said is None:
            raise BadValue(f"{file} does not say which space it is of: give it, as in Table.load(path, space)")
        return spaces[said["name"]](**{name: value for name, value in said.items() if name != "name"})
    if said is not None and describe(given) != said:
        differing = [k for k in {**said, **describe(given)} if said.get(k) != describe(given).get(k)]
        told = ", ".join(f"{k} {said.get(k)} there, {describe(given).get(k)} here" for k in differing)
        raise Mismatch(f"{file} is of another space: {told}. Table.load(path) makes the one that it is of")
    return given


def read_about(file: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    try:
        about = json.loads(str(arrays["about"]))
        found = about.pop("format")
    except (KeyError, ValueError, AttributeError, TypeError):
        raise BadValue(
            f"{file} was not written by Table.save; it has: {', '.join(arrays) or 'nothing'}. Read it with "
            "Table.from_npz, saying which array means what"
        ) from None
    if found != FORMAT:
        raise BadValue(f"{file} is a {found!r}; this version of nasedu reads {FORMAT!r}: bring nasedu up to date")
    return about
