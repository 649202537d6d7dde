"""The picture of a one-shot search: what it learned while it ran, and the network at its end."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from nasedu.cli.oneshot_report import short
from nasedu.core import Mismatch
from nasedu.core.palette import BLUE, GREEN, ORANGE, PURPLE, RED, SKY, layer
from nasedu.core.themes import GREY, INK, MIDDLE, PAPER, SOFT
from nasedu.oneshot.edges import NONE, SKIP, Edge, Edges
from nasedu.plots.axes import legend_above
from nasedu.plots.spaces import strips
from nasedu.spaces.layout import lay_out

if TYPE_CHECKING:
    from nasedu.cli.oneshot_run import OneshotRun

SMOOTH = 20
"""Steps over which a loss is averaged in the picture, or a quarter of a short search: that of a batch jumps."""

COLOURS = {
    NONE: MIDDLE,
    SKIP: GREY,
    **{"nor_conv_1x1": SKY, "nor_conv_3x3": BLUE, "avg_pool_3x3": ORANGE, "max_pool_3x3": RED},
    **{"sep_conv_3x3": SKY, "sep_conv_5x5": BLUE, "dil_conv_3x3": GREEN, "dil_conv_5x5": PURPLE},
}
"""Of the lines of operations: near those of their boxes in a drawn cell."""


def picture(run: "OneshotRun") -> Figure:
    """Return the figure: shares by edge, or losses and shared scores; below it the cell or the network."""
    about = run.about
    title = f"{about['method']} in {about['space']['name']} on {about['task']}, seed {run.seed}"
    try:
        edges: Edges | None = Edges(run.trainer.space)
    except Mismatch:
        edges = None
    kinds = len(edges.kinds) if edges else 1
    learned = edges is not None and bool(run.history.shares)
    rows = -(-len(edges.rows) // _columns(edges)) if edges and learned else 2
    height = 1.5 * rows + 1.2 + (2.9 * kinds if edges else 1.6)
    figure = Figure(figsize=(11, height), layout="constrained")
    figure.suptitle(title, weight="bold")
    above, below = figure.subfigures(2, 1, height_ratios=[1.5 * rows + 0.6, height - 1.5 * rows - 0.6])  # type: ignore[misc]
    if edges is not None and learned:
        _shares(above, edges, run)
    else:
        _losses_and_scores(above, run)
    panels = below.subplots(kinds, 1, squeeze=False)[:, 0]
    assert run.architecture is not None
    if edges is None:
        strips({"derived": [choice for choice in run.architecture if choice != "stop"]}, panels[0])
        panels[0].set_xlim(right=max(panels[0].get_xlim()[1], 450))  # two layers do not fill the width
        panels[0].set_title("the derived network", loc="left")
    else:
        chosen = edges.chosen(run.architecture)
        for kind, ax in enumerate(panels):
            name = "the derived cell"
            if kinds > 1:  # DARTS's, in which a node may lead to no other
                last = max(edge.node for edge in edges.rows)
                name = (
                    f"the derived {edges.kinds[kind]} cell (its output: nodes {edges.inputs} to {last}, concatenated)"
                )
            _cell(ax, {edge: op for edge, op in chosen.items() if edge.kind == kind}, edges.inputs)
            ax.set_title(name, loc="left")
    return figure


# ---------------------------------------------------------------------- while it ran


def _columns(edges: Edges) -> int:
    return 3 if len(edges.rows) <= 6 else 7


def _shares(figure: Any, edges: Edges, run: "OneshotRun") -> None:
    """Draw a small panel for each edge: the share of each operation over the steps."""
    columns = _columns(edges)
    panels = figure.subplots(-(-len(edges.rows) // columns), columns, sharex=True, sharey=True, squeeze=False)
    values, chosen = np.stack(run.history.shares), edges.chosen(run.architecture)  # type: ignore[arg-type]
    for ax, (row, edge) in zip(panels.flat, enumerate(edges.rows), strict=False):
        for column, operation in enumerate(edges.operations):
            taken = chosen.get(edge) == operation
            look = {"color": COLOURS[operation], "linewidth": 3.2 if taken else 1.3}
            line = "--" if operation == NONE else "-"
            line += "o" if len(values) == 1 else ""  # a line of one point is not seen
            ax.plot(run.history.moments, values[:, row, column], line, label=short((operation,)), **look)
        place = f"{edge.source} to {edge.node}"
        told = short((chosen[edge],)) if edge in chosen else "not kept"
        if len(edges.kinds) > 1:  # many small panels
            ax.set_title(f"{edges.kinds[edge.kind]}, {place}\n{told}", size=8.5)
        else:
            ax.set_title(f"{place}: {told}", size=10)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.grid(alpha=0.3)
    panels[0, 0].set_ylim(0, 1.06 * values.max())
    for ax in panels.flat[len(edges.rows) :]:
        ax.set_axis_off()
    handles, labels = panels[0, 0].get_legend_handles_labels()
    for handle in figure.legend(handles, labels, loc="outside upper left", ncols=len(labels)).get_lines():
        handle.set_linewidth(2.5)
    figure.supxlabel("step", size=11)
    figure.supylabel("share (bold: chosen)", size=11)


def _losses_and_scores(figure: Any, run: "OneshotRun") -> None:
    """Draw the loss of the weights, and the scores of paths with shared weights."""
    left, right = figure.subplots(1, 2)
    numbers, losses = _known(run, 1)
    width = max(1, min(SMOOTH, len(losses) // 4))
    left.plot(numbers, losses, color=GREY, linewidth=0.8, alpha=0.5)
    left.plot(*_smooth(numbers, losses, width), color=BLUE)
    left.set(xlabel="step", ylabel=f"training loss (line: mean of {width})")
    numbers, scores = _known(run, 2)
    right.scatter(range(1, len(scores) + 1), scores, s=14, color=BLUE, alpha=0.7, label="a path")
    right.plot(range(1, len(scores) + 1), np.maximum.accumulate(scores), color=ORANGE, label="best so far")
    right.set(xlabel="path", ylabel="score with shared weights")
    legend_above(right)
    for ax in (left, right):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.grid(alpha=0.3)


def _known(run: "OneshotRun", place: int) -> tuple[np.ndarray, np.ndarray]:
    found = [(step[0], step[place]) for step in run.history.steps if step[place] is not None]
    return np.array([number for number, _ in found]), np.array([value for _, value in found], float)


def _smooth(numbers: np.ndarray, values: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    return numbers[width - 1 :], np.convolve(values, np.ones(width) / width, mode="valid")


# ---------------------------------------------------------------------- the cell


RADIUS, TALL, LETTER, SPACE = 19.0, 30.0, 8.6, 22.0


def _cell(ax: Axes, chosen: dict[Edge, str], inputs: int) -> None:
    """Draw a cell: nodes as circles, on each edge its operation; an edge with `none` is not drawn."""
    drawn = {edge: name for edge, name in chosen.items() if name != NONE}
    last = max(edge.node for edge in chosen)
    sizes, sources, titles = _graph(drawn, inputs, last)
    layout = lay_out(sizes, sources, gap=(30, 14), widest=10_000)
    for points in layout.edges:
        for a, b in pairwise(points):
            _line(ax, a, b)
    heads = {id(points[-1]): points[-1] for points in layout.edges}.values()
    for x, y in [(item.x - item.width / 2, item.y) for item in heads]:
        ax.fill([x + 1, x - 8, x - 8], [y, y - 5, y + 5], color=INK, zorder=5)
    for item, title in zip(layout.items, titles, strict=True):
        if title.isdigit():
            ax.add_patch(Circle((item.x, item.y), RADIUS, facecolor=PAPER, edgecolor=INK, linewidth=1.8, zorder=3))
            ax.text(item.x, item.y, title, ha="center", va="center", weight="bold", zorder=4)
            role = "input" if int(title) < inputs else "output" if int(title) == last and inputs == 1 else ""
            ax.text(item.x, item.y + RADIUS + 13, role, ha="center", va="center", size=9, color=SOFT)
        else:
            corner, size = (item.x - item.width / 2, item.y - TALL / 2), (item.width, TALL)
            look: dict[str, Any] = {
                "boxstyle": "round,pad=0,rounding_size=13",
                "facecolor": layer(title),
                "edgecolor": INK,
            }
            ax.add_patch(FancyBboxPatch(corner, *size, zorder=3, **look))
            ax.text(item.x, item.y, title, ha="center", va="center", size=10, color="#000000", zorder=4)
    ax.set(xlim=(-8, layout.width + 8), ylim=(layout.height + 24, -10), aspect="equal")
    ax.set_axis_off()


def _graph(
    drawn: dict[Edge, str], inputs: int, last: int
) -> tuple[list[tuple[float, float]], list[list[int]], list[str]]:
    """Return the sizes, the sources and the titles of the nodes of a cell and of the operations between them."""
    sizes: list[tuple[float, float]] = []
    sources: list[list[int]] = []
    titles: list[str] = []
    place: dict[int, int] = {}
    for node in range(last + 1):
        arriving = []
        for edge, name in drawn.items():
            if edge.node == node:
                sizes.append((LETTER * len(name) + SPACE, TALL))
                sources.append([place[edge.source]])
                arriving.append(len(titles))
                titles.append(name)
        place[node] = len(titles)
        sizes.append((2 * RADIUS, 2 * RADIUS + 18))
        sources.append(arriving)
        titles.append(str(node))
    return sizes, sources, titles


def _line(ax: Axes, a: Any, b: Any) -> None:
    """Draw a line between two items of neighbouring columns; it bends between the columns only."""
    start, end = max(a.right, a.x + a.width / 2), min(b.left, b.x - b.width / 2)
    t = np.linspace(0, 1, 24)
    bend = (3 * t**2 - 2 * t**3) * (b.y - a.y) + a.y
    xs = np.concatenate([[a.x], start + t * (end - start), [b.x]])
    ax.plot(xs, np.concatenate([[a.y], bend, [b.y]]), color=INK, linewidth=1.6, zorder=1)
