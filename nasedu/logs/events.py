"""The records of TensorBoard's event files, in memory."""

import io
import os
import socket
import time
from collections.abc import Iterable
from typing import Any

from nasedu.core import Evaluation
from nasedu.store import Trial


def file_name() -> str:
    """Return a name that TensorBoard accepts, and that sorts after the files of earlier runs."""
    return f"events.out.tfevents.{time.time_ns()}.{socket.gethostname()}.{os.getpid()}"


def beginning(step: int) -> list[Any]:
    """Return the first events of a file; TensorBoard then ignores what earlier files have from that step on."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    now = time.time()
    start = SessionLog(status=SessionLog.START)
    return [Event(wall_time=now, file_version="brain.Event:2"), Event(wall_time=now, step=step, session_log=start)]


def of_search(trial: Trial, evaluation: Evaluation, best: float) -> list[Any]:
    """Return the events of a trial as one step of the search."""
    from torch.utils.tensorboard.summary import text

    numbers = {"search/score": evaluation.score, "search/best": best, "search/seconds": evaluation.seconds}
    numbers |= {"search/parameters": evaluation.parameters} if evaluation.parameters is not None else {}
    numbers |= {f"controller/{name}": value for name, value in trial.status.items()}
    words = " ".join(trial.architecture) + ("" if evaluation.ok else f" ({evaluation.status}: {evaluation.reason})")
    return [*scalars(numbers, trial.number), event(text("architecture", words), trial.number)]


def of_epochs(evaluation: Evaluation) -> list[Any]:
    """Return the events of its learning curves, epochs from 1."""
    curves = {"epoch/score": evaluation.curve, "epoch/loss": evaluation.losses}
    return [e for tag, curve in curves.items() for n, value in enumerate(curve, 1) for e in scalars({tag: value}, n)]


def scalars(numbers: dict[str, float], step: int) -> list[Any]:
    from torch.utils.tensorboard.summary import scalar

    return [event(scalar(tag, value), step) for tag, value in numbers.items()]


def event(summary: Any, step: int) -> Any:
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=time.time(), step=step, summary=summary)


def encoded(events: Iterable[Any]) -> bytes:
    """Return the bytes of these events in a file."""
    from tensorboard.summary.writer.record_writer import RecordWriter

    buffer = io.BytesIO()
    records = RecordWriter(buffer)
    for one in events:
        records.write(one.SerializeToString())
    return buffer.getvalue()
