"""What a study checks at the door, before anything is written."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import BadValue, Mismatch, describe
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
    _check_blind(trainer)


def _check_blind(trainer: Any) -> None:
    """Raises BadValue for a trainer, however deeply wrapped, that looks at the test split."""
    for layer in nested(trainer):
        epochs = settings_of(layer).record_test_at
        if epochs is not None:
            raise BadValue(
                f"a trainer with record_test_at={epochs} looks at the test split, for tables of ground truth alone "
                "(nasedu.building): a search may not see what it is tested on; make the trainer without record_test_at"
            )
