"""What each column of a table becomes: a number, a category, or nothing; and why.

A value is a number if nearly all of its column are. A column in which nearly every value is different is no category.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nasedu.tasks.preparing import listed
from nasedu.tasks.table.cells import Cells, Texts
from nasedu.tasks.table.notation import NEARLY_ALL, NUMBERS, Notation, are_dates, date_notation, is_missing, units_in

MOST_CATEGORIES = 100
"""Text with more different values than this becomes no input: a network could tell little from each of them."""

FEW = 20
"""A column of at most this many different whole numbers is taken for classes."""

_ID = re.compile(
    r"(?:^|[\W_])(?:[ugps]?id|ids|uuid|guid|idx|index|nr|no|key|code|num|number|numero|número|row ?names?)[\W_]*$"
    r"|^(?:id|idx|index)[\W_]|nummer$|号$|编码$",
    re.I,
)
_ID_ALONE = re.compile(
    r"rows?|#|n[°º]|rowid|unnamed: \d+|level_0|records?|cases?|obs|observation|samples?|instances?|subject|patient|"
    "customer|client|user|account|order|invoice|transaction|ticket|entry",
    re.I,
)


@dataclass(frozen=True)
class Sort:
    """What a column becomes.

    Attributes:
        numbers: how its numbers are written; None if it holds none.
        values: of a category, in order; None if it is none.
        reason: why it is omitted; empty if it is not.
        quiet: whether that needs no warning, as nothing is lost.
        odd: texts in a column of numbers that are none, and count as missing.
    """

    numbers: Notation | None = None
    values: tuple[str, ...] | None = None
    reason: str = ""
    quiet: bool = False
    odd: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.reason:
            return f"omitted: {self.reason}"
        return str(self.numbers) if self.numbers else f"category ({len(self.values or ())})"


def sort_all(columns: Mapping[str, Cells], comma: bool) -> dict[str, Sort]:
    """Return what each column becomes. `comma` says whether 1,234 is 1.234 in this table."""
    return {name: sort_of(name, cells, comma) for name, cells in columns.items()}


def sort_of(name: str, cells: Cells, comma: bool) -> Sort:
    """Return what one column becomes. `comma` says whether 1,234 is 1.234 in this table."""
    if isinstance(cells, np.ndarray):
        return _without_use(name, cells) or Sort(NUMBERS)
    if not cells.values:
        return Sort(reason="it is empty", quiet=True)
    found = numbers_in(cells, comma)
    if found and _is_category(cells) and _are_codes(cells):
        found = None
    found = found or _dates_in(cells)
    if found:
        notation, values = found
        odd = tuple(cells.values[place] for place in np.flatnonzero(np.isnan(values)))
        return _without_use(name, cells.spread(values)) or Sort(notation, odd=odd)
    filled, different = int(cells.counts.sum()), len(cells.values)
    if different == 1 and filled == len(cells):
        return Sort(reason="it never varies", quiet=True)
    if are_dates(cells.values):
        return Sort(reason="its dates can be read in two ways; write them as 2024-03-31")
    if _is_category(cells):
        return Sort(values=tuple(sorted(cells.values)) + (("",) if filled < len(cells) else ()))
    examples = listed([repr(value[:20]) for value in cells.values], 3)
    if units := units_in(cells.values):
        told = listed([repr(unit) for unit in units])
        return Sort(reason=f"its numbers are in different units ({told}); convert them to one")
    if 2 * different > filled:
        return Sort(reason=f"it is text, and nearly every value is different ({examples})")
    return Sort(
        reason=f"it is text with {different} different values ({examples}), and at most {MOST_CATEGORIES} become inputs"
    )


def _is_category(cells: Texts) -> bool:
    return len(cells.values) <= MOST_CATEGORIES and 2 * len(cells.values) <= cells.counts.sum()


def _are_codes(cells: Texts) -> bool:
    """Return whether some whole numbers begin with zeros, as 007: these are names, of which 7 is another one."""
    return any(value[0] == "0" and value.isdigit() and len(value) > 1 for value in cells.values)


def _without_use(name: str, values: np.ndarray) -> Sort | None:
    """Return why numbers are omitted: they number the rows, or never vary. None if they are of use."""
    there = values[~np.isnan(values)]
    if len(there) == 0:
        return Sort(reason="it is empty", quiet=True)
    if (there == there[0]).all() and len(there) < len(values):
        return Sort(reason=f"it is {there[0]:g} or missing")
    if (there == there[0]).all():
        return Sort(reason="it never varies", quiet=True)
    whole = len(there) == len(values) and bool((there % 1 == 0).all())
    if whole and is_id(name) and len(np.unique(there)) == len(there):
        return Sort(reason="it numbers the rows")
    return None


def is_id(name: str) -> bool:
    """Return whether a column is called like one that numbers or names the rows: id, customer_id, orderId, index."""
    name = re.sub(r"\.\d+$", "", name)  # as pandas calls the second column of a name
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return bool(_ID.search(words) or _ID_ALONE.fullmatch(name))


def counts_rows(cells: Cells) -> bool:
    """Return whether a column is 0, 1, 2, ... or 1, 2, 3, ..., in the order of the rows."""
    values = cells if isinstance(cells, np.ndarray) else cells.spread(NUMBERS.read(cells.values))
    return len(values) > 2 and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


# ---------------------------------------------------------------------- numbers or not


def numbers_in(cells: Texts, comma: bool) -> tuple[Notation, np.ndarray] | None:
    """Return the notation of a column of numbers and the number of each value, NaN for those that are none.

    None if too few cells are numbers. Texts that stand for a missing number do not count.
    """
    best = cells.decimal or ("," if comma else ".")
    share, notation, values = cells.fits[best]
    return (notation, values) if share >= NEARLY_ALL or _says_a_word(cells, values) else None


def _says_a_word(cells: Texts, values: np.ndarray) -> bool:
    """Return whether a column is of many different numbers, and for a part of the rows says a word, such as "sold"."""
    numbers = np.isfinite(values)
    return bool(numbers.sum() > FEW and (~numbers).sum() <= 3)


def _dates_in(cells: Texts) -> tuple[Notation, np.ndarray] | None:
    notation = date_notation([text for text in cells.values if not is_missing(text)])
    if notation is None:
        return None
    days = notation.read(cells.values)
    return (notation, days) if np.isfinite(days).sum() >= NEARLY_ALL * len(days) else None


def decimal_comma(columns: Mapping[str, Cells], separator: str) -> bool:
    """Return whether a number that may be read in two ways, such as 1,234, has a decimal comma.

    Other columns of the table tell. If none does, a comma is decimal where it does not separate the cells.
    """
    signs = set()
    two_ways = False
    for cells in columns.values():
        if isinstance(cells, np.ndarray):
            continue
        (point, _, by_point), (comma, _, by_comma) = (cells.fits[sign] for sign in ".,")
        if max(point, comma) < NEARLY_ALL:
            continue
        if cells.decimal:
            signs.add(cells.decimal)
        elif not np.array_equal(by_point, by_comma, equal_nan=True):
            two_ways |= any("," in value for value in cells.values)
    if len(signs) == 1:
        return signs == {","}
    return two_ways and not signs and separator not in (",", "")
