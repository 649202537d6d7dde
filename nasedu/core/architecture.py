"""An architecture that its space has read, so that it is checked once and trusted afterwards."""

from collections.abc import Iterable
from typing import Any


class CheckedArchitecture(tuple[str, ...]):
    """An architecture on its way through trainers: its space has read it, and nobody below reads it again.

    It is equal to the plain tuple, has the same hash and survives pickle. A study marks what it hands to its trainer,
    and a trainer that is called directly marks what it was given. What a trainer returns holds plain tuples.
    """

    __slots__ = ()


def checked(space: Any, architectures: Iterable[Any]) -> list[CheckedArchitecture]:
    """Return the architectures as checked ones: the space reads each that nobody has checked before.

    Raises:
        BadArchitecture: an architecture that the space cannot read.
    """
    found = list(architectures)
    for architecture in found:
        if not isinstance(architecture, CheckedArchitecture):
            space.walk(architecture)
    return [CheckedArchitecture(architecture) for architecture in found]
