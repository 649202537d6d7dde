"""One task of a table, with the interface that a study and a trainer expect of a task."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nasedu.tables.table import Table


@dataclass(frozen=True)
class TableTask:
    """A task whose trainings are recorded: it has scores, and no examples. Made by `table.task("cifar10")`.

    Attributes:
        table: the table that holds the scores.
        column: the task's name in that table.
    """

    table: "Table"
    column: str

    metrics = ("score",)

    @property
    def name(self) -> str:
        """Return the names of table and task, because two tables may both have a "cifar10"."""
        return f"{self.table.name}/{self.column}"

    @property
    def summary(self) -> str:
        return f"Recorded scores of {self.table.size_in_words} on {self.column}. {self.table.note}".strip()

    @property
    def place(self) -> int:
        """Return its place along the table's axis of tasks."""
        return self.table.tasks.index(self.column)

    @property
    def kind(self) -> str:
        """Return "classification" if all scores lie from 0 to 1, as accuracies do; else "regression"."""
        low, high = self._range
        return "classification" if low >= 0 and high <= 1 else "regression"

    @property
    def chance(self) -> float:
        """Return the lowest recorded score; a table does not know the score of guessing on the examples."""
        return self._range[0]

    @property
    def input_shape(self) -> Any:
        return getattr(self.table.space, "input_shape", None)

    @property
    def outputs(self) -> Any:
        return getattr(self.table.space, "outputs", None)

    def fingerprint(self) -> dict[str, Any]:
        """Return what tells these recorded scores from others: how many rows, and a digest of their scores.

        The name of the number is that in every store.
        """
        return {"networks": len(self.table), "digest": self.table.digest(self.column)}

    @property
    def _range(self) -> tuple[float, float]:
        scores: np.ndarray = self.table.values[:, self.place] / self.table.scale
        return float(scores.min()), float(scores.max())
