"""The true scores of a network and of its neighbours, from a table."""

from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces.base import Space
from nasedu.tables import Table

MOST = 60
"""At most this many neighbours are listed and drawn: the best ones."""


@dataclass(frozen=True)
class Standing:
    """The score of a network in a table, and the standard deviation over seeds, in the table's unit.

    Attributes:
        rank: 1 for the best; networks with equal scores share a rank.
        change: for a neighbour, the edit that leads to it.
    """

    architecture: Architecture
    score: float
    spread: float
    rank: int
    change: str = ""


@dataclass(frozen=True)
class Truth:
    """The standing of a network in a table, and of its neighbours, best first."""

    task: str
    seeds: int
    scores: tuple[float, ...]  # of all networks of the table
    own: Standing | None  # None: the table does not have the network
    neighbours: tuple[Standing, ...]
    omitted: int  # neighbours that are not in the table, or not among the best `MOST`


def truth(space: Space, network: Architecture, table: Table, task: str) -> Truth:
    """Return the standing of a network on a task of the table, and of the networks one edit away from it."""
    scores, spread = table.scores(task), table.spread(task)

    def standing(architecture: Architecture, change: str = "") -> Standing:
        row = table.row(architecture)
        rank = 1 + int(np.count_nonzero(scores > scores[row]))
        return Standing(architecture, float(scores[row]), float(spread[row]), rank, change)

    nearby = space.neighbours(network)
    found = [standing(other, change(network, other)) for other in nearby if other in table]
    found.sort(key=lambda one: (-one.score, one.architecture))
    return Truth(
        task=task,
        seeds=table.values.shape[2],
        scores=tuple(map(float, scores)),
        own=standing(network) if network in table else None,
        neighbours=tuple(found[:MOST]),
        omitted=len(nearby) - len(found[:MOST]),
    )


def change(a: Architecture, b: Architecture) -> str:
    """Return the edit that changes one architecture into another, in a few characters: `2: pool2 → pool4`."""
    begin = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))
    rest = list(zip(a[begin:][::-1], b[begin:][::-1], strict=False))
    end = len(list(takewhile(lambda pair: pair[0] == pair[1], rest)))
    old, new = " ".join(a[begin : len(a) - end]), " ".join(b[begin : len(b) - end])
    if not old:
        return f"{begin + 1}: + {new}"
    return f"{begin + 1}: {old} → {new}" if new else f"{begin + 1}: − {old}"


def number(score: float) -> str:
    """Return a score in the unit of its table: accuracies with three decimals, percents with two."""
    return f"{score:.3f}" if abs(score) <= 1 else f"{score:.2f}"
