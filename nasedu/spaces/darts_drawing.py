"""The picture of the two cells of DARTS: nodes as circles, and between them the operation of each edge.

Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019, figures 4 and 5.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from nasedu.core.themes import INK, MIDDLE
from nasedu.spaces.cell_drawing import RADIUS, circle, document, label, label_width
from nasedu.spaces.layout import Item, Layout, lay_out

SIDE, TITLE, ROLE = 20, 44, 36  # space at the sides, above a cell for its title, below it for "input"

Edge = tuple[str, int]


def svg(cells: Sequence[tuple[str, Sequence[Edge]]]) -> str:
    """Return the SVG of cells below each other, with a text alternative.

    A number on each edge is its place in the architecture, from 1. An edge with `none` is pale.

    Args:
        cells: (title, edges); edges as (operation, earlier node), the edges 2n and 2n + 1 lead to node n + 2.
    """
    parts, told, top, width, place = [], [], 0.0, 0.0, 1
    for title, edges in cells:
        layout = _lay_out(edges)
        drawn = "".join(_parts(layout, edges, place))
        parts.append(f'<text x="{SIDE}" y="{top + 26:.0f}" font-weight="bold" fill="{INK}">{title}</text>')
        parts.append(f'<g transform="translate({SIDE} {top + TITLE:.0f})">{drawn}</g>')
        told.append(f"{title}: " + ", ".join(f"{o}→{2 + n // 2} {name}" for n, (name, o) in enumerate(edges)))
        top, width, place = top + TITLE + layout.height + ROLE, max(width, layout.width), place + len(edges)
    return document(width + 2 * SIDE, top, "; ".join(told), parts)


def _lay_out(edges: Sequence[Edge]) -> Layout:
    """Place two inputs, then for each node its edges and itself, and at last the output, which joins all nodes."""
    disc = (2 * RADIUS, 2 * RADIUS)
    sizes: list[tuple[float, float]] = [(2 * RADIUS, 2 * RADIUS + ROLE)] * 2
    sources: list[list[int]] = [[], []]
    nodes = [0, 1]
    for first in range(0, len(edges), 2):
        arriving = edges[first : first + 2]
        sizes += [*((label_width(name), 32.0) for name, _ in arriving), disc]
        sources += [[nodes[origin]] for _, origin in arriving]
        sources.append([len(sources) - 1 - n for n in range(len(arriving))])
        nodes.append(len(sources) - 1)
    return lay_out([*sizes, disc], [*sources, nodes[2:]], gap=(34, 22), widest=10_000)


def _parts(layout: Layout, edges: Sequence[Edge], place: int) -> Iterator[str]:
    """Yield the lines, the labels of the edges, and the circles."""
    pale = {2 + edge + edge // 2 for edge, (name, _) in enumerate(edges) if name == "none"}
    for points in layout.edges:
        line = MIDDLE if pale & {points[0].node, points[-1].node} else INK
        yield f'<path d="{_line(points)}" fill="none" stroke="{line}" stroke-width="2.5"/>'
    last, node, edge = len(layout.items) - 1, 0, 0
    for item in layout.items:
        if item.width == 2 * RADIUS:
            role = "output" if item.node == last else "input" if node < 2 else ""
            tip = f"M{item.x - RADIUS:.1f} {item.y:.1f}l-11 -7v14z" if item.before else ""
            yield f'<path d="{tip}" fill="{INK}"/>'
            yield circle(item.x, item.y, "" if item.node == last else str(node), role)
            node += 1
        else:
            yield label(item.x, item.y, place + edge, edges[edge][0], MIDDLE if item.node in pale else INK)
            edge += 1


def _line(points: Sequence[Item]) -> str:
    """Return a path through the columns; it bends between them."""
    parts = [f"M{points[0].x + points[0].width / 2:.1f} {points[0].y:.1f}"]
    for a, b in pairwise(points):
        start, end = max(a.right, a.x + a.width / 2), min(b.left, b.x - b.width / 2)
        middle = (start + end) / 2
        parts.append(f"H{start:.1f}C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {end:.1f} {b.y:.1f}")
        parts.append(f"H{b.x - b.width / 2:.1f}")
    return "".join(parts)
