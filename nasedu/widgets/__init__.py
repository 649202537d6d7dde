"""Floor 5: widgets, what a student touches. Each also shows itself, without buttons, where no kernel runs."""

import importlib
from typing import Any

_PLACES = {"LiveStudy": "nasedu.widgets.live_study"}

__all__ = ["LiveStudy"]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: ipywidgets takes a moment."""
    if name not in _PLACES:
        raise AttributeError(f"module 'nasedu.widgets' has no attribute {name!r}; it has: {', '.join(_PLACES)}")
    return getattr(importlib.import_module(_PLACES[name]), name)
