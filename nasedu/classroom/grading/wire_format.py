"""Plain data for the messages between the grader and the process that runs a student's code.

    pack((1, 2.0))            # ["t", 1, 2.0], which JSON can carry
    unpack(["t", 1, 2.0])     # (1, 2.0)

`unpack` reads data from a process that may be hostile. It makes values of exactly these types: None, bool, int, float,
str, list, tuple, set, dict, and arrays of numbers. A numpy number becomes a Python number, so that only its value
counts. A torch tensor becomes a list, and so does any iterator. This file also runs inside the sandbox, so it imports
nothing of nasedu.
"""

import base64
import json
import math
import numbers
import sys
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from decimal import Decimal
from typing import Any

MOST_BYTES = 16_000_000
"""The longest message, in bytes of JSON."""
LISTED = ("torch", "pandas", "array")
"""Libraries whose tensors, columns and arrays are packed as lists, by their method `tolist`."""
MOST_DEPTH = 30
MOST_PARTS = 1_000_000
MOST_BITS = 4096
NUMBERS = ("bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)))
NUMBERS += ("float16", "float32", "float64")


class NotPlain(Exception):
    """Something is no plain data, or there is too much of it; the message says what."""


def pack(value: Any, depth: int = MOST_DEPTH) -> Any:
    """Convert a value to JSON's types. Raise NotPlain, with a message that completes the sentence "it gives ..."."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _small(int(value))
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if value is ...:
        return ["e"]
    if depth == 0:
        raise NotPlain(f"data nested deeper than {MOST_DEPTH} levels")
    if isinstance(value, set | frozenset):
        return ["s", *(pack(item, depth - 1) for item in value)]
    if isinstance(value, KeysView | ValuesView | ItemsView | Iterator | range | deque):
        return ["l", *(pack(item, depth - 1) for item in value)]
    if isinstance(value, list | tuple):
        return ["l" if isinstance(value, list) else "t", *(pack(item, depth - 1) for item in value)]
    if isinstance(value, Mapping):
        return ["d", *([pack(key, depth - 1), pack(item, depth - 1)] for key, item in value.items())]
    if type(value).__name__ in ("Series", "DataFrame") and hasattr(value, "to_dict"):  # as in classroom/to_plain.py
        labels = value.axes[-1]
        return pack(value.to_dict() if all(isinstance(one, str) for one in labels) else value.to_numpy().tolist())
    return _pack_numbers(value)


def unpack(data: Any, depth: int = MOST_DEPTH) -> Any:
    """Return the value that `pack` packed. Raise NotPlain for anything that `pack` does not make."""
    if data is None or type(data) in (bool, float, str):
        return data
    if type(data) is int:
        return _small(data)
    if type(data) is not list or not data or type(data[0]) is not str or depth == 0:
        raise NotPlain("something that is no plain data")
    kind, *rest = data
    if kind == "l":
        return [unpack(item, depth - 1) for item in rest]
    if kind == "t":
        return tuple(unpack(item, depth - 1) for item in rest)
    if kind == "s":
        return _unpack_set(rest, depth - 1)
    if kind == "d":
        return _unpack_dict(rest, depth - 1)
    if kind == "a" and len(rest) == 3:
        return _unpack_array(*rest)
    if kind == "e" and not rest:
        return ...
    raise NotPlain("something that is no plain data")


def dump(message: Any) -> bytes:
    """Return a message as bytes. Raise NotPlain if it is too long."""
    data = json.dumps(message, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        raise NotPlain(f"more than {MOST_BYTES:,} bytes of data")
    return data


def load(data: bytes) -> Any:
    """Return the message in some bytes, its values still packed. Raise NotPlain if the bytes are no message."""
    if len(data) > MOST_BYTES or data.count(b",") > MOST_PARTS:
        raise NotPlain("too much data")
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise NotPlain("something that cannot be read") from error


def has_nan_or_empty(value: Any) -> bool:
    """Return whether a value contains a nan or an empty array: most comparisons fail to reject both."""
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, list | tuple | set):
        return any(map(has_nan_or_empty, value))
    if isinstance(value, Mapping):
        return any(has_nan_or_empty(key) or has_nan_or_empty(item) for key, item in value.items())
    if hasattr(value, "dtype"):
        return value.size == 0 or (value.dtype.kind == "f" and bool((value != value).any()))
    return False


def _small(number: int) -> int:
    if number.bit_length() > MOST_BITS:
        raise NotPlain(f"a whole number of more than {MOST_BITS} bits")
    return number


def _pack_numbers(value: Any) -> Any:
    numpy = sys.modules.get("numpy")  # code without arrays need not wait for the import of numpy
    if numpy is None or not isinstance(value, numpy.ndarray | numpy.generic):
        if type(value).__module__.partition(".")[0] in LISTED and hasattr(value, "tolist"):
            return pack(value.tolist())
        if isinstance(value, numbers.Real | Decimal):
            return float(value)
        raise NotPlain(f"an object of the type {type(value).__name__}, where plain data are expected")
    if isinstance(value, numpy.floating):
        return float(value)
    if isinstance(value, numpy.generic) or value.ndim == 0:
        return pack(value.item(), 1)
    if value.dtype.kind in "UO":
        return pack(value.tolist())
    if value.dtype.name not in NUMBERS:
        raise NotPlain(f"an array of {value.dtype.name}, where an array of numbers is expected")
    little = numpy.ascontiguousarray(value, value.dtype.newbyteorder("<"))
    return ["a", value.dtype.name, list(value.shape), base64.b64encode(little.tobytes()).decode()]


def _unpack_array(name: Any, shape: Any, text: Any) -> Any:
    import numpy

    right = name in NUMBERS and type(text) is str and type(shape) is list and 1 <= len(shape) <= 8
    if not right or not all(type(n) is int and 0 <= n <= MOST_BYTES for n in shape):
        raise NotPlain("an array that cannot be read")
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NotPlain("an array that cannot be read") from error
    dtype = numpy.dtype(name).newbyteorder("<")
    if len(raw) != math.prod(shape) * dtype.itemsize or (name == "bool" and raw.strip(b"\0\1")):
        raise NotPlain("an array that cannot be read")
    return numpy.frombuffer(raw, dtype).reshape(shape).astype(name)


def _unpack_set(items: list[Any], depth: int) -> set[Any]:
    try:
        return {unpack(item, depth) for item in items}
    except TypeError as error:
        raise NotPlain("a set of what cannot be in one") from error


def _unpack_dict(pairs: list[Any], depth: int) -> dict[Any, Any]:
    made = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2:
            raise NotPlain("a dictionary that cannot be read")
        try:
            made[unpack(pair[0], depth)] = unpack(pair[1], depth)
        except TypeError as error:
            raise NotPlain("a dictionary with keys that cannot be keys") from error
    return made
