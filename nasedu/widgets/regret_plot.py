"""Draws regret curves with bands from plain numbers, without widget, browser or kernel.

Readers can distinguish the lines without colour, too: each has its own dashes, and its name at its end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from nasedu.core.palette import BLUE
from nasedu.core.spacing import spread_out
from nasedu.core.themes import FAINT, INK
from nasedu.racing.curves import statistics
from nasedu.widgets.svg import document, text, whole_ticks

DASHES = ("", "9 4", "2 3", "9 3 2 3", "16 4", "5 2", "1 4", "14 3 2 3 2 3")
LEFT, TOP, BOTTOM = 54, 22, 40
NAME = 7.0  # width of a letter of a name, in units of the picture
MOST_POINTS = 160
LINE = 17  # units between two names


@dataclass(frozen=True)
class Curve:
    """The regret curve of one controller.

    Attributes:
        label: its name.
        place: its number among all possible controllers; it decides the dashes.
        low, middle, high: mean regret after 1, 2, ... networks and the ends of its 95% interval, (evaluations,).
        seeds: the number of runs.
        colour: of its line (`nasedu.core.palette.methods`).
    """

    label: str
    place: int
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray
    seeds: int
    colour: str

    @classmethod
    def of(cls, label: str, place: int, regrets: np.ndarray, colour: str = BLUE) -> "Curve":
        """Make the curve from the regrets of all runs, (seeds, evaluations); at least one run."""
        low, middle, high = statistics(regrets, "interval")
        return cls(label, place, low, middle, high, len(regrets), colour)

    def after(self, evaluations: int) -> str:
        """Return mean ± half of its 95% interval as text; for a single run the mean only."""
        middle, high = self.middle[evaluations - 1], self.high[evaluations - 1]
        return f"{middle:.3g} ± {high - middle:.2g}" if self.seeds > 1 else f"{middle:.3g}"


@dataclass(frozen=True)
class PlotArea:
    """The rectangle of the plot and the ends of its axes; the axis of regret is logarithmic.

    Attributes:
        left, top, width, height: the rectangle, without ticks and names.
        low, high: regret at its lower and upper edge; lower values are drawn on the lower edge, with the label 0.
        evaluations: the number of evaluations at its right edge.
    """

    left: float
    top: float
    width: float
    height: float
    low: float
    high: float
    evaluations: int

    def x(self, evaluations: float) -> float:
        return self.left + self.width * (evaluations - 1) / max(self.evaluations - 1, 1)

    def y(self, regret: float) -> float:
        share = math.log(max(regret, self.low) / self.low) / math.log(self.high / self.low)
        return self.top + self.height * (1 - min(share, 1.0))


def svg(
    curves: Sequence[Curve], evaluations: int, words: str, unit: str = "", size: tuple[int, int] = (680, 340)
) -> str:
    """Return the whole picture: axes, bands, lines and their names."""
    return document(*size, words, elements(curves, evaluations, unit, (0, 0, *size)))


def elements(curves: Sequence[Curve], evaluations: int, unit: str, box: tuple[float, float, float, float]) -> list[str]:
    """Return the SVG elements of the picture inside a box (left, top, width, height)."""
    area, room = layout(curves, evaluations, box)
    return plot(curves, area, unit) + labels(area, curves, room)


def layout(curves: Sequence[Curve], evaluations: int, box: tuple[float, float, float, float]) -> tuple[PlotArea, float]:
    """Return the rectangle of the plot inside a box (left, top, width, height), and the width of the names."""
    left, top, width, height = box
    names = min(max([60.0, *(NAME * len(c.label) + 40 for c in curves)]), 0.36 * width)
    inside = (left + LEFT, top + TOP, width - LEFT - names, height - TOP - BOTTOM)
    return PlotArea(*inside, *ends(curves), evaluations), names


def plot(curves: Sequence[Curve], area: PlotArea, unit: str) -> list[str]:
    """Return the axes, and the lines with their bands."""
    if not curves:
        return [text(area.left + area.width / 2, area.top + area.height / 2, "no run yet", anchor="middle")]
    parts = axes(area, unit, any(c.middle[-1] < area.low for c in curves))
    return parts + [band(area, curve) for curve in curves] + [line(area, curve) for curve in curves]


def ends(curves: Sequence[Curve]) -> tuple[float, float]:
    """Return the ends of the axis of regret: half the smallest mean above 0, and 1.1 times the highest mean."""
    means = np.concatenate([np.zeros(1), *(c.middle for c in curves)])
    above = means[means > 1e-12]
    if not len(above):
        return 1e-3, 1.0
    low, high = above.min() / 2, above.max() * 1.1
    return float(low), float(max(high, low * 10))


def axes(area: PlotArea, unit: str, zero: bool) -> list[str]:
    right, bottom = area.left + area.width, area.top + area.height
    parts = []
    for value in ticks(area.low, area.high):
        y = area.y(value)
        if zero and bottom - y < 12:
            continue
        parts.append(f'<path d="M{area.left:.1f} {y:.1f}H{right:.1f}" stroke="{FAINT}"/>')
        parts.append(text(area.left - 6, y + 4, f"{value:g}", anchor="end"))
    if zero:
        parts.append(text(area.left - 6, bottom + 4, "0", anchor="end"))
    parts.append(f'<path d="M{area.left:.1f} {bottom:.1f}H{right:.1f}" stroke="{INK}"/>')
    for number in whole_ticks(area.evaluations):
        parts.append(text(area.x(number), bottom + 16, str(number), anchor="middle"))
    parts.append(text(area.left + area.width / 2, bottom + 33, "different networks evaluated", anchor="middle"))
    what = f"regret{unit}: how far below the best network (mean, 95% interval)"
    parts.append(text(area.left - LEFT + 8, area.top - 8, what))
    return parts


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers for a logarithmic axis: 1, 2 and 5 times powers of ten, or only powers of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if math.log10(high / low) < 2.5 else (1,)
    return [n for p in powers for f in factors if low <= (n := float(f"{f}e{p}")) <= high]


def band(area: PlotArea, curve: Curve) -> str:
    """Return the 95% interval of the mean, where there is one."""
    if curve.seeds < 2:
        return ""
    there = points(area, curve.high)
    back = points(area, curve.low)[::-1]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in [*there, *back])
    return f'<path class="band" d="M{path}Z" fill="{curve.colour}" fill-opacity="0.16"/>'


def line(area: PlotArea, curve: Curve) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points(area, curve.middle))
    title = f"<title>{escape(curve.label)}</title>"
    return f'<path class="line" d="M{path}" fill="none" {stroke(curve)}>{title}</path>'


def points(area: PlotArea, values: np.ndarray) -> list[tuple[float, float]]:
    """Return at most `MOST_POINTS` points of a line, with both ends, without points inside a horizontal part."""
    count = len(values)
    places = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(int))
    found = [(area.x(place + 1), round(area.y(float(values[place])), 1)) for place in places.tolist()]
    level = [before[1] == here[1] == after[1] for before, here, after in zip(found, found[1:], found[2:], strict=False)]
    return [point for point, inside in zip(found, [False, *level, False], strict=False) if not inside]


def labels(area: PlotArea, curves: Sequence[Curve], room: float) -> list[str]:
    """Return the names at the ends of the lines, each with a short piece of its line, moved apart if they overlap."""
    if not curves:
        return []
    order = sorted(curves, key=lambda c: -c.middle[-1])  # from the upper end of the picture to the lower
    wanted = np.array([area.y(float(c.middle[-1])) for c in order])
    heights = spread_out(wanted, LINE)
    heights -= max(heights[-1] - (area.top + area.height + 4), 0)
    right, most = area.left + area.width, int((room - 40) / NAME)
    parts = []
    for curve, y, end in zip(order, heights.tolist(), wanted.tolist(), strict=True):
        name = curve.label if len(curve.label) <= most else curve.label[: max(most - 1, 1)] + "…"
        parts.append(f'<path d="M{right:.1f} {end:.1f}L{right + 9:.1f} {y:.1f}" stroke="{curve.colour}"/>')
        parts.append(f'<path d="M{right + 9:.1f} {y:.1f}h24" fill="none" {stroke(curve)}/>')
        parts.append(f'<g class="name"><title>{escape(curve.label)}</title>{text(right + 37, y + 4, name)}</g>')
    return parts


def stroke(curve: Curve) -> str:
    dashes = DASHES[(curve.place + curve.place // len(DASHES)) % len(DASHES)]
    return f'stroke="{curve.colour}" stroke-width="2.2"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def rows(curves: Sequence[Curve], evaluations: int) -> list[tuple[str, ...]]:
    """Return the curves as a table of text, lowest final regret first; the first row is the head."""
    after = sorted({max(evaluations // 4, 1), max(evaluations // 2, 1), evaluations})
    head = ("controller", "runs", *(f"regret after {n}" for n in after))
    ranked = sorted(curves, key=lambda c: float(c.middle[-1]))
    return [head, *((c.label, str(c.seeds), *(c.after(n) for n in after)) for c in ranked)]
