"""Shows a swarm on choices: positions as probabilities, velocities as what is added to them. Lesson 06."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nasedu.controllers.swarm import Draw, Flight, Swarm
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import GREEN, RED
from nasedu.core.themes import FAINT, NOTE
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.svg import box, ramp, text

WIDTH, LEFT, TOP, ROW, SIDE = 640, 60, 128, 34, 500
LEAST = 0.02
"""A velocity below it is not drawn."""
LAYERS = 5
"""Of the longest walk, the layers that are drawn."""


class Moment(NamedTuple):
    """The swarm after one step.

    Attributes:
        particle: whose turn it is.
        position: its position, before its flight or after it.
        flight: the flight; None if this is the draw that follows it.
        architecture, reward: what it drew, with its reward.
        bests: the best reward of each particle.
        leader: the number of the best particle.
        news: what the reward changed.
    """

    particle: int
    position: np.ndarray
    flight: Flight | None
    architecture: Architecture
    reward: float
    bests: tuple[float, ...]
    leader: int
    news: str


def swarm(controller: Swarm, score: Callable[[Architecture], float], trials: int, *, title: str = "") -> Film:
    """Return a film of a swarm: for each question a frame of the flight, and a frame of what was drawn.

        Player(films.swarm(Swarm(space, particles=3), lambda a: scores[a], 18))

    A cell is the probability of a choice in a layer. Making the film runs the search.

    Args:
        controller: a fresh one; the film shows its `proposals`, and what `learn` yields.
        score: the reward of an architecture.
        trials: how many networks are asked.
        title: replaces "A swarm, step by step".

    Raises:
        BadValue: no swarm, one that was told already, or no trial.
    """
    if not isinstance(controller, Swarm) or controller.rewards or trials < 1:
        raise BadValue(
            f"this film shows a fresh Swarm and at least one trial; given {controller!r} and {trials} trials"
        )
    moments = [moment for _ in range(trials) for moment in _trial(controller, score)]
    columns, longest = controller.space.vocabulary()
    layout = Layout(tuple(columns), min(longest, LAYERS))
    frames = [Frame(_picture(layout, one), _words(layout, one), _rows(layout, one)) for one in moments]
    height = TOP + max(layout.layers * ROW, 26 * controller.particles) + 34
    return Film(frames, WIDTH, height, layout.head(), title or "A swarm, step by step")


def _trial(controller: Swarm, score: Callable[[Architecture], float]) -> list[Moment]:
    """Run one question and its reward; return the flight, if there is one, and the draw."""
    flight, drawn = None, Draw(0, ())
    before = _bests(controller)
    for step in controller.proposals():
        if isinstance(step, Flight):
            flight = step
        else:
            drawn = step
    position = controller.swarm[drawn.particle].position
    reward = score(drawn.architecture)
    news = "no new best"
    for memory in controller.learn(drawn.architecture, reward):
        news = "the best of the whole swarm" if memory.leads else f"the best of particle {memory.particle + 1} so far"
    draw = Moment(drawn.particle, position, None, drawn.architecture, reward, *_bests(controller), news)
    if flight is None:
        return [draw]
    return [Moment(drawn.particle, flight.before, flight, (), 0.0, *before, ""), draw]


def _bests(controller: Swarm) -> tuple[tuple[float, ...], int]:
    bests = tuple(particle.best_reward for particle in controller.swarm)
    return bests, controller.swarm.index(controller._leader)


class Layout(NamedTuple):
    """Where the cells stand: a row for each layer, a column for each choice."""

    choices: tuple[str, ...]
    layers: int

    @property
    def wide(self) -> float:
        return (SIDE - 16 - LEFT) / len(self.choices)

    def head(self) -> tuple[str, ...]:
        """Draw the names of layers and choices."""
        parts = []
        for place, choice in enumerate(self.choices):
            x = LEFT + (place + 0.5) * self.wide
            parts.append(f'<g transform="translate({x:.0f} {TOP - 6}) rotate(-30)">{text(0, 0, choice, size=11)}</g>')
        for layer in range(self.layers):
            parts.append(text(LEFT - 6, TOP + layer * ROW + 20, f"layer {layer + 1}", size=11, anchor="end"))
        parts.append(text(SIDE, TOP - 6, "best so far", size=12, bold=True))
        return tuple(parts)


# ---------------------------------------------------------------------- drawing


def _picture(layout: Layout, moment: Moment) -> tuple[str, ...]:
    name = f"Particle {moment.particle + 1}"
    if moment.flight is not None:
        lines = (f"{name} flies: bars are velocities, up or down", *equation(layout, moment.flight))
    else:
        drawn = f"{' '.join(moment.architecture)}: reward {moment.reward:.3f}"
        lines = (f"{name} draws a network from its position", drawn, moment.news)
    parts = [text(10, 24, lines[0], size=16, bold=True), text(10, 48, lines[1], size=13, bold=True, fill=NOTE)]
    parts.append(text(10, 68, lines[2], size=13))
    for layer in range(layout.layers):
        for column, choice in enumerate(layout.choices):
            parts += _cell(layout, moment, layer, column, choice)
    for number, best in enumerate(moment.bests):
        star = "★ " if number == moment.leader and best > float("-inf") else ""
        said = f"{star}particle {number + 1}: {best:.3f}" if best > float("-inf") else f"particle {number + 1}: none"
        parts.append(text(SIDE, TOP + 16 + 24 * number, said, size=12, bold=number == moment.particle))
    return tuple(parts)


def _cell(layout: Layout, moment: Moment, layer: int, column: int, choice: str) -> list[str]:
    """Draw a cell: its colour and number are the probability, a bar at its right side is the velocity."""
    x, y, share = LEFT + column * layout.wide, TOP + layer * ROW, float(moment.position[layer, column])
    ground, ink = ramp(round(share, 1), 0, 1)
    parts = [box(x, y, layout.wide - 2, ROW - 2, ground, line=FAINT)]
    if share >= 0.005:
        parts.append(text(x + layout.wide / 2 - 4, y + 20, f"{share:.2f}", size=10, anchor="middle", fill=ink))
    if moment.architecture[layer : layer + 1] == (choice,):
        parts.append(box(x, y, layout.wide - 2, ROW - 2, "none", line=RED, stroke=3))
    if moment.flight is not None and abs(speed := float(moment.flight.velocity[layer, column])) >= LEAST:
        high = min(abs(speed), 1) * (ROW / 2 - 2) + 1
        middle = y + ROW / 2 - 1
        colour = GREEN if speed > 0 else RED
        parts.append(box(x + layout.wide - 9, middle - high if speed > 0 else middle, 6, round(high, 1), colour))
    return parts


def equation(layout: Layout, flight: Flight) -> tuple[str, str]:
    """Return the velocity of the fastest entry with its numbers, and where it leads."""
    speeds = np.abs(flight.velocity[: layout.layers])
    layer, column = np.unravel_index(int(speeds.argmax()), speeds.shape)
    inertia, own, social, velocity, before, after = (
        float(table[layer, column])
        for table in (flight.inertia, flight.own, flight.social, flight.velocity, flight.before, flight.position)
    )
    where = f"{layout.choices[int(column)]} in layer {int(layer) + 1}"
    one = f"{where}: velocity = {inertia:.2f} (inertia) + {own:.2f} (own) + {social:.2f} (swarm's) = {velocity:.2f}"
    return one, f"position {before:.2f} + {velocity:.2f} = {before + velocity:.2f}; cut and scaled: {after:.2f}"


# ---------------------------------------------------------------------- words


def _words(layout: Layout, moment: Moment) -> str:
    if moment.flight is not None:
        one, two = equation(layout, moment.flight)
        return f"Particle {moment.particle + 1} flies. {one}; {two}."
    drawn = " ".join(moment.architecture)
    return f"Particle {moment.particle + 1} draws {drawn}, reward {moment.reward:.3f}: {moment.news}."


def _rows(layout: Layout, moment: Moment) -> tuple[tuple[str, ...], ...]:
    """Return the position as a table; in a flight, with the velocities."""
    body = []
    for layer in range(layout.layers):
        cells = []
        for column in range(len(layout.choices)):
            cell = f"{moment.position[layer, column]:.2f}"
            cells.append(cell if moment.flight is None else f"{cell} {moment.flight.velocity[layer, column]:+.2f}")
        body.append((f"layer {layer + 1}", *cells))
    return (("", *layout.choices), *body)
