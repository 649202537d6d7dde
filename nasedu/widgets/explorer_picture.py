"""The explorer's dot plot, and its content as plain HTML if no kernel runs: pure functions of a view."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from nasedu.core.palette import BLUE, ORANGE
from nasedu.core.themes import FAINT, GREY, INK, PAPER
from nasedu.widgets.base import table
from nasedu.widgets.explorer_truth import Standing, Truth, number
from nasedu.widgets.explorer_view import Built, View
from nasedu.widgets.show import picture
from nasedu.widgets.svg import document, text

WIDTH, SIDE = 640, 30
HILL, DOTS, STACK = 56, 10, 8  # height of the histogram; distance of two dots; largest number of stacked dots
BINS = 60


def dot_plot(truth: Truth) -> str:
    """Return an SVG over the score: a histogram of the table, dots for the neighbours, a diamond for the network.

    Scores far below the others would compress the axis. So they are at the left edge, and neighbours among them are
    triangles. A neighbour has the class `neighbour` and its place in `truth.neighbours` as `data-place`.
    """
    low, high = reach(truth)

    def x(score: float) -> float:
        return SIDE + (WIDTH - 2 * SIDE) * (max(score, low) - low) / (high - low)

    heights = _heights([x(one.score) for one in truth.neighbours])
    base = 24 + DOTS * (1 + max(heights, default=0))
    floor = base + 18 + HILL
    dots = zip(truth.neighbours, heights, strict=True)
    return document(
        WIDTH,
        floor + 38,
        plot_words(truth),
        [
            text(SIDE, 16, f"neighbours ({len(truth.neighbours)})"),
            _hill([max(score, low) for score in truth.scores], low, high, floor),
            *_axis(low, high, floor, min(truth.scores) < low),
            _own(x(truth.own.score), floor, number(truth.own.score)) if truth.own else "",
            text(SIDE, base + 12, f"all {len(truth.scores):,} networks of the table", halo=PAPER),
            *(_dot(x(one.score), base - 6 - DOTS * up, place, one, low) for place, (one, up) in enumerate(dots)),
        ],
    )


def reach(truth: Truth) -> tuple[float, float]:
    """Return the ends of the axis, without outliers below by Tukey's rule of quartiles.

    Tukey, "Exploratory Data Analysis", 1977, section 2D: an outlier is further below the first quartile than 1.5 times
    the distance of the quartiles. The network itself is always inside.
    """
    first, third = np.quantile(truth.scores, [0.25, 0.75])
    low, high = max(min(truth.scores), float(first - 1.5 * (third - first))), max(truth.scores)
    low = min(low, truth.own.score) if truth.own else low
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def plot_words(truth: Truth) -> str:
    """Return the content of the dot plot in one or two sentences."""
    count = len(truth.neighbours)
    out = f" {truth.omitted} more are not shown." if truth.omitted else ""
    if truth.own is None or not count:
        return f"{count} neighbours in the table for {truth.task}.{out}"
    better = sum(one.score > truth.own.score for one in truth.neighbours)
    best = truth.neighbours[0]
    return (
        f"{better} of {count} neighbours score higher on {truth.task} than this network ({number(truth.own.score)}); "
        f"the best has {number(best.score)} ({best.change}).{out}"
    )


def _heights(places: Sequence[float]) -> list[int]:
    """Return how many dots are below each dot: a dot is stacked on the dots that it would touch."""
    taken: list[list[float]] = [[]]
    heights = []
    for place in places:
        free = (up for up, row in enumerate(taken) if all(abs(place - other) >= DOTS for other in row))
        up = min(next(free, len(taken)), STACK - 1)
        if up == len(taken):
            taken.append([])
        taken[up].append(place)
        heights.append(up)
    return heights


def _dot(x: float, y: float, place: int, one: Standing, low: float) -> str:
    form = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5"'
        if one.score >= low
        else f'<path d="M{x + 4:.1f} {y - 5}v10l-8 -5z"'
    )
    title = f"<title>{number(one.score)}: {escape(one.change)}</title>"
    return f'<g class="neighbour" data-place="{place}" fill="{BLUE}" stroke="{PAPER}">{title}{form}/></g>'


def _hill(scores: Sequence[float], low: float, high: float, floor: float) -> str:
    counts, _ = np.histogram(scores, BINS, (low, high))
    wide = (WIDTH - 2 * SIDE) / BINS
    most = max(int(counts[1:].max()), 1)  # without the first: it contains all outliers, and would flatten the others
    tops = [floor - (HILL - 8) * min(int(count) / most, 1.0) for count in counts]
    steps = "".join(f"V{top:.1f}h{wide:.2f}" for top in tops)
    return f'<path d="M{SIDE} {floor}{steps}V{floor}z" fill="{FAINT}" stroke="{GREY}" stroke-width="0.5"/>'


def _axis(low: float, high: float, floor: float, more: bool) -> Iterable[str]:
    yield f'<path d="M{SIDE} {floor}H{WIDTH - SIDE}" stroke="{INK}"/>'
    for part in range(5):
        x = SIDE + (WIDTH - 2 * SIDE) * part / 4
        yield f'<path d="M{x:.1f} {floor}v4" stroke="{INK}"/>'
        at_most = "≤ " if more and part == 0 else ""
        yield text(x, floor + 18, at_most + number(low + (high - low) * part / 4), anchor="middle")
    yield text(WIDTH / 2, floor + 33, "score", anchor="middle")


def _own(x: float, floor: float, score: str) -> str:
    """Return a line through the whole plot with a diamond on the axis: it also differs from the dots by its form."""
    line = f'<path d="M{x:.1f} 22V{floor}" stroke="{INK}" stroke-dasharray="4 3"/>'
    diamond = f'<path d="M{x:.1f} {floor - 7}l7 7l-7 7l-7 -7z" fill="{ORANGE}" stroke="{INK}"/>'
    beside = min(max(x, SIDE + 150), WIDTH - SIDE - 30)
    return f'<g class="own"><title>this one: {score}</title>{line}{diamond}</g>' + text(
        beside, 16, f"this one: {score}", anchor="middle"
    )


# ---------------------------------------------------------------------- where no kernel runs


def html(view: View) -> str:
    """Return pictures, layers, neighbours and all choices (open, or why not) as HTML without buttons."""
    parts = [f"<p>{escape(view.words)} {escape(view.decides)}</p>"]
    if view.cell:
        parts.append(picture(view.cell))
    if view.built and view.built.drawing:
        parts += [picture(view.built.drawing), _layers(view.built)]
    if view.truth:
        parts += [picture(dot_plot(view.truth)), _neighbours(view.truth)]
    return "".join([*parts, _options(view), "<p><em>Run this cell to get the buttons.</em></p>"])


def _layers(built: Built) -> str:
    rows = [(title, shape, f"{parameters:,}") for title, shape, parameters in built.layers]
    return _folded("The layers as a table", ("layer", "output", "parameters"), rows)


def _neighbours(truth: Truth) -> str:
    rows = [(*one.texts, " ".join(one.architecture)) for one in truth.neighbours]
    return _folded("Its neighbours, best first", ("place: edit", "score", "rank", "network"), rows)


def _options(view: View) -> str:
    rows = [(title, option.choice, option.why_not or "open") for title, options in view.groups for option in options]
    return _folded("What can follow, and what cannot", ("group", "choice", "open, or why not"), rows)


def _folded(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"<details><summary>{escape(title)}</summary>{table([head, *rows])}</details>"
