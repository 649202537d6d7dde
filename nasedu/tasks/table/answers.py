"""The answers of a table: its classes by name, or its numbers. An answer that is missing is refused with its line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nasedu.core import BadValue, counted
from nasedu.tasks.preparing import listed
from nasedu.tasks.table.cells import Cells, Texts, as_texts
from nasedu.tasks.table.notation import NUMBERS, Notation, are_dates, is_missing
from nasedu.tasks.table.sheet import Sheet
from nasedu.tasks.table.sorts import FEW, numbers_in

ASK = {kind: f"ask for :{kind} (in Python kind={kind!r})" for kind in ("classification", "regression")}
"""How to ask for what was not guessed, for messages."""


NAMES = ("na", "none", "unknown", "missing", "nil")
"""Words for a missing number that are as often the name of a class: NA is a country."""


@dataclass(frozen=True)
class Answers:
    """The answers of all rows.

    Attributes:
        y: int64, (rows,), places in `classes`; or float64, (rows,), numbers.
        classes: the names of the classes; empty for numbers.
        notation: how numbers are written.
        merged: a sentence for each pair of texts that is taken for one class.
        notes: a sentence for each class whose name may not be meant as one.
        guess: a sentence on what numbers were taken for, if they may be meant otherwise.
    """

    y: np.ndarray
    classes: tuple[str, ...] = ()
    notation: Notation = NUMBERS
    merged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    guess: str = ""


def answers_of(sheet: Sheet, target: str, kind: str | None, comma: bool, where: str) -> Answers:
    """Return the answers of a sheet.

    Args:
        kind: "classification", "regression", or None: classification if they are text, true or false, or few whole
            numbers.
        comma: whether 1,234 is 1.234 in this table.

    Raises:
        BadValue: an answer is missing, or is no number where nearly all are.
    """
    cells = sheet.columns[target]
    _refuse_missing(sheet, cells, target, where)
    numbers, notation = _numbers(cells, comma)
    if numbers is None and kind == "regression":
        raise BadValue(f"{where}: the target {target!r} is text; a regression needs numbers")
    if numbers is None or kind == "classification":
        return _classes(as_texts(cells), target)
    bad = ~np.isfinite(numbers)
    if bad.any():
        row = int(bad.argmax())
        given = repr(cells.values[cells.codes[row]]) if isinstance(cells, Texts) else str(numbers[row])
        raise BadValue(
            f"{where}: {_are(bad, target)} missing, infinite or no number, the first in "
            f"{sheet.place(row)} ({given}); correct it, leave out what is missing with :missing drop, or, if "
            f"{target!r} names classes, {ASK['classification']}"
        )
    if kind is None and (numbers % 1 == 0).all() and len(np.unique(numbers)) <= FEW:
        classes = _classes(as_texts(cells), target)
        guess = f"the numbers in {target!r} were read as classes; if they are a quantity, {ASK['regression']}"
        return replace(classes, guess=guess) if len(classes.classes) > 2 else classes
    few = len(np.unique(numbers))
    guess = f"{target!r} has only {few} different numbers; if they are classes, {ASK['classification']}"
    return Answers(numbers, notation=notation, guess=guess if few <= FEW and kind is None else "")


def _refuse_missing(sheet: Sheet, cells: Cells, target: str, where: str) -> None:
    gone = np.isnan(cells) if isinstance(cells, np.ndarray) else cells.empty
    if gone.any():
        raise BadValue(
            f"{where}: {_are(gone, target)} missing, the first in "
            f"{sheet.place(int(gone.argmax()))}; fill it in, or leave such rows out with :missing drop"
        )


def _are(rows: np.ndarray, target: str) -> str:
    count = int(rows.sum())
    return f"{counted(count, 'answer')} in {target!r} {'is' if count == 1 else 'are'}"


def missing_answers(cells: Cells, kind: str | None, comma: bool) -> np.ndarray:
    """Return for each row whether its answer is missing: an empty cell, or among numbers what stands for one."""
    if isinstance(cells, np.ndarray):
        return ~np.isfinite(cells)
    if kind == "classification" or _numbers(cells, comma)[0] is None:
        return cells.empty
    return cells.empty | np.array([*map(is_missing, cells.values), True], bool)[cells.codes]


def _numbers(cells: Cells, comma: bool) -> tuple[np.ndarray | None, Notation]:
    if isinstance(cells, np.ndarray):
        return cells, Notation()
    found = numbers_in(cells, comma)
    if found is None or any(re.fullmatch(r"0\d+", value) for value in cells.values):  # 007 is a name
        return None, Notation()
    notation, values = found
    return cells.spread(values), notation


# ---------------------------------------------------------------------- classes


def _classes(cells: Texts, target: str) -> Answers:
    names, place = merged_names(cells.values)
    together = {name: [v for v, p in zip(cells.values, place, strict=True) if names[p] == name] for name in names}
    pairs = [*cells.variants.values(), *(same for same in together.values() if len(same) > 1)]
    merged = [f"{listed([repr(text) for text in raws])} in {target!r} are one class" for raws in pairs]
    return Answers(
        np.array(place, np.int64)[cells.codes], tuple(names), NUMBERS, tuple(merged), _doubtful(names, target)
    )


def merged_names(values: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the names of the classes in order, and for each text the place of its class.

    Numbers that are equal are one class, such as 1 and 1.0, but not 07 and 7. Numbers come in their order, text in its.
    """
    keys: list[Any] = [_number_key(value) for value in values]
    if any(key is None for key in keys):
        names = sorted(values)
        places = {name: number for number, name in enumerate(names)}
        return names, [places[value] for value in values]
    first: dict[Any, str] = {}
    for key, value in zip(keys, values, strict=True):
        first[key] = min(first.get(key, value), value, key=len)
    order = sorted(first)
    where = {key: number for number, key in enumerate(order)}
    return [first[key] for key in order], [where[key] for key in keys]


def _number_key(value: str) -> tuple[float, str] | None:
    """Return what a number is ordered and told apart by; None for a text. Leading zeros make it another name."""
    number = Notation().read([value])[0]
    if not np.isfinite(number) or not re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", value):
        return None
    return float(number), value if re.fullmatch(r"0\d+", value) else ""


def nearly_equal(names: Sequence[str]) -> list[list[str]]:
    """Return the names that differ only in upper and lower case, blanks, or a point at the end."""
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(" ".join(name.casefold().split()).rstrip("."), []).append(name)
    return [same for same in alike.values() if len(same) > 1]


def _doubtful(names: Sequence[str], target: str) -> tuple[str, ...]:
    """Return a sentence for each thing that is perhaps no class: nearly the same name, a missing answer, dates."""
    told = [
        f"the classes {listed([repr(name) for name in same])} differ only in case, in blanks, or in a last point"
        for same in nearly_equal(names)
    ]
    missing = [repr(name) for name in names if is_missing(name) and name.casefold() not in NAMES]
    if missing and len(names) > len(missing):
        told.append(f"{listed(missing)} in {target!r} is a class; if the answer is missing there, remove these rows")
    if are_dates(names):
        told.append(f"{target!r} holds dates, and each of them is a class; if time is meant, write it as a number")
    return tuple(told)
