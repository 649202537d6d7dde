"""Shows several optimisers on one surface: their ways over its contour lines, and their losses. Lesson 14."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, log10
from typing import Any

import numpy as np
import torch

from nasedu.core import BadValue
from nasedu.core.palette import BLUE, GREEN, ORANGE, PURPLE, RED
from nasedu.core.themes import FAINT, MIDDLE, PAPER, SOFT
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, path, text

WIDTH, HEIGHT = 640, 400
LINES, FINE = 10, 60  # contour lines; points of the surface along each side
LEAST = 1e-6  # smaller losses are drawn as this one
LOOKS = ((BLUE, ""), (ORANGE, "6 3"), (GREEN, "2 2"), (RED, ""), (PURPLE, "8 2 2 2"))
"""Colour and dashes of each optimiser; the fourth line is thicker."""
THICK = 3


def optimizer_race(
    paths: Mapping[str, Sequence[Any]], function: Callable[[torch.Tensor], torch.Tensor], *, title: str = ""
) -> Film:
    """Return a film of a race: each frame is one more step of all optimisers.

        paths = {"Adam": list(descend(function, start, lambda x: torch.optim.Adam(x, lr=0.1), 40))}
        Player(films.optimizer_race(paths, function))

    A point outside the picture is drawn at its edge.

    Args:
        paths: by name, the steps of `nasedu.metalearning.learned_optimizer.descend` from one start of two numbers; at
            most five optimisers, and equally many steps of each.
        function: the surface: from points (points, 2) to their losses.
        title: replaces "A race of optimisers".

    Raises:
        BadValue: no optimiser or more than five, no point of two numbers, or paths of different lengths.
    """
    lengths = {len(steps) for steps in paths.values()}
    if not 1 <= len(paths) <= len(LOOKS) or len(lengths) != 1 or 0 in lengths:
        told = {name: len(steps) for name, steps in paths.items()}
        raise BadValue(f"a race shows one to {len(LOOKS)} optimisers with equally many steps; given {told}")
    start = next(iter(paths.values()))[0].x
    if start.shape != (2,):
        raise BadValue(f"a race is shown over points of two numbers; given points of shape {tuple(start.shape)}")
    race = _Race(paths, function)
    return Film([race.frame(at) for at in range(lengths.pop())], WIDTH, HEIGHT, race.head(), title or race.title)


class _Race:
    """The places of everything in the picture."""

    title = "A race of optimisers"

    def __init__(self, paths: Mapping[str, Sequence[Any]], function: Callable[[torch.Tensor], torch.Tensor]):
        self.function = function
        self.points = {name: [tuple(step.x.tolist()) for step in steps] for name, steps in paths.items()}
        self.losses = {name: [float(step.loss) for step in steps] for name, steps in paths.items()}
        steps = len(next(iter(self.losses.values()))) - 1
        self.ground = Plot(42, 78, 300, 280, *self._window())
        least = min(loss for of in self.losses.values() for loss in of if isfinite(loss))
        low, high = log10(max(least, LEAST)), log10(max(next(iter(self.losses.values()))[0], LEAST))
        self.right = Plot(410, 78, 212, 280, (0, steps or 1), (low - 0.1, high + 0.5))

    def _window(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return a square around the start and the best point of all."""
        ends = [(of[at], self.points[name][at]) for name, of in self.losses.items() for at in range(len(of))]
        best = np.array(min((end for end in ends if isfinite(end[0])), key=lambda end: end[0])[1])
        start = np.array(next(iter(self.points.values()))[0])
        (a, b), reach = (start + best) / 2, max(float(np.abs(start - best).max()) * 0.8, 0.1)
        return (a - reach, a + reach), (b - reach, b + reach)

    def head(self) -> tuple[str, ...]:
        """Draw what does not change: the contour lines, the axes, and which line is whose."""
        parts = [*self._contours(), *self.ground.axes("x1", "x2"), *self.right.axes("steps", "log10 of the loss")]
        for place, name in enumerate(self.points):
            colour, dash = LOOKS[place]
            x = 12 + place * (WIDTH - 20) / len(self.points)
            parts += [
                path(f"M{x:.0f} 25h26", colour, THICK if place == 3 else 2, dash=dash),
                dot(x + 13, 25, 5, colour),
                text(x + 32, 29, name, size=13),
            ]
        return tuple(parts)

    def _contours(self) -> list[str]:
        from contourpy import contour_generator  # matplotlib draws its contours with it

        across, up = (np.linspace(*side, FINE) for side in (self.ground.across, self.ground.up))
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        with torch.no_grad():
            heights = self.function(torch.from_numpy(grid).float()).numpy().reshape(FINE, FINE)
        generator = contour_generator(across, up, heights)
        parts = [box(self.ground.x, self.ground.y, self.ground.width, self.ground.height, PAPER, line=FAINT)]
        for level in np.quantile(heights, np.linspace(0.02, 0.95, LINES)):
            for line in (np.asarray(one) for one in generator.lines(level) if len(one) > 1):
                some = [*line[:: max(len(line) // 40, 1)], line[-1]]
                parts.append(curve([self.ground.at(*point) for point in some], MIDDLE, 1))
        return parts

    def frame(self, at: int) -> Frame:
        """Return the frame after some steps: all lines so far, and a dot where each optimiser is."""
        parts = []
        for step in range(1, at + 1):
            for place, name in enumerate(self.points):
                colour, dash = LOOKS[place]
                for where in (self._on_ground, self._on_right):
                    (a, b), (c, d) = where(name, step - 1), where(name, step)
                    stroke = THICK if place == 3 else 2
                    parts.append(path(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}", colour, stroke, dash=dash))
        for place, name in enumerate(self.points):
            parts += [dot(*where(name, at), 5, LOOKS[place][0]) for where in (self._on_ground, self._on_right)]
        said = ", ".join(f"{name} {losses[at]:.3g}" for name, losses in self.losses.items())
        best = min(self.losses, key=lambda name: _rank(self.losses[name][at]))
        told = f"{_steps(at)}: {best} has the smallest loss" if at else "at the start, all stand at one point"
        words = f"{told[0].upper()}{told[1:]}. Losses: {said}."
        rows: list[tuple[str, ...]] = [("optimiser", "x1", "x2", "loss")]
        rows += [
            (name, *(f"{number:.3f}" for number in self.points[name][at]), f"{losses[at]:.3g}")
            for name, losses in self.losses.items()
        ]
        return Frame((*parts, text(10, 54, told, size=14, fill=SOFT)), words, tuple(rows))

    def _on_ground(self, name: str, step: int) -> tuple[float, float]:
        a, b = self.points[name][step]
        return self.ground.at(_within(a, self.ground.across), _within(b, self.ground.up))

    def _on_right(self, name: str, step: int) -> tuple[float, float]:
        height = log10(max(_rank(self.losses[name][step]), LEAST))
        return self.right.at(step, _within(height, self.right.up))


def _rank(loss: float) -> float:
    """Return a loss, and a huge number for one that is not finite."""
    return loss if isfinite(loss) else 1e300


def _within(value: float, side: tuple[float, float]) -> float:
    return min(max(value, side[0]), side[1]) if isfinite(value) else side[1]


def _steps(at: int) -> str:
    return f"after {at} step{'' if at == 1 else 's'}"
