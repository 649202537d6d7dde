"""How the numbers or dates of a column are written: 1,234.5 or 1.234,5, with a currency or a unit, in brackets, ..."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

_MISSING_WORDS = r"na|n/a|nan|-nan|<na>|nat|null|none|nil|missing|unknown|-{1,2}|[—–?*]|\.{1,2}"
_MISSING_ERRORS = r"#n/a|#na|#div/0!|#value!|#num!|#ref!|[+-]?inf(?:inity)?"
MISSING = re.compile(f"{_MISSING_WORDS}|{_MISSING_ERRORS}", re.I)
"""What stands for a missing number. Among text they are names: NA is a country."""

NEARLY_ALL = 0.9
"""A column is one of numbers if this share of its cells, those that stand for a missing one aside, are numbers."""

_NUMBER = r"""
    (?P<open>\()?\s*
    (?P<sign>[+-])?\s*(?P<front>[$€£¥₹₽₩₺]|(?:[A-Z]{{1,2}}\$)|(?:USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|Rs\.?))?\s*(?P<sign2>[+-])?
    (?P<whole>[1-9]\d{{0,2}}(?:(?P<group>[{groups}])\d{{3}})(?:(?P=group)\d{{3}})*|\d+|(?=[{decimal}]\d))
    (?:[{decimal}](?P<part>\d*))?(?P<power>[eE][+-]?\d+)?
    \s*(?P<back>%|[$€£¥₹₽₩₺元円]|[^\W\d_]{{1,6}}[²³]?|°[CF]?)?(?P<minus>-)?\s*(?P<close>\))?
"""
_GROUPS = " \u00a0\u202f\u2009'’"
_PATTERNS = {
    decimal: re.compile(_NUMBER.format(decimal=re.escape(decimal), groups=_GROUPS + other), re.X)
    for decimal, other in ((".", ","), (",", "."))
}

_TIME = r"(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(?:Z|UTC|[+-]\d\d:?\d\d)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)


class Notation(NamedTuple):
    """How a column is written.

    decimal: the decimal sign. mark: a currency, a percent sign or a unit that may stand with a number. date: the order
    of a date, "ymd", "dmy" or "mdy"; empty for numbers.
    """

    decimal: str = "."
    mark: str = ""
    date: str = ""

    def read(self, values: Sequence[str]) -> np.ndarray:
        """Return float64 (values,): numbers, or days since 1970; NaN for a text that is none."""
        if self.decimal == "." and not self.date and (plain := _plain_numbers(values)) is not None:
            return plain
        read = self._day if self.date else self._number
        return np.array([read(value) for value in values], np.float64)

    def _number(self, text: str) -> float:
        found = _match(text, self.decimal)
        if found is None or _mark(found) not in ("", self.mark):
            return np.nan
        whole = re.sub(r"\D", "", found["whole"]) or "0"
        value = float(f"{whole}.{found['part'] or 0}{found['power'] or ''}")
        signs = (found["sign"], found["sign2"], found["minus"], found["open"])
        value = -value if any(sign in ("-", "(") for sign in signs) else value
        value = value / 100 if _mark(found) == "%" else value
        return value if np.isfinite(value) else np.nan

    def _day(self, text: str) -> float:
        found = (_YEAR_FIRST if self.date == "ymd" else _YEAR_LAST).fullmatch(text)
        if found is None:
            return np.nan
        first, _, second, third, *time = found.groups()
        year, month, day = {"ymd": (first, second, third), "dmy": (third, second, first)}.get(
            self.date, (third, first, second)
        )
        try:
            whole = datetime(_year(year), int(month), int(day))
        except ValueError:
            return np.nan
        hours, minutes, seconds = (int(part or 0) for part in time[:3])
        since = whole - datetime(1970, 1, 1) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return since / timedelta(days=1)

    def __str__(self) -> str:
        if self.date:
            return "date, in days"
        told = ["decimal comma"] if self.decimal == "," else []
        told += ["percent, as a share"] if self.mark == "%" else [f"in {self.mark}"] if self.mark else []
        return ", ".join(["number", *told])


NUMBERS = Notation()
"""Numbers with a decimal point and no mark: those of a frame, too."""


def _plain_numbers(values: Sequence[str]) -> np.ndarray | None:
    """Return the numbers of texts that Python reads as such, which is fast; None if one is none, or not finite."""
    try:
        numbers = np.array(list(map(float, values)), np.float64)
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() and "_" not in "".join(values) else None


def _year(text: str) -> int:
    """Return the year; of two digits, one from 1970 to 2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _match(text: str, decimal: str) -> re.Match[str] | None:
    found = _PATTERNS[decimal].fullmatch(text.replace("−", "-"))
    return found if found and bool(found["open"]) == bool(found["close"]) else None


def _mark(found: re.Match[str]) -> str:
    return found["front"] or found["back"] or ""


def is_number(text: str) -> bool:
    """Return whether a text is a number, with a decimal point or comma and without a mark."""
    return any(np.isfinite(Notation(decimal).read([text])[0]) for decimal in ".,")


def is_missing(text: str) -> bool:
    """Return whether a text stands for a missing number."""
    return bool(MISSING.fullmatch(text))


def number_notations(values: Sequence[str]) -> dict[str, tuple[Notation, np.ndarray]]:
    """Return, for each decimal sign, the notation that fits these texts, and their numbers by it."""
    found: dict[str, tuple[Notation, np.ndarray]] = {}
    plain = _plain_numbers(values)
    for decimal in ".,":
        if plain is not None and decimal == ".":
            found[decimal] = (Notation(), plain)
            continue
        if plain is not None and any(_match(value, decimal) is None for value in values):
            found[decimal] = (Notation(decimal), np.full(len(values), np.nan))  # cannot fit better
            continue
        matches = [_match(value, decimal) for value in values]
        marks = Counter(_mark(match) for match in matches if match)
        marks.pop("", None)
        notation = Notation(decimal, marks.most_common(1)[0][0] if marks else "")
        found[decimal] = (notation, notation.read(values))
    return found


def are_dates(values: Sequence[str]) -> bool:
    """Return whether nearly all texts are dates, in whatever order day and month come."""
    return sum(bool(_YEAR_FIRST.fullmatch(v) or _YEAR_LAST.fullmatch(v)) for v in values) >= NEARLY_ALL * len(values)


def date_notation(values: Sequence[str]) -> Notation | None:
    """Return how dates are written; None if it is not clear whether the day or the month comes first."""
    if sum(bool(_YEAR_FIRST.fullmatch(value)) for value in values) >= NEARLY_ALL * len(values):
        return Notation(date="ymd")
    found = [match for match in map(_YEAR_LAST.fullmatch, values) if match]
    if not found or len(found) < NEARLY_ALL * len(values):
        return None
    if any(int(match[1]) > 12 for match in found) or all(match[2] == "." for match in found):
        return Notation(date="dmy")
    return Notation(date="mdy") if any(int(match[3]) > 12 for match in found) else None
