"""Draws one moment of a Q-learner: network, equation, table, epsilon and replay memory."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from nasedu.core.palette import ORANGE, RED, SKY
from nasedu.core.themes import FAINT, GREY, INK, MARKED, NOTE, PANEL, PAPER, SOFT
from nasedu.widgets.films.q_moment import Cell, Moment, equation, names_of
from nasedu.widgets.svg import box, path, ramp, text

WIDTH = 640
LEFT, TOP = 122, 150  # of the first cell
SIDE = 520  # the left edge of the column next to the table
ROW, HIGHEST = 18, 24
MEMORIES = 9  # the newest of the replay memory


@dataclass(frozen=True)
class TableLayout:
    """The layout of the table in all frames: its states and choices, and their positions."""

    states: Sequence[Hashable]
    choices: Sequence[str]
    names: dict[Hashable, str]
    low: float
    high: float
    networks: int

    @classmethod
    def of(cls, moments: Sequence[Moment], known: Sequence[str]) -> "TableLayout":
        """Make the layout: the states of all walks, sorted by depth, and the choices that are open in any of them."""
        depths: dict[Hashable, int] = {}
        for moment in moments:
            for depth, (state, _) in enumerate(moment.path):
                depths.setdefault(state, depth)
        states = sorted(depths, key=lambda state: depths[state])
        names: dict[Hashable, str] = {}
        for depth in sorted(set(depths.values())):
            level = [state for state in states if depths[state] == depth]
            names |= {state: f"{depth}: {name}" for state, name in names_of(level).items()}
        values = [value for m in moments for cell, value in m.table.items() if cell[0] in depths]
        open_cells = {choice for state, choice in moments[-1].table if state in depths}
        choices = [choice for choice in known if choice in open_cells]
        return cls(states, choices, names, min(values), max(values), moments[-1].network + 1)

    @property
    def column(self) -> float:
        return (SIDE - 12 - LEFT) / len(self.choices)

    @property
    def row(self) -> int:
        return HIGHEST if len(self.states) <= 10 else ROW

    @property
    def height(self) -> int:
        return TOP + max(self.row * len(self.states), 190) + 30

    def place(self, cell: Cell) -> tuple[float, float]:
        """Return the upper left corner of a cell."""
        return LEFT + self.choices.index(cell[1]) * self.column, TOP + self.states.index(cell[0]) * self.row

    def head(self) -> tuple[str, ...]:
        """Draw the constant part: the names of states and choices, and the colour scale."""
        parts = []
        slanted = self.column < 46
        for number, choice in enumerate(self.choices):
            x = LEFT + (number + 0.5) * self.column
            if slanted:
                parts.append(
                    f'<g transform="translate({x:.0f} {TOP - 6}) rotate(-35)">{text(0, 0, choice, size=10)}</g>'
                )
            else:
                parts.append(text(x, TOP - 6, choice, size=10, anchor="middle"))
        for number, state in enumerate(self.states):
            middle = TOP + (number + 0.5) * self.row + 4
            parts.append(text(LEFT - 6, middle, self.names[state][:20], size=10, anchor="end"))
        bottom = TOP + self.row * len(self.states) + 12
        for step in range(11):
            ground, _ = ramp(step, 0, 10)
            parts.append(box(LEFT + 40 + 10 * step, bottom, 10, 9, ground, line=FAINT))
        parts.append(text(LEFT + 34, bottom + 9, f"{self.low:.2f}", size=10, anchor="end"))
        parts.append(text(LEFT + 156, bottom + 9, f"{self.high:.2f}  Q-value", size=10))
        return tuple(parts)

    def rows(self, moment: Moment) -> tuple[tuple[str, ...], ...]:
        """Return the table as text; a cell is empty if the choice is not open in the state."""
        body = []
        for state in self.states:
            values = (moment.table.get((state, choice)) for choice in self.choices)
            body.append((self.names[state], *("" if value is None else f"{value:.3f}" for value in values)))
        return (("state", *self.choices), *body)


def draw(layout: TableLayout, moment: Moment, alpha: float) -> tuple[str, ...]:
    """Return all elements of one frame."""
    return (
        *_cells(layout, moment),
        *_marks(layout, moment),
        *_network(moment),
        *_words(layout, moment, alpha),
        *_side(layout, moment),
    )


def _cells(layout: TableLayout, moment: Moment) -> list[str]:
    """Draw the table: a cell for each choice that is open in a state; its colour and number show the Q-value."""
    digits = 3 if layout.column >= 34 else 2 if layout.column >= 25 else None
    cells = []
    met = {state for state, _ in moment.table}
    for state in layout.states:
        if state not in met:
            y = TOP + (layout.states.index(state) + 0.5) * layout.row + 4
            cells.append(text(LEFT + 4, y, "not met yet", size=10, fill=GREY))
        for choice in layout.choices:
            value = moment.table.get((state, choice))
            if value is None:
                continue
            x, y = layout.place((state, choice))
            ground, ink = ramp(value, layout.low, layout.high)
            number = "" if digits is None else f"{value:.{digits}f}"
            label = text(x + layout.column / 2, y + layout.row / 2 + 4, number, size=10, anchor="middle", fill=ink)
            cells.append(box(x, y, layout.column - 1, layout.row - 1, ground, line=FAINT) + (label if number else ""))
    return cells


def _marks(layout: TableLayout, moment: Moment) -> list[str]:
    """Draw frames around cells: thin for the walk of the network, thick for the backup."""
    marks = [_mark(layout, cell, INK, 1) for cell in moment.path]
    marks += [_mark(layout, cell, ORANGE, 2) for cell in moment.changed if cell[0] in layout.names]
    if moment.update is not None:
        marks.append(_mark(layout, (moment.update.state, moment.update.choice), RED, 3))
    return marks


def _mark(layout: TableLayout, cell: Cell, colour: str, stroke: float) -> str:
    x, y = layout.place(cell)
    return box(x - 0.5, y - 0.5, layout.column, layout.row, "none", line=colour, stroke=stroke)


def _network(moment: Moment) -> list[str]:
    """Draw the network as a row of boxes, with its reward at the end; mark the choice of the backup."""
    size = min(92.0, (WIDTH - 190) / len(moment.architecture))
    step = -1 if moment.update is None else moment.path.index((moment.update.state, moment.update.choice))
    parts = [text(8, 33, "Replayed" if moment.replayed else f"Network {moment.network + 1}", bold=True)]
    for place, choice in enumerate(moment.architecture):
        x, now = 86 + place * size, place == step
        parts.append(
            box(
                x,
                14,
                size - 10,
                30,
                MARKED if now else PANEL,
                line=RED if now else GREY,
                stroke=2 if now else 1,
                round=4,
            )
        )
        parts.append(text(x + (size - 10) / 2, 33, choice, size=11 if size > 60 else 9, anchor="middle", bold=now))
        parts.append(path(f"M{x + size - 10:.1f} 29h10", GREY))
    parts.append(text(90 + len(moment.architecture) * size, 33, f"reward {moment.reward:.3f}", bold=True))
    return parts


def _words(layout: TableLayout, moment: Moment, alpha: float) -> list[str]:
    """Draw the equation, the equation with numbers, and the origin of the target."""
    if moment.update is None:
        if moment.replayed:
            return [text(8, 72, f"Replay: {moment.backups} more backups, from stored networks (framed in orange)")]
        return [text(8, 72, "The network is told. Its walk through the table is framed; learning begins at its end.")]
    cell = f"Q({layout.names[moment.update.state]}, {moment.update.choice})"
    return [
        text(8, 68, f"{cell} ← Q + alpha · (target − Q)"),
        text(8, 88, f"= {equation(moment.update, alpha)}", size=14, bold=True, fill=NOTE),
        text(8, 106, moment.why, size=11, fill=SOFT),
    ]


def _side(layout: TableLayout, moment: Moment) -> list[str]:
    """Draw the column next to the table: number of the network, epsilon, and the newest rewards in replay memory."""
    parts = [text(SIDE, 124, f"network {moment.network + 1} of {layout.networks}", size=11)]
    parts += [text(SIDE, 146, f"epsilon {moment.epsilon:.2f}", size=11), box(SIDE, 152, 110, 8, PAPER, line=GREY)]
    parts.append(box(SIDE, 152, 110 * moment.epsilon, 8, SKY))
    parts.append(text(SIDE, 184, f"replay memory: {len(moment.memory)}", size=11))
    first = max(len(moment.memory) - MEMORIES, 0)
    for line, reward in enumerate(moment.memory[first:]):
        y = 192 + 15 * line
        length = 60 * (reward - layout.low) / ((layout.high - layout.low) or 1)
        parts.append(box(SIDE, y, min(max(length, 2), 66), 10, SKY) + text(SIDE + 70, y + 9, f"{reward:.3f}", size=10))
    return parts
