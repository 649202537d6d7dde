"""How the cores of a machine, and the time of a candidate, are shared out among workers."""

import inspect
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from nasedu.core.machine import usable_cores


def cores_each(workers: int) -> int:
    """Return the whole cores for each worker of this machine; at least one."""
    return max(int(usable_cores()) // workers, 1)


def with_threads(trainer: Any, cores: int) -> Any:
    """Return the trainer as a worker uses it: with its share of the cores, if it would take all (`threads` of None).

    A number of threads that was asked for is kept, as scores may depend on it to the last bit. A trainer keeps every
    argument under an attribute of its own name (see `nasedu.core.describe`), so it can be made again.
    """
    if getattr(trainer, "threads", cores) is not None:
        return trainer
    names = [name for name in inspect.signature(type(trainer).__init__).parameters if name != "self"]
    return type(trainer)(**{**{name: getattr(trainer, name) for name in names}, "threads": cores})


def threads_limited(trainer: Any, cores: int) -> AbstractContextManager[None]:
    """Let torch use this many cores inside, for a trainer that knows nothing of threads."""
    if hasattr(trainer, "threads") or "torch" not in sys.modules:
        return nullcontext()
    from nasedu.trainers.single.devices import thread_limit

    return thread_limit(cores)


def oversubscription(trainer: Any, workers: int) -> str:
    """Return a warning if there are more threads than cores, else an empty string."""
    cores, threads = usable_cores(), getattr(trainer, "threads", 1) or 1
    if workers * threads <= max(cores, 1):
        return ""
    each = f" of {threads} threads" if threads > 1 else ""
    return (
        f"{workers} workers{each} share {cores:g} core{'' if cores == 1 else 's'} and wait for each other: "
        "fewer would be as fast"
    )


def time_limit_each(trainer: Any) -> float | None:
    """Return the seconds that one architecture may take, on all folds and tasks; None for no limit."""
    limit = getattr(trainer, "time_limit", None)
    if limit is None:
        return time_limit_each(trainer.trainer) if hasattr(trainer, "trainer") else None
    tasks = len(getattr(trainer.task, "parts", (trainer.task,)))
    return limit * tasks * max(getattr(trainer, "folds", 0), 1)
