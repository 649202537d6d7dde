"""Options by name, as a terminal or a dictionary gives them: checked before anything is made with them."""

import inspect
import json
import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

from nasedu.core.errors import BadValue
from nasedu.core.registry import Registry

KINDS: tuple[tuple[type, str, tuple[type, ...]], ...] = (
    (bool, "true or false", (bool,)),
    (int, "a whole number", (Integral,)),
    (float, "a number", (Real,)),
    (str, "a word", (str,)),
    (tuple, "a list", (list, tuple)),
    (list, "a list", (list, tuple)),
)
"""A default's type, its name in an error, and which values may stand in its place."""


def takes(maker: Callable[..., Any], parameter: str) -> bool:
    """Return whether a class or function has a parameter of this name."""
    return parameter in inspect.signature(maker).parameters


def check_options(registry: Registry, name: str, options: Mapping[str, Any]) -> None:
    """Check options against the parameters of a registered entry, and their kinds against its defaults.

    Raises:
        UnknownName: the registry has no such entry.
        BadValue: an option that the entry does not have, that the search itself gives, or of another kind.
    """
    registry.check_parameters(name, options)
    parameters = inspect.signature(registry[name]).parameters
    free = [p.name for p in parameters.values() if p.default is not p.empty and p.name != "seed"]
    for option, value in options.items():
        if option in parameters and option not in free:
            raise BadValue(
                f"{registry.family} {name!r}: {option} is given by the search itself; "
                f"free to choose are: {', '.join(free) or 'none'}"
            )
        default = parameters[option].default if option in parameters else None
        kind = _kind(default)
        if kind and not _fits(value, *kind):
            raise BadValue(
                f"{registry.family} {name!r}: {option} is {kind[1]}, such as {shown(default)}; given {shown(value)}"
            )


def shown(value: Any) -> str:
    """Return a value as it would be typed."""
    return json.dumps(value, default=str)


def _kind(default: Any) -> tuple[type, str, tuple[type, ...]] | None:
    """The kind of a default; None where it says nothing of the values that may stand in its place."""
    return next((kind for kind in KINDS if isinstance(default, kind[0])), None)


def _fits(value: Any, kind: type, _: str, allowed: tuple[type, ...]) -> bool:
    finite = not isinstance(value, float) or math.isfinite(value)
    return finite and isinstance(value, allowed) and (kind is bool or not isinstance(value, bool))
