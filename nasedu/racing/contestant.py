"""Who runs in a race: a controller by name, by name with parameters, or made by a function of one's own."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nasedu.controllers import Controller, load
from nasedu.controllers import registry as controllers
from nasedu.core import BadValue

Entry = str | tuple[str, Mapping[str, Any]] | Callable[..., Controller]
"""A registered name; (name, parameters); or a class or function `(space, *, seed)` that gives a fresh controller."""


@dataclass(frozen=True)
class Contestant:
    """A way to make a fresh controller, and what to call it.

    Attributes:
        label: what figures and frames call it.
        maker: a registered name, or a class or function.
        parameters: for the maker, beside space, seed and budget.
    """

    label: str
    maker: str | Callable[..., Controller]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plans(self) -> bool:
        """Whether it wants to know how long the race is, and nobody has told it yet."""
        maker = controllers[self.maker] if isinstance(self.maker, str) else self.maker
        return "budget" not in self.parameters and "budget" in inspect.signature(maker).parameters

    def fresh(self, space: Any, seed: int, budget: int) -> Controller:
        """A controller that has seen nothing; one with a `budget` is told the length of the race."""
        parameters = dict(self.parameters, **({"budget": budget} if self.plans else {}))
        if isinstance(self.maker, str):
            return load(self.maker, space, seed=seed, **parameters)
        return self.maker(space, seed=seed, **parameters)


def contestants(entries: Mapping[str, Entry] | Iterable[Entry]) -> list[Contestant]:
    """Everyone who runs. Raises BadValue for nobody, for something else than an entry, and for two of one label."""
    if isinstance(entries, str):
        raise BadValue(f"controllers is a list: [{entries!r}]")
    pairs = entries.items() if isinstance(entries, Mapping) else ((None, entry) for entry in entries)
    found = [contestant(entry, label) for label, entry in pairs]
    if not found:
        raise BadValue(f"a race needs at least one controller; known: {', '.join(sorted(controllers))}")
    labels = [one.label for one in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise BadValue(f"two controllers are called {twice[0]!r}; name them yourself: {{'first': ..., 'second': ...}}")
    return found


def contestant(entry: Any, label: str | None = None) -> Contestant:
    if isinstance(entry, str):
        controllers[entry]  # an unknown name is refused here
        return Contestant(label or entry, entry)
    if callable(entry):
        own = getattr(entry, "name", "") or getattr(entry, "__name__", type(entry).__name__)
        return Contestant(label or str(own), entry)
    if isinstance(entry, tuple | list) and len(entry) == 2 and isinstance(entry[1], Mapping):
        name, parameters = entry
        if "seed" in parameters:
            raise BadValue(f"the seeds of {name!r} come from the race; leave 'seed' out of {dict(parameters)}")
        values = ", ".join(f"{key}={value}" for key, value in parameters.items())
        return Contestant(label or (f"{name} ({values})" if values else name), name, dict(parameters))
    raise BadValue(
        f"a controller is given as a name, as (name, parameters) or as a function of (space, *, seed); given {entry!r}"
    )
