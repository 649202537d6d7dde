"""From a pandas DataFrame or an array of numbers to named columns; a path is read as CSV."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.preparing import listed
from nasedu.tasks.table.cells import Cells, texts
from nasedu.tasks.table.sheet import Sheet, read_sheet


def sheet_of(raw: Any, where: str, names: Sequence[str] = ()) -> Sheet:
    """Return the columns of a table.

    Args:
        raw: the path of a CSV file, a pandas DataFrame, or an array (rows, columns).
        names: of the columns of an array.

    Raises:
        BadValue: something else, an array of another width, or names that come twice.
    """
    import pandas as pd

    if isinstance(raw, str | Path):
        return read_sheet(raw, f"table {str(raw)!r}")
    if isinstance(raw, pd.DataFrame):
        labels = [str(name).strip() for name in raw.columns]
        twice = [name for name in dict.fromkeys(labels) if labels.count(name) > 1]
        if twice:
            raise BadValue(f"{where}: {listed([repr(name) for name in twice])} names more than one column; rename it")
        return Sheet({label: cells_of(raw.iloc[:, n]) for n, label in enumerate(labels)})
    array = np.asarray(raw)
    if array.ndim != 2 or (len(names) and array.shape[1] != len(names)):
        columns = f"{len(names)} columns ({listed(names)})" if names else "columns"
        raise BadValue(
            f"{where}: expected a CSV file, a DataFrame, or an array of rows and {columns}; given "
            f"{type(raw).__name__} of shape {array.shape}"
        )
    labels = list(names) or [str(n) for n in range(array.shape[1])]
    return Sheet({label: cells_of(pd.Series(array[:, n])) for n, label in enumerate(labels)})


def cells_of(column: Any) -> Cells:
    """Return the cells of a pandas Series: numbers as float64, anything else as text, dates as 2024-03-31."""
    from pandas.api import types

    if types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
        if types.is_complex_dtype(column.dtype):
            raise BadValue(f"column {str(column.name)!r} holds complex numbers; expected real ones")
        return column.to_numpy(np.float64, na_value=np.nan)
    if types.is_datetime64_any_dtype(column.dtype):
        column = column.dt.strftime("%Y-%m-%d %H:%M:%S")
    missing = column.isna().to_numpy()
    return texts(None if gone else text_of(value) for value, gone in zip(column, missing, strict=True))


def text_of(value: Any) -> str:
    """Return a value as a file would have it: whole numbers without a point."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
