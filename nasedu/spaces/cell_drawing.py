"""The picture of a cell: its nodes as circles in a row, its edges as arrows, and on each edge its operation.

Dong, Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", ICLR 2020, figure 1.
"""

from collections.abc import Sequence
from html import escape
from math import cos, hypot, radians, sin

from nasedu.core.palette import ORANGE, SKY, YELLOW

INK, FAINT, GROUND = "var(--nasedu-ink, #222222)", "var(--nasedu-faint, #bbbbbb)", "var(--nasedu-ground, #ffffff)"
OPEN, NEXT = "?", "next"
FILLS = {"skip": "#d9d9d9", "conv": SKY, "pool": ORANGE, NEXT: YELLOW}
"""The colours of operations, by a word in their names: those of layers in `nasedu.spaces.drawing`."""

WIDTH, HEIGHT = 760, 322
MIDDLE, LEFT, STEP, RADIUS = 204.0, 47.0, 222.0, 24.0  # of the row of nodes
BENDS = {(0, 2): (92, 45), (1, 3): (-92, 45), (0, 3): (180, 65)}
"""Edges that pass a node: how far they rise above the row (or sink below it), and the angle at which they leave."""

Point = tuple[float, float]
Edge = tuple[int, int]


def svg(edges: Sequence[Edge], operations: Sequence[str]) -> str:
    """Return the SVG of a cell of four nodes, with a text alternative.

    A number on each edge is its place in the architecture, from 1. Bold arrows carry what comes from node 0 to node 3.
    An edge whose operation is never on such a path is pale, and so is an edge with `none`.

    Args:
        edges: (from, to), in the order of the architecture.
        operations: of the first edges, or of all of them. The next edge is marked; the rest have a question mark.
    """
    names = [*operations, NEXT, *OPEN * len(edges)][: len(edges)]
    carrying = on_a_path(edges, names)
    named = list(zip(edges, names, strict=True))
    parts = [_edge(edge, name, place, edge in carrying) for place, (edge, name) in enumerate(named, 1)]
    told = ", ".join(f"{start}→{end} {name}" for (start, end), name in named)
    words = escape(f"The cell, edge by edge: {told}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{words}" style="max-width:100%;height:auto" font-family="sans-serif" font-size="15">'
        f'<title>{words}</title><rect width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{GROUND}"/>'
        f"{''.join(parts)}{''.join(map(_node, range(4)))}</svg>"
    )


def on_a_path(edges: Sequence[Edge], names: Sequence[str]) -> set[Edge]:
    """Return the edges on paths from the first node to the last one on which no operation is `none`."""
    used = [edge for edge, name in zip(edges, names, strict=True) if name != "none"]
    fed, read = {0}, {max(end for _, end in edges)}
    for start, end in sorted(used):
        fed |= {end} if start in fed else set()
    for start, end in sorted(used, reverse=True):
        read |= {start} if end in read else set()
    return {(start, end) for start, end in used if start in fed and end in read}


def _node(node: int) -> str:
    x, role = LEFT + STEP * node, {0: "input", 3: "output"}.get(node, "")
    return (
        f'<circle cx="{x:.0f}" cy="{MIDDLE:.0f}" r="{RADIUS:.0f}" fill="{GROUND}" stroke="{INK}" stroke-width="2.5"/>'
        f'<text x="{x:.0f}" y="{MIDDLE + 8:.0f}" font-size="23" font-weight="bold" text-anchor="middle" fill="{INK}">'
        f'{node}</text><text x="{x:.0f}" y="{MIDDLE + 47:.0f}" text-anchor="middle" fill="{INK}">{role}</text>'
    )


def _edge(edge: Edge, name: str, place: int, carries: bool) -> str:
    """Return an arrow with a label in its middle: the place of the edge, then its operation."""
    (x, y), path, head = _course(edge)
    dash = ' stroke-dasharray="3 6"' if name in ("none", OPEN, NEXT) else ""
    line, stroke = (INK, 3.5 if not dash else 2) if carries else (FAINT, 2)
    tip = "" if name == "none" else f'<path d="{head}" fill="{line}"/>'
    width = 9 * len(name) + 41
    fill = next((colour for word, colour in FILLS.items() if word in name), GROUND)
    ink = "#000000" if fill != GROUND else INK
    label = (
        f'<rect x="{x - width / 2:.1f}" y="{y - 16:.1f}" width="{width:.1f}" height="32" rx="16" fill="{fill}" '
        f'stroke="{line}" stroke-width="1.5"/><circle cx="{x - width / 2 + 16:.1f}" cy="{y:.1f}" r="11" fill="{INK}"/>'
        f'<text x="{x - width / 2 + 16:.1f}" y="{y + 5:.1f}" font-size="14" font-weight="bold" text-anchor="middle" '
        f'fill="{GROUND}">{place}</text>'
        f'<text x="{x + 10:.1f}" y="{y + 5.5:.1f}" text-anchor="middle" fill="{ink}">{escape(name)}</text>'
    )
    pale = "" if carries else ' opacity="0.55"'
    return (
        f'<g class="edge"><path d="{path}" fill="none" stroke="{line}" stroke-width="{stroke}"{dash}/>{tip}'
        f'<rect x="{x - width / 2:.1f}" y="{y - 16:.1f}" width="{width:.1f}" height="32" rx="16" fill="{GROUND}"/>'
        f"<g{pale}>{label}</g></g>"
    )


def _course(edge: Edge) -> tuple[Point, str, str]:
    """Return the middle of an edge, its line, and its arrowhead, as SVG paths."""
    start, end = (LEFT + STEP * node for node in edge)
    rise, angle = BENDS.get(edge, (0, 0))
    down, across = sin(radians(angle)) * (-1 if rise > 0 else 1), cos(radians(angle))
    reach = (abs(rise) / abs(down) - RADIUS) / 0.75 if rise else STEP / 3
    first = (start + RADIUS * across, MIDDLE + RADIUS * down)
    last = (end - (RADIUS + 10) * across, MIDDLE + (RADIUS + 10) * down)  # the arrowhead is 10 long
    bends = (first[0] + reach * across, first[1] + reach * down), (last[0] - reach * across, last[1] + reach * down)
    line = f"M{_at(first)}C{_at(bends[0])} {_at(bends[1])} {_at(last)}"
    return ((start + end) / 2, MIDDLE - rise), line, _head(bends[1], last)


def _head(before: Point, base: Point) -> str:
    """Return a triangle from the end of a line, in the direction in which the line arrives."""
    dx, dy = base[0] - before[0], base[1] - before[1]
    along, aside = (11 * dx / hypot(dx, dy), 11 * dy / hypot(dx, dy)), (-7 * dy / hypot(dx, dy), 7 * dx / hypot(dx, dy))
    corners = [(base[0] + s * aside[0], base[1] + s * aside[1]) for s in (1, -1)]
    return f"M{_at(corners[0])}L{base[0] + along[0]:.1f} {base[1] + along[1]:.1f}L{_at(corners[1])}z"


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
