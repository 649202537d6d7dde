"""How a study is taken up again: a fresh controller asks, and is told, everything once more."""

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadArchitecture, Mismatch, NaseduError
from nasedu.store import Trial
from nasedu.study.validation import as_architecture


def replay(controller: Controller, recorded: list[Trial], where: str) -> int:
    """Ask and tell a fresh controller everything that is recorded of a study.

    A trial that was enqueued or imported was not asked by the controller: it is told to expect it, at the same place.

    Args:
        controller: a fresh one, already opened by the study's prior if it had one.
        recorded: every trial in the order asked; the last batch may lack evaluations.
        where: names the study in an error.

    Returns:
        How many trials it was told: all but those of a last batch that is not evaluated to its end.

    Raises:
        Mismatch: the controller asks something else than what is recorded, or its space cannot read an architecture.
    """
    told: list[Trial] = []
    waiting: list[Trial] = []  # asked together; told when the next batch begins
    for trial in recorded:
        if waiting and trial.batch != waiting[0].batch:
            told += tell(controller, waiting)
            waiting = []
        if trial.origin == "asked":
            _ask_again(controller, trial, where)
        else:
            _expect_again(controller, trial, where)
        waiting.append(trial)
    if all(t.evaluation is not None for t in waiting):
        told += tell(controller, waiting)
    return len(told)


def _ask_again(controller: Controller, trial: Trial, where: str) -> None:
    """Ask the controller, and compare what it asks with what it asked then."""
    asked = _asked(controller)
    if asked != trial.architecture:
        raise Mismatch(
            f"trial {trial.number} of {where} was {trial.architecture}, and the "
            f"{controller.name or type(controller).__name__} controller of today asks {asked}: its "
            "code has changed since, or it was not fresh. Use another store, or the version that began it"
        )


def _expect_again(controller: Controller, trial: Trial, where: str) -> None:
    """Let the controller know of a trial that somebody else asked."""
    try:
        controller.space.walk(trial.architecture)
    except BadArchitecture as error:
        raise Mismatch(
            f"trial {trial.number} of {where} was {trial.origin}, and the space of today cannot read it ({error}): its "
            "code has changed since. Use another store, or the version that began it"
        ) from error
    controller.expect(trial.architecture)


def _asked(controller: Controller) -> Architecture | str:
    """What the controller asks, or why it asks nothing."""
    try:
        return as_architecture(controller.ask(), controller)
    except NaseduError as error:
        return f"nothing ({error})"


def tell(controller: Controller, trials: list[Trial]) -> list[Trial]:
    """Tell a controller the scores of evaluated trials, in this order; gives them back."""
    for trial in trials:
        controller.tell(trial.architecture, trial.score)
    return trials
