"""How a training failed: from what it raised to the status of its evaluation. Runs without torch."""

from nasedu.core import Status


class TrainingStopped(Exception):
    """Training ended before its time; says with which status and why."""

    def __init__(self, status: Status, reason: str):
        super().__init__(reason)
        self.status = status


def status_of(error: Exception) -> Status:
    """Return how a candidate failed, from the exception that ended it."""
    if isinstance(error, TrainingStopped):
        return error.status
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"  # torch's, without torch
    return "out-of-memory" if named or "alloc" in str(error).lower() else "error"


def reason_of(error: Exception) -> str:
    """Return why a candidate failed, in one line."""
    return str(error) if isinstance(error, TrainingStopped) else f"{type(error).__name__}: {error}".partition("\n")[0]
