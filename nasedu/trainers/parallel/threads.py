"""How the cores of a machine, and the time of a candidate, are shared out among workers."""

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nasedu.core.machine import usable_cores
from nasedu.tasks.multi_task import tasks_in
from nasedu.trainers.base import remade, settings_of


def cores_each(workers: int) -> int:
    """Return the whole cores for each worker of this machine; at least one."""
    return max(int(usable_cores()) // workers, 1)


def with_threads(trainer: Any, cores: int) -> Any:
    """Return the trainer as a worker uses it: with its share of the cores, if it would take all (`threads` of None).

    A number of threads that was asked for is kept, as scores may depend on it to the last bit.
    """
    return trainer if settings_of(trainer).threads is not None else remade(trainer, threads=cores)


def threads_limited(trainer: Any, cores: int) -> AbstractContextManager[None]:
    """Let torch use this many cores inside, for a trainer that knows nothing of threads."""
    if settings_of(trainer).threads != 0 or "torch" not in sys.modules:
        return nullcontext()
    from nasedu.trainers.single.devices import thread_limit

    return thread_limit(cores)


def oversubscription(trainer: Any, workers: int) -> str:
    """Return a warning if there are more threads than cores, else an empty string."""
    cores, threads = usable_cores(), settings_of(trainer).threads or 1
    if workers * threads <= max(cores, 1):
        return ""
    each = f" of {threads} threads" if threads > 1 else ""
    return (
        f"{workers} workers{each} share {cores:g} core{'' if cores == 1 else 's'} and wait for each other: "
        "fewer would be as fast"
    )


def time_limit_each(trainer: Any) -> float | None:
    """Return the seconds that one architecture may take, on all folds and tasks; None for no limit."""
    settings = settings_of(trainer)
    if settings.time_limit is None:
        return None
    return settings.time_limit * len(tasks_in(trainer.task)) * max(settings.folds, 1)
