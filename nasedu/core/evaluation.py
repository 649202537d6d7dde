"""The result of training and scoring one architecture."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Protocol, get_args

from nasedu.core.errors import BadValue

Architecture = tuple[str, ...]
"""A tuple of short readable strings, one for each choice: `("conv3-16", "pool2", "dense64", "stop")`."""

Status = Literal["ok", "diverged", "out-of-memory", "timeout", "error"]
"""How the training of a candidate ended. Every status except `ok` comes with a reason and with the chance score."""


@dataclass(frozen=True)
class Evaluation:
    """The result of training one architecture once.

    A candidate that fails is a result, too. Its `status` says how it failed and its `reason` says why. Its `score` is
    the score of guessing on the task, so that a controller learns to avoid it.

    Attributes:
        architecture: the trained architecture.
        score: higher is better; for classification the accuracy on the validation split, from 0 to 1.
        status: `ok`, `diverged`, `out-of-memory`, `timeout` or `error`.
        metrics: further numbers by name (`accuracy`, `recall`, `f1`, ...).
        curve: the score after each epoch, in order; shorter than `epochs` if training stopped early.
        losses: the mean training loss of each epoch, if it was recorded.
        seconds: wall-clock time of the training.
        parameters: number of trainable parameters; None if the network could not be built.
        flops: floating-point operations of one forward pass of one example; None if it could not be measured.
        epochs: the allowed number of passes over the training data.
        seed: the seed of the initial weights and of the order of the data.
        reason: for a failure, one line on what happened; empty otherwise.
        weights: the trained weights by name, numpy arrays, where `retrain_and_test` gives them back; not part of the
            record, nor of its equality.
    """

    architecture: Architecture
    score: float
    status: Status = "ok"
    metrics: Mapping[str, Any] = field(default_factory=dict)
    curve: Sequence[float] = ()
    losses: Sequence[float] = ()
    seconds: float = 0.0
    parameters: int | None = None
    flops: int | None = None
    epochs: int = 0
    seed: int = 0
    reason: str = ""
    weights: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in (
            "architecture",
            "curve",
            "losses",
        ):  # JSON gives lists, which do not equal tuples
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not math.isfinite(self.score):
            raise BadValue(
                f"the score of {self.architecture} is {self.score}; a score is a finite number. "
                "A candidate that fails gets its task's chance score and a status that says how it failed."
            )
        if self.status not in get_args(Status):
            raise BadValue(f"status {self.status!r} is unknown; known: {', '.join(get_args(Status))}")

    @property
    def ok(self) -> bool:
        return self.status == "ok"

    @property
    def best_epoch(self) -> int:
        """Return the epoch with the best score, from 1; the last epoch, if there is no curve.

        Of several tasks, which may differ much, it is the mean of `best_epochs`, rounded.
        """
        return round(sum(self.best_epochs) / len(self.best_epochs))

    @property
    def best_epochs(self) -> tuple[int, ...]:
        """Return the best epoch of each task: of one task alone, or of each one of several."""
        own = best_of_curve(self.curve) if self.curve else max(self.epochs, 1)
        return tuple(self.metrics.get("best_epochs", ())) or (own,)

    def to_json(self) -> str:
        """Return one line of JSON; `from_json` makes an equal evaluation from it, every float to its last bit."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "weights"}
        return json.dumps(values, allow_nan=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Evaluation":
        values = json.loads(text)
        return cls(**values)


class Scored(Protocol):
    """What the best of several is chosen by: an evaluation, or what a picture knows of one."""

    @property
    def score(self) -> float: ...
    @property
    def ok(self) -> bool: ...
    @property
    def parameters(self) -> int | None: ...


def best_first(evaluation: Scored) -> tuple[float, bool, float]:
    """Return a key that sorts evaluations: the best first. This is the one rule by which a best network is chosen.

    The higher score comes first; on a tie, what did not fail; then the network with fewer parameters, an unknown number
    last. `sorted` and `min` keep the order of what is still equal: the earlier trial is the better one.
    """
    size = math.inf if evaluation.parameters is None else evaluation.parameters
    return -evaluation.score, not evaluation.ok, size


def best_of_curve(curve: Sequence[float]) -> int:
    """Return the place of the highest score in a learning curve, from 1.

    On a tie it is the last one: a small validation split can tell them apart no more, and the network still learns.
    """
    return len(curve) - list(curve)[::-1].index(max(curve))
