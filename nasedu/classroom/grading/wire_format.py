"""Plain data for the messages between the grader and the process that runs a student's code.

    pack((1, 2.0))            # ["t", 1, 2.0], which JSON can carry
    unpack(["t", 1, 2.0])     # (1, 2.0)

`unpack` reads data from a process that may be hostile. It makes values of exactly these types: None, bool, int, float,
str, list, tuple, set, dict, and arrays of numbers. A numpy number becomes a Python number, so that only its value
counts. A torch tensor becomes a list, and so does any iterator. Data that are slow to read or to compare are refused:
the judge has other answers, too. This file also runs in the student's process, so it imports nothing of nasedu.
"""

import base64
import json
import math
import numbers
import sys
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sized, ValuesView
from decimal import Decimal
from typing import Any

MOST_BYTES = 16_000_000
"""The longest message, in bytes of JSON."""
LISTED = ("torch", "pandas", "array")
"""Libraries whose tensors, columns and arrays are packed as lists, by their method `tolist`."""
MOST_DEPTH = 30
MOST_PARTS = 1_000_000
"""The most parts of one message: items of lists, and numbers and rows of arrays."""
MOST_LETTERS = 1_000_000
"""The most letters of all texts in one message."""
MOST_BITS = 4096
MOST_CLASHES = 1_000
"""How many different values may have the hash of another one: with many, sets and dictionaries become very slow."""
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
    if isinstance(value, Sized) and not hasattr(value, "dtype") and len(value) > MOST_PARTS:  # arrays: below
        raise NotPlain(f"more than {MOST_PARTS:,} parts")
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


def unpack(data: Any) -> Any:
    """Return the value that `pack` packed. Raise NotPlain for anything that `pack` does not make, or for too much."""
    return _Reader().read(data, MOST_DEPTH)


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


class _Reader:
    """Reads one message, and counts what it costs."""

    def __init__(self) -> None:
        self.parts = self.letters = self.clashes = 0
        self.by_hash: dict[int, Any] = {}

    def read(self, data: Any, depth: int) -> Any:
        kind = type(data)
        if data is None or kind in (bool, float):
            return data
        if kind is int:
            return _small(data) if -(2**60) < data < 2**60 else self._hashed(_small(data))
        if kind is str:
            return self._text(data)
        if kind is not list or not data or type(data[0]) is not str or depth == 0:
            raise NotPlain("something that is no plain data")
        kind, *rest = data
        if kind == "l":
            items = [self.read(item, depth - 1) for item in rest]
            self._hashed(tuple(items))  # a check may make tuples of lists
            return items
        if kind == "t":
            return self._hashed(tuple(self.read(item, depth - 1) for item in rest))
        if kind == "s":
            return self._set(rest, depth - 1)
        if kind == "d":
            return self._dict(rest, depth - 1)
        if kind == "a" and len(rest) == 3:
            return self._array(*rest)
        if kind == "e" and not rest:
            return ...
        raise NotPlain("something that is no plain data")

    def _hashed(self, value: Any) -> Any:
        """Return a value after a look at its hash. Nobody can choose the hashes of small numbers and texts."""
        try:
            first = self.by_hash.setdefault(hash(value), value)
        except TypeError:  # a tuple that contains a list can be in no set
            return value
        self.clashes += first is not value and first != value
        if self.clashes > MOST_CLASHES:
            raise NotPlain("many numbers or tuples that all have the same hash, so that they are slow to compare")
        return value

    def _text(self, text: str) -> str:
        self.letters += len(text)
        if self.letters > MOST_LETTERS:
            raise NotPlain(f"texts of more than {MOST_LETTERS:,} letters")
        return text

    def _array(self, name: Any, shape: Any, text: Any) -> Any:
        import numpy

        right = name in NUMBERS and type(text) is str and type(shape) is list and 1 <= len(shape) <= 8
        if not right or not all(type(n) is int and n >= 0 for n in shape):
            raise NotPlain("an array that cannot be read")
        self.parts += math.prod(max(n, 1) for n in shape)  # a row without numbers is a part, too
        if self.parts > MOST_PARTS:
            raise NotPlain(f"arrays of more than {MOST_PARTS:,} numbers or rows")
        try:
            raw = base64.b64decode(text, validate=True)
        except ValueError as error:
            raise NotPlain("an array that cannot be read") from error
        dtype = numpy.dtype(name).newbyteorder("<")
        if len(raw) != math.prod(shape) * dtype.itemsize or (name == "bool" and raw.strip(b"\0\1")):
            raise NotPlain("an array that cannot be read")
        return numpy.frombuffer(raw, dtype).reshape(shape).astype(name)

    def _set(self, items: list[Any], depth: int) -> set[Any]:
        try:
            return {self.read(item, depth) for item in items}
        except TypeError as error:
            raise NotPlain("a set of what cannot be in one") from error

    def _dict(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        made = {}
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise NotPlain("a dictionary that cannot be read")
            try:
                made[self.read(pair[0], depth)] = self.read(pair[1], depth)
            except TypeError as error:
                raise NotPlain("a dictionary with keys that cannot be keys") from error
        return made
