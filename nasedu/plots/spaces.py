"""Plots of a space: its choices as a graph, and its architectures as encoded vectors."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nasedu.core import BadValue
from nasedu.core.palette import GREEN, GREY
from nasedu.plots.axes import new_axes
from nasedu.spaces.strip import HEIGHT, blocks

MOST_DECISIONS = 40


def decisions(space: Any, ax: Axes | None = None) -> Axes:
    """Draw a space as a graph: each dot is a state, each line a choice.

    The number in a dot is the number of architectures that go on from its state. Choices that lead from one state to
    the same next state share one line, with all their names.

    Args:
        space: any `nasedu.Space` of at most 40 states.

    Raises:
        BadValue: more states than can be told apart in a picture.
    """
    from nasedu.spaces import counting

    ways = counting.counts(space)
    states = list(reversed(ways))
    if len(states) > MOST_DECISIONS:
        raise BadValue(f"{len(states)} states cannot be told apart in a picture; at most {MOST_DECISIONS} can")
    places = _by_depth(space, states)
    xs, ys = zip(*places.values(), strict=True)
    low, high = min(ys) - 0.3, max(ys) + 0.35 + 0.17 * max(xs)
    ax = ax or new_axes(1.6 * (max(xs) + 0.6), 1.6 * (high - low))
    for state in states:
        names: dict[Any, list[str]] = {}
        for choice, after in space.moves(state).items():
            names.setdefault(after, []).append(choice)
        for after, choices in names.items():
            _decision(ax, places[state], places[after], ", ".join(choices))
    for state, (x, y) in places.items():
        ax.scatter(x, y, s=620, color="white" if space.moves(state) else GREEN, edgecolor="black", zorder=3)
        ax.text(x, y, str(ways[state]), ha="center", va="center", zorder=4)
    ax.set(xlim=(-0.3, max(xs) + 0.3), ylim=(low, high), aspect="equal")
    ax.set_axis_off()
    return ax


def _by_depth(space: Any, states: Sequence[Any]) -> dict[Any, tuple[int, float]]:
    """Return the place of each state: its column is the length of the longest walk to it; columns are centred."""
    depth = dict.fromkeys(states, 0)
    for state in states:
        for after in space.moves(state).values():
            depth[after] = max(depth[after], depth[state] + 1)
    columns: dict[int, list[Any]] = {}
    for state in states:
        columns.setdefault(depth[state], []).append(state)
    return {s: (x, (len(column) - 1) / 2 - i) for x, column in columns.items() for i, s in enumerate(column)}


def _decision(ax: Axes, start: tuple[int, float], end: tuple[int, float], name: str) -> None:
    """Draw an arrow with a name; an arrow that crosses a column bends around the states there."""
    bend = 0.0 if end[0] - start[0] == 1 else -0.32
    style = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 13, "shrinkB": 13, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, arrowprops=style)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 - bend * (end[0] - start[0]) / 2)
    ax.text(*middle, name, ha="center", va="center", size=10, bbox={"color": "white", "pad": 1})


def strips(networks: Mapping[str, Sequence[str]], ax: Axes | None = None) -> Axes:
    """Draw networks one below the other, each as a row of blocks: a colour for the kind of a layer, a height for its
    width (`nasedu.spaces.strip`).

    Args:
        networks: architectures by the names that stand next to them, such as their scores.
    """
    drawn = [list(blocks(tuple(architecture))) for architecture in networks.values()]
    wide = max((row[-1].x + row[-1].width for row in drawn if row), default=1)
    ax = ax or new_axes(1.2 + wide / 60, 0.3 + 0.55 * len(drawn))
    for y, row in enumerate(drawn):
        for block in row:
            low, height = y - block.height / HEIGHT * 0.4, block.height / HEIGHT * 0.8
            ax.add_patch(Rectangle((block.x, low), block.width, height, facecolor=block.colour, edgecolor="black"))
            ax.text(block.x + block.width / 2, y, block.text, ha="center", va="center", color="black", fontsize="small")
    ax.set(
        xlim=(-2, wide + 2), ylim=(len(drawn) - 0.5, -0.5), xticks=[], yticks=range(len(drawn)), yticklabels=networks
    )
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


def encodings(space: Any, architectures: Sequence[Sequence[str]]) -> Axes:
    """Draw architectures as the vectors of `space.encode`: one row for a place, one column for a choice.

    Returns:
        The axes of the first; its figure holds them all.
    """
    _, panels = plt.subplots(
        1, len(architectures), figsize=(3 * len(architectures), 2.4), layout="constrained", sharey=True, squeeze=False
    )
    for ax, architecture in zip(panels[0], architectures, strict=True):
        ax.imshow(space.encode(tuple(architecture)).reshape(-1, len(space.vocabulary()[0])), cmap="Blues", vmax=1.4)
        ax.set(xlabel="choice", xticks=[])
        ax.set_title(" ".join(architecture), size=10)
    panels[0, 0].set_ylabel("place")
    return panels[0, 0]
