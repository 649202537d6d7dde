"""Walks through a table: which of its networks are neighbours, and which rows a random walk visits.

E. Weinberger, "Correlated and uncorrelated fitness landscapes and how to tell the difference", Biological Cybernetics
63, 1990: the autocorrelation along a random walk. Used in lesson 01.
"""

import numpy as np

from nasedu.core import BadValue
from nasedu.tables.table import Table


def neighbour_rows(table: Table) -> list[np.ndarray]:
    """Return for each row of a table the rows of its network's neighbours, int64, in the order of `space.neighbours`.

    Neighbours that the table does not hold are omitted.
    """
    near = (table.space.neighbours(architecture) for architecture in table.architectures)
    return [np.array([table.row(b) for b in found if b in table], dtype=np.int64) for found in near]


def random_walk(table: Table, steps: int, seed: int = 0) -> np.ndarray:
    """Return the rows of a random walk from neighbour to neighbour: int64 of (steps + 1,), beginning at row 0.

    In each step, every neighbour has the same probability.

    Raises:
        BadValue: a network without a neighbour in the table, where the walk cannot go on.
    """
    rng, near, rows = np.random.default_rng(seed), neighbour_rows(table), [0]
    for draw in rng.random(steps):
        ways = near[rows[-1]]
        if not len(ways):
            raise BadValue(f"{table.architectures[rows[-1]]} has no neighbour in the table {table.name!r}")
        rows.append(int(ways[int(draw * len(ways))]))
    return np.array(rows)


def autocorrelation(values: np.ndarray, steps: int) -> np.ndarray:
    """Return the correlation between values that are `steps` steps apart, for each column: (columns,).

    Args:
        values: float of (walk, columns): the values along a walk, such as `scores[random_walk(table, 20_000)]`.
        steps: at least 1.
    """
    before, after = values[:-steps], values[steps:]
    pairs = zip(before.T, after.T, strict=True)
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in pairs])
