"""nasedu teaches neural architecture search built on meta-learning, by running it.

A controller walks a space, choice by choice, to an architecture; a trainer scores it on a task; a study remembers
every trial; meta carries what was learned to the next task.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "Controller": "nasedu.controllers.base",
    "Evaluation": "nasedu.core",
    "NASClassifier": "nasedu.estimators",
    "NASRegressor": "nasedu.estimators",
    "NaseduError": "nasedu.core",
    "Space": "nasedu.spaces.base",
    "Study": "nasedu.study",
    "Trial": "nasedu.store",
    "Store": "nasedu.store",
    "Table": "nasedu.tables",
    "Task": "nasedu.tasks.base",
    "Winner": "nasedu.study.winner",
    "race": "nasedu.racing",
    "tune": "nasedu.study.tuning",
    "show": "nasedu.widgets.show",
    "controllers": "",
    "meta": "",
    "plots": "",
    "racing": "",
    "spaces": "",
    "tables": "",
    "tasks": "",
    "testing": "",
    "trainers": "",
    "widgets": "",
    "classroom": "",
}

__all__ = sorted([*_PLACES, "__version__"])


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for, so that `import nasedu` is quick and free of torch."""
    if name not in _PLACES:
        raise AttributeError(f"module 'nasedu' has no attribute {name!r}; it has: {', '.join(sorted(_PLACES))}")
    if not _PLACES[name]:
        return importlib.import_module(f"nasedu.{name}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return __all__
