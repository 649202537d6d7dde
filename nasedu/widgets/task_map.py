"""How alike tasks are, and what searches of the others taught about the one that is chosen. Lesson 15."""

from collections.abc import Sequence

import numpy as np

from nasedu.core import BadValue
from nasedu.meta.compare import Comparison
from nasedu.tables import Table
from nasedu.tables.task_correlation import task_correlation
from nasedu.widgets.film import Frame
from nasedu.widgets.films.task_map import film
from nasedu.widgets.player import Player


class TaskMap(Player):
    """A map of the tasks of a table; for the one that is chosen, what was carried over to it, and what that was worth.

        TaskMap(table, [compare(table, "where/digits"), compare(table, "gratings/angle")])

    On the map, tasks stand near each other that rank networks alike; each is linked with the one most like it. For the
    chosen task the earlier ones are listed by how alike they are, with how much each counted as evidence; below stand
    its searches, warm beside cold, as regret curves with 95% intervals over the seeds. A player whose frames are
    chosen from a list, one for each task.

    Args:
        table: its tasks are on the map; or a matrix of likeness (rank correlations, (tasks, tasks)), with `tasks`.
        comparisons: of some of its tasks, from `nasedu.meta.compare` or made of anyone's own arrays.
        task: the one to begin with; the first that has a comparison, if none is given.
        tasks: the names, where a matrix is given.

    Raises:
        BadValue: a matrix that is none of likeness, names that do not fit, a comparison of another task, or two of one.
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
        """Show another task. Raises BadValue for one that is not on the map."""
        if task not in self.tasks:
            raise BadValue(f"the map has the tasks {', '.join(self.tasks)}; given {task!r}")
        return self.go(self.tasks.index(task))
