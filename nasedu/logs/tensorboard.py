"""A log for TensorBoard."""

import io
import os
from collections.abc import Callable
from pathlib import Path

from nasedu.core import Evaluation, check_extra, import_extra
from nasedu.logs.base import Log, check_folder, warn
from nasedu.logs.events import beginning, encoded, file_name, of_epochs, of_search
from nasedu.store import Trial

EXTRA = ("logs", "logs for TensorBoard")


class TensorBoard(Log):
    """Writes trials for TensorBoard: `tensorboard --logdir runs` shows them.

    The run of the folder itself has a step for each trial, by its number: `search/score`, `search/best`,
    `search/seconds`, `search/parameters`, the controller's numbers (`controller/epsilon`) and the architecture as
    text. Each trial also has a run of its own, such as `trial-0007`, with its curves: `epoch/score` and `epoch/loss`.

    If a study continues, call `log.catch_up(study.trials)` first: nothing is written twice. Needs the extra `logs`.

    The records are torch's (`torch.utils.tensorboard`), but its `SummaryWriter` is not used: it writes in a thread of
    its own. On a full disk, this thread prints a traceback, and reports the error too late or never.

    Args:
        directory: one for each study; it is made if it does not exist.
        warn: see `Log`.

    Raises:
        BadValue: the path is a file, or the folder cannot be written to.
        MissingExtra: tensorboard is not installed.
    """

    def __init__(self, directory: str | os.PathLike[str], *, warn: Callable[[str], None] = warn):
        check_tensorboard(directory)
        import_writers()
        super().__init__(str(directory), warn)
        self.directory = Path(directory)
        self._file: io.BufferedWriter | None = None

    def has(self, trial: Trial) -> bool:
        return any(self._folder(trial).glob("*.tfevents.*"))

    def write(self, trial: Trial, evaluation: Evaluation, best: float) -> None:
        if self._file is None:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._file = (self.directory / file_name()).open("xb")
            self._file.write(encoded(beginning(trial.number)))
        self._file.write(encoded(of_search(trial, evaluation, best)))
        self._file.flush()
        folder = self._folder(trial)
        folder.mkdir(exist_ok=True)
        half = folder / "half written"
        half.write_bytes(encoded([*beginning(0), *of_epochs(evaluation)]))
        half.replace(folder / file_name())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _folder(self, trial: Trial) -> Path:
        return self.directory / f"trial-{trial.number:04}"


def check_tensorboard(directory: str | os.PathLike[str]) -> None:
    """Raise BadValue for a folder that cannot be written to, MissingExtra if tensorboard is not installed."""
    check_folder(Path(directory))
    check_extra("tensorboard", *EXTRA)


def import_writers() -> None:
    """Raise MissingExtra if what writes the records cannot be imported: better now than after the first trial."""
    for module in ("tensorboard.summary.writer.record_writer", "torch.utils.tensorboard.summary"):
        import_extra(module, *EXTRA)
