"""Similarity of tasks, and the gain of warm searches on a chosen task. Lesson 15."""

from collections.abc import Sequence

import numpy as np

from nasedu.core import BadValue
from nasedu.meta.comparison import Comparison
from nasedu.tables import Table
from nasedu.tables.task_correlation import task_correlation
from nasedu.widgets.film import Frame
from nasedu.widgets.films.task_map import film
from nasedu.widgets.player import Player


class TaskMap(Player):
    """A map of the tasks of a table, with the evidence and the regret curves of searches on the chosen task.

        TaskMap(table, [compare(table, "where/digits"), compare(table, "gratings/angle")])

    On the map, tasks are near each other if they rank networks similarly. A line links each task with the most similar
    one. For the chosen task, the earlier tasks are listed by similarity, each with its weight as evidence. Below are
    the regret curves of its searches, warm and cold, with 95% intervals over the seeds. The widget is a player with
    one frame for each task, chosen from a list.

    Args:
        table: its tasks are on the map; or a matrix of similarity (rank correlations, (tasks, tasks)), with `tasks`.
        comparisons: comparisons on some of its tasks, from `nasedu.meta.compare` or made from your own arrays.
        task: the first task to show; by default the first one with a comparison.
        tasks: the names of the tasks, if a matrix is given.

    Raises:
        BadValue: the matrix has no rank correlations, names do not fit, or a task has two comparisons or is unknown.
    """

    def __init__(
        self,
        table: Table | np.ndarray,
        comparisons: Sequence[Comparison] = (),
        task: str | None = None,
        tasks: Sequence[str] | None = None,
    ):
        self.table = table
        self.comparisons = list(comparisons)
        self.tasks = list(table.tasks if isinstance(table, Table) else tasks or ())
        alike = task_correlation(table) if isinstance(table, Table) else np.asarray(table, dtype=float)
        whole = film(self.tasks, alike, self.comparisons)
        self.task = task or (self.comparisons[0].task if self.comparisons else self.tasks[0])
        if self.task not in self.tasks:
            raise BadValue(f"the map has the tasks {', '.join(self.tasks)}; given {self.task!r}")
        super().__init__(whole, at=self.tasks.index(self.task))

    def choose(self, task: str) -> Frame:
        """Show another task. Raise BadValue if it is not on the map."""
        if task not in self.tasks:
            raise BadValue(f"the map has the tasks {', '.join(self.tasks)}; given {task!r}")
        return self.go(self.tasks.index(task))
