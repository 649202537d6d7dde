"""Shows a differentiable search: shares over time, losses, the eigenvalue, the derived cell. Lesson 11."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from nasedu.core import BadValue, counted
from nasedu.core.palette import BLUE, GREEN, ORANGE, PURPLE, RED, SKY, YELLOW
from nasedu.core.themes import FAINT, GREY, INK
from nasedu.oneshot.edges import Edges
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, path, text

WIDTH, COLUMNS, COLUMN = 700, 3, 228
LEFT, TOP, TITLE, LINE, STRIP, GAP = 12, 36, 18, 15, 24, 14
NAMES, BAR = 84, 96  # of a line: the space for the name of an operation, and the length of a share of 1
PLOTS = 124  # the height of both curves, with their titles
CELL = 560  # the width of the derived cell at most
FILLS = {"conv": (SKY, BLUE, GREEN, PURPLE), "pool": (ORANGE, YELLOW), "skip": ("#d9d9d9",), "none": (GREY,)}
"""Colours of operations, by a word in their names; the first of each is the one of the drawn cell."""


class Moment(NamedTuple):
    """A frame's moment: the stage of P-DARTS or 0, the step, and its place among all steps."""

    stage: int
    step: Any
    place: int


def alpha(steps: Iterable[Any], space: Any, *, frames: int = 40, title: str = "") -> Film:
    """Return a film of a differentiable search: what its own steps say, and nothing else.

        search = Darts(space, task, steps=200)
        Player(films.alpha(search.run(), space))

    For each edge, bars show the shares of its operations now, and a strip shows them over time. An operation of the
    derived cell is framed. Below are the losses, the largest eigenvalue if it was asked for (otherwise the number of
    skip connections), and the derived cell.

    Args:
        steps: of `run` of `Darts` or `PDarts`; a generator is run to its end.
        space: the space of the search.
        frames: how many of the steps are shown, evenly spread; the first and the last of each stage always are.
        title: replaces "A differentiable search".

    Raises:
        BadValue: no step, or fewer than two frames.
    """
    moments = [Moment(getattr(one, "stage", 0), getattr(one, "step", one), place) for place, one in enumerate(steps)]
    if not moments or frames < 2:
        raise BadValue(
            f"this film shows the steps of a differentiable search, in two frames or more; given {len(moments)} steps "
            f"and frames={frames}"
        )
    layout = Layout.of(moments, Edges(space))
    shown = _shown(moments, frames)
    layout = layout.with_frames(shown)
    parts: list[str] = []  # strips and curves only grow: each frame adds its own pieces to those before
    made = []
    for number, place in enumerate(shown):
        parts += layout.strips(number, moments[place])
        parts += layout.curves(moments, shown[max(number - 1, 0)], place)
        said = text(LEFT, 20, _said(moments[place]), size=13, bold=True)
        picture = (said, *layout.cell(moments[place]), *layout.bars(moments[place]), *parts)
        words, rows = _words(moments, place), _rows(layout, moments[place])
        made.append(Frame(picture, words, rows, _label(moments[place])))
    return Film(made, WIDTH, layout.height, tuple(layout.head(moments)), title or "A differentiable search")


def _shown(moments: Sequence[Moment], count: int) -> list[int]:
    """Return the places of the steps to show: evenly spread, and the first and the last of each stage."""
    last = len(moments) - 1
    new = [place for place, (a, b) in enumerate(pairwise(moments), 1) if a.stage != b.stage]
    even = np.linspace(0, last, min(count, last + 1)).round().astype(int).tolist()
    return sorted({*even, *new, *(place - 1 for place in new)})


@dataclass(frozen=True)
class Layout:
    """What all frames share: a panel for each edge, two plots, the place of the cell."""

    edges: Edges
    columns: tuple[int, ...]  # the operations that an edge may have
    colours: dict[int, str]
    losses: Plot
    below: Plot
    eigenvalues: bool
    cells: dict[Any, tuple[str, float]]  # by architecture: the drawing, and its width
    height: int
    slots: int = 1

    @classmethod
    def of(cls, moments: Sequence[Moment], edges: Edges) -> "Layout":
        columns = tuple(np.flatnonzero((moments[0].step.shares > 0).any(0)).tolist())
        used: dict[str, int] = {}
        colours = {}
        for column in columns:
            name = edges.operations[column]
            kind = next((word for word in FILLS if word in name), "none")
            colours[column] = FILLS[kind][used.get(kind, 0) % len(FILLS[kind])]
            used[kind] = used.get(kind, 0) + 1
        cells = {one.step.derived: _drawn(edges.space.draw_cell(one.step.derived)) for one in moments}
        rows = -(-len(edges.rows) // COLUMNS)
        top = TOP + rows * _panel(len(columns)) + 24
        bends = [one.step.eigenvalue for one in moments if one.step.eigenvalue is not None]
        values = [value for one in moments for value in (one.step.loss, one.step.validation_loss) if value is not None]
        across = (0.0, float(len(moments)))
        losses = Plot(48, top, 276, PLOTS - 58, across, (0.0, float(np.quantile(values, 0.98)) or 1.0))
        up = (min(0.0, *bends), max(bends)) if bends else (0.0, float(len(edges.rows)))
        below = Plot(404, top, 276, PLOTS - 58, across, up)
        height = top + PLOTS - 24 + max(h for _, h in cells.values())
        return cls(edges, columns, colours, losses, below, bool(bends), cells, int(height))

    def with_frames(self, shown: Sequence[int]) -> "Layout":
        """Return this layout for strips with one slot for each frame."""
        return Layout(**{**vars(self), "slots": len(shown)})

    def corner(self, row: int) -> tuple[float, float]:
        """Return the upper left corner of an edge's panel."""
        return LEFT + row % COLUMNS * COLUMN, TOP + row // COLUMNS * _panel(len(self.columns))

    # ------------------------------------------------------------------ what stays

    def head(self, moments: Sequence[Moment]) -> Iterator[str]:
        for row in range(len(self.edges.rows)):
            x, y = self.corner(row)
            yield text(x, y + 10, _name(self.edges, row), bold=True)
            for line, column in enumerate(self.columns):
                yield text(x, y + TITLE + 11 + line * LINE, self.edges.operations[column], size=11)
            yield box(x, self._strip(row), COLUMN - GAP, STRIP, "none", line=FAINT)
        yield from self.losses.axes("step", "loss")
        right = "largest eigenvalue" if self.eigenvalues else "skip connections in the derived cell"
        yield from self.below.axes("step", right)
        y = self.losses.y - 6
        for x, name, colour, dash in ((96, "of the weights", BLUE, ""), (214, "of alpha", RED, "5 3")):
            yield path(f"M{x} {y - 4:.1f}h24", colour, 3, dash=dash) + text(x + 29, y, name, size=11)
        starts = [place for place, (a, b) in enumerate(pairwise(moments), 1) if a.stage != b.stage]
        for place in starts:
            x, y = self.losses.at(place, 0)
            yield path(f"M{x:.1f} {self.losses.y}V{y:.1f}", GREY, 1, dash="2 3")

    def _strip(self, row: int) -> float:
        return self.corner(row)[1] + TITLE + len(self.columns) * LINE + 3

    # ------------------------------------------------------------------ what changes

    def bars(self, moment: Moment) -> list[str]:
        """Draw a bar for each operation of each edge; the derived cell's own operations are framed."""
        parts = []
        chosen = self.edges.chosen(moment.step.derived)
        for row, edge in enumerate(self.edges.rows):
            x, y = self.corner(row)
            for line, column in enumerate(self.columns):
                share, at = float(moment.step.shares[row, column]), y + TITLE + line * LINE
                if not share:
                    parts += [text(x + NAMES, at + 11, "dropped", size=10, fill=GREY), "", ""]
                    continue
                mine = chosen.get(edge) == self.edges.operations[column]
                bar = box(x + NAMES, at + 1, BAR * round(min(share, 1) * 50) / 50, LINE - 4, self.colours[column])
                frame = box(x - 3, at, COLUMN - GAP + 3, LINE - 1, "none", line=INK, round=3) if mine else ""
                number = text(x + NAMES + BAR + 6, at + 11, f"{share:.2f}", size=10, bold=mine)
                parts += [bar, number, frame]
        return parts

    def strips(self, number: int, moment: Moment) -> list[str]:
        """Draw one column of each strip: the shares of this moment on top of each other."""
        wide = (COLUMN - GAP) / self.slots
        parts = []
        for row in range(len(self.edges.rows)):
            x, y = self.corner(row)[0] + number * wide, self._strip(row)
            shares = moment.step.shares[row, list(self.columns)]
            piece = ""
            for column, share in zip(self.columns, (shares / shares.sum()).tolist(), strict=True):
                if share >= 0.005:
                    square = f"M{x:.1f} {y:.1f}h{wide + 0.3:.1f}v{STRIP * share:.1f}h-{wide + 0.3:.1f}z"
                    piece += f'<path d="{square}" fill="{self.colours[column]}"/>'
                    y += STRIP * share
            parts.append(piece)
        return parts

    def curves(self, moments: Sequence[Moment], before: int, now: int) -> list[str]:
        """Draw the pieces of the curves from one frame to the next: means of the losses, and what is on the right."""
        between, parts = moments[max(before, 1) - 1 : now + 1], []
        for name, colour in (("loss", BLUE), ("validation_loss", RED)):
            found = [value for one in moments[before : now + 1] if (value := getattr(one.step, name)) is not None]
            if found:
                y = min(float(np.mean(found)), self.losses.up[1])
                (a, b), (c, _) = self.losses.at(before, y), self.losses.at(now + 1, y)
                dash = "" if colour == BLUE else "5 3"
                parts.append(path(f"M{a:.1f} {b:.1f}H{max(c, a + 2):.1f}", colour, 2.5, dash=dash))
        if self.eigenvalues:
            known = [one for one in moments[: now + 1] if one.step.eigenvalue is not None]
            values = [(one.place + 1, one.step.eigenvalue) for one in known]
            new = [i for i, (place, _) in enumerate(values) if place > before + 1 or before == now]
            parts.append(curve([self.below.at(*pair) for pair in values[max(min(new) - 1, 0) :]], BLUE) if new else "")
        else:
            parts.append(curve([self.below.at(one.place + 1, one.step.skips) for one in between], BLUE))
        return [part for part in parts if part]

    def cell(self, moment: Moment) -> list[str]:
        drawn, high = self.cells[moment.step.derived]
        return [f'<g transform="translate({LEFT} {self.height - high:.0f})">{drawn}</g>']


def _name(edges: Edges, row: int) -> str:
    """Return the name of an edge; the only cell of a space numbers its edges, in its drawing, too."""
    edge = edges.rows[row]
    kind = edges.kinds[edge.kind] if len(edges.kinds) > 1 else f"edge {row + 1}:"
    return f"{kind} {edge.source} → {edge.node}"


def _panel(operations: int) -> float:
    return TITLE + operations * LINE + STRIP + GAP + 2


def _drawn(svg: str) -> tuple[str, float]:
    """Return the elements of a drawn cell, made as narrow as it must be, and how high they are then."""
    found = re.fullmatch(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)".*?<rect[^>]*/>(.*)</svg>', svg, re.S)
    assert found
    width, height, parts = float(found[1]), float(found[2]), found[3]
    scale = min(1, CELL / width)
    return f'<g transform="scale({scale:.3f})" font-size="15">{parts}</g>', height * scale


# ---------------------------------------------------------------------- words


def _said(moment: Moment) -> str:
    """Return the line above the picture."""
    stage = f"stage {moment.stage}, " if moment.stage else ""
    return f"{stage}step {moment.step.number}: {counted(moment.step.skips, 'skip connection')} in the derived cell"


def _label(moment: Moment) -> str:
    return f"{f'stage {moment.stage}, ' if moment.stage else ''}step {moment.step.number}"


def _words(moments: Sequence[Moment], place: int) -> str:
    """Return one sentence or two: where the search is, its losses, what would be derived now."""
    stage, step, _ = moments[place]
    of = sum(one.stage == stage for one in moments)
    where = f"Stage {stage}, step {step.number} of {of}" if stage else f"Step {step.number} of {of}"
    said = [f"the loss of the weights is {step.loss:.3f}"]
    said.append("alpha stays as it is" if step.validation_loss is None else f"that of alpha {step.validation_loss:.3f}")
    if step.eigenvalue is not None:
        said.append(f"the largest eigenvalue {step.eigenvalue:.3f}")
    left = int((step.shares > 0).sum(1).max())
    kept = f", {counted(left, 'operation')} on each edge" if stage else ""
    end = " The eigenvalue ended the search." if step.stopped else ""
    return f"{where}{kept}: {', '.join(said)}. The derived cell has {counted(step.skips, 'skip connection')}.{end}"


def _rows(layout: Layout, moment: Moment) -> tuple[tuple[str, ...], ...]:
    chosen = layout.edges.chosen(moment.step.derived)
    body = []
    for row, edge in enumerate(layout.edges.rows):
        shares = (f"{moment.step.shares[row, column]:.2f}" for column in layout.columns)
        body.append((_name(layout.edges, row), *shares, chosen.get(edge, "")))
    return (("edge", *(layout.edges.operations[column] for column in layout.columns), "derived"), *body)
