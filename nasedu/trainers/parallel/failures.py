"""What became of a worker, and of the candidate that brought it down."""

import signal
import sys
from concurrent.futures import Executor
from typing import Any

from nasedu.core import Evaluation, Status
from nasedu.trainers.parallel.processes import exit_code, processes_of
from nasedu.trainers.parallel.requests import Call


def brought_down(call: Call, chance: float, *, seconds: float, cause: str, limit: float | None) -> Any:
    """The result of the one job of a call that its worker did not survive.

    Args:
        chance: the score of a failure.
        seconds: from the start to the worker's end.
        cause: what is known of that end; it may be empty.
        limit: seconds that the candidate was allowed, if it was ended because it hung; else None.
    """
    job = call.jobs[0]
    status: Status = "error" if limit is None else "timeout"
    reason = f"it brought its worker down, also with nothing beside it: {cause or 'the worker died'}"
    if limit is not None:
        reason = (
            f"no answer after {seconds:.1f} s; the limit is {limit:g} s, and as nothing else stopped it, its worker "
            "was ended"
        )
    evaluation = Evaluation(
        job.architecture, chance, status, seconds=seconds, epochs=job.epochs, seed=job.seed, reason=reason
    )
    return (evaluation, None) if call.method == "extend" else evaluation


def cause_of_death(executor: Executor | None) -> str:
    """How the first worker of a broken pool ended, if that can be known; the others were ended after it."""
    codes = [exit_code(process) for process in processes_of(executor)]
    code = next((code for code in codes if code not in (None, 0, -signal.SIGTERM)), None)
    if code is None:
        return ""
    if code > 0:
        return f"it ended with exit code {code}"
    name = signal.Signals(-code).name
    kills = ", which is what a system does that runs out of memory" if name == "SIGKILL" else ""
    return f"it was ended by {name}{kills}"


def is_killed_worker(error: Exception) -> bool:
    """Whether this is how dask says that a task cost it several workers."""
    distributed = sys.modules.get("distributed")
    return distributed is not None and isinstance(error, distributed.KilledWorker)
