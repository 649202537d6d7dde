"""The cells of a column, as its different texts and the places where they stand: what is long is looked at once."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nasedu.tasks.table.notation import Notation, is_missing, number_notations, sign_of_groups


@dataclass(frozen=True)
class Texts:
    """A column of text.

    Attributes:
        codes: int64, (rows,): for each row the place of its text in `values`; -1 for an empty cell.
        values: the different texts without blanks around them, in the order in which they come.
        variants: texts that are written in several ways, blanks aside: {"cat": ["cat", "cat "]}.
    """

    codes: np.ndarray
    values: list[str]
    variants: dict[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def counts(self) -> np.ndarray:
        """Return how many rows have each of the values."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values))

    @cached_property
    def fits(self) -> dict[str, tuple[float, Notation, np.ndarray]]:
        """Return how well numbers with a decimal point and with a decimal comma fit this column, by the sign.

        Of each: the share of the cells that are numbers, those that stand for a missing one aside; the notation; and
        the number of each value, NaN if it is none.
        """
        return {
            sign: (self._share(numbers), how, numbers) for sign, (how, numbers) in number_notations(self.values).items()
        }

    @cached_property
    def decimal(self) -> str:
        """Return the decimal sign if the column itself shows it: the other one stands between groups; else ""."""
        (point, _, by_point), (comma, _, by_comma) = (self.fits[sign] for sign in ".,")
        if point != comma:
            return "." if point > comma else ","
        if np.array_equal(by_point, by_comma, equal_nan=True):
            return ""
        return {".": ",", ",": ".", None: ""}[sign_of_groups(self.values)]

    def _share(self, numbers: np.ndarray) -> float:
        are = np.isfinite(numbers)
        if not are.any():
            return 0.0
        gone = np.array([not number and is_missing(text) for number, text in zip(are, self.values, strict=True)])
        return float(self.counts[are].sum() / self.counts[~gone].sum())

    @property
    def empty(self) -> np.ndarray:
        """Return for each row whether its cell is empty."""
        return self.codes < 0

    def spread(self, of_values: np.ndarray) -> np.ndarray:
        """Return the number of each row from the numbers of the values; NaN for an empty cell."""
        return np.append(of_values.astype(np.float64), np.nan)[self.codes]

    def take(self, rows: np.ndarray) -> "Texts":
        """Return the cells of these rows."""
        return Texts(self.codes[rows], self.values, self.variants)


Cells = Texts | np.ndarray
"""A column: texts, or float64 numbers with NaN where one is missing."""


def texts(cells: Iterable[str | None]) -> Texts:
    """Return a column of text; blanks around a cell do not count, and None is an empty cell."""
    import pandas as pd

    given = list(cells)
    column: Any = np.empty(len(given), object)
    column[:] = given
    codes, found = pd.factorize(column)
    raws = found.tolist()
    cleaned = [_clean(raw) for raw in raws]
    places = {text: place for place, text in enumerate(dict.fromkeys(filter(None, cleaned)))}
    if len(places) == len(raws):  # the usual case: each text is written in one way
        return Texts(codes.astype(np.int64), cleaned)
    written: dict[str, list[str]] = {}
    for raw, text in zip(raws, cleaned, strict=True):
        written.setdefault(text, []).append(raw)
    moved = np.array([*(places.get(text, -1) for text in cleaned), -1], np.int64)
    variants = {text: same for text, same in written.items() if text and len(same) > 1}
    return Texts(moved[codes], list(places), variants)


def _clean(raw: str) -> str:
    text = raw.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def numbers_of(cells: Cells, notation: Notation) -> np.ndarray:
    """Return float64 (rows,): the numbers or days of a column, NaN where there is none."""
    return cells if isinstance(cells, np.ndarray) else cells.spread(notation.read(cells.values))


def as_texts(cells: Cells) -> Texts:
    """Return numbers as they would be written: whole numbers without a point."""
    if isinstance(cells, Texts):
        return cells
    return texts(None if np.isnan(x) else str(int(x)) if x % 1 == 0 else str(x) for x in cells.tolist())
