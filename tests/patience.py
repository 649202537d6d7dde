"""How long a test waits for other processes: the longer, the busier or slower this machine is at the moment."""

import functools
import time

REFERENCE = 0.05
"""Seconds that `_work` takes where the time-outs of the tests were chosen, with nothing else to do."""


def patience(seconds: float) -> float:
    """Return a time-out for what takes `seconds` at most on an idle machine of two cores: never less than that."""
    return seconds * _slowness(int(time.monotonic() // 60))


@functools.lru_cache(maxsize=1)
def _slowness(_minute: int) -> float:
    """Return how often the reference's time goes by for the same work; measured once a minute, since load changes."""
    start = time.perf_counter()
    sum(i * i for i in range(1_000_000))
    return max(1.0, (time.perf_counter() - start) / REFERENCE)
