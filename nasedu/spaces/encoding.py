"""Architectures as vectors, for models that learn to predict a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces import counting

if TYPE_CHECKING:
    from nasedu.spaces.base import Space


def one_hot(space: Space, architecture: Architecture) -> np.ndarray:
    """Return one block for each position of the longest walk, with one number for each choice of the space.

    Returns:
        float32 array of length (longest walk) x (number of choices); positions after the end are all zero.
    """
    steps = space.walk(architecture)
    choices, longest = vocabulary(space)
    vector = np.zeros((longest, len(choices)), dtype=np.float32)
    for position, step in enumerate(steps):
        vector[position, choices[step.choice]] = 1
    return vector.ravel()


def vocabulary(space: Space) -> tuple[dict[str, int], int]:
    """Return each choice with its column, and the length of the longest walk; computed once for a space."""
    return space.cached("vocabulary", lambda: _vocabulary(space))


def _vocabulary(space: Space) -> tuple[dict[str, int], int]:
    names = {choice for state in counting.states_by_depth_first(space) for choice in space.moves(state)}
    return {name: i for i, name in enumerate(sorted(names))}, counting.lengths(space)[1]
