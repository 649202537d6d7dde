"""The picture of a network: a graph of boxes, each with its layer, its output's shape and its parameters."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from nasedu.core import Architecture
from nasedu.core.palette import layer
from nasedu.core.themes import INK, PAPER
from nasedu.spaces.base import Space, input_shape_of
from nasedu.spaces.layout import Item, Layout, lay_out

if TYPE_CHECKING:
    from nasedu.spaces.tracing import Node

BOX, HEIGHT, SMALL = 108, 84, 26
MARGIN, LANE = 18, 6
FONT = 'font-family="sans-serif" font-size="12"'


def layers(space: Space, architecture: Architecture) -> "list[Node]":
    """Return every layer that computes, in the order in which one example goes through the built network.

    Activations and dropout are omitted: they change no shape and hold no parameters.
    """
    return [node for node in _nodes(space, architecture)[1:] if node.layer]


def svg(space: Space, architecture: Architecture) -> str:
    """Return the network as a self-contained SVG with a text alternative: from left to right, in rows like text."""
    nodes = _nodes(space, architecture)
    layout = lay_out([_size(node) for node in nodes], [node.sources for node in nodes])
    lanes = _lanes(layout)
    edge = MARGIN + LANE * (1 + max(lanes.values(), default=-1))
    width, height = layout.width + 2 * edge, layout.height + 2 * MARGIN + 26
    total = f"{sum(node.parameters for node in nodes):,} parameters"
    words = escape(f"{' → '.join(node.title for node in nodes if node.layer)}; {total}")
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img" aria-label="{words}" '
            f'style="max-width:100%;height:auto" {FONT}>',
            f'<title>{words}</title><rect width="100%" height="100%" rx="4" fill="{PAPER}"/>',
            f'<g transform="translate({edge:.0f} {MARGIN})">',
            *_lines(layout, lanes),
            *(_box(item, node) for item, node in zip(layout.items, nodes, strict=True)),
            f'<text x="0" y="{layout.height + 30:.0f}" fill="{INK}">{total} in all</text></g></svg>',
        ]
    )


def _nodes(space: Space, architecture: Architecture) -> "list[Node]":
    from nasedu.spaces.tracing import trace

    shape = input_shape_of(space)
    return trace(space.build(architecture), shape)


def _size(node: "Node") -> tuple[float, float]:
    return (BOX, HEIGHT) if _is_big(node) else (max(SMALL, 8 * len(node.title) + 10), SMALL)


def _is_big(node: "Node") -> bool:
    """Return whether a box needs more text than a name: functions between layers are small."""
    return node.layer or node.parameters > 0


# ---------------------------------------------------------------------- boxes


def _box(item: Item, node: "Node") -> str:
    if not _is_big(node):
        text = (
            f'<text x="{item.x:.1f}" y="{item.y + 4:.1f}" text-anchor="middle" fill="{INK}">{escape(node.title)}</text>'
        )
        return _rectangle(item, PAPER, SMALL / 2) + text
    name, _, detail = node.title.partition(" ")
    lines = [(name, "bold"), (detail, "normal"), (" × ".join(map(str, node.shape)), "normal")]
    lines += [(f"{node.parameters:,} par.", "normal")] if node.parameters else []
    lines = [line for line in lines if line[0]]
    top = item.y + 4.5 - 8.5 * (len(lines) - 1)
    colour = layer(node.title)
    ink = INK if colour == PAPER else "black"  # on any other colour black reads best, also on a dark page
    texts = "".join(
        f'<text x="{item.x:.1f}" y="{top + 17 * i:.1f}" text-anchor="middle" fill="{ink}" font-weight="{weight}"'
        f"{_squeezed(text, weight)}>{escape(text)}</text>"
        for i, (text, weight) in enumerate(lines)
    )
    return f"<g>{_rectangle(item, colour, 6)}{texts}</g>"


def _rectangle(item: Item, colour: str, radius: float) -> str:
    x, y = item.x - item.width / 2, item.y - item.height / 2
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{item.width:.0f}" height="{item.height:.0f}" rx="{radius:.0f}" '
        f'fill="{colour}" stroke="{INK}"/>'
    )


def _squeezed(text: str, weight: str) -> str:
    """Return the attributes that fit a text into its box, if it may be too long."""
    wide = len(text) * (7.2 if weight == "bold" else 6.4) > BOX - 8
    return f' textLength="{BOX - 10}" lengthAdjust="spacingAndGlyphs"' if wide else ""


# ---------------------------------------------------------------------- edges


def _lanes(layout: Layout) -> dict[int, int]:
    """Return the lane of each edge into the next row, by the id of the item that it leaves; lowest item, lane 0."""
    leaving = {id(a): a for points in layout.edges for a, b in pairwise(points) if a.row != b.row}
    lanes: dict[int, int] = {}
    taken = dict.fromkeys((item.row for item in leaving.values()), 0)
    for item in sorted(leaving.values(), key=lambda item: -item.y):
        lanes[id(item)] = taken[item.row]
        taken[item.row] += 1
    return lanes


def _lines(layout: Layout, lanes: dict[int, int]) -> Iterator[str]:
    """Yield lines that bend only between columns; parts that several edges share are drawn once."""
    steps = {(id(a), id(b)): (a, b) for points in layout.edges for a, b in pairwise(points)}
    path = [_line(layout, a, b, lanes) for a, b in steps.values()]
    yield f'<path d="{"".join(path)}" fill="none" stroke="{INK}"/>'
    heads = {id(points[-1]): points[-1] for points in layout.edges}.values()
    tips = [f"M{item.x - item.width / 2:.1f} {item.y:.1f}l-6 -4v8z" for item in heads]
    yield f'<path d="{"".join(tips)}" fill="{INK}"/>'


def _line(layout: Layout, a: Item, b: Item, lanes: dict[int, int]) -> str:
    """Return a path from the right side of an item to the left side of another in the next column."""
    start = a.right if a.node is None else a.x + a.width / 2
    tip = b.x - b.width / 2 - (5 if b.node is not None else 0)
    to = b.left if b.node is None else min(b.left, tip)
    through = f"H{b.right:.1f}" if b.node is None else f"H{tip:.1f}"
    if a.row != b.row:
        return f"M{start:.1f} {a.y:.1f}{_turn(layout, a, b, lanes[id(a)])}{through}"
    middle = (a.right + to) / 2
    curve = f"C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {to:.1f} {b.y:.1f}"
    return f"M{start:.1f} {a.y:.1f}H{a.right:.1f}{curve}{through}"


def _turn(layout: Layout, a: Item, b: Item, lane: int) -> str:
    """Return a path to the right of its row, down between the rows, back to the left, and into the next row."""
    right = layout.width + 6 + LANE * lane
    middle = layout.bottoms[a.row] + 14 + LANE * lane
    return f"H{right:.1f}V{middle:.1f}H{-12 - LANE * lane:.1f}V{b.y:.1f}"
