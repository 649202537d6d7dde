"""How similarly the tasks of a table rank its networks, and how well one half of the seeds repeats the other."""

from itertools import combinations

import numpy as np

from nasedu.core import BadValue
from nasedu.core.ranking import rank_correlation
from nasedu.tables.table import Table


def task_correlation(table: Table) -> np.ndarray:
    """Return the rank correlation between every two tasks, over all networks, of the mean scores over the seeds.

    Returns:
        float64 of (tasks, tasks), symmetric, with ones on the diagonal.
    """
    scores = [table.scores(task) for task in table.tasks]
    found = np.eye(len(scores))
    for i, j in combinations(range(len(scores)), 2):
        found[i, j] = found[j, i] = rank_correlation(scores[i], scores[j])
    return found


def reliability(table: Table) -> dict[str, float]:
    """Return for each task the rank correlation between the means of two halves of the seeds.

    It is averaged over all ways to split the seeds. With an odd number of seeds, one half has one seed more. The mean
    over all seeds, which is what the table gives, is more reliable than either half.

    Raises:
        BadValue: a table of one seed.
    """
    _, _, seeds, _ = table.values.shape
    if seeds < 2:
        raise BadValue(f"the table {table.name!r} has one seed: how well it repeats itself, it cannot say")
    halves = [half for half in combinations(range(seeds), seeds // 2) if seeds % 2 or 0 in half]
    return {task: float(np.mean([_between(table, task, half) for half in halves])) for task in table.tasks}


def _between(table: Table, task: str, half: tuple[int, ...]) -> float:
    values = table.values[:, table.tasks.index(task)]
    rest = [seed for seed in range(values.shape[1]) if seed not in half]
    return rank_correlation(*(values[:, list(part)].mean(1).max(1) for part in (half, rest)))
