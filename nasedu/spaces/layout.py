"""The positions of a graph's boxes: in columns from left to right, wrapped into rows like text.

The steps are those of Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures",
IEEE Transactions on Systems, Man, and Cybernetics 1981. Each node gets a column, and an edge gets a point in every
column that it crosses. Each column is ordered so that few edges cross, then heights make the edges straight.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

SWEEPS = 40
THIN = 8  # height that a line needs


@dataclass
class Item:
    """A box, or (without a node) a point where an edge crosses a column."""

    width: float
    height: float
    column: int
    node: int | None = None
    x: float = 0.0  # of its middle
    y: float = 0.0
    left: float = 0.0  # where its column begins: lines bend between columns only, so that they cross no box
    right: float = 0.0
    row: int = -1
    before: list["Item"] = field(default_factory=list)
    after: list["Item"] = field(default_factory=list)


@dataclass
class Layout:
    """A finished drawing: an item for each node, the points of each edge, the rows, the width and the height."""

    items: list[Item]
    edges: list[list[Item]]
    bottoms: list[float]  # of the rows
    width: float
    height: float


def lay_out(
    sizes: Sequence[tuple[float, float]],
    sources: Sequence[Sequence[int]],
    *,
    gap: tuple[float, float] = (30, 14),
    widest: float = 1120,
    between_rows: float = 44,
) -> Layout:
    """Place every node of a graph; return the finished layout.

    Args:
        sizes: (width, height) of each node's box.
        sources: for each node the earlier nodes that lead to it.
        gap: between columns, and between boxes in a column.
        widest: where columns wrap into the next row.
        between_rows: space between rows.
    """
    columns, items, edges = _columns(sizes, sources)
    _order(columns)
    rows = _rows(columns, gap[0], widest)
    for row, inside in enumerate(rows):
        _straighten(inside, gap[1], row)
    bottoms, width = _into_rows(rows, gap[0], between_rows)
    return Layout(items, edges, bottoms, width, bottoms[-1])


def _columns(
    sizes: Sequence[tuple[float, float]], sources: Sequence[Sequence[int]]
) -> tuple[list[list[Item]], list[Item], list[list[Item]]]:
    """Return each node in the leftmost column after its sources, with a point in every column in between.

    Edges from one node share their points as long as they run in parallel.
    """
    items: list[Item] = []
    edges: list[list[Item]] = []
    points: dict[tuple[int, int], Item] = {}
    for node, ((width, height), origins) in enumerate(zip(sizes, sources, strict=True)):
        column = 1 + max((items[o].column for o in origins), default=-1)
        items.append(Item(width, height, column, node))
        for origin in origins:
            crossed = range(items[origin].column + 1, column)
            between = [points.setdefault((origin, c), Item(0, THIN, c)) for c in crossed]
            edges.append([items[origin], *between, items[node]])
    columns: list[list[Item]] = [[] for _ in range(1 + max(item.column for item in items))]
    for item in [*items, *points.values()]:
        columns[item.column].append(item)
    steps = {(id(left), id(right)): (left, right) for edge in edges for left, right in pairwise(edge)}
    for left, right in steps.values():
        left.after.append(right)
        right.before.append(left)
    return columns, items, edges


def _order(columns: list[list[Item]]) -> None:
    """Sort each column by the mean place of its neighbours, from the left and from the right in turn."""
    for column in columns:
        _number(column)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for column in columns[1:] if forward else reversed(columns[:-1]):
            middle = {id(item): _mean(item.before if forward else item.after, item.y) for item in column}
            column.sort(key=lambda item: middle[id(item)])
            _number(column)


def _number(column: list[Item]) -> None:
    for place, item in enumerate(column):
        item.y = place - (len(column) - 1) / 2


def _mean(neighbours: list[Item], otherwise: float) -> float:
    return fmean(n.y for n in neighbours) if neighbours else otherwise


def _straighten(columns: list[list[Item]], gap: float, row: int) -> None:
    """Move each item towards the middle of its neighbours in the same row; at the end, make pairs level."""
    for column in columns:
        for item in column:
            item.row = row
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            near = [[other for other in item.before + item.after if other.row == row] for item in column]
            _place(column, [_mean(n, item.y) for n, item in zip(near, column, strict=True)], gap)
    for column in columns[1:]:
        _place(column, [_level(item) for item in column], gap)


def _level(item: Item) -> float:
    """Return the height of the item before it, if the two are connected only to each other; else its own."""
    alone = len(item.before) == 1 and len(item.before[0].after) == 1
    return item.before[0].y if alone else item.y


def _place(column: list[Item], wanted: list[float], gap: float) -> None:
    """Move each item to the height that it wants, as far as the other items in its column leave room."""
    room = [(a.height + b.height) / 2 + gap for a, b in pairwise(column)]
    down, up = list(wanted), list(wanted)
    for i, space in enumerate(room, 1):
        down[i] = max(down[i], down[i - 1] + space)
    for i in range(len(room) - 1, -1, -1):
        up[i] = min(up[i], up[i + 1] - room[i])
    for item, low, high in zip(column, down, up, strict=True):
        item.y = (low + high) / 2  # low and high keep the distances between items, and so does their mean


def _rows(columns: list[list[Item]], gap: float, widest: float) -> list[list[list[Item]]]:
    """Return the columns of each row: as many as fit, with a break where few lines cross it."""
    widths = [max(item.width for item in column) + gap for column in columns]
    crossing = [sum(bool(item.after) for item in column) for column in columns]
    rows, first = [], 0
    while sum(widths[first:]) > 1.12 * widest:  # with 12% to spare, so that no row holds one last box alone
        last = first + 1
        while sum(widths[first : last + 1]) <= widest:
            last += 1
        earliest = first + max(1, 2 * (last - first) // 3)
        last = min(range(last, earliest - 1, -1), key=lambda end: crossing[end - 1])
        rows.append(columns[first:last])
        first = last
    return [*rows, columns[first:]]


def _into_rows(rows: list[list[list[Item]]], gap: float, between: float) -> tuple[list[float], float]:
    """Give every item its final place; return where each row ends, and the width of the widest row."""
    bottoms: list[float] = []
    total = 0.0
    for columns in rows:
        inside = [item for column in columns for item in column]
        top = min(item.y - item.height / 2 for item in inside)
        start = bottoms[-1] + between if bottoms else 0.0
        x = 0.0
        for column in columns:
            width = max(item.width for item in column)
            for item in column:
                item.x, item.y = x + width / 2, item.y - top + start
                item.left, item.right = x, x + width
            x += width + gap
        total = max(total, x - gap)
        bottoms.append(max(item.y + item.height / 2 for item in inside))
    return bottoms, total
