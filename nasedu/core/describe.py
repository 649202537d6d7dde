"""Describes an object by its constructor arguments, as plain data: so a store knows that two studies are the same."""

import inspect
from typing import Any

from nasedu.core.errors import BadValue


def describe(thing: Any) -> dict[str, Any]:
    """Return the name and the constructor arguments of a space, controller, trainer or prior, ready for JSON.

    The convention is scikit-learn's: every argument of `__init__` is kept under an attribute of its own name.
    `space`, `task` and `evidence` are omitted: a study records them once, for all its parts. So are the arguments that
    a class lists in `not_described`: they change no score of a search. `described_unless` names arguments that a class
    got later, each with the value that means what was done before; with this value they are omitted, so a store of then
    is still the same study. A wrapper that does not change the results, such as `Parallel`, names the wrapped object in
    `described_by` and is described as that object. A part that was loaded by a path, `"mymodule:Widths"`, has that path
    as its name.

    Raises:
        BadValue: an argument was not kept, or it is not made of numbers, strings, lists and dictionaries.
    """
    while hasattr(type(thing), "described_by"):
        thing = thing.described_by
    cls = type(thing)
    parameters = inspect.signature(cls.__init__).parameters.values() if cls.__init__ is not object.__init__ else ()
    name = getattr(thing, "loaded_as", "") or getattr(cls, "name", "") or cls.__name__
    description: dict[str, Any] = {"name": name}
    as_before: dict[str, Any] = getattr(cls, "described_unless", {})
    omitted = ("self", "space", "task", "evidence", *getattr(cls, "not_described", ()))
    for parameter in parameters:
        if parameter.name in omitted or parameter.kind in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        ):
            continue
        if not hasattr(thing, parameter.name):
            raise BadValue(
                f"{cls.__name__} takes {parameter.name!r} but does not keep it, so a store could not tell two "
                f"studies apart: add `self.{parameter.name} = {parameter.name}` to its __init__"
            )
        value = plain(getattr(thing, parameter.name), f"{cls.__name__}.{parameter.name}")
        if parameter.name not in as_before or value != as_before[parameter.name]:
            description[parameter.name] = value
    return description


def plain(value: Any, where: str) -> Any:
    """Return the value as numbers, strings, lists and dictionaries; `where` names it in an error."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [plain(item, where) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item, where) for key, item in value.items()}
    if hasattr(type(value), "name") or hasattr(value, "loaded_as"):  # a controller or trainer inside another one
        return describe(value)
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a numpy number
        return value.item()
    raise BadValue(f"{where} is a {type(value).__name__}, which a store cannot hold: use numbers, strings or lists")
