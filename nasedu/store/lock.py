"""Which process has a study open, and whether it still lives."""

import socket
from typing import Any

import psutil

SILENCE = 900  # seconds after which a process on another machine that writes nothing is taken to be gone


def this_process() -> dict[str, Any]:
    """What tells a process from all others, those that get its number later included."""
    process = psutil.Process()
    return {"pid": process.pid, "started": process.create_time(), "host": socket.gethostname()}


def still_alive(holder: dict[str, Any], quiet: float = 0.0) -> bool:
    """Whether the process that holds a study runs.

    Nobody here can see the processes of another machine (or container): one is taken to be gone when the store has
    been quiet for a while. If it is not, its next write is refused, so nothing is ever mixed up.
    """
    if holder["host"] != socket.gethostname():
        return quiet < SILENCE
    try:
        process = psutil.Process(holder["pid"])
        same = abs(process.create_time() - holder["started"]) < 2  # the number may have gone to another process
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
