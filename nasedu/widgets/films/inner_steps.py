"""Shows how a learner adapts to one task: the curve, the way of the parameters, the gradient going back. Lesson 12."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import acos, degrees, isfinite
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.core import BadValue, check_counts
from nasedu.core.palette import BLUE, ORANGE, RED
from nasedu.core.themes import FAINT, GREY, MIDDLE, PAPER, SOFT
from nasedu.metalearning.examples import check_support
from nasedu.metalearning.functional import Examples, Parameters
from nasedu.metalearning.going_back import going_back
from nasedu.metalearning.inner_loop import InnerLoop, detached
from nasedu.metalearning.maml import MAML
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.films.surface import contours
from nasedu.widgets.svg import box, curve, dot, path, text

WIDTH, HEIGHT = 700, 500
POINTS = 81  # of a curve
FINE = 40  # points of the plane along each side
ARROW = 42  # the longest arrow
LEVEL = 1e-4  # a direction counts as new if this share of its length does not lie along the others


class Place(NamedTuple):
    """What is shown after some inner steps: the parameters in one row, both losses, the curve, the gradient of it."""

    vector: np.ndarray
    support: float
    query: float
    curve: np.ndarray
    slope: float  # the length of the gradient that led here
    back: np.ndarray | None  # the gradient of the queries' loss, on its way back

    @property
    def length(self) -> float:
        """Return the length of this gradient; 0 if there is none."""
        return 0.0 if self.back is None else float(np.linalg.norm(self.back))


def adaptation(learner: Any, support: Any, query: Any, steps: int | None = None, *, title: str = "") -> Film:
    """Return a film of an adaptation to a curve: what the learner's own steps say, and nothing else.

        Player(films.adaptation(learner, support, query, steps=5))

    The frames first go forward, one for each inner step. For MAML and its relatives they then go back: the gradient of
    the queries' loss passes each inner step, from the last one to the start.

    Args:
        learner: any `InnerLoop`, such as `MAML` or `Reptile`.
        support: (X, y), the examples to adapt to; X and y have one column.
        query: (X, y), other examples of the same task.
        steps: inner steps; those of meta-training if None.
        title: replaces "Adaptation by" and the method.

    Raises:
        BadValue: another learner, inputs of more than one number, or an inner step that explodes.
    """
    if not isinstance(learner, InnerLoop):
        raise BadValue(
            f"this film shows inner steps, and a {type(learner).__name__} makes none; give a learner as MAML"
        )
    steps = learner.inner_steps if steps is None else steps
    check_counts(steps=steps)
    method = type(learner).__name__
    known, asked = (check_support(part, ("regression",), method, learner.device) for part in (support, query))
    if known.X.shape[1:] != (1,) or known.y.shape[1:] != (1,):
        raise BadValue(
            f"this film draws a curve: X and y have one column each; given {tuple(known.X.shape)} and "
            f"{tuple(known.y.shape)}"
        )
    places, across = _places(learner, known, asked, steps)
    layout = Layout.of(learner, places, across, known, asked)
    frames = [_forward(layout, number) for number in range(steps + 1)]
    if places[0].back is not None:
        frames += [_backward(layout, number) for number in reversed(range(steps + 1))]
    return Film(frames, WIDTH, HEIGHT, tuple(layout.head()), title or f"Adaptation by {method}")


def _places(learner: InnerLoop, support: Examples, query: Examples, steps: int) -> tuple[list[Place], np.ndarray]:
    """Return what is shown after each number of inner steps, and the inputs of the curves."""
    start = learner.start(detached(learner.learned))
    made = list(learner.adaptation(support, steps))
    way = [start, *(step.parameters for step in made)]
    backs = {}
    if isinstance(learner, MAML):
        backs = {one.after: _row(one.gradient) for one in going_back(learner, support, query, steps)}
    both = torch.cat([support.X, query.X])
    across = torch.linspace(float(both.min()), float(both.max()), POINTS, device=learner.device)[:, None]
    places = []
    with torch.no_grad():
        for number, parameters in enumerate(way):
            of_support, of_query = (float(learner.function.loss(parameters, part)) for part in (support, query))
            slope = float(np.linalg.norm(_row(made[number - 1].gradient))) if number else 0.0
            heights = learner.function(parameters, across).flatten().cpu().numpy()
            places.append(Place(_row(parameters), of_support, of_query, heights, slope, backs.get(number)))
    return places, across.flatten().cpu().numpy()


def _row(parameters: Parameters) -> np.ndarray:
    """Return all parameters in one row, in double precision."""
    return torch.cat([part.detach().flatten() for part in parameters.values()]).cpu().numpy().astype(np.float64)


# ---------------------------------------------------------------------- the plane


def _directions(places: Sequence[Place]) -> tuple[np.ndarray, np.ndarray]:
    """Return two unit vectors at right angles: the way from start to end, and what of the gradient leaves that way.

    Where there is no gradient going back, or it lies along the way, the first step takes its place.
    """
    start = places[0]
    steps = [place.vector - start.vector for place in (places[-1], *places[1:])]
    wanted = [steps[0], *([] if start.back is None else [start.back]), *steps[1:], *np.eye(len(start.vector))[:3]]
    found: list[np.ndarray] = []
    for direction in wanted:
        left = direction - sum(((direction @ one) * one for one in found), np.zeros_like(direction))
        if np.linalg.norm(left) > LEVEL * (np.linalg.norm(direction) or 1):
            found.append(left / np.linalg.norm(left))
        if len(found) == 2:
            return found[0], found[1]
    return np.eye(len(start.vector))[0], np.zeros_like(start.vector)  # a network of one weight has one direction


@dataclass(frozen=True)
class Layout:
    """What all frames share: four plots, the plane of the parameters, what was measured."""

    curves: Plot
    plane: Plot
    losses: Plot
    lengths: Plot
    places: Sequence[Place]
    directions: tuple[np.ndarray, np.ndarray]
    across: np.ndarray
    support: np.ndarray
    query: np.ndarray
    contours: tuple[str, ...]

    @classmethod
    def of(
        cls, learner: InnerLoop, places: Sequence[Place], across: np.ndarray, support: Examples, query: Examples
    ) -> "Layout":
        directions = _directions(places)
        count = len(places) - 1
        known, asked = (torch.cat(part, 1).cpu().numpy() for part in (support, query))
        heights = np.concatenate([known[:, 1], asked[:, 1]])
        edge = 0.15 * (np.ptp(heights) or 1)
        curves = Plot(44, 62, 380, 190, (across[0], across[-1]), (heights.min() - edge, heights.max() + edge))
        long = float(np.linalg.norm(places[-1].vector - places[0].vector)) or 1.0
        plane = Plot(478, 62, 204, 190, (-0.4 * long, 1.4 * long), (-0.84 * long, 0.84 * long))
        top = max(value for place in places for value in (place.support, place.query) if isfinite(value))
        losses = Plot(44, 322, 380, 110, (0, count), (0, 1.1 * top or 1))
        backs = [place.length for place in places]
        lengths = Plot(478, 322, 204, 110, (-0.5, count + 0.5), (0, 1.1 * max(backs, default=1.0) or 1))
        around = _surface(learner, places[0].vector, directions, plane, support)
        drawn = tuple(contours(plane, around, every=5))
        return cls(curves, plane, losses, lengths, places, directions, across, known, asked, drawn)

    def in_plane(self, vector: np.ndarray) -> tuple[float, float]:
        """Return a vector's parts along both directions."""
        one, other = self.directions
        return float(vector @ one), float(vector @ other)

    def spot(self, number: int) -> tuple[float, float]:
        """Return where the parameters after some steps stand in the picture."""
        return self.plane.at(*self.in_plane(self.places[number].vector - self.places[0].vector))

    # ------------------------------------------------------------------ what stays

    def head(self) -> Iterator[str]:
        yield from self.curves.axes("x", "y")
        yield from self.contours
        yield from self.plane.axes("from start to end", "the parameters, in a plane")
        yield from self.losses.axes("inner steps", "mean squared error")
        key = self.curves.x + self.curves.width, self.curves.y - 6
        yield dot(key[0] - 196, key[1] - 4, 3, MIDDLE) + text(key[0] - 188, key[1], "queries", size=12)
        yield dot(key[0] - 126, key[1] - 4, 5, ORANGE) + text(key[0] - 117, key[1], "support", size=12)
        yield path(f"M{key[0] - 56:.1f} {key[1] - 4:.1f}h18", BLUE, 3) + text(key[0] - 34, key[1], "network", size=12)
        y = self.losses.y - 6
        for x, name, colour, dash in ((240, "support", ORANGE, ""), (340, "queries", GREY, "5 3")):
            yield path(f"M{x} {y - 4:.1f}h24", colour, 3, dash=dash) + text(x + 29, y, name, size=12)
        yield from (dot(*self.curves.at(x, y), 2, MIDDLE) for x, y in self.query)
        yield from (dot(*self.curves.at(x, y), 5, ORANGE) for x, y in self.support)
        if self.places[0].back is not None:
            yield from self.lengths.axes("inner steps", "length of the gradient, going back")
            yield box(self.lengths.x, self.lengths.y + self.lengths.height, self.lengths.width, 0.5, FAINT)

    # ------------------------------------------------------------------ what changes

    def curve(self, number: int, colour: str, stroke: float) -> str:
        """Draw the curve of the network after some steps; what leaves the plot is cut off."""
        low, high = self.curves.up
        points = [(x, y) for x, y in zip(self.across, self.places[number].curve, strict=True) if low <= y <= high]
        pieces = np.split(points, 1 + np.flatnonzero(np.diff([x for x, _ in points]) > 1.5 * np.diff(self.across)[0]))
        return "".join(curve([self.curves.at(*pair) for pair in piece], colour, stroke) for piece in pieces)

    def way(self, number: int) -> list[str]:
        """Draw the parameters of the start and after each step so far, and both losses."""
        spots = [self.spot(place) for place in range(number + 1)]
        parts = [curve(spots, BLUE), *(dot(*spot, 4, BLUE) for spot in spots)]
        for name, colour, dash in (("query", GREY, "5 3"), ("support", ORANGE, "")):
            ends = [self.losses.at(place, getattr(self.places[place], name)) for place in range(number + 1)]
            line = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ends)
            parts += [path(line, colour, 2.5, dash=dash), *(dot(*end, 3.5, colour) for end in ends)]
        return parts

    def arrow(self, number: int) -> str:
        """Draw the way against the gradient, as far as it lies in the plane; all arrows have one scale."""
        back = self.places[number].back
        longest = max(float(np.hypot(*self.in_plane(place.back))) for place in self.places if place.back is not None)
        assert back is not None
        a, b = (-ARROW * part / (longest or 1) for part in self.in_plane(back))
        x, y = self.spot(number)
        u, v = x + a, y - b
        line = path(f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}", PAPER, 6) + path(f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}", RED, 3)
        size = float(np.hypot(a, b)) or 1.0
        c, d = 7 * a / size, -7 * b / size
        tip = f"M{u + c:.1f} {v + d:.1f}L{u - d:.1f} {v + c:.1f}L{u + d:.1f} {v - c:.1f}Z"
        return line + f'<path d="{tip}" fill="{RED}"/>'

    def bars(self, number: int) -> list[str]:
        """Draw the length of the gradient at the end and at each place that it came back to."""
        parts = []
        for place in range(len(self.places) - 1, number - 1, -1):
            length = self.places[place].length
            x, y = self.lengths.at(place, length)
            wide = 0.7 * self.lengths.width / len(self.places)
            foot = self.lengths.y + self.lengths.height
            parts.append(box(x - wide / 2, y, wide, foot - y, RED if place == number else MIDDLE))
        return parts

    def angle(self, number: int) -> float:
        """Return the angle between a gradient and the one at the end, in degrees."""
        one, other = self.places[number].back, self.places[-1].back
        assert one is not None
        assert other is not None
        both = float(np.linalg.norm(one) * np.linalg.norm(other))
        return degrees(acos(min(max(float(one @ other) / both, -1.0), 1.0))) if both else 0.0


def _surface(
    learner: InnerLoop, start: np.ndarray, directions: tuple[np.ndarray, np.ndarray], plane: Plot, support: Examples
) -> np.ndarray:
    """Return the loss of the support set at points of the plane, (FINE, FINE)."""
    across, up = np.linspace(*plane.across, FINE), np.linspace(*plane.up, FINE)
    grid = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2)
    rows = torch.from_numpy((start + grid @ np.stack(directions)).astype(np.float32)).to(learner.device)
    like = learner.start(detached(learner.learned))
    parts = rows.split([part.numel() for part in like.values()], dim=1)
    named = {name: part.reshape(-1, *like[name].shape) for name, part in zip(like, parts, strict=True)}
    with torch.no_grad():
        losses = torch.vmap(lambda parameters: learner.function.loss(parameters, support))(named)
    return losses.cpu().numpy().astype(np.float64).reshape(FINE, FINE)


# ---------------------------------------------------------------------- frames


def _forward(layout: Layout, number: int) -> Frame:
    last, place = len(layout.places) - 1, layout.places[number]
    errors = f"the error is {place.support:.3f} on the support set and {place.query:.3f} on the queries"
    if number:
        moved = float(np.linalg.norm(place.vector - layout.places[number - 1].vector))
        words = f"Inner step {number} of {last} moves the parameters by {moved:.3f}, against a gradient of length "
        words += f"{place.slope:.3g}: {errors}."
    else:
        words = f"The start, before the first of {last} inner steps: {errors}."
    title = f"forward: after {number} of {last} inner steps" if number else "the start"
    before = [layout.curve(number - 1, MIDDLE, 1.5)] if number else []
    picture = (text(12, 22, title, size=15, bold=True), *before, layout.curve(number, BLUE, 3), *layout.way(number))
    picture += (dot(*layout.spot(number), 7, BLUE),)
    return Frame(picture, words, _rows(layout, number, None), f"after {number} steps")


def _backward(layout: Layout, number: int) -> Frame:
    last, place = len(layout.places) - 1, layout.places[number]
    length = place.length
    if number == last:
        words = f"The gradient of the queries' loss after {last} inner steps has the length {length:.3g}. First-order "
        words += "MAML takes it as it is."
        title = "back: the gradient at the end"
    else:
        before = layout.places[number + 1].length
        words = f"Back through inner step {number + 1}, the length of the gradient goes from {before:.3g} to "
        words += f"{length:.3g}. It is turned by {layout.angle(number):.0f} degrees, compared with the end."
        title = f"back: through inner step {number + 1}"
        if not number:
            words += " This is the gradient in the start."
    here = f"length {length:.3g}, turned by {layout.angle(number):.0f}°"
    picture = (
        text(12, 22, title, size=15, bold=True),
        text(WIDTH - 18, 22, "arrow: against the gradient, as far as it lies in this plane", anchor="end", fill=RED),
        layout.curve(last, MIDDLE, 1.5),
        layout.curve(number, BLUE, 3),
        *layout.way(last),
        text(layout.lengths.x, layout.lengths.y + layout.lengths.height + 46, here, size=13, fill=SOFT),
        *layout.bars(number),
        layout.arrow(number),
    )
    return Frame(picture, words, _rows(layout, last, number), f"back to step {number}")


def _rows(layout: Layout, until: int, back: int | None) -> tuple[tuple[str, ...], ...]:
    """Return the table: the losses so far, and the gradient as far as it has come back."""
    goes_back = layout.places[0].back is not None
    head = ("inner steps", "support error", "query error", *(("gradient", "turned by") if goes_back else ()))
    body = []
    for number, place in enumerate(layout.places[: until + 1]):
        known = back is not None and number >= back
        told = (f"{place.length:.3g}", f"{layout.angle(number):.0f}°") if known else ("", "")
        body.append((str(number), f"{place.support:.3f}", f"{place.query:.3f}", *(told if goes_back else ())))
    return (head, *body)
