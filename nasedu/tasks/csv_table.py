"""A student's own table: a CSV file with one example a row, and a column that is to be told from the others."""

import csv as plain_csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue, UnknownName, did_you_mean
from nasedu.tasks.base import Split, Task
from nasedu.tasks.preparing import (
    check_classes,
    divide,
    first_copies,
    listed,
    rescaled,
    standardised,
    task_of,
    warn,
)

KINDS = ("classification", "regression")

FEW = 20
"""A column of at most this many different whole numbers is taken for classes."""

MOST_CATEGORIES = 100
"""A text column with more different values than this names its rows rather than describes them."""

LEAST_ROWS = 10
"""Different rows that a regression needs: 6 to train on, 2 to validate on, 2 to test on."""


def csv(path: str | Path, target: str, *, kind: str | None = None) -> Task:
    """Make a task of your own table: predict one column from all the others.

    Numbers are standardised by the mean and deviation of the training split. Text becomes one column of 0 and 1 for
    each of its values, standardised like the rest. In a regression the answers are standardised too: R2 does not
    change, and an error is in deviations of the training answers.

    Args:
        path: a CSV file whose first line names the columns; commas, semicolons or tabs between them.
        target: the column to predict.
        kind: "classification" or "regression"; usually classification if the target is text, true or false, or at
            most 20 different whole numbers.

    Returns:
        A task of inputs (features,), float32. `load("csv/PATH:TARGET")` gives the same, and
        `load("csv/PATH:TARGET:regression")` with that kind.

    Raises:
        UnknownName: there is no such column; the message lists those that exist.
        BadValue: no such file, or one that is no CSV. Missing or infinite values (with the first line). Text with too
            many different values. A single class, a class with fewer than 4 rows, or too few rows.

    Warns:
        UserWarning: rows that equal an earlier one in all features are omitted, and counted.
    """
    if kind is not None and kind not in KINDS:
        raise BadValue(f"kind is {' or '.join(KINDS)}; given {kind!r}")
    where = f"table {str(path)!r}"
    file = Path(path).expanduser()
    frame = _frame(file, target, where)
    _refuse_missing(file, frame, where)
    X, y = _features(frame.drop(columns=target), where), frame[target]
    classes = kind == "classification" or (kind is None and _are_classes(y))
    kept, _ = first_copies(X)
    if len(kept) < len(X):
        warn(f"{where}: left out {len(X) - len(kept)} rows whose features equal those of an earlier row")
    X, y = X[kept], y.iloc[kept]
    about = {
        "name": f"csv/{path}:{target}" + (f":{kind}" if kind else ""),
        "source": f"the table {path}",
        "licence": "not stated: it is for the owner of the table to say",
    }
    task = _classification if classes else _regression
    return task(X, y, where, target, about)


def csv_named(text: str) -> Task:
    """Read your own table, one column of it the answer: `PATH:TARGET` or `PATH:TARGET:KIND`.

    Raises:
        BadValue: there is no target in it.
    """
    rest, kind = text, None
    before, _, last = text.rpartition(":")
    if last in KINDS and ":" in before:
        rest, kind = before, last
    path, _, target = rest.rpartition(":")
    if not path or not target:
        raise BadValue(f"a table task is csv/PATH:TARGET, such as csv/flowers.csv:species; given csv/{text}")
    return csv(path, target, kind=kind)


# ---------------------------------------------------------------------- reading


def _frame(path: Path, target: str, where: str) -> Any:
    """Return the rows as a pandas frame, numbered from 0; empty lines are omitted, and still count."""
    import pandas as pd

    if not path.is_file():
        raise BadValue(f"{where} {'is a folder' if path.exists() else 'does not exist'}; expected a CSV file")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            head = file.readline()
        separator = max(",;\t", key=head.count)
        frame = pd.read_csv(
            path,
            sep=separator,
            encoding="utf-8-sig",
            skip_blank_lines=False,
            low_memory=False,  # else a long column may be read half as numbers, half as text
        )
    except UnicodeDecodeError as error:
        raise BadValue(f"{where} is not in UTF-8 ({error.reason}); save it as CSV in UTF-8") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadValue(f"{where} cannot be read as CSV: {str(error).strip()}") from error
    frame = frame[~frame.isna().all(axis=1)]
    if target not in frame.columns:
        columns = f"{listed(list(frame.columns), 30)}{did_you_mean(target, frame.columns)}"
        raise UnknownName(f"{where} has no column {target!r}; its columns: {columns}")
    if len(frame.columns) < 2:
        raise BadValue(f"{where} has no column but {target!r}; expected others to tell it from")
    return frame


def _refuse_missing(path: Path, frame: Any, where: str) -> None:
    """Raises BadValue for missing or infinite values, with the line of the first and their number."""
    bad = frame.isna() | frame.isin([np.inf, -np.inf])
    if not bad.to_numpy().any():
        return
    columns = [f"{name!r} ({count})" for name, count in bad.sum().items() if count]
    row = int(frame.index[bad.any(axis=1)][0])
    raise BadValue(
        f"{where}: {int(bad.to_numpy().sum())} values are missing or infinite, in {listed(columns)}, the first in line "
        f"{_line_of(path, row)}; fill them in, or remove these rows or columns"
    )


def _line_of(path: Path, row: int) -> int:
    """The line in the file where this row begins: a quoted value may hold line breaks."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = plain_csv.reader(file)
        for _ in islice(lines, row + 1):
            pass
        return lines.line_num + 1


def _features(frame: Any, where: str) -> np.ndarray:
    """float64 (rows, features): numbers as they are, a 0 or 1 for each value of a text column, values in order."""
    import pandas as pd

    columns = {name: frame[name] for name in frame.columns}
    for name, values in columns.items():
        if _are_numbers(values):
            continue
        found = sorted(set(values.astype(str)))
        if len(found) > MOST_CATEGORIES:
            raise BadValue(
                f"{where}: column {name!r} is text with {len(found)} different values ({listed(found, 3)}), of which "
                f"at most {MOST_CATEGORIES} can be told apart; remove the column, or write numbers"
            )
        columns[name] = pd.get_dummies(values.astype(str), dtype=np.float64)
    return pd.concat(columns.values(), axis=1).to_numpy(np.float64)


# ---------------------------------------------------------------------- two kinds of answers


def _are_numbers(values: Any) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(values) or is_bool_dtype(values)


def _are_classes(y: Any) -> bool:
    """Text, true or false, or few whole numbers."""
    from pandas.api.types import is_bool_dtype

    if not _are_numbers(y) or is_bool_dtype(y):
        return True
    return bool((y % 1 == 0).all()) and y.nunique() <= FEW


def _classification(X: np.ndarray, answers: Any, where: str, target: str, about: dict[str, str]) -> Task:
    values = answers if _are_numbers(answers) else answers.astype(str)
    names, y = np.unique(values.to_numpy(), return_inverse=True)
    told = [str(name) for name in names.tolist()]
    advice = f"add rows, remove these, or, if {target!r} is a quantity, ask for kind='regression'"
    check_classes(f"{where}, target {target!r}", told, y, "different rows", advice)
    return task_of(
        _scaled(divide(X, y.astype(np.int64)), where),
        summary=f"Is {target} {listed(told)}? {len(y)} rows of {X.shape[1]} features from your table.",
        outputs=len(told),
        **about,
    )


def _regression(X: np.ndarray, answers: Any, where: str, target: str, about: dict[str, str]) -> Task:
    if not _are_numbers(answers):
        raise BadValue(f"{where}: the target {target!r} is text; a regression needs numbers")
    if len(X) < LEAST_ROWS:
        raise BadValue(f"{where} has {len(X)} different rows; a regression needs at least {LEAST_ROWS}")
    splits = divide(X, answers.to_numpy(np.float64)[:, None], stratify=False)
    if (splits[0].y == splits[0].y[:1]).all():
        raise BadValue(f"{where}: the target {target!r} never varies in the training split; there is nothing to tell")
    answered = standardised(*(split.y for split in splits))
    return task_of(
        _scaled([Split(split.X, y) for split, y in zip(splits, answered, strict=True)], where),
        summary=f"How much is {target}? {len(X)} rows of {X.shape[1]} features from your table.",
        outputs=1,
        kind="regression",
        **about,
    )


def _scaled(splits: Sequence[Split], where: str) -> list[Split]:
    """Return the splits with standardised features; rows that this has made equal are omitted, with a warning."""
    left, lost = rescaled(splits)
    if lost:
        warn(f"{where}: left out {lost} rows whose features are too near to those of another to be told apart")
    return left
