"""The path encoding: a bit for each path from the input of a network to its output.

White, Neiswanger, Savani, "BANANAS: Bayesian Optimization with Neural Architectures for Neural Architecture Search",
AAAI 2021, section on the path encoding. There a network is a graph, and a path is named by the operations on it. Lesson
07.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nasedu.core import Architecture

if TYPE_CHECKING:
    from nasedu.spaces.base import Space

Path = tuple[str, ...]
LONGEST_PIECE = 3


def paths_of(space: Space, architecture: Architecture) -> set[Path]:
    """Return the paths of a network, each as the operations on it.

    A space of graphs has a method `paths`, as `cell-201` does. A chain has one path only, and a bit for each would tell
    a model nothing of other chains. There we take the pieces of that path instead: every run of one to three choices,
    wherever it stands. This is this course's own extension.
    """
    own = getattr(space, "paths", None)
    if own is not None:
        return set(own(architecture))
    ends = range(1, LONGEST_PIECE + 1)
    return {architecture[i : i + n] for n in ends for i in range(len(architecture) - n + 1)}


def path_encodings(
    space: Space, architectures: Sequence[Architecture], among: Sequence[Architecture] | None = None
) -> np.ndarray:
    """Return one vector for each architecture: 1 for each path that it has, else 0.

    Args:
        among: only paths of these architectures have a column, in sorted order; by default those of `architectures`. A
            model learns nothing of a path that it never saw.

    Returns:
        float64, (architectures, paths).
    """
    known = sorted({path for one in (architectures if among is None else among) for path in paths_of(space, one)})
    column = {path: place for place, path in enumerate(known)}
    found = np.zeros((len(architectures), len(column)))
    for row, architecture in enumerate(architectures):
        for path in paths_of(space, architecture):
            if path in column:
                found[row, column[path]] = 1
    return found
