"""Checks that a race on the atlas, from fresh seeds, refutes a claim about two controllers. Several lessons use it."""

from typing import Any

from nasedu.classroom.counterexamples import fresh, show, whole
from nasedu.core.statistics import standard_error

ERRORS = 3
"""Standard errors by which a difference must exceed 0. With 2, a student who tries often enough succeeds by chance."""


def no_task(task: Any) -> str:
    """Return what is wrong with the name of a task; empty if the atlas has the task."""
    from nasedu.tables.atlas import atlas

    known = atlas().tasks
    return "" if task in known else f"The atlas has no task {task!r}; its tasks are: {', '.join(known)}."


def no_number(evaluations: Any, low: int, high: int) -> str:
    """Return what is wrong with a number of evaluations; empty if it is a whole number from `low` to `high`."""
    number = whole(evaluations)
    if number is not None and low <= number <= high:
        return ""
    return f"evaluations is a whole number from {low} to {high}; given {show(evaluations)}."


def not_behind(task: str, behind: dict[str, Any], ahead: dict[str, Any], evaluations: int, seeds: int) -> str:
    """Compare two controllers in a race. Return an empty string if `behind` ends with clearly more regret than `ahead`.

    Clearly means by at least `ERRORS` standard errors. Otherwise return a sentence with the measured difference.

    Args:
        task: a task of the atlas.
        behind, ahead: one controller each, as {its name in the sentence: what `nasedu.race` takes}.
        evaluations: number of different networks.
        seeds: number of seeds; each call draws new ones.
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
