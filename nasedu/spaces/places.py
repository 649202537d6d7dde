"""What was chosen at each place of a walk: the names of the places, and the choices of many architectures there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nasedu.core import Architecture
from nasedu.spaces.attention import Attention
from nasedu.spaces.base import Space
from nasedu.spaces.cell_201 import EDGES, Cell201
from nasedu.spaces.chain_cnn import ChainCNN
from nasedu.spaces.darts import CELLS, Darts
from nasedu.spaces.macro import Macro
from nasedu.spaces.mlp import MLP
from nasedu.spaces.recurrent import DECISIONS, Recurrent
from nasedu.spaces.skip_chain import SkipChain

ENDED = "–"
"""The value of a place that a shorter network does not have."""

PARTS = re.compile(r"(?P<width>\d+)-(?P<activation>[a-z]+)")
"""A choice that decides two things at once, such as 64-relu."""


@dataclass(frozen=True)
class Place:
    """One thing that had to be decided, and what each of many architectures has there.

    Attributes:
        name: such as "layer 1: width", "edge from node 0 to node 2" or "place 3".
        values: one for each architecture; `ENDED` where a network was complete already.
    """

    name: str
    values: tuple[str, ...]


def decides(space: Space, state: Any) -> str:
    """Return what the next choice decides, if there is a name for it in this space; otherwise an empty string."""
    if isinstance(space, Cell201):
        start, end = EDGES[state]
        return f"the edge from node {start} to node {end}"
    if isinstance(space, Darts):
        edge = "second" if state.first >= 0 else "first"
        return f"the {edge} edge to node {state.node} of the {CELLS[state.cell]} cell"
    if isinstance(space, SkipChain):
        sees = f"whether layer {state.layer} also sees layer {state.earlier}"
        return sees if state.earlier else f"the operation of layer {state.layer}"
    if isinstance(space, Macro):
        return f"the block in slot {state + 1}"
    if isinstance(space, Recurrent):
        return str(DECISIONS[state])
    if isinstance(space, Attention):
        names = ("layers", "width", "heads", "feed-forward factor", "normalisation", "summary of the sequence")
        return names[state.decided]
    return ""


def places(space: Space, architectures: Sequence[Architecture]) -> list[Place]:
    """Return the places at which the architectures differ, in the order of the walk.

    A choice that decides two things, such as `64-relu`, is two places: its width and its activation. A place with
    nothing but "stop" is omitted: the one before it says already where a network ends.

    Args:
        space: any space; a pruned one by its `inner` space.
        architectures: of that space, in any number.
    """
    walks = [space.walk(architecture) for architecture in architectures]
    found = []
    for depth in range(max(map(len, walks), default=0)):
        there = [walk[depth] if depth < len(walk) else None for walk in walks]
        named = {decides(space, step.state).removeprefix("the ") for step in there if step}
        word = "layer" if isinstance(space, MLP | ChainCNN) else "place"
        name = named.pop() if len(named) == 1 else ""
        values = tuple(step.choice if step else ENDED for step in there)
        found += _parts(name or f"{word} {depth + 1}", values)
    return [place for place in found if len(set(place.values)) > 1 and set(place.values) != {"stop", ENDED}]


def _parts(name: str, values: tuple[str, ...]) -> list[Place]:
    """Return a place as it is, or in its parts if every choice there has them."""
    matches = {value: PARTS.fullmatch(value) for value in values if value not in ("stop", ENDED)}
    if not matches or not all(matches.values()):
        return [Place(name, values)]
    parts = {value: match.groupdict() for value, match in matches.items() if match}
    return [
        Place(f"{name}: {part}", tuple(parts[value][part] if value in parts else value for value in values))
        for part in PARTS.groupindex
    ]
