"""The shared tensors of a space as boxes, divided where some networks read a part only. Plain values, no widget."""

from collections.abc import Hashable, Sequence
from math import prod
from typing import Any, NamedTuple

from nasedu.core import Architecture
from nasedu.core.palette import ORANGE
from nasedu.core.themes import GREY
from nasedu.widgets.svg import box, document, ramp, text

CELL, LINE, GAP = (42, 27), 21, 14
"""A part of a divided tensor; the height of one that is whole; the distance between columns."""
WHOLE = 116
KEY = (
    "orange frame: the path reads this part of the weights",
    "number: so many steps have trained it",
    "rows: outputs; columns: inputs; pooling has no weights",
)
"""What the marks in the picture mean."""
TOP = 28


class Part(NamedTuple):
    """A part of a shared tensor that each network reads whole or not at all.

    Attributes:
        box: left, top, width and height in the picture.
        label: stands in it; empty in a divided tensor, which has its name above.
        name: tensor and part in words.
    """

    box: tuple[float, float, float, float]
    label: str
    name: str


class Weights(NamedTuple):
    """The shared weights of a space, and what each network reads of them.

    Attributes:
        parts: of all tensors that multiply; biases and normalisation have the same parts and are not drawn.
        reads: of each network, the places of the parts that it reads.
        numbers: of each network, how many shared numbers it reads.
        total: how many shared numbers there are.
        width, height, head: of the picture, and its names.
    """

    parts: list[Part]
    reads: list[list[int]]
    numbers: list[int]
    total: int
    width: int
    height: int
    head: list[str]


def weights_of(supernet: Any, networks: Sequence[Architecture]) -> Weights:
    """Return the shared weights of these networks, laid out in a column for each first word of their keys."""
    total = supernet.grow(networks)
    skeletons = [supernet.skeleton(network).reads.values() for network in networks]
    slices = [[one for one in reads if one.key in supernet.weights] for reads in skeletons]
    numbers = [sum(prod(one.shape) for one in own) for own in slices]
    used: dict[str, dict[Hashable, Any]] = {}
    for own in slices:
        for one in own:
            if len(one.shape) > 1:
                used.setdefault(one.key, {})[_what(one)] = one
    parts: list[Part] = []
    places: dict[tuple[str, Hashable], list[int]] = {}
    head: list[str] = []
    x, lowest = 10.0, 0.0
    for column in _columns(used):
        y, wide = float(TOP), 0.0
        head.append(text(x, 18, _title(column[0]), size=12, bold=True))
        for key in column:
            found, read, y, width = _lay(key, list(used[key].values()), supernet.weights[key].shape, x, y, head)
            for what, own in read.items():
                places[key, what] = [len(parts) + place for place in own]
            parts += found
            wide = max(wide, width)
        x, lowest = x + wide + GAP, max(lowest, y)
    reads = [[p for one in own if len(one.shape) > 1 for p in places[one.key, _what(one)]] for own in slices]
    return Weights(parts, reads, numbers, total, round(x), round(lowest) + 4, head)


def _what(one: Any) -> Hashable:
    return one.shape[:2], one.columns


def _columns(keys: Any) -> list[list[str]]:
    """Return the keys by their first word: places in the order of their numbers, then the others."""
    groups: dict[str, list[str]] = {}
    for key in sorted(keys, key=lambda key: [(not w.isdigit(), int(w) if w.isdigit() else 0, w) for w in _words(key)]):
        groups.setdefault(_words(key)[0], []).append(key)
    return list(groups.values())


def _words(key: str) -> list[str]:
    return key.removesuffix(".weight").split("/")


def _title(key: str) -> str:
    word = _words(key)[0]
    return f"layer {int(word) + 1}" if word.isdigit() else f"{word} layer"


def _lay(
    key: str, slices: Sequence[Any], shape: Sequence[int], x: float, y: float, head: list[str]
) -> tuple[list[Part], dict[Hashable, list[int]], float, float]:
    """Lay one tensor out; return its parts, what each slice reads of them, the next free y, and the width."""
    rows = _divided([range(one.shape[0]) for one in slices], shape[0])
    columns = _divided([one.columns or range(one.shape[1]) for one in slices], shape[1])
    name = " ".join(_words(key)[1:]) or key
    whole = len(rows) == len(columns) == 1
    parts: list[Part] = []
    read = {_what(one): list[int]() for one in slices}
    if not whole:
        head.append(text(x, y + 9, name, size=11))
        y += 14
    for i, (row, readers) in enumerate(rows):
        for j, (column, others) in enumerate(columns):
            for place in sorted(readers & others):
                read[_what(slices[place])].append(len(parts))
            said = f"{_title(key)}, {name}"
            said += "" if whole else f": outputs {_span(row)}, inputs {_span(column)}"
            wide, high = (WHOLE, LINE) if whole else CELL
            parts.append(Part((x + j * wide, y + i * high, wide, high), name if whole else "", said))
    height = LINE + 3 if whole else len(rows) * CELL[1] + 10
    return parts, read, y + height, WHOLE if whole else len(columns) * CELL[0]


def _divided(used: Sequence[Any], size: int) -> list[tuple[list[int], frozenset[int]]]:
    """Return the indices that the same slices read, each group with the places of these slices."""
    sets = [set(indices) for indices in used]
    groups: dict[frozenset[int], list[int]] = {}
    for index in range(size):
        readers = frozenset(place for place, own in enumerate(sets) if index in own)
        groups.setdefault(readers, []).append(index)
    return [(indices, readers) for readers, indices in groups.items()]


def _span(indices: Sequence[int]) -> str:
    first, last = indices[0] + 1, indices[-1] + 1
    return str(first) if first == last else f"{first} to {last}"


def picture_of(weights: Weights, counts: Sequence[int], lit: Sequence[int], words: str) -> str:
    """Return the picture as SVG: the darker, the more often trained; an orange frame: read by the path."""
    most = max([*counts, 1])
    drawn, frames = [], []
    for place, (part, count) in enumerate(zip(weights.parts, counts, strict=True)):
        left, top, width, height = part.box
        ground, ink = ramp(count, 0, most)
        drawn.append(box(left, top, width, height, ground, line=GREY))
        if part.label:
            drawn.append(text(left + 5, top + height / 2 + 4, part.label, size=11, fill=ink))
        x, anchor = (left + width - 5, "end") if part.label else (left + width / 2, "middle")
        drawn.append(text(x, top + height / 2 + 4, str(count), size=11, anchor=anchor, fill=ink, bold=place in lit))
        if place in lit:
            frames.append(box(left + 1.5, top + 1.5, width - 3, height - 3, "none", line=ORANGE, stroke=4))
    return document(weights.width, weights.height, words, [*weights.head, *drawn, *frames])
