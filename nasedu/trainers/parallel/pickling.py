"""Whether a trainer can be sent to another process, and what stands in the way."""

from collections.abc import Iterator
from typing import Any

import cloudpickle

from nasedu.core import BadValue

DEPTH = 8  # of parts within parts, when the culprit is looked for


def check_picklable(trainer: Any) -> None:
    """Raise BadValue, naming the part that is in the way, unless the trainer can be pickled.

    cloudpickle sends what `__main__` defines, a notebook or a script, by value: a worker has another `__main__`.
    """
    reason = why_not_pickled(trainer)
    if reason:
        where, why = culprit(trainer, "trainer", reason)
        raise BadValue(
            f"this trainer cannot be sent to another process: {where} cannot be pickled ({why}). Open files, locks and "
            "connections where they are needed, and not before; threads can share what cannot be sent"
        )


def why_not_pickled(thing: Any) -> str:
    """Return why it cannot be pickled, in one line; an empty string if it can."""
    try:
        cloudpickle.dumps(thing)
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""


def culprit(thing: Any, name: str, reason: str, depth: int = DEPTH) -> tuple[str, str]:
    """Return the innermost part that cannot be pickled and why, in attribute after attribute."""
    for part_name, part in _parts(thing, name) if depth else ():
        why = why_not_pickled(part)
        if why:
            return culprit(part, part_name, why, depth - 1)
    return name, reason


def _parts(thing: Any, name: str) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, dict):
        yield from ((f"{name}[{key!r}]", part) for key, part in thing.items())
    elif isinstance(thing, list | tuple):
        yield from ((f"{name}[{place}]", part) for place, part in enumerate(thing))
    elif not isinstance(thing, type):
        yield from ((f"{name}.{key}", part) for key, part in getattr(thing, "__dict__", {}).items())
