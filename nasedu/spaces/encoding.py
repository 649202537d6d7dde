"""Architectures as vectors, for models that learn to predict a score."""

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces import counting
from nasedu.spaces.base import Space


def one_hot(space: Space, architecture: Architecture) -> np.ndarray:
    """One block for each position of the longest walk, with one number for each choice that exists anywhere.

    Returns:
        float32 array of length (longest walk) x (number of choices); positions after the end are all zero.
    """
    steps = space.walk(architecture)
    choices, longest = _vocabulary(space)
    vector = np.zeros((longest, len(choices)), dtype=np.float32)
    for position, step in enumerate(steps):
        vector[position, choices[step.choice]] = 1
    return vector.ravel()


def _vocabulary(space: Space) -> tuple[dict[str, int], int]:
    """Each choice with its column, and the length of the longest walk; computed once for a space."""
    cached = space.__dict__.get("_vocabulary")
    if cached is None:
        remaining: dict[object, int] = {}
        names: dict[str, None] = {}
        for state in counting.states_by_depth_first(space):
            moves = space.moves(state)
            remaining[state] = 1 + max(remaining[after] for after in moves.values()) if moves else 0
            names.update(dict.fromkeys(moves))
        cached = ({name: i for i, name in enumerate(sorted(names))}, remaining[space.start()])
        space.__dict__["_vocabulary"] = cached
    return cached
