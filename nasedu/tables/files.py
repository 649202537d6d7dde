"""A table as one npz file: arrays and text, no pickle."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tables import columns

if TYPE_CHECKING:
    from nasedu.tables.table import Table

FORMAT = "nasedu table 1"
OPTIONAL = ("test", "seconds", "parameters", "flops")


def save(table: "Table", path: columns.Path_) -> None:
    """Write to a file beside the target, then put it in its place: what was there stays whole until then."""
    path = Path(path)
    if path.suffix != ".npz":
        raise BadValue(f"a table's file is called something.npz; given {path.name!r}")
    about = {"format": FORMAT, "tasks": table.tasks, "epochs": table.epochs, "scale": table.scale}
    about |= {"name": table.name, "note": table.note}
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


def load(path: columns.Path_) -> dict[str, Any]:
    """The arguments of `Table` that a file holds. Raises BadValue for a file that `save` did not write."""
    path = columns.existing(path)
    arrays = columns.arrays_of(path)
    about = read_about(path.name, arrays)
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
