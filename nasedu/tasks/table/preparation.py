"""From the rows of a table to the inputs of a network: fitted on the training split, and used again on new rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from nasedu.core import BadValue, counted
from nasedu.tasks.preparation import Preparation
from nasedu.tasks.preparing import listed, scale_of, six_digits, warn
from nasedu.tasks.table.answers import merged_names
from nasedu.tasks.table.cells import Cells, Texts, as_texts, numbers_of
from nasedu.tasks.table.frames import sheet_of
from nasedu.tasks.table.notation import Notation, is_missing
from nasedu.tasks.table.plain_source import plain_source
from nasedu.tasks.table.sheet import Sheet

NEW = "the new rows"


@dataclass(frozen=True)
class Column:
    """One column of a table, and the inputs that it becomes: a number is one, a category one of 0 and 1 for each value.

    Attributes:
        name: of the column.
        values: of a category; the last may be "", for a missing one. None for a number.
        decimal, mark, date: how its numbers are written, see `Notation`.
        words: some of the texts that stood among the numbers in training, and counted as missing.
        fill: the number for a missing one.
        mean, deviation: by which each input is standardised.
    """

    name: str
    values: tuple[str, ...] | None = None
    decimal: str = "."
    mark: str = ""
    date: str = ""
    words: tuple[str, ...] = ()
    fill: float = 0.0
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of inputs."""
        return 1 if self.values is None else len(self.values)

    @property
    def notation(self) -> Notation:
        return Notation(self.decimal, self.mark, self.date)

    def raw(self, cells: Cells) -> np.ndarray:
        """Return float64 (rows, width), nothing filled: NaN for a missing number, zeros for a new category."""
        if self.values is None:
            numbers = numbers_of(cells, self.notation)
            return np.where(np.isfinite(numbers), numbers, np.nan)[:, None]
        texts = as_texts(cells)
        places = {value: place for place, value in enumerate(self.values)}
        found = np.array([places.get(value, -1) for value in (*texts.values, "")], np.int64)[texts.codes]
        return np.vstack([np.eye(self.width), np.zeros(self.width)])[found]


@dataclass(frozen=True)
class Answer:
    """The column of the answers.

    Attributes:
        name: of the column.
        classes: the names of the classes in order; empty for a regression.
        decimal, mark: how its numbers are written, see `Notation`.
        mean, deviation: by which the numbers are standardised.
    """

    name: str
    classes: tuple[str, ...] = ()
    decimal: str = "."
    mark: str = ""
    mean: float = 0.0
    deviation: float = 1.0

    def read(self, cells: Cells) -> np.ndarray:
        """Return the answers as `Split.y` has them. Raises BadValue for one that is missing, or of no known class."""
        if self.classes:
            return self._places(as_texts(cells))
        numbers = (
            cells.spread(Notation(self.decimal, self.mark).read(cells.values)) if isinstance(cells, Texts) else cells
        )
        if not np.isfinite(numbers).all():
            raise BadValue(f"{NEW}: {int((~np.isfinite(numbers)).sum())} answers in {self.name!r} are no numbers")
        return ((numbers - self.mean) / self.deviation).astype(np.float32)[:, None]

    def _places(self, texts: Texts) -> np.ndarray:
        known = {name: place for place, name in enumerate(self.classes)}
        for value in texts.values:
            same = [name for name in self.classes if len(merged_names([name, value])[0]) == 1]  # 1.0 is the class 1
            known.update({value: known[same[0]]} if same else {})
        unknown = [value for value in texts.values if value not in known]
        if unknown or texts.empty.any():
            what = f"the unknown {listed([repr(value) for value in unknown])}" if unknown else "an empty cell"
            classes = listed([repr(name) for name in self.classes], 10)
            raise BadValue(f"{NEW}: among the answers in {self.name!r} is {what}; the classes are {classes}")
        return np.array([known[value] for value in texts.values], np.int64)[texts.codes]


class Table(Preparation):
    """Turns the rows of a table into inputs: numbers and categories, filled and standardised.

    Rows are given as the path of a CSV file, or as a pandas DataFrame: their columns may come in any order. An array of
    numbers has the columns in the order of `columns`.

    Args:
        columns: those that become inputs, in the order of the table; `Column`s, or their plain data.
        answer: the column to predict; an `Answer`, or its plain data.
        left_out: the names of the columns that are known and do not become inputs.
    """

    kind = "table"

    def __init__(
        self,
        columns: Sequence[Column | Mapping[str, Any]],
        answer: Answer | Mapping[str, Any],
        left_out: Sequence[str] = (),
    ):
        self.columns = tuple(one if isinstance(one, Column) else _column(one) for one in columns)
        self.answer = (
            answer if isinstance(answer, Answer) else Answer(**{**answer, "classes": tuple(answer.get("classes", ()))})
        )
        self.left_out = tuple(left_out)

    @property
    def width(self) -> int:
        """Return the number of inputs of one row."""
        return sum(column.width for column in self.columns)

    # ------------------------------------------------------------------ fitting

    def raw(self, sheet: Sheet) -> np.ndarray:
        """Return the inputs before anything is filled or scaled: float64, (rows, width), NaN for a missing number."""
        return np.hstack([column.raw(sheet.columns[column.name]) for column in self.columns])

    def fitted(self, raw: np.ndarray) -> "Table":
        """Return the preparation that fills and scales by these rows: those of the training split, as `raw` gives them.

        A missing number becomes the mean of its column.
        """
        there = ~np.isnan(raw)
        fill = six_digits(np.where(there, raw, 0).sum(0) / np.maximum(there.sum(0), 1))
        mean, deviation = scale_of(np.where(there, raw, fill))
        columns, start = [], 0
        for column in self.columns:
            part = slice(start, start := start + column.width)
            scale = tuple(mean[part].tolist()), tuple(deviation[part].tolist())
            columns.append(replace(column, fill=float(fill[part][0]), mean=scale[0], deviation=scale[1]))
        return Table(columns, self.answer, self.left_out)

    def scaled(self, raw: np.ndarray) -> np.ndarray:
        """Return float32 inputs of what `raw` gives."""
        fill = np.concatenate([np.full(column.width, column.fill) for column in self.columns])
        mean, deviation = (
            np.concatenate([getattr(column, name) for column in self.columns]) for name in ("mean", "deviation")
        )
        return ((np.where(np.isnan(raw), fill, raw) - mean) / deviation).astype(np.float32)

    # ------------------------------------------------------------------ new rows

    def inputs(self, raw: Any) -> np.ndarray:
        """Return the inputs of rows: float32, (rows, width).

        Raises:
            BadValue: a column is missing, or holds something other than numbers where numbers were.

        Warns:
            UserWarning: columns and categories that are unknown, which become no input or zeros; and missing numbers,
                which are filled with the mean of the training split. A prediction for many rows does not fail by one.
        """
        sheet = self._sheet(raw)
        missing = [repr(column.name) for column in self.columns if column.name not in sheet.columns]
        if missing:
            expected = listed([repr(column.name) for column in self.columns], 30)
            given = listed([repr(name) for name in sheet.columns], 30)
            raise BadValue(f"{NEW} lack the columns {listed(missing, 10)}; expected {expected}; given {given}")
        known = {*(column.name for column in self.columns), self.answer.name, *self.left_out}
        unknown = [repr(name) for name in sheet.columns if name not in known]
        if unknown:
            warn(f"{NEW}: columns that the network was not trained with are not used: {listed(unknown, 10)}")
        for column in self.columns:
            self._check_cells(column, sheet.columns[column.name])
        return self.scaled(self.raw(sheet))

    def _check_cells(self, column: Column, cells: Cells) -> None:
        """Warn of cells that were not known in training. Raises BadValue if a column is no longer one of numbers."""
        if column.values is not None:
            texts = as_texts(cells)
            new = [repr(value) for value in texts.values if value not in column.values]
            if new:
                warn(f"{NEW}: {listed(new)} in {column.name!r} was not in training; it counts as none of its values")
            if texts.empty.any() and "" not in column.values:
                rows = counted(int(texts.empty.sum()), "row")
                warn(f"{NEW}: {column.name!r} is empty in {rows}, and in none of training")
            return
        numbers = column.raw(cells)[:, 0]
        gone = np.isnan(numbers)
        if isinstance(cells, Texts):
            known = [text in column.words or is_missing(text) for text in cells.values]
            odd = np.isnan(column.notation.read(cells.values)) & ~np.array(known, bool)
            if 2 * cells.counts[odd].sum() > cells.counts.sum():
                told = listed([repr(cells.values[place]) for place in np.flatnonzero(odd)])
                raise BadValue(f"{NEW}: in {column.name!r} {told} is no {column.notation} as in training")
        elif column.date:
            raise BadValue(f"{NEW}: {column.name!r} holds numbers; in training it held dates")
        if gone.any():
            warn(f"{NEW}: filled {int(gone.sum())} missing numbers of {column.name!r} with the mean of training")

    def answers(self, raw: Any) -> np.ndarray | None:
        """Return the answers in the rows; None if they have no such column. Raises BadValue: see `Answer.read`."""
        sheet = self._sheet(raw)
        return self.answer.read(sheet.columns[self.answer.name]) if self.answer.name in sheet.columns else None

    def names(self, raw: Any) -> list[str]:
        """Return the number of each row, from 0."""
        return [str(number) for number in range(len(self._sheet(raw)))]

    def restored(self, outputs: np.ndarray) -> np.ndarray:
        """Return numbers in the units of the table: the mean and deviation of the training answers are undone."""
        return outputs if self.answer.classes else outputs * self.answer.deviation + self.answer.mean

    def source(self) -> str:
        """Return plain Python that defines `prepare(rows)`, `read(path)`, and for a regression `restore(outputs)`."""
        return plain_source(self.columns, self.answer)

    def _sheet(self, raw: Any) -> Sheet:
        return sheet_of(raw, NEW, [column.name for column in self.columns])

    def parameters(self) -> dict[str, Any]:
        return {
            "columns": [asdict(column) for column in self.columns],
            "answer": asdict(self.answer),
            "left_out": list(self.left_out),
        }


def _column(data: Mapping[str, Any]) -> Column:
    lists = {name: tuple(data[name]) for name in ("values", "words", "mean", "deviation") if data.get(name) is not None}
    return Column(**{**data, **lists})
