"""Which controllers have already worked for a study: each study needs one that remembers nothing."""

import weakref
from collections.abc import Iterator

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import BadValue

_worked: weakref.WeakValueDictionary[int, Controller] = weakref.WeakValueDictionary()
"""Controllers that have asked or were told something for a study, by their id."""


def not_fresh_any_more(controller: Controller) -> None:
    """Remember that it, and whatever it wraps, has asked or was told something."""
    for part in _parts(controller):
        _worked[id(part)] = part


def check_fresh(controller: Controller) -> None:
    """Raise BadValue for one that has worked: what it knows from elsewhere could never be replayed."""
    if any(_worked.get(id(part)) is part for part in _parts(controller)):
        raise BadValue(
            "this controller has already worked for another study, and remembers what it was told there: make a new "
            "one, with the same seed, for every study"
        )


def _parts(controller: Controller) -> Iterator[Controller]:
    """It, and whatever it wraps, from the outside in."""
    yield controller
    while isinstance(controller, Wrapped):
        controller = controller.inner
        yield controller
