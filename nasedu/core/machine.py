"""The cores and the memory of this machine, with the limits of a container taken into account."""

import os
import sys
from pathlib import Path


def in_browser() -> bool:
    """Return whether Python runs in a page of a browser: it has one process there, and psutil is missing."""
    return sys.platform == "emscripten"


def usable_cores() -> float:
    """Return how many cores this process may use, by its affinity and a container's quota (it may be a fraction)."""

    cores: float = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup("cpu.max").split()  # "200000 100000": microseconds of CPU in each period
    if len(quota) == 2 and quota[0] != "max":
        cores = min(cores, int(quota[0]) / int(quota[1]))
    return cores


def memory_limit() -> int | None:
    """Return the memory limit of the container in bytes; None if there is no limit."""
    text = _cgroup("memory.max") or _cgroup("memory/memory.limit_in_bytes")
    return int(text) if text.isdigit() and int(text) < 2**60 else None  # version 1 says "none" with a huge number


def free_memory() -> int:
    """Return how many bytes this process may still allocate."""
    import psutil

    free: int = psutil.virtual_memory().available
    limit = memory_limit()
    return free if limit is None else max(min(free, limit - psutil.Process().memory_info().rss), 0)


def _cgroup(name: str) -> str:
    try:
        return (Path("/sys/fs/cgroup") / name).read_text().strip()
    except OSError:
        return ""
