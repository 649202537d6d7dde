"""The record of one training: it turns whatever happens inside into an evaluation."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nasedu.core import Architecture, Evaluation, Status
from nasedu.trainers.checkpoint import Checkpoint
from nasedu.trainers.failures import TrainingStopped, reason_of, status_of


@dataclass
class TrainingRecord:
    """One training, used as a context: an exception inside becomes a status and a reason.

    Attributes:
        time_limit: seconds that it may take.
        earlier: seconds that it took before, if it goes on from a checkpoint.
        share: how many trainings, computed as one, share the time that passes.
        halt: set when the whole call was interrupted.
        curve: the validation score after each epoch.
        losses: the mean training loss of each epoch.
    """

    time_limit: float
    earlier: float = 0.0
    share: int = 1
    halt: threading.Event | None = None
    started: float = field(default_factory=time.perf_counter)
    score: float = 0.0
    status: Status = "ok"
    reason: str = ""
    curve: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    flops: int | None = None

    @classmethod
    def resumed(cls, before: Checkpoint | None, time_limit: float, **others: Any) -> "TrainingRecord":
        """Return the record of a training that goes on from a checkpoint; from nothing, if there is none."""
        if before is None:
            return cls(time_limit, **others)
        curve, losses, metrics = list(before.curve), list(before.losses), dict(before.metrics)
        return cls(time_limit, earlier=before.seconds, curve=curve, losses=losses, metrics=metrics, **others)

    @property
    def seconds(self) -> float:
        return self.earlier + (time.perf_counter() - self.started) / self.share

    def check_time(self, epoch: int) -> None:
        """Raise TrainingStopped when the time is over, KeyboardInterrupt in a thread whose call was interrupted."""
        if self.halt and self.halt.is_set():
            raise KeyboardInterrupt
        if self.seconds > self.time_limit:
            raise TrainingStopped(
                "timeout", f"{self.seconds:.1f} s in epoch {epoch}; the limit is {self.time_limit:g} s"
            )

    def check_loss(self, loss: float, epoch: int) -> None:
        """Raise TrainingStopped if the loss is no number any more."""
        if not np.isfinite(loss):
            raise TrainingStopped("diverged", f"the loss was {loss} in epoch {epoch}")

    def has_stalled(self, patience: int) -> bool:
        """Return whether this many epochs in a row brought no better score; never if patience is 0."""
        return 0 < patience < len(self.curve) and len(self.curve) - 1 - int(np.argmax(self.curve)) >= patience

    def __enter__(self) -> "TrainingRecord":
        return self

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        if error is None:
            return True
        if not isinstance(error, Exception):
            return False  # Ctrl-C and the like are not the candidate's doing
        self.fail(error)
        return True

    def fail(self, error: Exception) -> None:
        """Note how it failed, and why."""
        self.status = status_of(error)
        self.reason = reason_of(error)

    def evaluation(self, architecture: Architecture, chance: float, epochs: int, seed: int) -> Evaluation:
        """Return what it came to; a training that failed has the chance score."""
        return Evaluation(
            architecture=tuple(architecture),
            score=self.score if self.status == "ok" else chance,
            status=self.status,
            metrics=self.metrics,
            curve=tuple(self.curve),
            losses=tuple(self.losses),
            seconds=self.seconds,
            parameters=self.parameters,
            flops=self.flops,
            epochs=epochs,
            seed=seed,
            reason=self.reason,
        )
