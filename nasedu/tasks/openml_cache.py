"""Where data sets from OpenML are kept: one folder for each, whole or not there at all."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from nasedu.core import BadValue, Mismatch

ARRAYS, HASH = "data.npz", "sha256"


class Fetched(NamedTuple):
    """A data set as it came, before anything was filled or scaled.

    Attributes:
        X: uint8 or float32, (examples, features); NaN where a value is missing.
        y: int64, (examples,), places in `classes`.
        classes: their names.
        source, licence: one line each.
    """

    X: np.ndarray
    y: np.ndarray
    classes: list[str]
    source: str
    licence: str


def folder_of(name: str, cache: str | Path | None = None) -> Path:
    """The folder of this data set, in `cache` or in the user's cache directory."""
    home = Path(cache).expanduser() if cache is not None else user_cache() / "nasedu" / "openml"
    return home / quote(name.lower(), safe=" ")


def user_cache() -> Path:
    """`$XDG_CACHE_HOME` if it is set, else where the system keeps caches."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # the specification has relative paths ignored
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def digest_of(data: Fetched) -> str:
    """The SHA-256 sum of the examples, their answers and the classes' names."""
    total = hashlib.sha256(json.dumps(data.classes).encode())
    for array in (data.X, data.y):
        total.update(f"{array.dtype.str} {array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def read(place: Path) -> Fetched | None:
    """What is kept in this folder, or None if it is not there.

    Raises:
        BadValue: what is there cannot be read.
        Mismatch: it does not hash to what was written beside it.
    """
    if not place.exists():
        return None
    mend = f"delete the folder {place} and load again to fetch it anew"
    try:
        wanted = (place / HASH).read_text().strip()
        with np.load(place / ARRAYS, allow_pickle=False) as kept:
            about = json.loads(str(kept["about"]))
            data = Fetched(kept["X"], kept["y"], about["classes"], about["source"], about["licence"])
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadValue(f"the data set kept in {place} is damaged ({error}); {mend}") from error
    found = digest_of(data)
    if found != wanted:
        raise Mismatch(f"the data set kept in {place} hashes to {found}, and to {wanted} when it was fetched; {mend}")
    return data


def write(place: Path, data: Fetched) -> None:
    """Keep it in this folder: written beside it first, and moved there whole."""
    about = json.dumps({"classes": data.classes, "source": data.source, "licence": data.licence})
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".writing-") as folder:
            made = Path(folder) / "whole"
            made.mkdir()
            np.savez_compressed(made / ARRAYS, X=data.X, y=data.y, about=np.array(about))
            (made / HASH).write_text(digest_of(data) + "\n")
            if place.exists():  # another process was first
                shutil.rmtree(place)
            made.rename(place)
    except OSError as error:
        raise BadValue(f"cannot keep the data set in {place} ({error}); name another place with cache=") from error
