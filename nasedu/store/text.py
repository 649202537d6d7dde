"""Conversion of values to the text that a store keeps."""

import json
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation


def canonical_json(value: Any) -> str:
    """Return a JSON text that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def as_json(value: Any) -> str:
    """Return the value as a store keeps it. Raise BadValue for a value that JSON cannot hold, such as NaN."""
    try:
        return value.to_json() if isinstance(value, Evaluation) else json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue(
            f"a store holds finite Python numbers, strings, lists and dictionaries, and was given {value!r} ({error}): "
            "use float(), int() or .tolist() on what numpy and torch return"
        ) from error


def read_architecture(text: str) -> Architecture:
    return tuple(json.loads(text))
