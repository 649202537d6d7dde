"""How a study is taken up again: a fresh controller asks, and is told, everything once more."""

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, Mismatch, NaseduError
from nasedu.store import Trial
from nasedu.study.validation import as_architecture


def replay(controller: Controller, recorded: list[Trial], where: str) -> int:
    """Ask and tell a fresh controller everything that is recorded of a study.

    Args:
        controller: a fresh one, already opened by the study's prior if it had one.
        recorded: every trial in the order asked; the last batch may lack evaluations.
        where: names the study in an error.

    Returns:
        How many trials it was told: all but those of a last batch that is not evaluated to its end.

    Raises:
        Mismatch: the controller asks something else than what is recorded.
    """
    told: list[Trial] = []
    waiting: list[Trial] = []  # asked together; told when the next batch begins
    for trial in recorded:
        if waiting and trial.batch != waiting[0].batch:
            told += tell(controller, waiting)
            waiting = []
        asked = _asked_again(controller)
        if asked != trial.architecture:
            raise Mismatch(
                f"trial {trial.number} of {where} was {trial.architecture}, and the "
                f"{controller.name or type(controller).__name__} controller of today asks {asked}: its "
                "code has changed since, or it was not fresh. Use another store, or the version that began it"
            )
        waiting.append(trial)
    if all(t.evaluation is not None for t in waiting):
        told += tell(controller, waiting)
    return len(told)


def _asked_again(controller: Controller) -> Architecture | str:
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
