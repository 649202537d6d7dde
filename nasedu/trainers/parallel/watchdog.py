"""Ends a worker process that hangs, even if it hangs in C code that never comes back."""

import faulthandler
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_deadlines: dict[object, float] = {}
_arming = threading.Lock()


@contextmanager
def ended_after(seconds: float | None) -> Iterator[None]:
    """End this process, with exit code 1, unless the block is left in time; None waits for ever.

    No signal handler and no thread of Python's is heard while C code keeps the interpreter's lock. faulthandler's
    watchdog is a thread in C that needs nothing of Python. There is one for each process, so it is set for the nearest
    deadline of all blocks that are open.
    """
    if seconds is None:
        yield
        return
    key = object()
    with _arming:
        _deadlines[key] = time.monotonic() + seconds
        _arm()
    try:
        yield
    finally:
        with _arming:
            del _deadlines[key]
            _arm()


def _arm() -> None:
    if _deadlines:
        left = max(min(_deadlines.values()) - time.monotonic(), 0.001)
        faulthandler.dump_traceback_later(left, exit=True, file=_nowhere())
    else:
        faulthandler.cancel_dump_traceback_later()


@cache
def _nowhere() -> int:
    """A file that swallows the traceback: it would tear through the progress bar of the user."""
    return os.open(os.devnull, os.O_WRONLY)
