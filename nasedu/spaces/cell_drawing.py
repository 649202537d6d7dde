"""The picture of a cell: its nodes as circles in a row, its edges as arrows, and on each edge its operation.

Dong, Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture Search", ICLR 2020, figure 1.
"""

from collections.abc import Sequence
from html import escape
from math import cos, hypot, radians, sin

from nasedu.core.palette import BLACK, ORANGE, SKY, YELLOW
from nasedu.core.themes import INK, MIDDLE, PAPER

OPEN, NEXT = "?", "next"
FILLS = {"skip": "#d9d9d9", "conv": SKY, "pool": ORANGE, NEXT: YELLOW}
"""The colours of operations, by a word in their names: those of layers in `nasedu.spaces.drawing`."""

WIDTH, HEIGHT = 760, 322
ROW, LEFT, STEP, RADIUS = 204.0, 47.0, 222.0, 24.0  # of the row of nodes
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
    nodes = [circle(LEFT + STEP * n, ROW, str(n), role) for n, role in enumerate(("input", "", "", "output"))]
    return document(WIDTH, HEIGHT, f"The cell, edge by edge: {told}", [*parts, *nodes])


def document(width: float, height: float, words: str, parts: Sequence[str]) -> str:
    """Return elements as a whole picture, with `words` for those who do not see it."""
    said = escape(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{said}" style="max-width:100%;height:auto" '
        f'font-family="sans-serif" font-size="15"><title>{said}</title>'
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="4" fill="{PAPER}"/>{"".join(parts)}</svg>'
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


def circle(x: float, y: float, name: str, role: str = "") -> str:
    """Draw a node with its name in it, and its role below."""
    return (
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RADIUS:.0f}" fill="{PAPER}" stroke="{INK}" stroke-width="2.5"/>'
        f'<text x="{x:.0f}" y="{y + 8:.0f}" font-size="23" font-weight="bold" text-anchor="middle" fill="{INK}">'
        f'{name}</text><text x="{x:.0f}" y="{y + 47:.0f}" text-anchor="middle" fill="{INK}">{role}</text>'
    )


def label_width(name: str) -> float:
    """Return the width of the label with this name."""
    return 9 * len(name) + 41


def label(x: float, y: float, place: int, name: str, line: str = INK) -> str:
    """Draw the label of an edge around (x, y): its place in the architecture, then its operation."""
    left, width = x - label_width(name) / 2, label_width(name)
    fill = next((colour for word, colour in FILLS.items() if word in name), PAPER)
    ink = BLACK if fill != PAPER else INK
    return (
        f'<rect x="{left:.1f}" y="{y - 16:.1f}" width="{width:.1f}" height="32" rx="16" fill="{fill}" '
        f'stroke="{line}" stroke-width="1.5"/><circle cx="{left + 16:.1f}" cy="{y:.1f}" r="11" fill="{BLACK}"/>'
        f'<text x="{left + 16:.1f}" y="{y + 5:.1f}" font-size="14" font-weight="bold" text-anchor="middle" '
        f'fill="{PAPER}">{place}</text>'
        f'<text x="{x + 10:.1f}" y="{y + 5.5:.1f}" text-anchor="middle" fill="{ink}">{escape(name)}</text>'
    )


def _edge(edge: Edge, name: str, place: int, carries: bool) -> str:
    """Return an arrow with its label in the middle; nothing of the line shines through a pale label."""
    (x, y), path, head = _course(edge)
    dash = ' stroke-dasharray="3 6"' if name in ("none", OPEN, NEXT) else ""
    line, stroke = (INK, 3.5 if not dash else 2) if carries else (MIDDLE, 2)
    tip = "" if name == "none" else f'<path d="{head}" fill="{line}"/>'
    left, width, pale = x - label_width(name) / 2, label_width(name), "" if carries else ' opacity="0.55"'
    return (
        f'<path d="{path}" fill="none" stroke="{line}" stroke-width="{stroke}"{dash}/>{tip}'
        f'<rect x="{left:.1f}" y="{y - 16:.1f}" width="{width:.1f}" height="32" rx="16" fill="{PAPER}"/>'
        f"<g{pale}>{label(x, y, place, name, line)}</g>"
    )


def _course(edge: Edge) -> tuple[Point, str, str]:
    """Return the middle of an edge, its line, and its arrowhead, as SVG paths."""
    start, end = (LEFT + STEP * node for node in edge)
    rise, angle = BENDS.get(edge, (0, 0))
    down, across = sin(radians(angle)) * (-1 if rise > 0 else 1), cos(radians(angle))
    reach = (abs(rise) / abs(down) - RADIUS) / 0.75 if rise else STEP / 3
    first = (start + RADIUS * across, ROW + RADIUS * down)
    last = (end - (RADIUS + 10) * across, ROW + (RADIUS + 10) * down)  # the arrowhead is 10 long
    bends = (first[0] + reach * across, first[1] + reach * down), (last[0] - reach * across, last[1] + reach * down)
    line = f"M{_at(first)}C{_at(bends[0])} {_at(bends[1])} {_at(last)}"
    return ((start + end) / 2, ROW - rise), line, _head(bends[1], last)


def _head(before: Point, base: Point) -> str:
    """Return a triangle from the end of a line, in the direction in which the line arrives."""
    dx, dy = base[0] - before[0], base[1] - before[1]
    along, aside = (11 * dx / hypot(dx, dy), 11 * dy / hypot(dx, dy)), (-7 * dy / hypot(dx, dy), 7 * dx / hypot(dx, dy))
    corners = [(base[0] + s * aside[0], base[1] + s * aside[1]) for s in (1, -1)]
    return f"M{_at(corners[0])}L{base[0] + along[0]:.1f} {base[1] + along[1]:.1f}L{_at(corners[1])}z"


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
