"""A walk through a space, what a model expects along it, and what is tried next: from exploiting to exploring.

Lesson 07.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import traitlets

from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, ORANGE, RED
from nasedu.core.themes import GREY, INK
from nasedu.widgets.base import Widget, interactive_html, javascript, stylesheet, table
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.player import MOST_BYTES, size_of
from nasedu.widgets.show import picture
from nasedu.widgets.svg import curve, document, dot, path, text

WIDTH, HEIGHT = 640, 422
UPPER, LOWER = (24, 196), (268, 108)
"""Top and height of both plots: scores, and what a trial of each candidate is worth."""
SHOWN = 4
"""Candidates in the table."""
KEY = (
    "dots: scores that are known",
    "line and band: expected, and two standard deviations to each side",
    "ring: tried next",
    "grey: the truth",
    "below: the worth of each candidate, the highest in red",
)


class Look(NamedTuple):
    """What the model said before one network was tried.

    Attributes:
        known: the places in the walk whose scores the model was given, in the order in which they were tried.
        mean, spread: what it expects at every place, and the standard deviation: (places,) each.
        chosen: the place that is tried next.
    """

    known: Sequence[int]
    mean: np.ndarray
    spread: np.ndarray
    chosen: int


class AcquisitionExplorer(Widget):
    """Shows a model along a walk through a space, step by step, with a dial from exploiting to exploring.

        AcquisitionExplorer(walk, scores, {dial: list(looks(dial)) for dial in (0, 1, 2)})

    A trial at a place is worth mean + dial * spread. Each value of the dial has its own run. The algorithm that makes
    the looks is the caller's: nothing is computed here but that sum.

    Args:
        walk: the architectures, in order; it looks best if each is a neighbour of the one before.
        scores: the true ones, (places,).
        runs: for each value of the dial, the looks of one search, as many for each.
        at: the first step to show, from 0.
        dial: the first value of the dial; by default the least.
        truth: whether the true scores are drawn.

    Attributes:
        at, truth: see above. Presses in the browser change them.
        dial_place: the place of the dial's value among `dials`. The slider in the browser changes it.
        dials: the values of the dial, in order.

    Raises:
        BadValue: scores or looks that do not fit the walk, runs of different lengths, or a place that does not exist.
    """

    _esm = javascript("acquisition_explorer.js")
    _css = stylesheet("acquisition_explorer.css", ".nasedu-acquisition")
    _data = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    dial_place = traitlets.Int(0).tag(sync=True)
    truth = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        walk: Sequence[Architecture],
        scores: Sequence[float] | np.ndarray,
        runs: Mapping[float, Sequence[Look]],
        *,
        at: int = 0,
        dial: float | None = None,
        truth: bool = False,
    ):
        self.walk = [tuple(one) for one in walk]
        self.scores = np.asarray(scores, float)
        self.dials = sorted(runs)
        self.runs = [list(runs[value]) for value in self.dials]
        self._check()
        place = 0 if dial is None else self.dials.index(dial) if dial in self.dials else -1
        self._upper = self._scores_plot()
        super().__init__(_data=self._plain(), at=self._step(at), dial_place=self._dial(place), truth=truth)

    def _check(self) -> None:
        count = len(self.walk)
        lengths = {len(run) for run in self.runs}
        if count < 2 or self.scores.shape != (count,) or not np.isfinite(self.scores).all():
            raise BadValue(f"a walk has two networks or more, each with a score; given {count} and {self.scores.shape}")
        if len(lengths) != 1 or 0 in lengths:
            told = {value: len(run) for value, run in zip(self.dials, self.runs, strict=True)}
            raise BadValue(f"every value of the dial has a run, all of one length; given looks: {told}")
        for look in (look for run in self.runs for look in run):
            shapes = np.shape(look.mean), np.shape(look.spread)
            if shapes != ((count,), (count,)) or not {*look.known, look.chosen} <= set(range(count)):
                raise BadValue(f"a look is at the {count} places of the walk; given {look}")

    # ------------------------------------------------------------------ stepping

    @property
    def dial(self) -> float:
        """Return the value of the dial."""
        return self.dials[self.dial_place]

    @property
    def look(self) -> Look:
        """Return what is shown now."""
        return self.runs[self.dial_place][self.at]

    def forward(self) -> Look:
        """Go one step forward, and return what the model says; stay at the last step."""
        return self.go(min(self.at + 1, len(self.runs[0]) - 1))

    def back(self) -> Look:
        """Go one step back, and return what the model says; stay at the first step."""
        return self.go(max(self.at - 1, 0))

    def go(self, at: int) -> Look:
        """Go to a step, counted from 0. Raise BadValue if it does not exist."""
        self.at = self._step(at)
        return self.look

    @traitlets.validate("at")
    def _check_at(self, proposal: Any) -> int:
        return self._step(proposal["value"])

    @traitlets.validate("dial_place")
    def _check_dial(self, proposal: Any) -> int:
        return self._dial(proposal["value"])

    def _step(self, at: Any) -> int:
        return _one_of(at, len(self.runs[0]), "steps")

    def _dial(self, place: Any) -> int:
        return _one_of(place, len(self.dials), f"values {', '.join(f'{value:g}' for value in self.dials)}, at places")

    # ------------------------------------------------------------------ what is seen

    def worth(self, dial: int, at: int) -> np.ndarray:
        """Return mean + dial * spread at every place, for a place of the dial and a step."""
        look = self.runs[dial][at]
        return np.asarray(look.mean) + self.dials[dial] * np.asarray(look.spread)

    def words(self) -> str:
        return self._words(self.dial_place, self.at)

    def _words(self, dial: int, at: int) -> str:
        look, value = self.runs[dial][at], self.dials[dial]
        mean, spread = look.mean[look.chosen], look.spread[look.chosen]
        name = " ".join(self.walk[look.chosen])
        return (
            f"Step {at + 1} of {len(self.runs[0])}, dial at {value:g}: {len(look.known)} networks are known, the best "
            f"is {max(self.scores[list(look.known)]):.3f}. Next is number {look.chosen + 1}, {name}: "
            f"{mean:.3f} + {value:g} × {spread:.3f} = {mean + value * spread:.3f}."
        )

    def _rows(self, dial: int, at: int) -> list[tuple[str, ...]]:
        look, worth = self.runs[dial][at], self.worth(dial, at)
        rows: list[tuple[str, ...]] = [("candidate", "expected", "standard deviation", "worth")]
        free = [place for place in np.argsort(-worth, kind="stable").tolist() if place not in look.known][:SHOWN]
        for place in [look.chosen, *(other for other in free if other != look.chosen)]:
            numbers = (look.mean[place], look.spread[place], worth[place])
            rows.append((f"{place + 1}: {' '.join(self.walk[place])}", *(f"{number:.3f}" for number in numbers)))
        return rows

    def static(self) -> str:
        head, truth = self._head()
        parts = [*head, *(truth if self.truth else ()), *self._frame(self.dial_place, self.at)]
        drawn = picture(document(WIDTH, HEIGHT, self.words(), parts))
        return f"{drawn}<p>{' · '.join(KEY)}</p>{table(self._rows(self.dial_place, self.at), self.words())}"

    def page(self) -> str:
        """Return the picture and its table, and the widget itself for pages that may run a script."""
        state = {"_data": self._data, "at": self.at, "dial_place": self.dial_place, "truth": self.truth}
        return interactive_html(self.static(), str(self._esm), str(self._css), state)

    def _scores_plot(self) -> Plot:
        looks = [look for run in self.runs for look in run]
        low = min(self.scores.min(), *(np.min(look.mean - 2 * look.spread) for look in looks))
        high = max(self.scores.max(), *(np.max(look.mean + 2 * look.spread) for look in looks))
        return self._plot(UPPER, float(low), float(high))

    def _plot(self, place: tuple[int, int], low: float, high: float) -> Plot:
        top, height = place
        return Plot(60, top, WIDTH - 74, height, (0.5, len(self.walk) + 0.5), (low, high))

    def _head(self) -> tuple[list[str], list[str]]:
        """Return what every frame has: the axes of the scores; and the truth, which may be hidden."""
        points = [self._upper.at(place + 1, score) for place, score in enumerate(self.scores)]
        return self._upper.axes("", "score"), [curve(points, GREY, 1.5), *(dot(x, y, 2.5, GREY) for x, y in points)]

    def _lower(self, look: Look, worth: np.ndarray) -> list[str]:
        """Draw what a trial of each candidate is worth; the axis has their range, so that the highest is seen."""
        free = [place for place in range(len(self.walk)) if place not in look.known or place == look.chosen]
        low, high = float(worth[free].min()), float(worth[free].max())
        plot = self._plot(LOWER, low - (high - low) / 12, high + (high - low) / 12)
        points = [plot.at(place + 1, worth[place]) for place in free]
        best = plot.at(look.chosen + 1, worth[look.chosen])
        return [
            "".join(plot.axes("place in the walk", "worth of a trial: mean + dial × spread")),
            "".join(dot(x, y, 3.5, ORANGE) for x, y in points),
            dot(*best, 5, RED),
        ]

    def _frame(self, dial: int, at: int) -> list[str]:
        look, worth = self.runs[dial][at], self.worth(dial, at)
        upper = self._upper
        places = range(len(self.walk))
        above, mean, below = (
            [upper.at(place + 1, look.mean[place] + shift * look.spread[place]) for place in places]
            for shift in (2, 0, -2)
        )
        outline = "L".join(f"{x:.0f} {y:.0f}" for x, y in [*above, *reversed(below)])
        x, y = upper.at(look.chosen + 1, look.mean[look.chosen])
        return [
            f'<path d="M{outline}z" fill="{BLUE}" fill-opacity="0.18"/>',
            curve(mean, BLUE, 2),
            path(f"M{x:.1f} {UPPER[0]}V{LOWER[0] + LOWER[1]}", RED, 1, dash="3 3"),
            *(dot(*upper.at(place + 1, self.scores[place]), 4.5, INK) for place in look.known),
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="none" stroke="{RED}" stroke-width="2.5"/>',
            *self._lower(look, worth),
            text(WIDTH - 14, 15, f"{len(look.known)} known", anchor="end"),
        ]

    def _plain(self) -> dict[str, Any]:
        """Return all that the browser needs, as plain data: each SVG element once."""
        parts: dict[str, int] = {}
        runs = []
        for dial, run in enumerate(self.runs):
            frames = []
            for at in range(len(run)):
                drawn = [parts.setdefault(part, len(parts)) for part in self._frame(dial, at)]
                frames.append({"picture": drawn, "words": self._words(dial, at), "rows": self._rows(dial, at)})
            runs.append(frames)
        head, truth = self._head()
        data: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "head": "".join(head), "truth": "".join(truth)}
        data |= {"dials": [f"{value:g}" for value in self.dials], "parts": list(parts), "runs": runs, "key": KEY}
        if (size := size_of(data)) > MOST_BYTES:
            raise BadValue(f"this takes {size:,} bytes; at most {MOST_BYTES:,}: give fewer steps, or a shorter walk")
        return data


def _one_of(place: Any, count: int, what: str) -> int:
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < count:
        raise BadValue(f"there are the {what} 0 to {count - 1}; given {place!r}")
    return place
