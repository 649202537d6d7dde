"""One dictionary of names for each family: spaces, tasks, controllers, trainers, priors."""

import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nasedu.core.errors import BadValue, NaseduError, UnknownName
from nasedu.core.suggest import did_you_mean, unknown

OWN = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*(?:\.[^\W\d]\w*)*)")
"""The path of a part of somebody's own: `module:Name`. A path of a file has a slash, a dot or a hyphen in its place."""


class Registry:
    """A dictionary from a name to its class or function.

    `load`, the command line and the store use it. An entry is a class, a function, or an import path such as
    `"package.module:Name"`. The path is imported at its first use, so listing the names imports nothing.

    A name that nobody registered may be such a path itself, `"mymodule:Widths"`: then it is imported, from the current
    directory as well. What it makes is described by that path (see `claim`), so that a store finds it again.

    Args:
        family: the kind of the entries, in the singular; used in error messages ("space").
        entries: from name to class, function or import path.
        contract: the import path of the class or protocol that parts from elsewhere are instances of; without one,
            nothing is imported from elsewhere.
        ready_made: whether a path may name such a part itself, not only what makes it.
    """

    def __init__(self, family: str, entries: dict[str, Any], contract: str = "", *, ready_made: bool = False):
        self.family = family
        self.ready_made = ready_made
        self.contract = contract
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

    def is_own(self, name: str) -> bool:
        """Return whether a name is the path of a part from elsewhere, such as `mymodule:Widths`."""
        return bool(self.contract) and name not in self._entries and OWN.fullmatch(name) is not None

    def check_name(self, name: str) -> None:
        """Raise UnknownName, naming what there is, if nothing has this name. No entry is imported but one's own."""
        if self.is_own(name):
            imported(self.family, name)
        elif name not in self._entries:
            raise UnknownName(unknown(self.family, name, sorted(self._entries)))

    def __getitem__(self, name: str) -> Callable[..., Any]:
        self.check_name(name)
        if self.is_own(name):
            return self._own(name)
        entry = self._entries[name]
        if isinstance(entry, str):
            module, _, attribute = entry.partition(":")
            entry = self._entries[name] = getattr(importlib.import_module(module), attribute)
        return entry

    def _own(self, name: str) -> Callable[..., Any]:
        found = imported(self.family, name)
        if callable(found):
            return found
        if not self.ready_made:
            raise BadValue(f"{self.family} {name!r} is a {type(found).__name__}; give a class, or a function")
        return lambda: found

    def make(self, name: str, *arguments: Any, **parameters: Any) -> Any:
        """Return what an entry makes: what `load` does, in every package.

        Raises:
            UnknownName: there is no such entry.
            BadValue: it has no such parameter; or whatever the code of one's own raises, in one line.
        """
        self.check_parameters(name, parameters)
        maker = self[name]
        maker = getattr(maker, "for_task", maker)  # of a space
        if not self.is_own(name):
            return maker(*arguments, **parameters)
        try:
            return self.claim(name, maker(*arguments, **parameters))
        except NaseduError:
            raise
        except Exception as error:
            raise BadValue(f"{self.family} {name!r} cannot be made: {in_words(error)}") from error

    def claim(self, name: str, part: Any) -> Any:
        """Return a part that a path has made, checked; it remembers that path from now on as `loaded_as`.

        `nasedu.core.describe` describes it by the path, and not by its class: a store can load it again.

        Raises:
            BadValue: what the path has made is no part of this family.
        """
        module, _, contract = self.contract.partition(":")
        if not isinstance(part, getattr(importlib.import_module(module), contract)):
            kind = type(part).__name__
            raise BadValue(f"{name} gives an object of class {kind}, and no {self.family}: see {module}.{contract}")
        with suppress(AttributeError):  # a class with __slots__ keeps the name that it has
            object.__setattr__(part, "loaded_as", name)
        return part

    def check_parameters(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Raise BadValue, naming what there is, if `name` has no parameter of one of these names."""
        known = inspect.signature(self[name]).parameters
        if any(p.kind is p.VAR_KEYWORD for p in known.values()):
            return
        for parameter in parameters:
            if parameter not in known:
                raise BadValue(
                    f"{self.family} {name!r} has no parameter {parameter!r}; it has: {', '.join(known) or 'none'}"
                    f"{did_you_mean(parameter, known)}"
                )

    def summary(self, name: str) -> str:
        """Return the first line of the docstring of an entry."""
        return (inspect.getdoc(self[name]) or "").partition("\n")[0]


def imported(family: str, path: str) -> Any:
    """Return what `module:Name` names. The current directory is searched, too, as by `python -m`.

    Python's own modules are refused: a name in a store that somebody else wrote must not call what it likes.

    Raises:
        UnknownName: there is no such module, or nothing of this name in it.
        BadValue: the module cannot be imported.
    """
    module, _, attribute = path.partition(":")
    here = str(Path.cwd())
    if not {"", here} & set(sys.path):
        sys.path.insert(0, here)
    if module.partition(".")[0] in sys.stdlib_module_names:
        raise UnknownName(f"{family} {path!r}: {module} is a module of Python itself, and has no {family}")
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise BadValue(f"{family} {path!r}: the module {module} needs {error.name}, which is absent") from error
        raise UnknownName(
            f"{family} {path!r}: there is no module {error.name}; it is looked for in {here}, and in what is installed"
        ) from error
    except Exception as error:
        raise BadValue(f"{family} {path!r}: the module {module} cannot be imported: {in_words(error)}") from error
    for name in attribute.split("."):
        if not hasattr(found, name):
            public = [one for one in dir(found) if not one.startswith("_")]
            raise UnknownName(f"{family} {path!r}: {module} has no {name!r}{did_you_mean(name, public)}")
        found = getattr(found, name)
    return found


def in_words(error: BaseException) -> str:
    """Return an error of somebody's own code in one line: its kind, its message, and the file and line it is from."""
    if isinstance(error, NaseduError):
        return str(error)
    told = f"{type(error).__name__}: {error}".partition("\n")[0]
    if isinstance(error, SyntaxError):
        return told
    last = [frame for frame in traceback.extract_tb(error.__traceback__)[-1:] if frame.filename != __file__]
    return told + "".join(f" ({Path(frame.filename).name}, line {frame.lineno})" for frame in last)
