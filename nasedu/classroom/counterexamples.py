"""Fresh inputs for a check, and the smallest one for which an answer is wrong.

    def why_wrong(double):
        cases = [(n,) for n in range(5)] + [(int(n),) for n in fresh().integers(-99, 99, 20)]
        return against("double", double, lambda x: 2 * x, cases)   # "double(1) should be 2; yours gives 1."

A check that draws new inputs each time cannot be answered by memorised values. It must be right for every draw.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from itertools import islice
from types import FunctionType
from typing import Any

import numpy as np

from nasedu.core import BadValue

Case = Sequence[Any]
TOLERANCE = 1e-5
"""The allowed relative error of a number: it allows computation in single precision."""
SCALES = (1.0, 1.0, 1e-6, 1e-3, 1e3, 1e6)
"""By these a check multiplies values that may have any size: an answer rounded to some places fails for small ones."""


def fresh() -> np.random.Generator:
    """Return a random generator that is seeded by the system: it gives other numbers in every check."""
    return np.random.default_rng()


def fresh_names(rng: np.random.Generator, count: int) -> list[str]:
    """Return different names, at most 70. Neither the alphabet nor the order of the list tells anything."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    return list(map(str, rng.choice(syllables, count, replace=False)))


class Difference(str):
    """What a function does wrong in one case, as a sentence, together with what it gives in all cases."""

    def __new__(cls, sentence: str, *_: Any) -> "Difference":
        return super().__new__(cls, sentence)

    def __init__(self, _: str, hint: str, calls: Sequence[tuple[Case, Any]], agree: Callable[..., bool]) -> None:
        self.hint, self.calls, self.agree = hint, calls, agree

    def is_made_by(self, mistake: Any) -> bool:
        """Return whether a wrong function gives the same as the answer in every case."""
        return callable(mistake) and all(self.agree(got, _result(mistake, case), case) for case, got in self.calls)

    def explained(self, sentence: str) -> str:
        """Return the sentence of the difference with this explanation in place of a guess."""
        return str(self) if sentence in self else f"{self.removesuffix(self.hint).rstrip()} {sentence}"


def _result(function: Callable[..., Any], case: Case) -> Any:
    """Return what a function gives; the type of its error if it raises one."""
    try:
        return function(*deepcopy(case))  # an answer may change what it gets
    except Exception as error:
        return type(error)


def smallest(cases: Iterable[Case], objection: Callable[..., str]) -> str:
    """Return the objection to the smallest case that has one.

    Args:
        cases: the arguments of each call, such as `(p, n)`.
        objection: called with the arguments of a case, in order of size; returns an empty string if the case is right.

    Returns:
        A sentence on the smallest wrong case; empty if all cases are right.
    """
    for case in sorted(cases, key=size):
        if isinstance(case, str):
            raise BadValue(f"a case holds the arguments of a call, as a tuple: write ({case!r},)")
        if found := objection(*case):
            return found
    return ""


def against(
    name: str,
    answer: Callable[..., Any],
    reference: Callable[..., Any],
    cases: Iterable[Case],
    *,
    tolerance: float = TOLERANCE,
    scale: Callable[..., float] | None = None,
    guess: Callable[..., str] | None = None,
) -> str:
    """Compare a function with a reference; return a sentence on the smallest input for which they differ.

    The sentence is a `Difference`. An exercise compares it with all of its wrong answers, and so finds the mistake.

    Args:
        name: the name of the function in the sentence.
        answer: the student's function.
        reference: the right function.
        cases: the arguments of each call.
        tolerance: the allowed difference of two numbers, relative to the larger one.
        scale: called as `scale(*case)`; the size of the numbers that a result is a sum or difference of. An error
            relative to this size is allowed, too; by default, only one relative to the result.
        guess: called as `guess(got, *case)`; returns a sentence on the result, or an empty string.

    Returns:
        A sentence; empty if the two agree on all cases.
    """
    if not callable(answer):
        return f"{name} is to be a function: keep the line that begins with def. Yours is {show(answer)}."

    calls: list[tuple[Case, Any]] = []
    hint = ""

    def agree(got: Any, wanted: Any, case: Case) -> bool:
        return same(got, wanted, tolerance, scale(*case) if scale else 0.0)

    def objection(*case: Any) -> str:
        nonlocal hint
        call = f"{name}({', '.join(map(show, case))})"
        wanted, got = reference(*deepcopy(case)), answer(*deepcopy(case))  # an answer may change what it gets
        calls.append((case, got))
        if got is None and wanted is not None:
            return f"{call} gives None: is there a return?"
        if agree(got, wanted, case):
            return ""
        hint = guess(got, *case) if guess else ""
        return f"{call} should be {_contrast(wanted, got)}.{' ' + hint if hint else ''}"

    ordered = sorted(cases, key=size)
    if not (found := smallest(ordered, objection)):
        return ""
    calls += [(case, _result(answer, case)) for case in ordered[len(calls) :]]
    return Difference(found, hint, calls, agree)


def _contrast(wanted: Any, got: Any) -> str:
    """Return both values, with enough digits to see a difference; if there is none, with their types."""
    for digits in (4, 8, 17):
        if (one := show(wanted, digits)) != (other := show(got, digits)):
            return f"{one}; yours gives {other}"
    return f"{one}, of the type {type(wanted).__name__}; yours is of the type {type(got).__name__}"


def same(got: Any, wanted: Any, tolerance: float = TOLERANCE, scale: float = 1.0) -> bool:
    """Return whether two plain values agree. True is not 1, and "1" is not 1.

    Two numbers agree if they differ by no more than the tolerance, relative to the larger one or to the scale. The keys
    of a dictionary are a list.
    """
    alike = partial(same, tolerance=tolerance, scale=scale)
    if isinstance(wanted, bool | np.bool_) or isinstance(got, bool | np.bool_):
        return isinstance(got, bool | np.bool_) and isinstance(wanted, bool | np.bool_) and bool(got) == bool(wanted)
    if _is_number(wanted):
        return _is_number(got) and (
            got == wanted
            or math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance * scale)
            or (math.isnan(got) and math.isnan(wanted))
        )
    if isinstance(wanted, np.ndarray):
        return _same_array(got, wanted, tolerance, scale)
    if isinstance(wanted, Mapping):
        return (
            isinstance(got, Mapping)
            and got.keys() == wanted.keys()
            and all(alike(got[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, list | tuple):
        listed = list(got) if isinstance(got, Mapping) else got
        return isinstance(listed, list | tuple) and len(listed) == len(wanted) and all(map(alike, listed, wanted))
    return type(got) is type(wanted) and bool(got == wanted)


def size(value: Any) -> float:
    """Return how long a value is for a reader: of several inputs that show a mistake, the shortest is reported."""
    if isinstance(value, str):
        return 1 + len(value) / 10
    if isinstance(value, Mapping):
        return 1 + sum(size(key) + size(item) for key, item in value.items())
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return 1 + sum(map(size, value))
    if _is_number(value) and not isinstance(value, bool):
        number = abs(float(value))
        return len(f"{number:.6g}") + min(number, 1e6) / 1e6 + (0.5 if value < 0 else 0)
    return 1


def largest(value: Any) -> float:
    """Return the largest absolute number in some nested data; 0 if there is none."""
    if isinstance(value, Mapping):
        return largest(list(value.values()))
    if isinstance(value, list | tuple | np.ndarray):
        return max(map(largest, value), default=0.0)
    return abs(float(value)) if _is_number(value) else 0.0


def whole(value: Any) -> int | None:
    """Return a whole number as int, also if it is given as 59.0; None if the value is no whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


LONGEST_SHOWN = 200


def show(value: Any, digits: int = 4) -> str:
    """Return a value as text of at most `LONGEST_SHOWN` characters: numbers with `digits` significant digits.

    Objects are described by their type, without their address in memory.
    """
    if isinstance(value, float | np.floating):
        return f"{value:.{digits}g}"
    if isinstance(value, np.integer | np.bool_):
        return str(value.item())
    if isinstance(value, np.ndarray):
        return show(value.tolist(), digits)
    if isinstance(value, list | tuple):
        inner = ", ".join(show(item, digits) for item in value[:LONGEST_SHOWN]) + (
            "," if isinstance(value, tuple) and len(value) == 1 else ""
        )
        text = f"[{inner}]" if isinstance(value, list) else f"({inner})"
    elif isinstance(value, dict):
        first = islice(value.items(), LONGEST_SHOWN)
        text = "{" + ", ".join(f"{show(key)}: {show(item, digits)}" for key, item in first) + "}"
    else:
        text = repr(value)
        if re.search(r" at 0x[0-9a-fA-F]+", text):
            text = "a function" if isinstance(value, FunctionType) else f"an object of the type {type(value).__name__}"
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating)


def _same_array(got: Any, wanted: np.ndarray[Any, Any], tolerance: float, scale: float) -> bool:
    try:
        numbers = np.asarray(got)
    except (ValueError, TypeError):
        return False
    return (
        numbers.shape == wanted.shape
        and numbers.dtype.kind in "iuf" + ("b" if wanted.dtype.kind == "b" else "")
        and bool(np.allclose(numbers, wanted, rtol=tolerance, atol=tolerance * scale, equal_nan=True))
    )
