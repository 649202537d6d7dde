"""Values as the text that a store keeps."""

import json
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation


def canonical_json(value: Any) -> str:
    """Equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def as_json(value: Any) -> str:
    """The value as a store keeps it. Raises BadValue for what JSON cannot hold, NaN included."""
    try:
        return value.to_json() if isinstance(value, Evaluation) else json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue(
            f"a store holds finite Python numbers, strings, lists and dictionaries, and was given {value!r} ({error}): "
            "use float(), int() or .tolist() on what numpy and torch return"
        ) from error


def read_architecture(text: str) -> Architecture:
    return tuple(json.loads(text))
