"""One dictionary of names for each family: spaces, tasks, controllers, trainers, priors."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nasedu.core.errors import BadValue, UnknownName


class Registry:
    """A dictionary from a name to its class or function.

    `load`, the command line and the store use it. An entry is a class, a function, or an import path such as
    `"package.module:Name"`. The path is imported at its first use, so listing the names imports nothing.

    Args:
        family: the kind of the entries, in the singular; used in error messages ("space").
        entries: from name to class, function or import path.
    """

    def __init__(self, family: str, entries: dict[str, Any]):
        self.family = family
        self._entries = dict(entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def add(self, name: str, maker: Callable[..., Any]) -> None:
        """Register a class or function of your own. Raises BadValue if the name is taken."""
        if name in self._entries:
            raise BadValue(f"there is already a {self.family} called {name!r}; choose another name")
        self._entries[name] = maker

    def check_name(self, name: str) -> None:
        """Raise UnknownName, naming what there is, if nothing has this name; imports no entry."""
        if name not in self._entries:
            raise UnknownName(f"unknown {self.family} {name!r}; known: {', '.join(sorted(self._entries))}")

    def __getitem__(self, name: str) -> Callable[..., Any]:
        self.check_name(name)
        entry = self._entries[name]
        if isinstance(entry, str):
            module, _, attribute = entry.partition(":")
            entry = self._entries[name] = getattr(importlib.import_module(module), attribute)
        return entry

    def check_parameters(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Raise BadValue, naming what there is, if `name` has no parameter of one of these names."""
        known = inspect.signature(self[name]).parameters
        if any(p.kind is p.VAR_KEYWORD for p in known.values()):
            return
        for parameter in parameters:
            if parameter not in known:
                raise BadValue(
                    f"{self.family} {name!r} has no parameter {parameter!r}; it has: {', '.join(known) or 'none'}"
                )

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of an entry."""
        return (inspect.getdoc(self[name]) or "").partition("\n")[0]
