"""The workers of a dask cluster, for `Parallel`."""

import sys
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

from nasedu.core import BadValue, check_extra

PATIENCE = 10.0  # seconds that a scheduler gets to answer


def check_dask() -> None:
    """Raise MissingExtra, with the command that mends it, if dask.distributed is not installed."""
    check_extra("distributed", "scale", "dask clusters")


def is_killed_worker(error: Exception) -> bool:
    """Return whether this is how dask says that a task cost it several workers."""
    distributed = sys.modules.get("distributed")
    return distributed is not None and isinstance(error, distributed.KilledWorker)


class Cluster:
    """Connects to a dask scheduler: `Parallel(trainer, Cluster("tcp://192.168.1.2:8786"))`.

    Every machine of the cluster needs the same versions of Python, nasedu and what the trainer is made of. What a
    notebook or script defines is sent along.

    Args:
        address: of the scheduler.
        patience: seconds to wait for the scheduler, and for its first worker.

    Raises:
        MissingExtra: without dask.distributed.
    """

    def __init__(self, address: str, patience: float = PATIENCE):
        check_dask()
        self.address = address
        self.patience = patience
        self._client: Any = None

    def __call__(self) -> Executor:
        """Connect to the scheduler. Raises BadValue if no scheduler answers, or one without workers."""
        import distributed

        self.close()
        try:
            self._client = distributed.Client(self.address, timeout=self.patience, set_as_default=False)
        except Exception as error:  # whatever else may listen there answers in its own language
            raise BadValue(
                f"no dask scheduler answers at {self.address!r} within {self.patience:g} s "
                f"({str(error).partition(chr(10))[0] or type(error).__name__}); "
                "start one with `dask scheduler`, and give the address that it prints"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=self.patience)
        except TimeoutError as error:
            self.close()
            raise BadValue(
                f"the dask scheduler at {self.address} has no workers: start one with `dask worker {self.address}`"
            ) from error
        return self._client.get_executor()

    def close(self) -> None:
        """Leave the cluster, which stays as it is."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # the scheduler may be gone already
                client.close()
