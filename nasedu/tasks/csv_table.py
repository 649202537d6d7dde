"""A student's own table: a CSV file or a DataFrame with one example a row, and a column to be told from the others."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.tasks.base import Task
from nasedu.tasks.table.dividing import SHARES
from nasedu.tasks.table.frames import cells_of, sheet_of
from nasedu.tasks.table.making import KINDS, MISSING, Options, task_from
from nasedu.tasks.table.sheet import Sheet, read_sheet

OWNER = "not stated: it is for the owner of the table to say"

OPTIONS = f"{', '.join(KINDS)}, by COLUMN, in-time COLUMN, missing {'|'.join(MISSING)}, metric NAME"
"""What may follow the target in a name, each after a colon."""


def csv(
    path: str | Path,
    target: str,
    *,
    kind: str | None = None,
    by: str | None = None,
    in_time: str | None = None,
    missing: str = "fill",
    metric: str | None = None,
) -> Task:
    """Make a task of your own table: predict one column from all the others.

    A column is one of numbers if nearly all of its values are: 1,234.5 or 1.234,5, $5, 7%, (3) for -3, or dates.
    Numbers are standardised by the mean and deviation of the training split. Text becomes one column of 0 and 1 for
    each of its values, standardised like the rest. A column that names or numbers the rows is omitted. In a regression
    the answers are standardised too: R2 does not change, and an RMSE is in the units of the table all the same.

    Rows with equal features lie in one split. `task.reading` says what each column became, and `task.preparation`
    turns new rows into inputs.

    Args:
        path: a CSV file whose first line names the columns; commas, semicolons, tabs or bars between them. It may be
            packed (.gz, .bz2, .xz, .zip).
        target: the column to predict.
        kind: "classification" or "regression"; usually classification if the target is text, true or false, or at
            most 20 different whole numbers.
        by: a column whose equal values belong together, such as a patient: none of them is in two splits.
        in_time: a column of times: the first rows train, the last ones test. Neither of the two columns is a feature.
        missing: "fill" fills a missing number with the mean of the training split, and makes a missing text a category
            of its own; "refuse" refuses the table; "drop" omits these rows.
        metric: what the score is, such as "balanced_accuracy"; usually accuracy or R2.

    Returns:
        A task of inputs (features,), float32. `load("csv/PATH:TARGET")` gives the same. Options follow the target:
        `csv/PATH:TARGET:regression`, `:by COLUMN`, `:in-time COLUMN`, `:missing drop`, `:metric f1`. A file or a column
        that exists comes before an option, also if there is a colon in its name.

    Raises:
        UnknownName: there is no such column; the message lists those that exist.
        BadValue: no such file, or one that is no CSV or too large. A name that comes twice. A missing answer (with its
            line). A single class, a class with fewer than 4 different rows, or too few rows.

    Warns:
        UserWarning: columns that are omitted, missing values, classes that are merged. A column that tells the answer
            alone. Rows that contradict each other. A class so frequent that accuracy is a poor score.
    """
    options = Options(kind, by, in_time, missing, metric)
    options.check()
    return _from_file(read_sheet(path, f"table {str(path)!r}"), path, target, options)


def csv_named(text: str) -> Task:
    """Read your own table, one column the answer: `PATH:TARGET`, then options such as `:regression` or `:by COLUMN`.

    Raises:
        BadValue: there is no target in it, or an unknown option.
    """
    path, rest = _path_in(text)
    if not path or not rest:
        raise BadValue(f"a table task is csv/PATH:TARGET, such as csv/flowers.csv:species; given csv/{text}")
    sheet = read_sheet(path, f"table {path!r}")
    target, options = _target_in(rest, set(sheet.columns))
    return _from_file(sheet, path, target, Options(**options))


def from_frame(
    frame: Any,
    answers: Any,
    *,
    kind: str | None = None,
    by: str | None = None,
    in_time: str | None = None,
    missing: str = "fill",
    metric: str | None = None,
    shares: Sequence[float] = SHARES,
    name: str = "frame",
) -> Task:
    """Make a task of a pandas DataFrame, or of an array of numbers.

    Columns of a DataFrame are read as those of a file (see `csv`). Columns of an array are numbers, and all are used.

    Args:
        frame: a DataFrame, or an array (rows, features).
        answers: the name of the column to predict, or the answers themselves, one a row.
        kind, by, in_time, missing, metric: as of `csv`.
        shares: of training, validation and test rows. With (0.8, 0.2, 0) there is no test split: it is empty, and
            `Study.finish` has nothing to test on.
        name: of the task.

    Raises:
        UnknownName, BadValue: as `csv`; rows are counted from 0.
    """
    import pandas as pd

    is_array = not isinstance(frame, pd.DataFrame)
    if is_array and (np.ndim(frame) != 2 or np.asarray(frame).dtype.kind not in "fiubO"):
        raise BadValue(
            f"a frame is a DataFrame, or an array of numbers (rows, features); given shape {np.shape(frame)}"
        )
    sheet = sheet_of(frame if not is_array else np.asarray(frame).astype(np.float64), "the frame")
    target = answers if isinstance(answers, str) else str(getattr(answers, "name", None) or "answer")
    if not isinstance(answers, str):
        if len(answers) != len(sheet):
            raise BadValue(f"{len(sheet)} rows and {len(answers)} answers; every row needs one answer")
        while target in sheet.columns:
            target += " (answer)"
        sheet.columns[target] = cells_of(pd.Series(np.asarray(answers)))
    options = Options(kind, by, in_time, missing, metric, tuple(shares), guess=not is_array)
    about = {"name": name, "source": "a frame", "licence": OWNER}
    return task_from(sheet, target, options, "the frame", about)


def _from_file(sheet: Sheet, path: str | Path, target: str, options: Options) -> Task:
    said = {"by": options.by, "in-time": options.in_time, "metric": options.metric}
    said["missing"] = options.missing if options.missing != "fill" else None
    name = f"csv/{path}:{target}" + (f":{options.kind}" if options.kind else "")
    name += "".join(f":{option} {value}" for option, value in said.items() if value)
    about = {"name": name, "source": f"the table {path}", "licence": OWNER}
    return task_from(sheet, target, options, f"table {str(path)!r}", about)


# ---------------------------------------------------------------------- names


def _path_in(text: str) -> tuple[str, str]:
    """Return path and rest: of all paths that end at a colon the longest that exists, else up to the first colon."""
    colons = [place for place, sign in enumerate(text) if sign == ":" and place + 1 < len(text)]
    for place in reversed(colons):
        if Path(text[:place]).expanduser().is_file():
            return text[:place], text[place + 1 :]
    drive = re.match(r"[A-Za-z]:(?=[\\/])|", text)[0]  # type: ignore[index]
    path, _, rest = text[len(drive) :].partition(":")
    return drive + path, rest


def _target_in(rest: str, columns: set[str]) -> tuple[str, dict[str, Any]]:
    """Return the target and the options: a column that exists comes first, then the longest name that can be one."""
    parts = rest.split(":")
    ways = [(":".join(parts[:n]).strip(), parts[n:]) for n in range(len(parts), 0, -1)]
    for target, others in ways:
        if target in columns and (options := _options_in(others, columns)) is not None:
            return target, options
    for target, others in ways:
        if target in columns:
            raise BadValue(f"unknown option {':'.join(others)!r} after the column {target!r}; known: {OPTIONS}")
    for target, others in reversed(ways):
        if (options := _options_in(others, columns)) is not None:
            return target, options
    return rest, {}


def _options_in(parts: Sequence[str], columns: set[str]) -> dict[str, Any] | None:
    """Return the options by name; None if something in the parts is none."""
    if not parts:
        return {}
    for known in (True, False):
        for n in range(len(parts), 0, -1):
            option = _option(":".join(parts[:n]).strip(), columns if known else None)
            others = _options_in(parts[n:], columns) if option else None
            if option and others is not None and option[0] not in others:
                return dict([option]) | others
    return None


def _option(text: str, columns: set[str] | None) -> tuple[str, str] | None:
    """Return one option with its value; where columns are given, one that names a column must name one of them."""
    if text in KINDS:
        return "kind", text
    found = re.fullmatch(r"(by|in-time|missing|metric)[ =]\s*(.+)", text)
    if found and ":" in found[2] and found[1] in ("missing", "metric"):
        return None
    if found is None or (columns is not None and found[1] in ("by", "in-time") and found[2] not in columns):
        return None
    return found[1].replace("-", "_"), found[2]
