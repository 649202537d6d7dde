"""Who runs in a race: a controller by its name, by its name with parameters, or from a class or function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nasedu.controllers import Controller, load
from nasedu.controllers import registry as controllers
from nasedu.controllers.budget import takes_budget, with_budget
from nasedu.core import BadValue

Entry = str | tuple[str, Mapping[str, Any]] | Callable[..., Controller]
"""A registered name; (name, parameters); or a class or function `(space, *, seed)` that gives a fresh controller."""


@dataclass(frozen=True)
class Contestant:
    """A way to make a fresh controller, and its label.

    Attributes:
        label: its name in figures and dataframes.
        maker: a registered name, or a class or function.
        parameters: for the maker, besides space, seed and budget.
    """

    label: str
    maker: str | Callable[..., Controller]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_budget(self) -> bool:
        """Return whether its controller takes a `budget` that the parameters do not name."""
        return "budget" not in self.parameters and takes_budget(self.maker)

    def fresh(self, space: Any, seed: int, budget: int) -> Controller:
        """Make a controller that has seen nothing; one with a `budget` is told the length of the run."""
        parameters = with_budget(self.maker, self.parameters, budget)
        if isinstance(self.maker, str):
            return load(self.maker, space, seed=seed, **parameters)
        return self.maker(space, seed=seed, **parameters)


def contestants_from(entries: Mapping[str, Entry] | Iterable[Entry]) -> list[Contestant]:
    """Return a contestant for each entry; a dictionary gives the labels.

    Raises:
        UnknownName: a name that is not registered.
        BadValue: no entry, something else than an entry, or two of one label.
    """
    if isinstance(entries, str):
        raise BadValue(f"controllers is a list: [{entries!r}]")
    pairs = entries.items() if isinstance(entries, Mapping) else ((None, entry) for entry in entries)
    found = [_contestant(entry, label) for label, entry in pairs]
    if not found:
        raise BadValue(f"a race needs at least one controller; known: {', '.join(sorted(controllers))}")
    labels = [contestant.label for contestant in found]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise BadValue(f"two controllers are called {twice[0]!r}; name them yourself: {{'first': ..., 'second': ...}}")
    return found


def _contestant(entry: Any, label: str | None) -> Contestant:
    if isinstance(entry, str):
        controllers.check_name(entry)
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
