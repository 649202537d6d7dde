"""Edits on the tree of a derivation: mutation, crossover and neighbours in a grammar's space.

An architecture of a grammar is its derivation tree, written from left to right. The choices that expand one rule,
and all choices derived from it, are adjacent. Koza, "Genetic Programming", MIT Press 1992, chapter 6.
"""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces.base import Choice
from nasedu.spaces.mutation import completes

if TYPE_CHECKING:
    from nasedu.spaces.grammar import Grammar

MOST_FORMS = 64  # a new part around a subtree counts as one edit only if it has at most 64 forms


class Tree(NamedTuple):
    """A subtree: where its choices begin and end, and the state of its rule alone."""

    first: int
    last: int
    top: Any


def trees(space: "Grammar", architecture: Architecture) -> list[Tree]:
    """Return every subtree of a derivation, including the whole derivation."""
    tops = [step.state[:1] for step in space.walk(architecture)]  # type: ignore[index]
    return [Tree(place, end(space, architecture, place, top), top) for place, top in enumerate(tops)]


def end(space: "Grammar", architecture: Architecture, place: int, state: Any) -> int:
    """Return the index after the last of the choices that complete a state, beginning at `place`."""
    while state:
        state = space.moves(state)[architecture[place]]
        place += 1
    return place


def mutate(space: "Grammar", architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """Return the architecture with a random subtree replaced by a new one; after 20 failed tries, the architecture."""
    found = trees(space, architecture)
    for _ in range(20):
        first, last, top = found[int(rng.random() * len(found))]
        child = architecture[:first] + space.sample(rng, top) + architecture[last:]
        if child != architecture:
            return child
    return architecture


def crossover(space: "Grammar", a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
    """Return `a` with a random subtree replaced by a random one of `b` that expands the same rule and fits in depth."""
    found = trees(space, a)
    first, last, top = found[int(rng.random() * len(found))]
    others = [b[tree.first : tree.last] for tree in trees(space, b)]
    fitting = [other for other in others if completes(space, top, other)]
    return a[:first] + fitting[int(rng.random() * len(fitting))] + a[last:] if fitting else a


def recursion_edits(space: "Grammar", architecture: Architecture) -> Iterator[Architecture]:
    """Yield each architecture in which one recursion is one round longer or shorter.

    With `Body -> Block | Block Body`, a body becomes longer by one block, of every form, or shorter by one block. This
    applies only if a block has few forms. Insertion and removal mirror each other, so being a neighbour is symmetric.
    A rule that contains itself only through other rules is left to `mutate`.
    """
    for first, last, top in trees(space, architecture):
        tree = architecture[first:last]
        for choice in space.moves(top):
            parts = space.parts(top, choice)
            own = [place for place, (name, _) in enumerate(parts) if name == top[0][0]]
            others = (state for place, (_, state) in enumerate(parts) if [place] != own)
            if len(own) != 1 or prod(ways(space, state) for state in others) > MOST_FORMS:
                continue
            states = [state for _, state in parts]
            for changed in (
                *_longer(space, choice, states, own[0], tree),
                *_shorter(space, choice, states, own[0], tree),
            ):
                if completes(space, top, changed):
                    yield architecture[:first] + changed + architecture[last:]


def _longer(
    space: "Grammar", choice: Choice, states: list[Any], own: int, tree: Architecture
) -> Iterator[Architecture]:
    """Yield the tree as one part of a new tree; the other parts take every form."""
    forms = [[tree] if place == own else list(completions(space, state)) for place, state in enumerate(states)]
    for form in product(*forms):
        yield (choice, *(c for part in form for c in part))


def _shorter(
    space: "Grammar", choice: Choice, states: list[Any], own: int, tree: Architecture
) -> Iterator[Architecture]:
    """Yield the recursive part of the tree alone, if the tree begins with this choice."""
    if tree[0] != choice:
        return
    place = 1
    for state in states[:own]:
        place = end(space, tree, place, state)
    yield tree[place : end(space, tree, place, states[own])]


def ways(space: "Grammar", state: Any) -> int:
    """Return how many ways there are to complete a state."""
    known: dict[Any, int] = space.cached("ways", dict)
    if state not in known:
        known[state] = sum(ways(space, after) for after in space.moves(state).values()) if state else 1
    return known[state]


def completions(space: "Grammar", state: Any) -> Iterator[Architecture]:
    """Yield every way to complete a state."""
    if not state:
        yield ()
        return
    for choice, after in space.moves(state).items():
        for rest in completions(space, after):
            yield (choice, *rest)
