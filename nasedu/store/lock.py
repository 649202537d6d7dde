"""Which process has a study open, and whether it is still alive."""

import socket
from typing import Any

import psutil

SILENCE = 900  # seconds without a write after which a process on another machine counts as dead


def this_process() -> dict[str, Any]:
    """Return what identifies a process, even if a later process gets the same number."""
    process = psutil.Process()
    return {"pid": process.pid, "started": process.create_time(), "host": socket.gethostname()}


def still_alive(holder: dict[str, Any], quiet: float = 0.0) -> bool:
    """Return whether the process that holds a study is alive.

    The processes of another machine (or container) are not visible here: such a process counts as dead when nothing was
    written to the store for a while. If it is alive, its next write is refused, so two processes never mix their
    results.
    """
    if holder["host"] != socket.gethostname():
        return quiet < SILENCE
    try:
        process = psutil.Process(holder["pid"])
        same = abs(process.create_time() - holder["started"]) < 2  # another process may have the number now
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
