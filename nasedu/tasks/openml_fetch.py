"""Fetching a data set from OpenML through scikit-learn, into a folder that is gone afterwards."""

import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from nasedu.core import BadValue, NaseduError, UnknownName
from nasedu.tasks.openml_cache import Fetched
from nasedu.tasks.preparing import listed


def fetch(name: str, cache: Path, progress: bool) -> Fetched:
    """The data set of this name (or number, as digits), as arrays.

    Args:
        cache: where a temporary folder is made for what is fetched.
        progress: whether to show how much has arrived.

    Raises:
        UnknownName: OpenML has none of this name.
        BadValue: no network, a damaged file, or a set that is none for classification.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-") as home:
            with _shown(name, Path(home), progress):
                bunch = _fetched(name, home)
            return _arrays(name, bunch)
    except OSError as error:
        raise BadValue(f"cannot keep anything in {cache} ({error}); name another place with cache=") from error


def _fetched(name: str, home: str) -> Any:
    """What scikit-learn gives, with its errors put in nasedu's words."""
    from sklearn.datasets import fetch_openml

    which: dict[str, Any] = {"data_id": int(name)} if name.isdecimal() else {"name": quote(name, safe="")}
    try:
        with warnings.catch_warnings():
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
        y=codes,
        classes=[str(label) for label in bunch.target.cat.categories],
        source=" ".join(source.split()),
        licence=" ".join(str(details.get("licence") or "not stated").split()),
    )


def _numbers(where: str, frame: Any) -> np.ndarray:
    """(examples, features): uint8 if all are whole numbers from 0 to 255, else float32; NaN where one is missing."""
    import pandas as pd

    if all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes):  # at once: CIFAR-10 is 180 million numbers
        return _small(where, frame.to_numpy(np.float32, na_value=np.nan))
    columns = []
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            codes = values.cat.codes.to_numpy()
            hot = (codes[:, None] == np.arange(len(values.cat.categories))).astype(np.float32)
            hot[codes < 0] = np.nan
            columns.append(hot)
        elif pd.api.types.is_numeric_dtype(values):
            columns.append(values.to_numpy(np.float32, na_value=np.nan)[:, None])
        else:
            raise BadValue(f"{where}: its feature {name!r} is free text, which nasedu cannot read")
    return _small(where, np.concatenate(columns, axis=1))


def _small(where: str, X: np.ndarray) -> np.ndarray:
    """As uint8 if that holds all of them."""
    if np.isinf(X).any():
        raise BadValue(f"{where} has {int(np.isinf(X).sum())} infinite values; choose another data set")
    if X.size and X.min() >= 0 and X.max() <= 255:  # neither, if a value is missing
        small = X.astype(np.uint8)
        if np.array_equal(small, X):
            return small
    return X


# ---------------------------------------------------------------------- how much has arrived


@contextmanager
def _shown(name: str, home: Path, progress: bool) -> Iterator[None]:
    """Meanwhile, how much has arrived in this folder is shown, in a terminal or a notebook."""
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Arrived(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text(f"{size_of(home) / 1e6:.1f} MB")

    console = Console(stderr=True)
    silent = not progress or not (console.is_terminal or console.is_jupyter)
    columns = SpinnerColumn(), TextColumn("{task.description}"), Arrived(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=silent) as bar:
        bar.add_task(f"fetching {name} from OpenML", total=None)
        yield


def size_of(folder: Path) -> int:
    """Bytes of all files in this folder, some of which may vanish while it is looked at."""
    total = 0
    for item in folder.rglob("*"):
        try:
            total += item.stat().st_size if item.is_file() else 0
        except OSError:
            continue
    return total
