"""Shows each backup of Q-learning on a grid world: each cell has the Q-values of its four moves. Lesson 04."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from nasedu.controllers.q_learning import QLearning, QUpdate
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, GREEN, ORANGE, RED
from nasedu.core.themes import BLUES, FAINT, GREY, INK, NOTE, ORANGES, PAPER, SOFT
from nasedu.spaces.grid_world import MOVES, GridWorld
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.q_moment import Cell, equation, reason, table_of
from nasedu.widgets.svg import box, dot, path, ramp, text

WIDTH, TOP, LEFT = 640, 78, 10
SIGNS = {"S": "start", "G": "goal +1", "P": "pit −1"}


@dataclass(frozen=True)
class GridStep:
    """The state of the learner after one step.

    Attributes:
        number: the number of the walk, from 0.
        walk, reward: the walk and its reward.
        cells: the cells of the walk, with the last one.
        table: the Q-values, by cell and move.
        update: the last backup; None if the walk has just ended.
        why: the origin of its target.
    """

    number: int
    walk: Architecture
    reward: float
    cells: tuple[tuple[int, int], ...]
    table: dict[Cell, float]
    update: QUpdate | None = None
    why: str = ""


def grid_world(
    grid: GridWorld, controller: QLearning, told: Iterable[tuple[Architecture, float]], *, title: str = ""
) -> Film:
    """Return a film of a Q-learner on a grid: each walk, then each of its backups, from its end to its start.

        def told():
            for episode in range(8):
                walk = controller.walk(epsilon=0.5)
                yield walk, grid.reward(walk)

        Player(films.grid_world(grid, controller, told()))

    Each cell has four triangles, one for each move, with the Q-value: blue is above 0, orange below 0. The best move
    of a cell is bold.

    Args:
        grid: the world.
        controller: a Q-learner on this grid; the film shows `learn`, so there is no replay.
        told: (walk, reward) pairs; the film takes them one by one.
        title: replaces "Q-learning on a grid".

    Raises:
        BadValue: the controller learns on another space or has two tables, or there is no pair.
    """
    if not isinstance(controller, QLearning) or controller.double or controller.space is not grid:
        raise BadValue(f"this film shows a QLearning controller with one table on this grid; given {controller!r}")
    steps = list(_steps(grid, controller, told))
    if not steps:
        raise BadValue("no walk was told: give at least one (walk, reward) pair")
    side = min(86, (WIDTH - 2 * LEFT) // grid.width, 520 // grid.height)
    scale = max([1e-9, *(abs(value) for step in steps for value in step.table.values())])
    frames = [_frame(grid, side, scale, controller.alpha, step) for step in steps]
    height = TOP + max(side * grid.height, 110) + 12
    return Film(
        frames,
        WIDTH,
        height,
        (*_ground(grid, side), *_signs(grid, side), *_legend(grid, side)),
        title or "Q-learning on a grid",
    )


def _steps(grid: GridWorld, controller: QLearning, told: Iterable[tuple[Architecture, float]]) -> Iterator[GridStep]:
    for number, (walk, reward) in enumerate(told):
        trajectory = controller.trajectory(tuple(walk))
        cells = (*(_cell(key) for key, _ in trajectory), grid.end(tuple(walk))[:2])
        after: QUpdate | None = None
        yield GridStep(number, tuple(walk), reward, cells, table_of(controller))
        for update in controller.learn(trajectory, reward):
            why = reason(controller, update, after)
            yield GridStep(number, tuple(walk), reward, cells, table_of(controller), update, why)
            after = update


def _frame(grid: GridWorld, side: int, scale: float, alpha: float, step: GridStep) -> Frame:
    names = {1.0: "reached the goal", -1.0: "fell into a pit"}
    if step.update is None:
        words = (
            f"Walk {step.number + 1}: {len(step.walk)} moves, {' '.join(step.walk)}; it "
            f"{names.get(step.reward, 'ran out of moves')}: reward {step.reward:g}."
        )
        lines = [text(10, 24, f"Walk {step.number + 1}: {len(step.walk)} moves, reward {step.reward:g}", bold=True)]
    else:
        row, column = _cell(step.update.state)
        cell = f"Q(row {row + 1} column {column + 1}, {step.update.choice})"
        words = f"Walk {step.number + 1}: {cell} becomes {equation(step.update, alpha)}; {step.why}."
        lines = [
            text(10, 20, f"{cell} ← Q + alpha · (target − Q)"),
            text(10, 42, f"= {equation(step.update, alpha)}", size=14, bold=True, fill=NOTE),
            text(10, 61, step.why, size=11, fill=SOFT),
        ]
    picture = (*_triangles(grid, side, scale, step), *lines)
    return Frame(picture, words, _rows(step.table))


def _rows(table: dict[Cell, float]) -> tuple[tuple[str, ...], ...]:
    body = []
    for row, column in sorted({_cell(state) for state, _ in table}):
        values = (table.get(((row, column), move)) for move in MOVES)
        body.append((f"row {row + 1} column {column + 1}", *("" if v is None else f"{v:.3f}" for v in values)))
    return (("cell", *MOVES), *body)


# ---------------------------------------------------------------------- drawing


def _cell(state: Any) -> tuple[int, int]:
    """Return row and column of a state, which is the key of a grid cell."""
    row, column = state
    return row, column


def _corner(side: int, row: int, column: int) -> tuple[int, int]:
    return LEFT + column * side, TOP + row * side


def _ground(grid: GridWorld, side: int) -> tuple[str, ...]:
    """Draw free cells in white, walls in grey."""
    cells = ((row, column) for row in range(grid.height) for column in range(grid.width))
    fill = {"#": "#8a8a8a"}
    return tuple(
        box(*_corner(side, row, column), side, side, fill.get(grid.sign(row, column), PAPER), line=FAINT)
        for row, column in cells
    )


def _signs(grid: GridWorld, side: int) -> list[str]:
    """Draw goals and pits with words; the start has only a small mark, because its cell also shows Q-values."""
    parts = []
    for row, line in enumerate(grid.rows):
        for column, sign in enumerate(line):
            x, y = _corner(side, row, column)
            if sign in "GP":
                parts.append(box(x, y, side, side, GREEN if sign == "G" else RED))
                words = SIGNS[sign]
                parts.append(text(x + side / 2, y + side / 2 + 5, words, anchor="middle", fill=PAPER, bold=True))
            if sign == "S":
                parts.append(text(x + 4, y + 12, "start", size=10, fill=GREY))
    return parts


def _triangles(grid: GridWorld, side: int, scale: float, step: GridStep) -> list[str]:
    """Draw the four moves of each cell that the learner knows; on top of them the walk, then the numbers."""
    grounds, numbers = [], []
    best: dict[object, float] = {}
    for (state, _), value in step.table.items():
        best[state] = max(best.get(state, value), value)
    for (state, move), value in step.table.items():
        x, y = _corner(side, *_cell(state))
        ground, ink = _colours(value, scale)
        grounds.append(f'<path d="{_outline(x, y, side, move)}" fill="{ground}" stroke="{FAINT}"/>')
        bold = value == best[state] and value != 0
        numbers.append(_number(x, y, side, move, value, (ground, ink), bold))
    mark = []
    if step.update is not None:
        x, y = _corner(side, *_cell(step.update.state))
        mark = [f'<path d="{_outline(x, y, side, step.update.choice)}" fill="none" stroke="{RED}" stroke-width="3"/>']
    return [*grounds, *_walk(grid, side, step), *numbers, *mark]


def _outline(x: float, y: float, side: int, move: str) -> str:
    """Return the path of a triangle from the middle of a cell to the side that the move crosses."""
    middle = f"M{x + side / 2:g} {y + side / 2:g}"
    if move in ("up", "down"):
        return f"{middle}L{x:g} {y if move == 'up' else y + side:g}h{side:g}z"
    return f"{middle}L{x if move == 'left' else x + side:g} {y:g}v{side:g}z"


def _colours(value: float, scale: float) -> tuple[str, str]:
    """Return a background colour, farther from paper for values far from 0, and a text colour readable on it."""
    return ramp(abs(value), 0, scale, BLUES if value >= 0 else ORANGES)


def _number(x: float, y: float, side: int, move: str, value: float, colours: tuple[str, str], bold: bool) -> str:
    """Draw a number beside the lines through the middle of the cell: the walk goes there, and would cross it."""
    down, right = MOVES[move]
    size, (halo, ink) = 10 if side > 60 else 8, colours
    if down:
        place, line, anchor = x + side * 0.5 + 3, y + side * (0.5 + 0.36 * down) + 3, "start"
    else:
        place, line, anchor = x + side * (0.5 + 0.32 * right), y + side * 0.5 - 5, "middle"
    return text(place, line, f"{value:.2f}", size=size, anchor=anchor, fill=ink, bold=bold, halo=halo)


def _walk(grid: GridWorld, side: int, step: GridStep) -> list[str]:
    """Draw the walk as a dashed line through its cells, and a dot at the cell of the backup."""
    middles = [(x + side / 2, y + side / 2) for x, y in (_corner(side, *cell) for cell in step.cells)]
    if len(middles) > 1 and grid.sign(*step.cells[-1]) in "GP":  # it stops at the border: the middle has words
        (ax, ay), (bx, by) = middles[-2:]
        middles[-1] = (ax + 0.6 * (bx - ax), ay + 0.6 * (by - ay))
    line = path("M" + "L".join(f"{x:g} {y:g}" for x, y in middles), GREY, 2, dash="5 4")
    x, y = middles[-1]
    if step.update is not None:
        x, y = (corner + side / 2 for corner in _corner(side, *_cell(step.update.state)))
    return [line, dot(x, y, 8, INK)]


def _legend(grid: GridWorld, side: int) -> list[str]:
    """Draw a legend of colours and marks next to the grid, if there is room."""
    x = LEFT + side * grid.width + 18
    if WIDTH - x < 170:
        return []
    entries = [(BLUE, "worth having (Q above 0)"), (ORANGE, "to be avoided (Q below 0)")]
    parts = []
    for line, (colour, words) in enumerate(entries):
        parts.append(box(x, TOP + 8 + 22 * line, 14, 12, colour) + text(x + 22, TOP + 18 + 22 * line, words, size=11))
    parts.append(dot(x + 7, TOP + 58, 6, INK) + text(x + 22, TOP + 62, "where it learns now", size=11))
    parts.append(path(f"M{x} {TOP + 80}h16", GREY, 2, dash="5 4") + text(x + 22, TOP + 84, "the walk", size=11))
    parts.append(
        text(x, TOP + 106, "0.51", size=11, bold=True) + text(x + 30, TOP + 106, "the best move there", size=11)
    )
    return parts
