"""Explains why a space cannot read a student's architecture."""

from typing import Any

from nasedu.classroom.counterexamples import show
from nasedu.core import BadArchitecture
from nasedu.spaces.base import Space


def unreadable(space: Space, architecture: Any) -> str:
    """Return a sentence that says why the space cannot read this architecture; empty if it can."""
    if not isinstance(architecture, tuple | list):
        return f"An architecture is a tuple of choices; {show(architecture)} is none."
    try:
        space.walk(architecture)
    except BadArchitecture as error:
        return f"{error}."
    except TypeError:  # a choice that cannot be looked up, such as a list
        return f"Each choice of an architecture is a string; those of {show(architecture)} are not."
    return ""
