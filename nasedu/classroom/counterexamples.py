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
from types import FunctionType
from typing import Any

import numpy as np

from nasedu.core import BadValue

Case = Sequence[Any]
TOLERANCE = 1e-6
"""The allowed error of a number, relative to 1 or to the number: it allows computation in single precision."""


def fresh() -> np.random.Generator:
    """Return a random generator that is seeded by the system: it gives other numbers in every check."""
    return np.random.default_rng()


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
    guess: Callable[..., str] | None = None,
) -> str:
    """Compare a function with a reference; return a sentence on the smallest input for which they differ.

    Args:
        name: the name of the function in the sentence.
        answer: the student's function.
        reference: the right function.
        cases: the arguments of each call.
        tolerance: the allowed difference of two numbers, relative to 1 or to the larger one.
        guess: called as `guess(got, *case)`; returns a sentence about the probable mistake, or an empty string.

    Returns:
        A sentence; empty if the two agree on all cases.
    """
    if not callable(answer):
        return f"{name} is to be a function: keep the line that begins with def. Yours is {show(answer)}."

    def objection(*case: Any) -> str:
        call = f"{name}({', '.join(map(show, case))})"
        wanted, got = reference(*deepcopy(case)), answer(*deepcopy(case))  # an answer may change what it gets
        if got is None and wanted is not None:
            return f"{call} gives None: is there a return?"
        if same(got, wanted, tolerance):
            return ""
        hint = guess(got, *case) if guess else ""
        return f"{call} should be {_contrast(wanted, got)}.{' ' + hint if hint else ''}"

    return smallest(cases, objection)


def _contrast(wanted: Any, got: Any) -> str:
    """Return both values, with enough digits to see a difference; if there is none, with their types."""
    for digits in (4, 8, 17):
        if (one := show(wanted, digits)) != (other := show(got, digits)):
            return f"{one}; yours gives {other}"
    return f"{one}, of the type {type(wanted).__name__}; yours is of the type {type(got).__name__}"


def same(got: Any, wanted: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether two plain values agree, numbers up to a tolerance. True is not 1, and "1" is not 1."""
    if isinstance(wanted, bool | np.bool_) or isinstance(got, bool | np.bool_):
        return isinstance(got, bool | np.bool_) and isinstance(wanted, bool | np.bool_) and bool(got) == bool(wanted)
    if _is_number(wanted):
        return _is_number(got) and (
            got == wanted
            or math.isclose(got, wanted, rel_tol=tolerance, abs_tol=tolerance)
            or (math.isnan(got) and math.isnan(wanted))
        )
    if isinstance(wanted, np.ndarray):
        return _same_array(got, wanted, tolerance)
    if isinstance(wanted, Mapping):
        return (
            isinstance(got, Mapping)
            and got.keys() == wanted.keys()
            and all(same(got[key], wanted[key], tolerance) for key in wanted)
        )
    if isinstance(wanted, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(wanted)
            and all(same(a, b, tolerance) for a, b in zip(got, wanted, strict=True))
        )
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


def whole(value: Any) -> int | None:
    """Return a whole number as int, also if it is given as 59.0; None if the value is no whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def show(value: Any, digits: int = 4) -> str:
    """Return a value as text for a sentence: numbers with `digits` significant digits, at most 200 characters.

    Objects are described by their type, without their address in memory.
    """
    if isinstance(value, float | np.floating):
        return f"{value:.{digits}g}"
    if isinstance(value, np.integer | np.bool_):
        return str(value.item())
    if isinstance(value, np.ndarray):
        return show(value.tolist(), digits)
    if isinstance(value, list | tuple):
        inner = ", ".join(show(item, digits) for item in value) + (
            "," if isinstance(value, tuple) and len(value) == 1 else ""
        )
        text = f"[{inner}]" if isinstance(value, list) else f"({inner})"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{show(key)}: {show(item, digits)}" for key, item in value.items()) + "}"
    else:
        text = repr(value)
        if re.search(r" at 0x[0-9a-fA-F]+", text):
            text = "a function" if isinstance(value, FunctionType) else f"an object of the type {type(value).__name__}"
    return text if len(text) <= 200 else text[:197] + "..."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating)


def _same_array(got: Any, wanted: np.ndarray[Any, Any], tolerance: float) -> bool:
    try:
        numbers = np.asarray(got)
    except (ValueError, TypeError):
        return False
    return (
        numbers.shape == wanted.shape
        and numbers.dtype.kind in "iuf" + ("b" if wanted.dtype.kind == "b" else "")
        and bool(np.allclose(numbers, wanted, rtol=tolerance, atol=tolerance, equal_nan=True))
    )
