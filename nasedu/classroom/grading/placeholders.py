"""Placeholders for what a notebook's cells expect and an answer does not need: `display`, `nasedu.classroom`.

This file runs in the student's process. It imports nothing of nasedu.
"""

import builtins
import io
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Placeholder:
    """An object that accepts every call and has every attribute."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __getattr__(self, name: str) -> "Placeholder":
        if name[:2] == "__":
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> "Placeholder":
        return self


class _PlaceholderModule(ModuleType):
    def __getattr__(self, name: str) -> Placeholder:
        if name[:2] == "__":
            raise AttributeError(name)
        return Placeholder()


class PlaceholderFinder:
    """An import finder that gives placeholders for `nasedu.classroom` and its modules.

    So the cells of a lesson run, and the solutions are not there.
    """

    name = "nasedu.classroom"

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        inside = name == self.name or name.startswith(self.name + ".")
        return ModuleSpec(name, self, is_package=True) if inside else None  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> ModuleType:
        return _PlaceholderModule(spec.name)

    def exec_module(self, module: ModuleType) -> None: ...


def install_placeholders() -> None:
    """Install what a notebook's cell expects (`display`, `get_ipython`), and a classroom without solutions."""
    sys.meta_path.insert(0, PlaceholderFinder())
    sys.stdin = io.StringIO()
    vars(builtins).update(display=Placeholder(), get_ipython=Placeholder())
