"""A claim about two controllers, refuted by a race on the atlas from fresh seeds: exercises of several lessons."""

from typing import Any

from nasedu.classroom.counterexamples import fresh, show, whole
from nasedu.core.statistics import standard_error

ERRORS = 3
"""Standard errors that a difference must be above 0: who may try as often as they like is lucky at 2 before long."""


def no_task(task: Any) -> str:
    """What is wrong with the name of a task; empty if the atlas has it."""
    from nasedu.tables.atlas import atlas

    known = atlas().tasks
    return "" if task in known else f"The atlas has no task {task!r}; its tasks are: {', '.join(known)}."


def no_number(evaluations: Any, low: int, high: int) -> str:
    """What is wrong with a number of evaluations; empty if it is a whole one from `low` to `high`."""
    number = whole(evaluations)
    if number is not None and low <= number <= high:
        return ""
    return f"evaluations is a whole number from {low} to {high}; given {show(evaluations)}."


def not_behind(task: str, behind: dict[str, Any], ahead: dict[str, Any], evaluations: int, seeds: int) -> str:
    """Race two controllers; empty if the one ends with more regret than the other by `ERRORS` standard errors.

    Args:
        task: of the atlas.
        behind, ahead: each the name that the sentence calls a controller by, and how a race takes it.
        evaluations: different networks.
        seeds: how many, drawn anew in each call.
    """
    import nasedu
    from nasedu.tables.atlas import atlas

    numbers = [int(seed) for seed in fresh().choice(100_000, seeds, replace=False)]
    evaluations = int(evaluations)  # 50.0 is a whole number, too
    race = nasedu.race(atlas().space, atlas(), behind | ahead, evaluations, numbers, task=task, workers=1)
    regret = race.at(evaluations, of="regret")
    (one,), (other,) = behind, ahead
    lead = regret[one] - regret[other]
    half = ERRORS * standard_error(lead)
    if lead.mean() > half:
        return ""
    return (
        f"On {task}, after {evaluations} networks, {seeds} fresh seeds: the regret of {one} minus that of {other} is "
        f"{lead.mean():+.4f} ± {half:.4f}. To refute the claim, all of that, three standard errors, must lie above 0."
    )
