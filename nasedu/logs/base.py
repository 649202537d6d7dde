"""What every log does: it writes trials down until it cannot, and never ends a search."""

import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from nasedu.core import BadValue, Evaluation
from nasedu.store import Trial


class LogStopped(UserWarning):
    """A log that could not be written any more, on a full disk for example. The search goes on without it."""


def warn(message: str) -> None:
    warnings.warn(message, LogStopped, stacklevel=5)  # the line that called the log


class Log(ABC):
    """Writes trials somewhere; used as a context, and called with each trial that `study.run` yields.

    Args:
        where: names the place in a warning.
        warn: what to do with the one sentence that is said when the log stops.
    """

    failures: tuple[type[Exception], ...] = (OSError,)
    """What may go wrong on the way to the place, without ending the search."""

    def __init__(self, where: str, warn: Callable[[str], None] = warn):
        self.where = where
        self.warn = warn
        self.stopped = False
        self._best = float("-inf")

    @abstractmethod
    def write(self, trial: Trial, evaluation: Evaluation, best: float) -> None:
        """Write one trial down; `best` is the highest score until then."""

    def has(self, trial: Trial) -> bool:
        """Whether the trial was written down by an earlier run."""
        return False

    def __call__(self, trial: Trial) -> None:
        """Write one trial down."""
        self._best = max(self._best, trial.score)
        if trial.evaluation and not self.stopped:
            with self._going_on():
                self.write(trial, trial.evaluation, self._best)

    def catch_up(self, trials: Iterable[Trial]) -> None:
        """Begin with the trials of earlier runs: those that the log has are not written again.

        Where one is missing, it and all that came later are written: the search went on without the log then.
        """
        complete = True
        for trial in trials:
            complete = complete and self.has(trial)
            if complete:
                self._best = max(self._best, trial.score)
            else:
                self(trial)

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except self.failures as error:
            self.stopped = True
            with suppress(*self.failures):
                self.close()
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            self.warn(
                f"nothing more is logged to {self.where} ({reason}); the search goes on, and its store has every trial"
            )

    def close(self) -> None:  # noqa: B027, most logs have nothing to close
        """Give back what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.stopped:
            with self._going_on():
                self.close()


def check_folder(folder: Path) -> None:
    """Raises BadValue unless the folder can be written to, or made."""
    there = next((path for path in (folder, *folder.absolute().parents) if os.path.lexists(path)), Path("/"))
    if not there.is_dir():
        raise BadValue(f"logs go into a folder, and {there} is none: give another one")
    if not os.access(there, os.W_OK | os.X_OK):
        raise BadValue(f"logs cannot be written to {folder}: you may not write to {there}. Give another folder")
