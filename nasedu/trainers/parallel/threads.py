"""How the cores of a machine, and the time of a candidate, are shared out among workers."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nasedu.core.machine import usable_cores
from nasedu.tasks.multi_task import tasks_in
from nasedu.trainers.base import remade, settings_of


def cores_each(workers: int) -> int:
    """Whole cores for each worker of this machine; at least one."""
    return max(int(usable_cores()) // workers, 1)


def with_share(trainer: Any, cores: int) -> Any:
    """The trainer as a worker uses it: one that would take every core there is (`threads` of None) takes its share.

    A number of threads that was asked for is kept, as scores may depend on it to the last bit.
    """
    return trainer if settings_of(trainer).threads is not None else remade(trainer, threads=cores)


def limited(trainer: Any, cores: int) -> AbstractContextManager[None]:
    """Inside, torch uses this many cores for a trainer that knows nothing of threads."""
    if settings_of(trainer).threads != 0 or "torch" not in sys.modules:
        return nullcontext()
    from nasedu.trainers.single.devices import thread_limit

    return thread_limit(cores)


def crowded(trainer: Any, workers: int) -> str:
    """What to say of more working threads than there are cores; empty if there are enough."""
    cores, threads = usable_cores(), settings_of(trainer).threads or 1
    if workers * threads <= max(cores, 1):
        return ""
    each = f" of {threads} threads" if threads > 1 else ""
    return (
        f"{workers} workers{each} share {cores:g} core{'' if cores == 1 else 's'} and wait for each other: "
        "fewer would be as fast"
    )


def longest(trainer: Any) -> float | None:
    """Seconds that one architecture may take by the trainer's own limit, on all folds and tasks; None for no limit."""
    settings = settings_of(trainer)
    if settings.time_limit is None:
        return None
    return settings.time_limit * len(tasks_in(trainer.task)) * max(settings.folds, 1)
