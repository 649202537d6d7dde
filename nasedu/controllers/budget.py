"""The budget rule: a controller that takes a `budget` is told the length of its search."""

from collections.abc import Callable, Mapping
from typing import Any

from nasedu.controllers import registry
from nasedu.core.options import takes


def takes_budget(controller: str | Callable[..., Any]) -> bool:
    """Return whether a controller takes a `budget`, given its registered name, class or function."""
    return takes(registry[controller] if isinstance(controller, str) else controller, "budget")


def with_budget(controller: str | Callable[..., Any], options: Mapping[str, Any], evaluations: int) -> dict[str, Any]:
    """Return the options of a controller, with the length of its search if it takes a `budget` and they name none."""
    return {**({"budget": evaluations} if takes_budget(controller) else {}), **options}
