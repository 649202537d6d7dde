"""The base of all logs. A log writes trials until it cannot, and never ends a search."""

import os
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from nasedu.core import BadValue, Evaluation
from nasedu.store import Trial

LONGEST = 100
"""Characters of a folder's name: file systems allow 255 bytes, and a letter may have three."""


class LogStopped(UserWarning):
    """A log that could not be written any more, for example on a full disk. The search goes on without it."""


def warn(message: str) -> None:
    warnings.warn(message, LogStopped, stacklevel=5)  # 5 is the line that called the log


class Log(ABC):
    """Writes trials to a place; used as a context, and called with each trial that `study.run` yields.

    Args:
        where: names the place in a warning.
        warn: called with one sentence when the log stops.
    """

    failures: tuple[type[Exception], ...] = (OSError,)
    """Errors of the place that stop the log, but do not end the search."""

    def __init__(self, where: str, warn: Callable[[str], None] = warn):
        self.where = where
        self.warn = warn
        self.stopped = False
        self._best = float("-inf")

    @abstractmethod
    def write(self, trial: Trial, evaluation: Evaluation, best: float) -> None:
        """Write one trial; `best` is the highest score so far."""

    def has(self, trial: Trial) -> bool:
        """Return whether an earlier run wrote this trial."""
        return False

    def __call__(self, trial: Trial) -> None:
        """Write one trial."""
        self._best = max(self._best, trial.score)
        if trial.evaluation and not self.stopped:
            with self._going_on():
                self.write(trial, trial.evaluation, self._best)

    def catch_up(self, trials: Iterable[Trial]) -> None:
        """Begin with the trials of earlier runs; trials that the log has are not written again.

        If one is missing, it and all later trials are written: from there on, the search had run without the log.
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
        """Close what is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.stopped:
            with self._going_on():
                self.close()


def folder_name(text: str) -> str:
    """Return a text as the name of one folder on every system: no slash, no colon, and no dot at its beginning."""
    return re.sub(r"[^\w.+-]+|^\.+", "_", text)[:LONGEST]


def check_folder(folder: Path) -> None:
    """Raise BadValue unless the folder can be written to, or made."""
    there = next((path for path in (folder, *folder.absolute().parents) if os.path.lexists(path)), Path("/"))
    if not there.is_dir():
        raise BadValue(f"logs go into a folder, and {there} is none: give another one")
    if not os.access(there, os.W_OK | os.X_OK):
        raise BadValue(f"logs cannot be written to {folder}: you may not write to {there}. Give another folder")
