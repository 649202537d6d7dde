"""Small changes to an architecture that keep it legal: what local search and evolution are made of."""

from collections.abc import Sequence

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces.base import Choice, Space, State


def follow(space: Space, state: State, rest: Sequence[Choice]) -> bool:
    """Whether the choices `rest` are open one after the other from this state, and complete the network."""
    for choice in rest:
        after = space.moves(state).get(choice)
        if after is None:
            return False
        state = after
    return not space.moves(state)


def neighbours(space: Space, architecture: Architecture) -> list[Architecture]:
    """Every legal architecture that differs by one edit: a choice replaced, inserted or removed.

    Where all walks have one length, only replacements are legal, and the neighbours are those at Hamming
    distance one, as in White, Nolen, Savani, "Exploring the Loss Landscape in Neural Architecture Search"
    (UAI 2021), section 3.
    """
    found: dict[Architecture, None] = {}
    for position, step in enumerate(space.walk(architecture)):
        before, here, after = architecture[:position], architecture[position:], architecture[position + 1 :]
        if follow(space, step.state, after):
            found[before + after] = None
        for choice, state in space.moves(step.state).items():
            for rest in (after, here):  # in place of the old choice, or before it
                if follow(space, state, rest):
                    found[(*before, choice, *rest)] = None
    found.pop(architecture, None)
    return list(found)


def mutate(space: Space, architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """A random neighbour; an architecture without neighbours keeps its beginning and gets a new random end."""
    nearby = neighbours(space, architecture)
    if nearby:
        return nearby[int(rng.random() * len(nearby))]
    position = int(rng.random() * len(architecture))
    return architecture[:position] + space.sample(rng, space.walk(architecture)[position].state)


def crossover(space: Space, a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
    """One-point crossover: a beginning of `a` and an end of `b`, cut where they fit together.

    The cut in `a` is drawn at random; among the ends of `b` that complete it, one is drawn at random. Where no end
    fits at that cut, the child is a copy of `a`.
    """
    cut = 1 + int(rng.random() * (len(a) - 1))
    state = space.walk(a)[cut - 1].after
    ends = [b[i:] for i in range(1, len(b)) if follow(space, state, b[i:])]
    return a[:cut] + ends[int(rng.random() * len(ends))] if ends else a
