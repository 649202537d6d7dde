"""The reference: the public names of each part of the package, with signatures and docstrings, as Markdown.

The names are those of `__all__`, and those that a registry knows. The package is imported; nothing in it is called.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import nasedu
from nasedu.core import NaseduError, Registry

WIDE = 88
"""Characters of a signature on one line."""
_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Yields):")


def parts() -> list[str]:
    """Return the names of the package and of its parts that have public names."""
    inner = (f"nasedu.{module.name}" for module in pkgutil.iter_modules(nasedu.__path__) if module.ispkg)
    return ["nasedu", *(name for name in inner if hasattr(importlib.import_module(name), "__all__"))]


def summary(part: str) -> str:
    """Return the first sentence of the docstring of a part."""
    return _escaped((importlib.import_module(part).__doc__ or "").strip().split("\n")[0])


def page(part: str) -> str:
    """Return the reference of a part as Markdown."""
    module = importlib.import_module(part)
    blocks = [f"# {part}", docstring(module)]
    for name in sorted(module.__all__, key=str.lower):
        if not name.startswith("__"):
            blocks += _described(part, name, getattr(module, name))
    return "\n\n".join(filter(None, blocks))


def _described(part: str, name: str, value: Any) -> Iterator[str]:
    yield f"## {name}"
    if isinstance(value, ModuleType):
        yield f"[{value.__name__}]({value.__name__}.html)"
    elif inspect.isclass(value):
        yield _code(f"class {name}", value)
        yield docstring(value)
        yield from _members(value)
    elif callable(value):
        yield _code(f"{part}.{name}", value)
        yield docstring(value)
    elif isinstance(value, Registry):
        yield "What `load` knows:"
        for known in value:
            yield from _registered(known, value)
    else:
        yield f"A value of type `{type(value).__name__}`."


def _registered(known: str, registry: Registry) -> Iterator[str]:
    """Yield the heading, signature and docstring of a registered name."""
    yield f"### `{known}`"
    try:
        maker = registry[known]
    except (ImportError, NaseduError) as error:  # it needs a package that is not installed here
        yield _escaped(str(error))
    else:
        yield _code(getattr(maker, "__name__", known), maker)
        yield docstring(maker)


def _members(kind: type) -> Iterator[str]:
    """Yield the public methods and properties that a class itself defines and describes."""
    for name, member in vars(kind).items():
        function = getattr(member, "__func__", member)
        if name.startswith("_") or not docstring(function):
            continue
        if isinstance(member, property):
            yield f"### {kind.__name__}.{name}\n\n{docstring(member)}"
        elif inspect.isfunction(function):
            yield f"### {kind.__name__}.{name}\n\n{_code(name, function)}\n\n{docstring(function)}"


def _code(name: str, thing: Any) -> str:
    """Return the signature as a block of code, a line for each parameter if it is long."""
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    shown = [one for one in signature.parameters.values() if one.name not in ("self", "cls")]
    flat = str(signature.replace(parameters=shown))
    if len(name + flat) > WIDE and shown:
        marks = str(signature.replace(parameters=shown, return_annotation=inspect.Signature.empty))
        lines = "".join(f"    {part},\n" for part in _split(marks[1:-1]))
        flat = f"(\n{lines}){flat.removeprefix(marks)}"
    short = re.sub(r"\b(?:\w+\.)+(?=[A-Z])", "", flat)  # Trial, not nasedu.store.studies.Trial
    return f"```python\n{name}{re.sub(r' at 0x[0-9a-f]+', '', short)}\n```"


def _split(parameters: str) -> list[str]:
    """Return what stands between the commas that are in no bracket."""
    found, depth = [""], 0
    for letter in parameters:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]


def docstring(thing: Any) -> str:
    """Return a docstring as Markdown: its sections become lists."""
    text = thing.__doc__ if isinstance(getattr(thing, "__doc__", None), str) else ""
    blocks: list[str] = []
    inside = False
    for line in inspect.cleandoc(text).split("\n"):
        if found := _SECTION.fullmatch(line):
            blocks.append(f"\n**{found[1]}**\n")
            inside = True
        elif inside and line.startswith("    "):
            item = line[4:]
            name, colon, told = item.partition(": ")
            starts = not item.startswith(" ")
            named = f"`{name}`: {_escaped(told)}" if colon and "`" not in name else _escaped(item)
            blocks.append(f"- {named}" if starts else f"  {_escaped(item.strip())}")
        else:
            inside = inside and not line
            blocks.append(line if line.startswith("    ") else _escaped(line))
    return "\n".join(blocks).strip()


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is: no tags and no emphasis outside of code."""
    parts = text.split("`")
    return "`".join(part if place % 2 else re.sub(r"([<_*$\[])", r"\\\1", part) for place, part in enumerate(parts))
