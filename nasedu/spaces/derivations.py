"""Edits on the tree of a derivation: what evolution and local search do in a grammar's space.

An architecture of a grammar is its tree written down from left to right: the choices that expand one rule, and
everything that came out of it, stand side by side. Koza, "Genetic Programming", MIT Press 1992, chapter 6.
"""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nasedu.core import Architecture
from nasedu.spaces.base import Choice
from nasedu.spaces.mutation import follow

if TYPE_CHECKING:
    from nasedu.spaces.grammar import Grammar, GrammarState

MOST_FORMS = 64  # what is put around a subtree counts as one edit if it has at most so many forms


class Tree(NamedTuple):
    """A subtree: where its choices begin and end, and the state of its rule alone."""

    first: int
    last: int
    top: Any


def trees(space: "Grammar", architecture: Architecture) -> list[Tree]:
    """Every subtree of a derivation, the whole derivation among them."""
    tops = [step.state[:1] for step in space.walk(architecture)]  # type: ignore[index]
    return [Tree(place, end(space, architecture, place, top), top) for place, top in enumerate(tops)]


def end(space: "Grammar", architecture: Architecture, place: int, state: Any) -> int:
    """Where the choices end that complete a state, beginning at this place."""
    while state:
        state = space.moves(state)[architecture[place]]
        place += 1
    return place


def mutate(space: "Grammar", architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """Another random subtree in the place of a random one; after 20 tries the architecture as it is."""
    found = trees(space, architecture)
    for _ in range(20):
        first, last, top = found[int(rng.random() * len(found))]
        child = architecture[:first] + space.sample(rng, top) + architecture[last:]
        if child != architecture:
            return child
    return architecture


def crossover(space: "Grammar", a: Architecture, b: Architecture, rng: np.random.Generator) -> Architecture:
    """A random subtree of `a`, replaced by a random one of `b` that expands the same rule and fits in depth."""
    found = trees(space, a)
    first, last, top = found[int(rng.random() * len(found))]
    others = [b[tree.first : tree.last] for tree in trees(space, b)]
    fitting = [other for other in others if follow(space, top, other)]
    return a[:first] + fitting[int(rng.random() * len(fitting))] + a[last:] if fitting else a


def stretched(space: "Grammar", architecture: Architecture) -> Iterator[Architecture]:
    """A recursion one round longer or shorter.

    With `Body -> Block | Block Body` a body becomes one block longer, by every block that there is, or one shorter,
    wherever a block has few forms: what is put in and what is taken out are the same, so that neighbours are
    neighbours of each other. A rule that comes up in itself only through other rules is left to `mutate`.
    """
    for first, last, top in trees(space, architecture):
        tree = architecture[first:last]
        for choice in space.moves(top):
            parts = space.parts(top, choice)
            own = [place for place, (name, _) in enumerate(parts) if name == top[0][0]]
            if len(own) != 1 or _forms(space, parts, own[0]) > MOST_FORMS:
                continue
            states = [state for _, state in parts]
            for changed in (
                *_longer(space, choice, states, own[0], tree),
                *_shorter(space, choice, states, own[0], tree),
            ):
                if follow(space, top, changed):
                    yield architecture[:first] + changed + architecture[last:]


def _forms(space: "Grammar", parts: "list[tuple[str, GrammarState]]", own: int) -> int:
    return prod(ways(space, state) for place, (_, state) in enumerate(parts) if place != own)


def _longer(
    space: "Grammar", choice: Choice, states: list[Any], own: int, tree: Architecture
) -> Iterator[Architecture]:
    """The tree as one part of a new tree, whose other parts take every form."""
    forms = [[tree] if place == own else list(completions(space, state)) for place, state in enumerate(states)]
    for form in product(*forms):
        yield (choice, *(c for part in form for c in part))


def _shorter(
    space: "Grammar", choice: Choice, states: list[Any], own: int, tree: Architecture
) -> Iterator[Architecture]:
    """That part of the tree alone, if this is the choice that it begins with."""
    if tree[0] != choice:
        return
    place = 1
    for state in states[:own]:
        place = end(space, tree, place, state)
    yield tree[place : end(space, tree, place, states[own])]


def ways(space: "Grammar", state: Any) -> int:
    """How many ways there are to complete a state."""
    known: dict[Any, int] = space.cached("ways", dict)
    if state not in known:
        known[state] = sum(ways(space, after) for after in space.moves(state).values()) if state else 1
    return known[state]


def completions(space: "Grammar", state: Any) -> Iterator[Architecture]:
    """All of them."""
    if not state:
        yield ()
        return
    for choice, after in space.moves(state).items():
        for rest in completions(space, after):
            yield (choice, *rest)
