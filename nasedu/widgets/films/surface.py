"""Shows gradient descent: the point on the loss surface, and curves of loss and accuracy. Lesson 02."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from nasedu.core import BadValue
from nasedu.core.palette import BLUE, GREEN, ORANGE, RED
from nasedu.core.themes import FAINT, MIDDLE, NOTE, PAPER, SOFT
from nasedu.trainers.single.gradient_descent import DescentStep, cross_entropy
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, text

WIDTH, HEIGHT = 640, 412
LINES = 12  # contour lines
FINE = 48  # points of the surface along each side


def descent(steps: Sequence[DescentStep], X: Any, y: Any, *, title: str = "") -> Film:
    """Return a film of gradient descent on two weights: each step is a frame.

        steps = list(descend(X, y, alpha=0.5, steps=40))
        Player(films.descent(steps, X, y))

    On the left are the contour lines of the loss over both weights, the path so far and the current step. On the right
    are the loss and the accuracy so far. To show a long training, give every tenth step: `steps[::10]`.

    Args:
        steps: all or some steps of `nasedu.trainers.single.gradient_descent.descend`, in order.
        X: the examples, shape (examples, 2).
        y: their classes, 0 or 1.
        title: replaces "Gradient descent".

    Raises:
        BadValue: no step, or not two weights.
    """
    steps = list(steps)
    if not steps or len(steps[0].weights) != 2:
        raise BadValue(
            f"this film shows at least one step over two weights; given {len(steps)} steps"
            + (f" over {len(steps[0].weights)}" if steps else "")
        )
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    ground = _surface_plot(steps)
    top = max(step.loss for step in steps if isfinite(step.loss))
    losses = Plot(400, 104, 220, 120, (0, steps[-1].number or 1), (0, top or 1))
    right = Plot(400, 274, 220, 100, (0, steps[-1].number or 1), (0, 1))
    head = (
        *_contours(ground, X, y),
        *ground.axes("weight 1", "weight 2"),
        *losses.axes("", "loss"),
        *right.axes("steps", "accuracy"),
    )
    frames = [_frame(steps, place, ground, losses, right) for place in range(len(steps))]
    return Film(frames, WIDTH, HEIGHT, head, title or "Gradient descent")


def _frame(steps: Sequence[DescentStep], place: int, ground: Plot, losses: Plot, right: Plot) -> Frame:
    step, past = steps[place], steps[: place + 1]
    (a, b), (da, db), (c, d) = step.weights, step.gradient, step.after
    numbers = f"({a:.3f}, {b:.3f}) - {step.alpha:g} · ({da:.3f}, {db:.3f}) = ({c:.3f}, {d:.3f})".replace("-", "−")
    here = f"after {step.number} steps: loss {step.loss:.4f}, accuracy {step.accuracy:.3f}"
    words = f"{here.capitalize()}; the next one makes the weights {numbers}."
    way = [ground.at(*s.weights) for s in past]
    picture = (
        text(10, 22, "weights ← weights − alpha · gradient", size=15),
        text(10, 46, f"= {numbers}", size=18, bold=True, fill=NOTE),
        text(10, 68, here, size=14, fill=SOFT),
        curve(way, BLUE),
        *(dot(x, y, 2.5, BLUE) for x, y in way[:-1]),
        curve([ground.at(*step.weights), ground.at(*step.after)], RED, 3),
        dot(*ground.at(*step.weights), 6, RED),
        curve([losses.at(s.number, s.loss) for s in past], ORANGE),
        dot(*losses.at(step.number, step.loss), 4, ORANGE),
        curve([right.at(s.number, s.accuracy) for s in past], GREEN),
        dot(*right.at(step.number, step.accuracy), 4, GREEN),
    )
    rows = [
        ("after steps", "weight 1", "weight 2", "loss", "accuracy"),
        *((str(s.number), *(f"{w:.3f}" for w in s.weights), f"{s.loss:.4f}", f"{s.accuracy:.3f}") for s in past[-8:]),
    ]
    return Frame(picture, words, tuple(rows))


def _surface_plot(steps: Sequence[DescentStep]) -> Plot:
    """Return a square plot that contains the whole path, with a margin."""
    points = np.array([step.weights for step in steps] + [steps[-1].after])
    low, high = points.min(0), points.max(0)
    reach = max(float((high - low).max()) * 0.7, 0.5)
    (a, b) = (low + high) / 2
    return Plot(52, 96, 290, 278, (a - reach, a + reach), (b - reach, b + reach))


def _contours(plot: Plot, X: np.ndarray, y: np.ndarray) -> list[str]:
    across, up = np.linspace(*plot.across, FINE), np.linspace(*plot.up, FINE)
    return contours(plot, np.array([[cross_entropy((a, b), X, y) for a in across] for b in up]))


def contours(plot: Plot, heights: np.ndarray, every: int = 3) -> list[str]:
    """Draw lines of equal loss, some with their number.

    Args:
        plot: where to draw.
        heights: the loss at points that are evenly spread over the plot, (up, across).
        every: each line of this number says its loss.
    """
    from contourpy import contour_generator  # matplotlib draws its contours with it

    across, up = (
        np.linspace(*ends, count) for ends, count in zip((plot.across, plot.up), heights.shape[::-1], strict=True)
    )
    generator = contour_generator(across, up, heights)
    levels = np.quantile(heights, np.linspace(0.02, 0.98, LINES))
    parts = [box(plot.x, plot.y, plot.width, plot.height, PAPER, line=FAINT)]
    for number, level in enumerate(levels):
        lines = [np.asarray(line) for line in generator.lines(level) if len(line) > 1]
        for line in lines:
            points = [plot.at(a, b) for a, b in [*line[:: max(len(line) // 30, 1)], line[-1]]]
            parts.append(curve(points, MIDDLE, 1))
        if lines and number % every == 0:
            longest = max(lines, key=len)
            a, b = longest[len(longest) // 3]
            x, height = plot.at(a, b)
            parts.append(text(x, height, f"{level:.2f}", size=13, anchor="middle", fill=SOFT, halo=PAPER))
    return parts
