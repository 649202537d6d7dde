"""The picture and the table of a running search, from plain numbers: no widget, no browser, no kernel in here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from nasedu.core import Architecture, best_first, counted
from nasedu.core.palette import BLUE, ORANGE, methods
from nasedu.core.spacing import spread_out
from nasedu.core.themes import FAINT, INK
from nasedu.widgets import base
from nasedu.widgets.svg import document, text, whole_ticks

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 16, 44  # margins around the plot
LETTER, LINE, BESIDE = 8.4, 32, 8  # width of a bold letter; height of a name over its score; from the plot to a name


@dataclass(frozen=True)
class Dot:
    """One evaluated trial: its architecture, its score, whether its training succeeded, and the size of the network."""

    architecture: Architecture
    score: float
    ok: bool = True
    parameters: int | None = None


@dataclass(frozen=True)
class Search:
    """The state of a search.

    Attributes:
        dots: its trials in order.
        target: how many it will have.
        marks: scores to compare with, by name, drawn as horizontal lines.
        colour: of the dots: that of the controller.
    """

    dots: Sequence[Dot]
    target: int
    marks: Mapping[str, float] = field(default_factory=dict)
    colour: str = BLUE

    @property
    def best(self) -> Dot | None:
        """Return the best dot: see `nasedu.core.best_first`."""
        return min(self.dots, key=best_first, default=None)

    @property
    def words(self) -> str:
        """Return the content of the picture in one sentence."""
        if self.best is None:
            return f"No trial yet of {self.target}."
        return (
            f"{len(self.dots)} of {counted(self.target, 'trial')}; best score {self.best.score:.3f}: "
            f"{' '.join(self.best.architecture)}."
        )


def svg(search: Search) -> str:
    """Return the picture as SVG: a dot for each score, a cross for a failed trial, a line for the best so far."""
    low, high = _range(search)
    x, y = scales(search)
    last, right = _last(search), _right(search)
    parts = []
    for step in range(5):
        score = low + (high - low) * step / 4
        parts.append(f'<path d="M{LEFT} {y(score):.1f}H{right:.1f}" stroke="{FAINT}"/>')
        parts.append(text(LEFT - 6, y(score) + 4, f"{score:.2f}", anchor="end"))
    for number in whole_ticks(last):
        parts.append(text(x(number), HEIGHT - BOTTOM + 18, str(number), anchor="middle"))
    parts.append(text((LEFT + right) / 2, HEIGHT - 8, "trial", anchor="middle"))
    parts.append(text(LEFT, TOP - 4, "validation score"))
    parts += _marks(search.marks, y, right)
    parts += [
        _line(search.dots, x, y),
        *(_dot(x(i), y(dot.score), dot, search.colour) for i, dot in enumerate(search.dots, 1)),
    ]
    return document(WIDTH, HEIGHT, search.words, parts)


def scales(search: Search) -> tuple[Callable[[int], float], Callable[[float], float]]:
    """Return the place of a trial, and of a score, in the picture."""
    low, high = _range(search)
    step = (_right(search) - LEFT) / (_last(search) + 1)
    return (
        lambda number: LEFT + step * number,
        lambda score: TOP + (HEIGHT - TOP - BOTTOM) * (high - score) / (high - low),
    )


def table(search: Search, most: int = 5) -> str:
    """Return an HTML table of the `most` best trials, best first; a sentence if there is no trial yet."""
    if not search.dots:
        return base.table([], search.words)
    ranked = sorted(enumerate(search.dots, 1), key=lambda pair: best_first(pair[1]))[:most]
    rows = [
        (str(number), f"{dot.score:.3f}{'' if dot.ok else ' (failed)'}", " ".join(dot.architecture))
        for number, dot in ranked
    ]
    return base.table([("trial", "score", "architecture"), *rows], f"The best so far. {search.words}", wraps=False)


def _marks(marks: Mapping[str, float], y: Callable[[float], float], right: float) -> Iterator[str]:
    """Yield a dashed line for each score to compare with; its name stands at its end, where no dot can cover it."""
    ranked = sorted(zip(marks.items(), methods(list(marks)), strict=True), key=lambda mark: -mark[0][1])
    heights = spread_out(np.array([y(score) for (_, score), _ in ranked]), LINE)
    for ((name, score), colour), height in zip(ranked, heights.tolist(), strict=True):
        yield f'<path d="M{LEFT} {y(score):.1f}H{right:.1f}" stroke="{colour}" stroke-dasharray="6 4"/>'
        for line, up in ((name, -3), (f"{score:.2f}", 12)):
            yield text(right + BESIDE, height + up, line, fill=colour, bold=True)


def _line(dots: Sequence[Dot], x: Callable[[int], float], y: Callable[[float], float]) -> str:
    if not dots:
        return ""
    best = dots[0].score
    path = f"M{x(1):.1f} {y(best):.1f}"
    for number, dot in enumerate(dots, 1):
        path += f"H{x(number):.1f}"
        if dot.score > best:
            best = dot.score
            path += f"V{y(best):.1f}"
    return f'<path class="best" d="{path}" fill="none" stroke="{ORANGE}" stroke-width="2.5"/>'


def _dot(x: float, y: float, dot: Dot, colour: str) -> str:
    title = f"<title>{dot.score:.3f} {escape(' '.join(dot.architecture))}</title>"
    if not dot.ok:
        return f'<path class="failed" d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{INK}">{title}</path>'
    return f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.8">{title}</circle>'


def _range(search: Search) -> tuple[float, float]:
    """Return the ends of the score axis: from 0 to 1, or further if a score requires it."""
    scores = [*(dot.score for dot in search.dots), *search.marks.values()]
    return min([0.0, *scores]), max([1.0, *scores])


def _last(search: Search) -> int:
    return max(search.target, len(search.dots), 1)


def _right(search: Search) -> float:
    return WIDTH - max([RIGHT, *(BESIDE + LETTER * len(name) for name in search.marks)])
