"""The columns of a file, and the place of each row in it: one interface for CSV, npz and parquet."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import Architecture, BadValue, did_you_mean, import_extra
from nasedu.tables.validation import refuse_what_is_not_finite

Path_ = str | os.PathLike[str]
Which = str | Sequence[Any]
"""One column; or a list of columns, one for each seed; or a list of such lists, with one column for each epoch."""


@dataclass
class Columns:
    """Named columns of one length.

    Attributes:
        file: the file's name, for messages.
        columns: name to values; strings from a CSV file, arrays from the others.
        length: the number of rows.
        place: the place of a row, in words ("line 17").
    """

    file: str
    columns: dict[str, Any]
    length: int
    place: Callable[[int], str]

    def __getitem__(self, name: str) -> Any:
        if name not in self.columns:
            near = did_you_mean(name, self.columns)
            raise BadValue(f"{self.file} has no column {name!r}; it has: {', '.join(self.columns)}{near}")
        values = self.columns[name]
        if len(values) != self.length:
            raise BadValue(f"{self.file}: column {name!r} has {len(values)} rows where others have {self.length}")
        return values

    # ------------------------------------------------------------------ numbers

    def numbers(self, which: Which) -> np.ndarray:
        """Return columns as one array: (rows,), (rows, seeds) for a list, (rows, seeds, epochs) for a list of lists.

        Raises:
            BadValue: a column that does not exist, or a cell that holds no finite number (with its line and value).
        """
        if isinstance(which, str):
            return self._column(which)
        if not len(which):
            raise BadValue(f"{self.file}: an empty list names no column; name one, or one for each seed")
        parts = [self.numbers(part) for part in which]
        if len({part.shape for part in parts}) > 1:
            raise BadValue(f"{self.file}: {which} do not fit together: every seed needs as many epochs")
        return np.stack(parts, axis=1)

    def _column(self, name: str) -> np.ndarray:
        values = self[name]
        try:
            array = as_numbers(values)
        except (ValueError, TypeError, OverflowError):
            row = next((i for i, value in enumerate(values) if not is_number(value)), None)
            if row is None:
                raise BadValue(f"{self.file}, column {name!r}: its rows hold lists of different lengths") from None
            raise BadValue(
                f"{self.file}, {self.place(row)}, column {name!r}: {shown(values[row])} is not a number"
            ) from None
        refuse_what_is_not_finite(array, lambda row: f"{self.file}, {self.place(row)}, column {name!r}")
        return array

    # ------------------------------------------------------------------ architectures

    def architectures(
        self, reader: str | Sequence[str] | Callable[[dict[str, Any]], Architecture], separator: str
    ) -> list[Architecture]:
        """Return the architecture of every row; `Table.from_csv` explains the three kinds of `reader`."""
        if callable(reader):
            return [self._call(reader, row) for row in range(self.length)]
        if isinstance(reader, str):
            texts = map(str, self[reader])
            return [tuple(text.split(separator)) if separator else tuple(text) for text in texts]
        return list(zip(*([str(value) for value in self[name]] for name in reader), strict=True))

    def _call(self, reader: Callable[[dict[str, Any]], Architecture], row: int) -> Architecture:
        values = {name: column[row] for name, column in self.columns.items() if len(column) == self.length}
        try:
            found = reader(values)
        except Exception as error:  # a user wrote the reader: name the line for every kind of error
            raise BadValue(
                f"{self.file}, {self.place(row)}: reading the architecture raised {type(error).__name__}: {error}; "
                f"the row is {shown(values)}"
            ) from error
        return tuple(found) if isinstance(found, list) else found


def as_numbers(values: Any) -> np.ndarray:
    """Return float64. Raise ValueError or TypeError for values that are neither numbers nor texts of numbers."""
    array = np.asarray(values) if isinstance(values, np.ndarray) and values.dtype != object else None
    if array is not None and array.dtype.kind not in "iufU":
        raise TypeError(array.dtype)
    if array is None and any(isinstance(value, bool) for value in values):
        raise TypeError("bool")
    return np.array(array if array is not None else list(values), dtype=np.float64)


def is_number(value: Any) -> bool:
    if isinstance(value, bool | np.bool_ | complex | np.complexfloating):
        return False
    try:
        as_numbers([value])
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def shown(value: Any, most: int = 120) -> str:
    """Return a value as text for a message, cut if it is long."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= most else text[: most - 1] + "…"


# ---------------------------------------------------------------------- files


def read_csv(path: Path_) -> Columns:
    """Read comma-separated text with a header. Raise BadValue for a file that is absent, empty, cut off or no text."""
    path = existing(path)
    lines: list[int] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = next(rows, [])
            check_header(path.name, header)
            cells = list(_rows(path.name, header, rows, lines))
    except UnicodeDecodeError as error:
        raise BadValue(f"{path.name} is no text file (UTF-8): {error}") from error
    except csv.Error as error:
        raise BadValue(f"{path.name}, line {rows.line_num}: {error}; is the file cut off?") from error
    if not cells:
        raise BadValue(f"{path.name} has a header and no rows")
    columns = dict(zip(header, map(list, zip(*cells, strict=True)), strict=True))
    return Columns(path.name, columns, len(cells), lambda row: f"line {lines[row]}")


def check_header(file: str, header: list[str]) -> None:
    if not header:
        raise BadValue(f"{file} is empty; expected a line with the names of the columns, then one for each network")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadValue(f"{file}, line 1: two columns are called {twice[0]!r}; rename one")


def _rows(file: str, header: list[str], rows: Any, lines: list[int]) -> Iterator[list[str]]:
    """Yield every row that is not blank; its line is added to `lines`."""
    for cells in rows:
        if not cells:
            continue
        if len(cells) != len(header):
            raise BadValue(
                f"{file}, line {rows.line_num} has {len(cells)} cells ({shown(','.join(cells), 60)}), and the header "
                f"{len(header)}: is the file cut off?"
            )
        lines.append(rows.line_num)
        yield cells


def read_npz(path: Path_) -> Columns:
    """Read arrays whose first axis is the networks. Raise BadValue for a file that numpy cannot read without pickle."""
    path = existing(path)
    columns = {name: array for name, array in arrays_of(path).items() if array.ndim}
    length = max(map(len, columns.values()), default=0)
    if not length:
        raise BadValue(f"{path.name} is empty: it has no array with a row")
    return Columns(path.name, columns, length, row_number)


def arrays_of(path: Path) -> dict[str, np.ndarray]:
    """Return every array of an npz file, by name. Raise BadValue if it is no npz, cut off, damaged or pickled."""
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning != b"PK\x03\x04":  # numpy would read it as an array without a name, or as a pickle
        raise BadValue(f"{path.name} is no npz file (named numpy arrays); it begins with {beginning!r}")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except Exception as error:  # a damaged archive raises zlib.error, BadZipFile, EOFError, struct.error, ...
        hint = "objects must be stored as numbers or text" if "pickle" in str(error) else "is it cut off?"
        raise BadValue(f"{path.name} cannot be read as npz: {error}; {hint}") from error


def read_parquet(path: Path_) -> Columns:
    """Read parquet with pandas. Raise MissingExtra without pyarrow, BadValue for a file that it cannot read."""
    path = existing(path)
    pyarrow = import_extra("pyarrow", "tables", "parquet files")
    import pandas as pd

    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise BadValue(f"{path.name} cannot be read as parquet: {reason}; is it cut off?") from error
    if not len(frame):
        raise BadValue(f"{path.name} is empty: it has no rows")
    columns = {str(name): frame[name].tolist() for name in frame}
    return Columns(path.name, columns, len(frame), row_number)


def row_number(row: int) -> str:
    return f"row {row} (counted from 0)"


def existing(path: Path_) -> Path:
    path = Path(path)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "not there"
        raise BadValue(f"the table {path} is {what}; give the path of a file")
    if not path.stat().st_size:
        raise BadValue(f"{path.name} is empty: 0 bytes")
    return path
