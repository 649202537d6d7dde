"""Whether a trainer can be sent to another process, and what stands in the way."""

import pickle
from collections.abc import Iterator
from typing import Any

from nasedu.core import BadValue

DEPTH = 8  # of parts within parts, when the culprit is looked for


def check_sendable(trainer: Any) -> None:
    """Raises BadValue, naming the part that is in the way, unless the trainer can be pickled."""
    reason = why_not_pickled(trainer)
    if reason:
        where, why = culprit(trainer, "trainer", reason)
        raise BadValue(
            f"this trainer cannot be sent to another process: {where} cannot be pickled ({why}). Use a function or "
            "class that stands in a file, and open files where they are needed; threads can share what cannot be sent"
        )


def why_not_pickled(thing: Any) -> str:
    """Why it cannot be pickled, in one line; empty if it can."""
    try:
        pickle.Pickler(_Nowhere(), pickle.HIGHEST_PROTOCOL).dump(thing)
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""


def culprit(thing: Any, name: str, reason: str, depth: int = DEPTH) -> tuple[str, str]:
    """The innermost part that cannot be pickled and why, in attribute after attribute."""
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


class _Nowhere:
    """A file that forgets what is written to it."""

    def write(self, data: Any) -> None:
        pass
