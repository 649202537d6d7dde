"""Shows the winner's curse: the best of n scores, and the score of that network when it is trained again. Lesson 02."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nasedu.core import BadValue, Mismatch
from nasedu.core.palette import BLUE, RED
from nasedu.core.themes import FAINT, GREY
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import curve, dot, path, text, ticks

WIDTH, HEIGHT = 700, 400
SEARCH, AGAIN = 132, 320  # where the two scores of a network stand
TOP, BOTTOM = 92, 352


def winners_curse(first: Any, again: Any, sizes: Sequence[int], drops: Sequence[Any], *, title: str = "") -> Film:
    """Return a film of a search that looks at more and more networks and keeps the best: a frame for each size.

        Player(films.winners_curse(first, again, (1, 10, 100), drops))

    On the left each network is a line, from its score in the search to its score when it is trained again. The best
    of the search is thick, and networks far below the winners are not drawn. On the right is the mean drop over many
    searches, up to the size of the frame.

    Args:
        first: the scores of the search, in the order in which it looks at the networks; a list or an array.
        again: the score of each network when it is trained again.
        sizes: how many networks the search looks at, rising; a frame for each.
        drops: the mean drop for each size, with `mean`, `low` and `high`, such as `nasedu.classroom.interval` gives.
        title: replaces "The winner's curse".

    Raises:
        Mismatch: not one score again for each first one, or not one drop for each size.
        BadValue: sizes that do not rise from 1 or more to at most the number of networks.
    """
    first, again = np.asarray(first, dtype=float), np.asarray(again, dtype=float)
    if first.ndim != 1 or first.shape != again.shape or len(drops) != len(sizes):
        raise Mismatch(
            "each network has two scores, and each size a drop; given "
            f"{first.shape} and {again.shape} scores, {len(sizes)} sizes and {len(drops)} drops"
        )
    if not sizes or sizes[0] < 1 or sizes[-1] > len(first) or any(a >= b for a, b in pairwise(sizes)):
        raise BadValue(f"the sizes rise, from 1 or more to at most {len(first)}, the networks; given {list(sizes)}")
    seen = np.concatenate([first[: sizes[-1]], again[: sizes[-1]]])
    winners = [int(first[:size].argmax()) for size in sizes]
    lowest = min(float(np.median(seen)), *first[winners].tolist(), *again[winners].tolist())
    scores = Plot(SEARCH, TOP, AGAIN - SEARCH, BOTTOM - TOP, (0, 1), (lowest, float(seen.max())))
    across = (float(np.log(sizes[0])), float(np.log(sizes[-1])))
    up = (min(0.0, *(drop.low for drop in drops)), max(0.001, *(drop.high for drop in drops)))
    mean = Plot(478, TOP, 200, BOTTOM - TOP, across, up)
    lines = [_lines(scores, first[a:b], again[a:b]) for a, b in pairwise([0, *sizes])]
    frames = []
    for place, (size, best) in enumerate(zip(sizes, winners, strict=True)):
        picture = (*lines[: place + 1], *_winner(scores, first[best], again[best]), *_means(mean, sizes, drops, place))
        told = f"The best of {size}: {first[best]:.3f} in the search, {again[best]:.3f} when it is trained again"
        words = f"{told}; on average the winner loses {_three(drops[place].mean)}."
        head = (text(12, 28, f"the best of {size}", size=20, bold=True), _change(first[best], again[best]))
        frames.append(Frame((*head, *picture), words, _rows(first, again, sizes[: place + 1], drops)))
    return Film(frames, WIDTH, HEIGHT, _head(scores, mean, sizes), title or "The winner's curse")


def _head(scores: Plot, mean: Plot, sizes: Sequence[int]) -> tuple[str, ...]:
    """Draw what stays: two upright axes of scores, and the axes of the mean drop."""
    parts = [path(f"M{x} {TOP - 8}V{BOTTOM + 8}", GREY, 1.5) for x in (SEARCH, AGAIN)]
    for plot, gap in ((scores, 84), (mean, 16)):
        for value in ticks(*plot.up):
            _, y = plot.at(0, value)
            parts += [path(f"M{plot.x} {y:.1f}h{plot.width}", FAINT), _number(plot.x - gap, y + 5, f"{value:g}", "end")]
    marks = [size for size in (1, 10, 100, 1000, 10_000) if sizes[0] <= size <= sizes[-1]] or [sizes[0], sizes[-1]]
    parts += [_number(mean.at(float(np.log(size)), 0)[0], BOTTOM + 26, f"{size:,}", "middle") for size in marks]
    names = ((SEARCH, BOTTOM + 28, "in the search"), (AGAIN, BOTTOM + 28, "trained again"))
    parts += [text(x, y, name, size=15, anchor="middle", bold=True) for x, y, name in names]
    parts.append(text(mean.x + mean.width / 2, BOTTOM + 46, "networks to choose from", size=15, anchor="middle"))
    parts.append(text(mean.x - 40, TOP - 24, "mean drop of the winner", size=15, bold=True))
    return tuple(parts)


def _lines(plot: Plot, first: np.ndarray, again: np.ndarray) -> str:
    """Draw networks as one path of thin lines, so that a film of hundreds stays small."""
    ends = [(*plot.at(0, a), *plot.at(1, b)) for a, b in zip(first, again, strict=True) if min(a, b) >= plot.up[0]]
    return path("".join(f"M{x:.0f} {y:.1f}L{u:.0f} {v:.1f}" for x, y, u, v in ends), BLUE, opacity=0.5)


def _winner(plot: Plot, first: float, again: float) -> tuple[str, ...]:
    """Draw the best network of the search as a thick line, with both of its scores."""
    ends = [plot.at(0, first), plot.at(1, again)]
    (x, y), (u, v) = ends
    return (
        curve(ends, RED, 4),
        dot(x, y, 7, RED),
        dot(u, v, 7, RED),
        text(x - 14, y + 6, f"{first:.3f}", size=17, anchor="end", fill=RED, bold=True),
        text(u + 14, v + 6, f"{again:.3f}", size=17, fill=RED, bold=True),
    )


def _means(plot: Plot, sizes: Sequence[int], drops: Sequence[Any], place: int) -> tuple[str, ...]:
    """Draw the mean drop with its interval, up to the size of this frame."""
    parts, points = [], []
    for size, drop in zip(sizes[: place + 1], drops, strict=False):
        x, y = plot.at(float(np.log(size)), drop.mean)
        points.append((x, y))
        parts.append(path(f"M{x:.1f} {plot.at(0, drop.low)[1]:.1f}V{plot.at(0, drop.high)[1]:.1f}", GREY, 3))
    return (*parts, curve(points, RED, 3), *(dot(x, y, 5, RED) for x, y in points))


def _change(first: float, again: float) -> str:
    change = again - first
    return text(12, 54, f"trained again: {abs(change):.3f} {'less' if change < 0 else 'more'}", size=16, fill=RED)


def _three(number: float) -> str:
    """Return three decimals; a tiny loss is no -0.000."""
    return f"{round(number, 3) + 0.0:.3f}"


def _number(x: float, y: float, number: str, anchor: str) -> str:
    return text(x, y, number, size=13, anchor=anchor)


def _rows(
    first: np.ndarray, again: np.ndarray, sizes: Sequence[int], drops: Sequence[Any]
) -> tuple[tuple[str, ...], ...]:
    rows = [("networks", "best in the search", "trained again", "mean drop")]
    for size, drop in zip(sizes, drops, strict=False):
        best = int(first[:size].argmax())
        rows.append((str(size), f"{first[best]:.3f}", f"{again[best]:.3f}", _three(drop.mean)))
    return tuple(rows)
