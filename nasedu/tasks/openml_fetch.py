"""Fetching a data set of OpenML through scikit-learn, once: its arrays are then kept in a cache, whole or not at all.

The arrays are kept, rather than the files that scikit-learn can keep: these take it minutes to read for a set as large
as MNIST. Zip files, which numpy's `.npz` are, hold a checksum of each array.
"""

import json
import os
import sys
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from nasedu.core import BadValue, NaseduError, UnknownName
from nasedu.tasks.preparing import listed


class Fetched(NamedTuple):
    """A data set as it came, before anything was filled or scaled.

    Attributes:
        X: uint8 or float32, (examples, features); NaN where a value is missing.
        y: int64, (examples,), places in `classes`.
        classes: their names.
        source, licence: one line each.
        columns: for each feature its name, and the values of a category in the order of its columns of 0 and 1, or
            None for a number. Empty in a cache that was written before they were kept.
        target: the name of the column of the classes.
    """

    X: np.ndarray
    y: np.ndarray
    classes: list[str]
    source: str
    licence: str
    columns: Sequence[tuple[str, list[str] | None]] = ()
    target: str = "class"


def fetch(name: str, cache: str | Path | None, progress: bool) -> Fetched:
    """Return the data set of this name (or number, as digits): from the cache, or from OpenML if it is not there.

    Args:
        cache: the folder of the cache; None for `nasedu/openml` in the user's.
        progress: whether to show that it is being fetched, in a terminal or a notebook.

    Raises:
        UnknownName: OpenML has none of this name.
        BadValue: no network, a damaged file, a set that is none for classification, or no room for it.
    """
    home = Path(cache).expanduser() if cache is not None else user_cache() / "nasedu" / "openml"
    place = home / quote(name.lower(), safe=" ") / "data.npz"
    if not place.exists():
        try:
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=home, prefix=".fetching-") as folder:
                _write(Path(folder) / place.name, _arrays(name, _fetched(name, folder, progress)))
                place.parent.mkdir(exist_ok=True)
                (Path(folder) / place.name).replace(place)
        except OSError as error:
            raise BadValue(f"cannot keep the data set in {home} ({error}); name another place with cache=") from error
    return _read(place)


def user_cache() -> Path:
    """Return `$XDG_CACHE_HOME` if it is set, else where the system keeps caches."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # the specification has relative paths ignored
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _write(file: Path, data: Fetched) -> None:
    about = json.dumps({name: getattr(data, name) for name in data._fields if name not in ("X", "y")})
    np.savez_compressed(file, X=data.X, y=data.y, about=np.array(about))


def _read(file: Path) -> Fetched:
    try:
        with np.load(file, allow_pickle=False) as kept:
            return Fetched(kept["X"], kept["y"], **json.loads(str(kept["about"])))
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        raise BadValue(
            f"the data set kept in {file.parent} is damaged ({error}); delete this folder, and load again to fetch it "
            "once more"
        ) from error


# ---------------------------------------------------------------------- from OpenML


def _fetched(name: str, home: str, progress: bool) -> Any:
    """What scikit-learn gives, with its errors put in nasedu's words."""
    from rich.console import Console
    from sklearn.datasets import fetch_openml

    which: dict[str, Any] = {"data_id": int(name)} if name.isdecimal() else {"name": quote(name, safe="")}
    console = Console(stderr=True, quiet=not progress)
    try:
        with warnings.catch_warnings(), console.status(f"fetching {name} from OpenML"):
            for told in ("A network error occurred", "Invalid cache"):  # it tries again; if that fails it raises
                warnings.filterwarnings("ignore", message=told)
            # Its other parser is faster, but what it gives, and whether it fails, varies with the version of pandas:
            # scikit-learn issue 34892.
            return fetch_openml(**which, data_home=home, n_retries=2, as_frame="auto", parser="liac-arff")
    except Exception as error:
        raise _told(name, error) from error


def _told(name: str, error: Exception) -> NaseduError:
    """The error that says what is wrong and what to do."""
    from gzip import BadGzipFile
    from http.client import HTTPException
    from urllib.error import HTTPError

    if type(error).__name__ == "OpenMLError":
        return UnknownName(f"OpenML has no active data set {name!r} ({error}); look for its name on openml.org")
    if isinstance(error, HTTPError):
        return BadValue(f"OpenML's {name!r} could not be fetched: its server answers {error}; try again later")
    if "md5" in str(error):
        return BadValue(f"the file of OpenML's {name!r} is not what its description states ({error}); try again later")
    if isinstance(error, EOFError | BadGzipFile | zlib.error):
        return BadValue(f"the file of OpenML's {name!r} was cut short or damaged on its way ({error}); try again")
    if isinstance(error, OSError | HTTPException):
        return BadValue(
            f"OpenML's {name!r} could not be fetched ({error}); is there a network? Once fetched it is kept. The "
            "tasks that `nasedu tasks` lists need none"
        )
    return BadValue(f"OpenML's {name!r} cannot be read ({type(error).__name__}: {error}); choose another data set")


# ---------------------------------------------------------------------- from a frame to arrays


def _arrays(name: str, bunch: Any) -> Fetched:
    import pandas as pd

    where = f"OpenML's {name!r}"
    if not isinstance(bunch.data, pd.DataFrame):
        raise BadValue(f"{where} is a sparse data set; nasedu reads dense ones")
    if not isinstance(bunch.target, pd.Series):
        raise BadValue(f"{where} has targets {listed(bunch.target_names)}; expected exactly one, with classes")
    if not isinstance(bunch.target.dtype, pd.CategoricalDtype):
        raise BadValue(f"{where}: its target {bunch.target.name!r} holds no classes; expected a classification set")
    codes = bunch.target.cat.codes.to_numpy(np.int64)
    if (codes < 0).any():
        raise BadValue(f"{where}: {int((codes < 0).sum())} examples have no class; choose another data set")
    details = bunch.details
    source = f"OpenML {details['id']}, {details['name']} version {details['version']}, {bunch.url}"
    return Fetched(
        X=_numbers(where, bunch.data),
        columns=[(str(name), _values(bunch.data[name])) for name in bunch.data.columns],
        target=str(bunch.target.name),
        y=codes,
        classes=[str(label) for label in bunch.target.cat.categories],
        source=" ".join(source.split()),
        licence=" ".join(str(details.get("licence") or "not stated").split()),
    )


def _values(column: Any) -> list[str] | None:
    """Return the values of a category; None for a number."""
    categories = getattr(column.dtype, "categories", None)
    return None if categories is None else [str(value) for value in categories]


def _numbers(where: str, frame: Any) -> np.ndarray:
    """(examples, features): uint8 if all are whole numbers from 0 to 255, else float32; NaN where one is missing."""
    import pandas as pd

    columns = {name: frame[name] for name in frame.columns}
    for name, values in columns.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            columns[name] = pd.get_dummies(values, dtype=np.float32)
            columns[name][values.isna()] = np.nan
        elif not pd.api.types.is_numeric_dtype(values):
            raise BadValue(f"{where}: its feature {name!r} is free text, which nasedu cannot read")
    X = pd.concat(columns.values(), axis=1).to_numpy(np.float32, na_value=np.nan)
    if np.isinf(X).any():
        raise BadValue(f"{where} has {int(np.isinf(X).sum())} infinite values; choose another data set")
    if X.size and X.min() >= 0 and X.max() <= 255:  # neither, if a value is missing
        small = X.astype(np.uint8)
        if np.array_equal(small, X):
            return small
    return X
