"""Which process has a study open, and whether it is still alive."""

import secrets
import socket
from functools import cache
from typing import Any

from nasedu.core.machine import in_browser

SILENCE = 900  # seconds without a write after which a process on another machine counts as dead


def this_process() -> dict[str, Any]:
    """Return what identifies a process, even if a later process gets the same number."""
    if in_browser():
        return _this_page()
    import psutil

    process = psutil.Process()
    return {"pid": process.pid, "started": process.create_time(), "host": socket.gethostname()}


def still_alive(holder: dict[str, Any], quiet: float = 0.0) -> bool:
    """Return whether the process that holds a study is alive.

    The processes of another machine (or container) are not visible here: such a process counts as dead when nothing was
    written to the store for a while. If it is alive, its next write is refused, so two processes never mix their
    results.
    """
    if in_browser():
        return False  # of a page that was closed nothing is left, so a page never waits for another
    if holder["host"] != socket.gethostname():
        return quiet < SILENCE
    import psutil

    try:
        process = psutil.Process(holder["pid"])
        same = abs(process.create_time() - holder["started"]) < 2  # another process may have the number now
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


@cache
def _this_page() -> dict[str, Any]:
    """Return a number of its own for each page: in a browser all processes have the same one."""
    return {"pid": secrets.randbits(32), "started": 0.0, "host": "browser"}
