"""How the numbers or dates of a column are written: 1,234.5 or 1.234,5, with a currency or a unit, in brackets, ..."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from nasedu.tasks.table.cell_dates import OF_DAY, YEAR_FIRST, YEAR_LAST, read_days, usual_date
from nasedu.tasks.table.cell_numbers import POWERED, match_number, read_number, unit_of

_MISSING_WORDS = r"na|n/a|nan|-nan|<na>|nat|null|none|nil|missing|unknown|-{1,2}|[—–?*]|\.{1,2}"
_MISSING_ERRORS = r"#n/a|#na|#div/0!|#value!|#num!|#ref!|[+-]?inf(?:inity)?"
MISSING = re.compile(f"{_MISSING_WORDS}|{_MISSING_ERRORS}", re.I)
"""What stands for a missing number. Among text they are names: NA is a country."""

NEARLY_ALL = 0.9
"""A column is one of numbers if this share of its cells, those that stand for a missing one aside, are numbers."""

LEAST_GROUPED, LEAST_PLAIN = 5, 3
"""Numbers with groups of three digits, and below 1,000 without, by which the sign between groups is no decimal sign."""


class Notation(NamedTuple):
    """How a column is written.

    decimal: the decimal sign. mark: a currency, a percent sign or a unit that may stand with a number; it ends with
    K/M/B if 5K is 5,000. date: the order of a date, "ymd", "dmy" or "mdy", or "time"; empty for numbers.
    """

    decimal: str = "."
    mark: str = ""
    date: str = ""

    def read(self, values: Sequence[str]) -> np.ndarray:
        """Return float64 (values,): numbers, or days since 1970; NaN for a text that is none."""
        if self.decimal == "." and not self.date and (plain := _plain_numbers(values)) is not None:
            return plain
        if self.date:
            return np.array([read_days(value, self.date) for value in values], np.float64)
        return np.array([read_number(value, self.decimal, self.mark) for value in values], np.float64)

    def __str__(self) -> str:
        if self.date:
            return "time, in days" if self.date == "time" else "date, in days"
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
        if plain is not None and any(match_number(value, decimal) is None for value in values):
            found[decimal] = (Notation(decimal), np.full(len(values), np.nan))  # cannot fit better
            continue
        matches = [found for found in (match_number(value, decimal) for value in values) if found]
        notation = Notation(decimal, _mark(map(unit_of, matches)))
        found[decimal] = (notation, notation.read(values))
    return found


def _mark(units: Iterable[tuple[str, str]]) -> str:
    """Return the mark of a column whose numbers have these units and powers: the most frequent one."""
    counts = Counter(units)
    names = Counter({unit: count for (unit, _), count in counts.items() if unit})
    unit = names.most_common(1)[0][0] if names else ""
    powers = {power for other, power in counts if other in ("", unit)}
    power = next(iter(powers), "") if len(powers) == 1 else POWERED
    return f"{unit} {power}".strip()


def units_in(values: Sequence[str]) -> list[str]:
    """Return the different units of numbers, if all texts are numbers with one; else nothing."""
    units = set()
    for value in values:
        found = match_number(value, ".") or match_number(value, ",")
        if found is None:
            return []
        units.add(" ".join(unit_of(found)).strip())
    return sorted(units) if len(units) > 1 else []


_GROUPED = {sign: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+") for sign in ".,"}


def sign_of_groups(values: Sequence[str]) -> str | None:
    """Return the sign between groups of three digits, as of 200, 600, 1.000, 1.400; None if that is not clear."""
    digits = [re.sub(r"[^\d.,]", "", value) for value in values if not is_missing(value)]
    for sign, pattern in _GROUPED.items():
        long = [text for text in digits if not text.isdigit()]
        short = {text for text in digits if text.isdigit()}
        if len(long) >= LEAST_GROUPED and len(short) >= LEAST_PLAIN and all(map(pattern.fullmatch, long)):
            return sign if max(map(len, short)) <= 3 else None
    return None


def _no_dates(values: Sequence[str]) -> bool:
    """Return whether a sample of many texts shows that they are no dates or times, which is quick."""
    sample = list(map(usual_date, values[:: len(values) // 500 or 1]))
    return 2 * sum(any(form.fullmatch(v) for form in (YEAR_FIRST, YEAR_LAST, OF_DAY)) for v in sample) < len(sample)


def are_dates(values: Sequence[str]) -> bool:
    """Return whether nearly all texts are dates, in whatever order day and month come."""
    if _no_dates(values):
        return False
    usual = list(map(usual_date, values))
    return sum(bool(YEAR_FIRST.fullmatch(v) or YEAR_LAST.fullmatch(v)) for v in usual) >= NEARLY_ALL * len(values)


def date_notation(values: Sequence[str]) -> Notation | None:
    """Return how dates or times are written; None if it is not clear whether the day or the month comes first."""
    if _no_dates(values):
        return None
    if sum(bool(OF_DAY.fullmatch(value)) for value in values) >= NEARLY_ALL * len(values):
        return Notation(date="time")
    usual = list(map(usual_date, values))
    if sum(bool(YEAR_FIRST.fullmatch(value)) for value in usual) >= NEARLY_ALL * len(values):
        return Notation(date="ymd")
    found = [match for match in map(YEAR_LAST.fullmatch, usual) if match]
    if not found or len(found) < NEARLY_ALL * len(values):
        return None
    if any(int(match[1]) > 12 for match in found) or all(match[2] == "." for match in found):
        return Notation(date="dmy")
    return Notation(date="mdy") if any(int(match[3]) > 12 for match in found) else None
