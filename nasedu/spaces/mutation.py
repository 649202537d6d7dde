"""Small changes to an architecture that keep it legal: the moves of local search and evolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces import counting

if TYPE_CHECKING:
    from nasedu.spaces.base import Choice, Space, State


def completes(space: Space, state: State, rest: Sequence[Choice]) -> bool:
    """Return whether the choices `rest` are legal one after the other from this state, and complete the network."""
    moves = space.moves
    for choice in rest:
        after = moves(state).get(choice)
        if after is None:
            return False
        state = after
    return not moves(state)


def neighbours(space: Space, architecture: Architecture) -> list[Architecture]:
    """Return every legal architecture that differs by one edit: a choice replaced, inserted or removed.

    If all walks have the same length, only replacements are legal. The neighbours are then those at Hamming distance
    one, as in White, Nolen, Savani, "Exploring the Loss Landscape in Neural Architecture Search" (UAI 2021), section 3.
    """
    only_replace = _all_walks_equally_long(space)
    found: dict[Architecture, None] = {}
    for position, step in enumerate(space.walk(architecture)):
        before, here, after = architecture[:position], architecture[position:], architecture[position + 1 :]
        if not only_replace and completes(space, step.state, after):
            found[before + after] = None
        for choice, state in space.moves(step.state).items():
            for rest in (after,) if only_replace else (after, here):  # replace the old choice, or insert before it
                if completes(space, state, rest):
                    found[(*before, choice, *rest)] = None
    found.pop(architecture, None)
    return list(found)


def mutate(space: Space, architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """Return a random neighbour; an architecture without neighbours keeps its beginning and gets a new random end."""
    for _ in range(30):  # much cheaper than a list of all neighbours, and it nearly always succeeds
        child = _random_edit(space, architecture, rng)
        if child is not None:
            return child
    nearby = neighbours(space, architecture)
    if nearby:
        return nearby[int(rng.random() * len(nearby))]
    position = int(rng.random() * len(architecture))
    return architecture[:position] + space.sample(rng, space.walk(architecture)[position].state)


def _random_edit(space: Space, architecture: Architecture, rng: np.random.Generator) -> Architecture | None:
    """Return the result of one random edit (replace, insert or remove) at a random place; None if it is not legal."""
    kind, where, which = rng.random(3).tolist()
    position = int(where * len(architecture))
    before, after = architecture[:position], architecture[position + 1 :]
    state = space.start()
    for choice in before:
        state = space.moves(state)[choice]
    if not _all_walks_equally_long(space):
        if kind < 1 / 3:
            return before + after if completes(space, state, after) else None
        if kind > 2 / 3:
            after = architecture[position:]  # insert the new choice before the old one
    moves = space.moves(state)
    options = list(moves)
    choice = options[int(which * (len(options) - 1))]  # all but the last, which replaces the old choice
    if choice == architecture[position]:
        choice = options[-1]
        if choice == architecture[position]:
            return None
    return (*before, choice, *after) if completes(space, moves[choice], after) else None


def _all_walks_equally_long(space: Space) -> bool:
    """Whether insertion and removal can never be legal; found out once for a space."""
    return space.cached("equally long", lambda: len(set(counting.lengths(space))) == 1)


def crossover(space: Space, a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
    """Return a beginning of `a` joined to an end of `b` where they fit together (one-point crossover).

    The cut in `a` is drawn at random. The end of `b` from the same place on is taken if it fits there; otherwise an
    end of `b` that fits is drawn at random. If no end fits, the child is a copy of `a`.
    """
    if len(a) < 2:
        return a
    cut = 1 + int(rng.random() * (len(a) - 1))
    state = space.start()
    for choice in a[:cut]:
        state = space.moves(state)[choice]
    if cut < len(b) and completes(space, state, b[cut:]):
        return a[:cut] + b[cut:]
    ends = [b[i:] for i in range(1, len(b)) if completes(space, state, b[i:])]
    return a[:cut] + ends[int(rng.random() * len(ends))] if ends else a
