"""A log for Weights & Biases."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from nasedu.core import BadValue, Evaluation, import_extra
from nasedu.logs.base import Log, check_folder, warn
from nasedu.store import Trial


class WandB(Log):
    """Writes trials for Weights & Biases, into a folder on this machine.

        with WandB("my-search") as log:
            log.catch_up(study.trials)
            for trial in study.run(trials=40):
                log(trial)

    **Nothing is sent anywhere** unless you ask for it: with `mode="online"`, or later with `wandb sync` and the folder
    `wandb/offline-run-...`. The crash reports of the wandb package itself are switched off too, unless it was imported
    before, or WANDB_ERROR_REPORTING is set.

    A step for each trial, by its number: score, best, seconds, parameters, the controller's numbers, the architecture,
    and a table of its epochs. Each use is a run of its own. Needs the extra `wandb`.

    Args:
        project: the name under which its runs are listed.
        mode: "offline" writes files, "online" sends them to the account that you are logged in to, "disabled" does
            nothing.
        directory: where the folder `wandb` is made.
        name: of the run; by default W&B invents one.
        warn: see `Log`.

    Raises:
        BadValue: an unknown mode, a folder that cannot be written to, or W&B refuses to begin.
        MissingExtra: wandb is not installed.
    """

    def __init__(
        self,
        project: str = "nasedu",
        *,
        mode: str = "offline",
        directory: str | os.PathLike[str] = ".",
        name: str | None = None,
        warn: Callable[[str], None] = warn,
    ):
        if mode not in ("offline", "online", "disabled"):
            raise BadValue(f"mode is 'offline', 'online' or 'disabled'; given {mode!r}")
        check_folder(Path(directory))
        super().__init__(f"Weights & Biases ({directory})", warn)
        self.project = project
        self.mode = mode
        self.directory = Path(directory)
        self.name = name
        self._wandb = import_wandb()
        self.failures = (OSError, self._wandb.Error)
        self._run: Any = None

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        quiet = self._wandb.Settings(console="off", silent=self.mode != "online", disable_git=True, save_code=False)
        try:
            self._run = self._wandb.init(
                project=self.project, name=self.name, mode=self.mode, dir=str(self.directory), settings=quiet
            )
        except self.failures as error:
            raise BadValue(f"Weights & Biases cannot begin: {error}") from error
        return self

    def write(self, trial: Trial, evaluation: Evaluation, best: float) -> None:
        if self._run is None:
            raise BadValue("a WandB log is used as a context: with WandB(...) as log: ...")
        row: dict[str, Any] = {"score": evaluation.score, "best": best, "seconds": evaluation.seconds}
        row |= {"parameters": evaluation.parameters, "status": evaluation.status}
        row |= {f"controller/{name}": value for name, value in trial.status.items()}
        row |= {"architecture": " ".join(trial.architecture)}
        epochs = [
            [n, score, evaluation.losses[n - 1] if n <= len(evaluation.losses) else None]
            for n, score in enumerate(evaluation.curve, 1)
        ]
        if epochs:
            row["epochs"] = self._wandb.Table(columns=["epoch", "score", "loss"], data=epochs)
        self._run.log(row, step=trial.number)

    def close(self) -> None:
        if self._run is not None:
            self._run.finish()


def import_wandb() -> Any:
    """Return the package. Raises MissingExtra, with the command that mends it."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")  # read when it is imported
    return import_extra("wandb", "wandb", "logs for Weights & Biases")
