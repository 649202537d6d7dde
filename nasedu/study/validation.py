"""What a study checks at the door, before anything is written."""

import copy
import inspect
import math
from typing import Any

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, Mismatch, check_counts, describe, rng_from
from nasedu.trainers.base import Trainer, check_is_trainer, nested, settings_of


def check_parts(space: Any, controller: Controller, trainer: Trainer) -> None:
    """Raise BadValue for what is no controller or no trainer, Mismatch for one of another space."""
    if not isinstance(controller, Controller):
        hint = " (a class: make one, with a space and a seed)" if isinstance(controller, type) else ""
        raise BadValue(f"a study needs a Controller; given {controller!r}{hint}")
    check_is_trainer(trainer, "a study")
    for part, other in (("controller", controller.space), ("trainer", trainer.space)):
        if other is not space and describe(other) != describe(space):
            raise Mismatch(f"the {part} was made for {other!r}, and the study is to search {space!r}")
    _check_methods(controller)
    _check_memory(controller)
    _check_blind(trainer)


def as_architecture(asked: Any, controller: Controller) -> Architecture:
    """Return what a controller asks as a tuple. Raises BadValue for what is no tuple or list of strings."""
    if not isinstance(asked, tuple | list) or not all(isinstance(choice, str) for choice in asked):
        name = controller.name or type(controller).__name__
        raise BadValue(f"the controller {name} asked {asked!r}; an architecture is a tuple of strings")
    return tuple(asked)


def _check_methods(controller: Controller) -> None:
    """Raise BadValue for a controller whose methods cannot be called as a study calls them."""
    calls: dict[str, tuple[Any, ...]] = {"ask()": (), "tell(architecture, reward)": (("a choice",), 0.5)}
    for call, arguments in calls.items():
        name = call.partition("(")[0]
        signature = inspect.signature(getattr(controller, name))
        try:
            signature.bind(*arguments)
        except TypeError as error:
            kind = type(controller).__name__
            raise BadValue(f"a study calls {call}, and {kind} has {name}{signature}: {error}") from error


def _check_memory(controller: Controller) -> None:
    """Raise BadValue for a `tell` of somebody's own that does not call that of `Controller`, which remembers.

    A copy is told one architecture, so that the controller itself stays fresh.
    """
    if type(controller).tell is Controller.tell or isinstance(controller, Wrapped):
        return
    if type(controller).__module__.startswith("nasedu."):  # held to it by `nasedu.testing`
        return
    try:
        twin = copy.deepcopy(controller, {id(controller.space): controller.space})
        architecture = controller.space.sample(rng_from(0, "a first look"))
        twin.tell(architecture, 0.5)
    except Exception:
        return  # it cannot be copied, or wants to be asked first: the study will see
    if architecture not in twin.rewards:
        raise BadValue(
            f"{type(controller).__name__}.tell forgets what it is told, so the controller would ask it again: begin it "
            "with super().tell(architecture, reward)"
        )


def _check_blind(trainer: Any) -> None:
    """Raises BadValue for a trainer, however deeply wrapped, that looks at the test split."""
    for layer in nested(trainer):
        epochs = settings_of(layer).record_test_at
        if epochs is not None:
            raise BadValue(
                f"a trainer with record_test_at={epochs} looks at the test split, for tables of ground truth alone "
                "(nasedu.building): a search may not see what it is tested on; make the trainer without record_test_at"
            )


def check_length(trials: int | None, minutes: float | None, batch: int = 1) -> None:
    """Raise BadValue for a search of no length, or of one that is no number above 0."""
    if trials is None and minutes is None:
        raise BadValue("a search has a length: give trials, minutes, or both (it ends with whichever comes first)")
    check_counts(batch=batch, **({} if trials is None else {"trials": trials}))
    is_number = isinstance(minutes, int | float) and not isinstance(minutes, bool) and math.isfinite(minutes)
    if minutes is not None and not (is_number and minutes > 0):
        raise BadValue(f"minutes is a number above 0, such as 10 or 0.5; given {minutes!r}")


def check_for_search(controller: Controller, architecture: Any) -> Architecture:
    """Return an architecture that a person gives as a plain tuple, if the search of this controller may train it.

    Raises:
        BadArchitecture: the space cannot read it.
        BadValue: it is no tuple of choices, or not within the limits of the search.
    """
    if not isinstance(architecture, tuple | list):
        raise BadValue(f'an architecture is a tuple of choices, such as ("conv3-16", "stop"); given {architecture!r}')
    found = tuple(architecture)
    controller.space.walk(found)
    if not controller.allows(found):
        limits = ", ".join(f"at most {most:,} {name}" for name, most in getattr(controller, "limits", {}).items())
        raise BadValue(f"{' '.join(found)} is not within the limits of this search{f' ({limits})' if limits else ''}")
    return found
