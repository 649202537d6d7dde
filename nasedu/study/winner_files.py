"""A winner as two files in a folder, as a row in the store of its study, or in the store of a one-shot search.

winner.json holds everything that a person can read: architecture, space, recipe, task, preparation, scores, versions.
weights.safetensors holds the numbers; any program that knows the format can read them.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as weights_from
from safetensors.numpy import save as as_bytes

from nasedu.core import BadValue
from nasedu.store import Store
from nasedu.study.winner import Winner

ABOUT = "winner.json"
WEIGHTS = "weights.safetensors"
NETWORK = "network/"
"""Begins the names of the weights in a store of `nasedu oneshot`."""


def packed(winner: Winner) -> tuple[str, bytes]:
    """Return a winner as JSON and safetensors."""
    weights = {name: np.ascontiguousarray(value) for name, value in winner.weights.items()}
    return json.dumps(winner.to_data(), indent=1), as_bytes(weights)


def unpacked(text: str, weights: bytes, space: Any = None) -> Winner:
    """Return the winner that `packed` described."""
    data: Mapping[str, Any] = json.loads(text)
    return Winner.from_data(data, weights_from(weights), space)


def write(winner: Winner, folder: str | os.PathLike[str]) -> None:
    """Write a winner into a folder, which is made if it does not exist.

    Raises:
        BadValue: the folder cannot be written, or is a file.
    """
    place = Path(folder)
    text, weights = packed(winner)
    try:
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / WEIGHTS, weights)
        write_whole(place / ABOUT, text.encode())
    except OSError as error:
        raise BadValue(f"the folder {str(place)!r} cannot be written: {error.strerror}; name another one") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def read(place: str | os.PathLike[str], *, study: int | None = None, space: Any = None) -> Winner:
    """Read a winner from its folder, or from a store; see `Winner.load`."""
    path = Path(place)
    if path.is_dir():
        return _from_folder(path, space)
    if path.suffix == ".safetensors" and path.exists():
        return _from_checkpoint(path, space)
    store = Store(place, create=False)
    try:
        number = chosen(store, study)
        found = store.winner(number)
    finally:
        store.close()
    assert found is not None
    return unpacked(*found, space)


def _from_folder(path: Path, space: Any) -> Winner:
    try:
        return unpacked((path / ABOUT).read_text(), (path / WEIGHTS).read_bytes(), space)
    except FileNotFoundError as error:
        raise BadValue(
            f"the folder {str(path)!r} holds no winner: it has no {Path(error.filename).name}; give a folder that "
            "`Winner.save` wrote, or the store of a finished study"
        ) from error
    except (SafetensorError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadValue(f"the winner in {str(path)!r} is damaged: {error}; save it again") from error


def _from_checkpoint(path: Path, space: Any) -> Winner:
    """Read the network that `nasedu oneshot` keeps in its store."""
    try:
        with safe_open(path, "np") as file:
            about = json.loads(file.metadata()["plain"])["winner"]
            own = [name for name in file.keys() if name.startswith(NETWORK)]  # noqa: SIM118  # it is no dictionary
            weights = {name.removeprefix(NETWORK): file.get_tensor(name) for name in own}
    except (SafetensorError, ValueError, LookupError, TypeError) as error:
        raise BadValue(f"{path} is no store of nasedu oneshot ({type(error).__name__}: {error})") from error
    if not about:
        raise BadValue(
            f"the search in {path} is not finished, so there is no network yet: the same nasedu oneshot goes on"
        )
    return Winner.from_data(about, weights, space)


def chosen(store: Store, study: int | None) -> int:
    """Return the number of the study whose winner is meant.

    Raises:
        BadValue: there is no winner, or there are several and none was chosen.
    """
    have = store.with_winner()
    if study is None and len(have) == 1:
        return have[0]
    if study in have:
        return study
    known = ", ".join(map(str, have)) or "none"
    if not have:
        raise BadValue(
            f"{store.path} has no finished study with a network: a search that ends with its test keeps one; "
            "scores that were looked up in a table have none, nor have studies that an earlier version finished"
        )
    if study is None:
        raise BadValue(f"{store.path} has several finished studies: choose one of {known} (--study)")
    if study not in dict(store.studies()):
        raise BadValue(f"{store.path} has no study {study!r}; studies with a network: {known}")
    why = "kept no network" if store.finals(study) else "is not finished, so there is no network yet"
    raise BadValue(f"study {study} of {store.path} {why}; studies with one: {known}")
