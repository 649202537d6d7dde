"""An executor that can be made again when it breaks."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from nasedu.core import BadValue, NaseduError
from nasedu.trainers.parallel.processes import kill


class RestartableExecutor:
    """An executor, and how to make it again if that is known.

    Args:
        given: an executor, which is used and never ended; or a function without arguments that makes one.

    Attributes:
        executor: the one in use; None before the first is made.
        broken: how it broke; None while it works.

    Raises:
        BadValue: neither of them.
    """

    def __init__(self, given: Executor | Callable[[], Executor]):
        self.make: Callable[[], Executor] | None = None
        self.executor: Executor | None = None
        self.broken: Exception | None = None
        if isinstance(given, Executor):
            self.executor = given
        elif callable(given):
            self.make = given
        else:
            raise BadValue(
                "give an executor of concurrent.futures, or a function without arguments that makes one, such as "
                f"nasedu.trainers.processes(2); given {given!r}"
            )

    def open(self) -> Executor:
        """Return the executor, made if there is none.

        Raises:
            BadValue: the function that was given makes no executor.
            NaseduError: the executor broke and cannot be made again.
        """
        if self.broken and self.make is None:
            raise NaseduError(
                f"a worker died and took the pool with it ({self.broken}). Give Parallel a function that makes the "
                "pool, such as nasedu.trainers.processes(2), and it makes it again and goes on. "
                "Nothing that was recorded is lost: a study goes on from its store"
            ) from self.broken
        if self.executor is None and self.make is not None:
            made = self.make()
            if not isinstance(made, Executor):
                raise BadValue(f"the function that makes the pool gave {made!r}; an executor is expected")
            self.executor = made
        assert self.executor is not None
        return self.executor

    def close(self) -> None:
        """End an executor that was made here, at once; the next `open` makes a new one. One that was given stays."""
        if self.make is None:
            return
        if self.executor is not None:
            kill(self.executor)
        getattr(self.make, "close", lambda: None)()
        self.executor = self.broken = None


def count_workers(executor: Executor) -> int:
    """Return how many calls an executor can work on at the same time.

    Raises:
        BadValue: it does not say, or has no workers.
    """
    count: Any = getattr(executor, "_max_workers", None)
    client: Any = getattr(executor, "_client", None)
    if count is None and hasattr(client, "nthreads"):
        count = sum(client.nthreads().values())
    if count is None:
        raise BadValue(f"a {type(executor).__name__} does not say how many workers it has: give workers=...")
    if count < 1:
        raise BadValue("the cluster has no workers: start some, for instance with `dask worker ADDRESS`")
    return count
