"""Exploration schedules: epsilon as a function of the number of different networks that were asked."""

from nasedu.core import BadValue, unknown

METAQNN = (
    (1.0, 1500), (0.9, 100), (0.8, 100), (0.7, 100), (0.6, 150),
    (0.5, 150), (0.4, 150), (0.3, 150), (0.2, 150), (0.1, 150),
)  # fmt: skip
"""(epsilon, different networks) of Baker et al. 2017, table 2: 2,700 networks in all."""


def linear(asked: int, budget: int) -> float:
    """Return epsilon on a straight line: 1 for the first network, 0.1 for network `budget` and all later ones."""
    return 1 - 0.9 * min(asked / max(budget - 1, 1), 1.0)


def metaqnn(asked: int, budget: int) -> float:
    """Return epsilon in MetaQNN's steps, scaled from 2,700 networks to `budget`."""
    position = asked * sum(count for _, count in METAQNN) / budget
    for epsilon, count in METAQNN:
        if position < count:
            return epsilon
        position -= count
    return METAQNN[-1][0]


SCHEDULES = {"linear": linear, "metaqnn": metaqnn}


def epsilon(schedule: str, asked: int, budget: int, first: float = 1.0) -> float:
    """Return the value of a named schedule, scaled so that it begins at `first`. Raise BadValue for an unknown name.

    With `first` = 0.5, a warm start always explores half as much as a cold start. It never explores less than at the
    schedule's own end (0.1), unless `first` itself is lower.
    """
    if schedule not in SCHEDULES:
        raise BadValue(unknown("schedule", schedule, SCHEDULES))
    value = SCHEDULES[schedule](asked, budget)
    return max(first * value, min(first, 0.1))
