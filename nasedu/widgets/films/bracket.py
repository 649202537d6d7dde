"""Shows the brackets of successive halving and Hyperband: scores at each rung, and who continues. Lesson 09."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nasedu.core import Architecture, BadValue, best_first, counted
from nasedu.core.palette import GREEN, RED
from nasedu.core.themes import FAINT, GREY, PAPER
from nasedu.trainers.halving.successive_halving import Rung, best_of
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.svg import box, cross, path, ramp, text

WIDTH, LEFT, RIGHT, TOP = 640, 232, 34, 60  # right of the last column: the word "first"
HEADING = 30  # above each bracket


@dataclass(frozen=True)
class BracketLayout:
    """The layout of all frames: a line for each candidate, a column for each rung, a block for each bracket."""

    names: Sequence[str]
    lines: dict[int, float]  # the upper edge of each candidate's line
    row: int
    column: float
    low: float
    high: float
    longest: int  # epochs of the last rung
    alone: bool  # there is only one bracket, so its number is not shown

    def place(self, candidate: int, rung: int) -> tuple[float, float]:
        return LEFT + rung * self.column, self.lines[candidate]


def halving(rungs: Iterable[Rung], architectures: Sequence[Architecture], *, title: str = "") -> Film:
    """Return a film of a race: for each rung first the scores of the remaining candidates, then who continues.

        rungs = list(Halving(trainer).rungs(architectures, epochs=9, seed=0))
        Player(films.halving(rungs, architectures))

    Args:
        rungs: from `rungs` of `Halving` or `Hyperband`.
        architectures: the architectures of the race, in the same order.
        title: replaces "Successive halving" (or "Hyperband", if there are several brackets).

    Raises:
        BadValue: no rung, or fewer architectures than candidates.
    """
    rungs = list(rungs)
    candidates = sorted({place for rung in rungs for place in rung.evaluations})
    if not rungs or candidates[-1] >= len(architectures):
        raise BadValue(
            f"this film shows at least one rung, and needs the architectures of the race; given {len(rungs)} rungs "
            f"and {len(architectures)} architectures"
        )
    starts = [number for number, rung in enumerate(rungs) if rung.number == 0]
    blocks = [rungs[a:b] for a, b in zip(starts, [*starts[1:], len(rungs)], strict=True)]
    layout = _layout(blocks, [" ".join(a) for a in architectures])
    frames = []
    drawn: list[str] = []
    spent = 0
    for rung in rungs:
        spent += rung.spent
        name, scores = _name(layout, rung), _scores(layout, rung)
        words = f"{name}: {_compared(rung, spent)}"
        frames.append(Frame((*drawn, *scores, *_top(layout, rung, spent)), words, _rows(layout, rung)))
        drawn += [*scores, *_cut(layout, rung)]
        words = f"{name}: {_decided(rung, spent)}"
        frames.append(Frame((*drawn, *_top(layout, rung, spent)), words, _rows(layout, rung, True)))
    height = int(max(layout.lines.values()) + layout.row + 14)
    usual = "Successive halving" if layout.alone else "Hyperband"
    return Film(frames, WIDTH, height, tuple(_head(layout, blocks)), title or usual)


def _layout(blocks: Sequence[Sequence[Rung]], names: Sequence[str]) -> BracketLayout:
    count = sum(len(block[0].evaluations) for block in blocks)
    row = 24 if count <= 12 else 18
    lines: dict[int, float] = {}
    y = float(TOP)
    for block in blocks:
        y += HEADING
        for candidate in sorted(block[0].evaluations):
            lines[candidate] = y
            y += row
    scores = [score for block in blocks for rung in block for score in rung.scores.values()]
    most = max(len(block) for block in blocks)
    longest = max(rung.epochs for block in blocks for rung in block)
    return BracketLayout(
        names, lines, row, (WIDTH - RIGHT - LEFT) / most, min(scores), max(scores), longest, len(blocks) == 1
    )


def _head(layout: BracketLayout, blocks: Sequence[Sequence[Rung]]) -> list[str]:
    """Draw the names of the candidates, and the number of epochs of each rung."""
    parts = []
    for block in blocks:
        top = min(layout.lines[candidate] for candidate in block[0].evaluations)
        if len(blocks) > 1:
            parts.append(text(10, top - 8, f"bracket {block[0].bracket}", size=11, bold=True))
        for rung in block:
            words = counted(rung.epochs, "epoch")
            parts.append(
                text(LEFT + (rung.number + 0.4) * layout.column, top - 8, words, size=11, anchor="middle", bold=True)
            )
        for candidate in block[0].evaluations:
            y = layout.lines[candidate] + layout.row / 2 + 2
            parts.append(text(10, y, f"{candidate + 1}", size=11, bold=True))
            parts.append(text(32, y, _short(layout.names[candidate]), size=10))
    return parts


def _short(name: str, most: int = 31) -> str:
    """Return a name that fits next to its line: first without its final "stop", then cut off."""
    name = name if len(name) <= most else name.removesuffix(" stop")
    return name if len(name) <= most else name[: most - 2].rstrip() + " …"


def _box(layout: BracketLayout) -> tuple[float, float]:
    return layout.column * 0.8, layout.row - 4


def _scores(layout: BracketLayout, rung: Rung) -> list[str]:
    """Draw a box with the score for each candidate that was trained for this rung."""
    width, height = _box(layout)
    parts = []
    for candidate, score in rung.scores.items():
        x, y = layout.place(candidate, rung.number)
        ground, ink = ramp(score, layout.low, layout.high)
        label = text(x + width / 2, y + height / 2 + 4, f"{score:.3f}", size=11, anchor="middle", fill=ink)
        parts.append(box(x, y, width, height, ground, line=FAINT, round=3) + label)
    return parts


def _cut(layout: BracketLayout, rung: Rung) -> list[str]:
    """Draw a line to the next rung for each kept candidate, a cross for each dropped one, a frame for the winner."""
    width, height = _box(layout)
    parts = []
    for candidate in rung.evaluations:
        x, y = layout.place(candidate, rung.number)
        if candidate in rung.kept:
            parts.append(box(x, y, width, height, "none", line=GREEN, stroke=2.5, round=3))
            parts.append(path(f"M{x + width:.1f} {y + height / 2:.1f}h{layout.column - width:.1f}", GREEN, 2.5))
        elif rung.kept:
            parts.append(cross(x + width + 10, y + height / 2, 4, RED))
    winner = _winner(rung)
    if not rung.kept and winner is not None:
        x, y = layout.place(winner, rung.number)
        parts.append(box(x, y, width, height, "none", line=GREEN, stroke=3.5, round=3))
        parts.append(text(x + width + 4, y + height / 2 + 4, "first", size=10, bold=True))
    return parts


def _top(layout: BracketLayout, rung: Rung, spent: int) -> list[str]:
    """Draw the cost so far, compared with the cost of training all candidates to the end."""
    whole = layout.longest * len(layout.lines)
    parts = [text(10, 22, f"{spent} epochs trained; everyone to the end: {whole}", bold=True)]
    parts += [box(10, 32, 300, 10, PAPER, line=GREY), box(10, 32, 300 * min(spent / whole, 1), 10, GREEN)]
    return parts


# ---------------------------------------------------------------------- words


def _compared(rung: Rung, spent: int) -> str:
    best = _winner(rung)
    leads = "all of them failed" if best is None else f"the best is candidate {best + 1} with {rung.scores[best]:.3f}"
    done = f"{counted(len(rung.evaluations), 'candidate')} trained to epoch {rung.epochs}"
    return f"{done}; {leads}. {counted(spent, 'epoch')} so far."


def _decided(rung: Rung, spent: int) -> str:
    if rung.kept:
        on = ", ".join(str(candidate + 1) for candidate in rung.kept)
        return f"{len(rung.kept)} of {len(rung.evaluations)} go on ({on}); {len(rung.dropped)} end here."
    best = _winner(rung)
    first = "nobody is left" if best is None else f"candidate {best + 1} is first with {rung.scores[best]:.3f}"
    return f"the race is over; {first}. {spent} epochs so far."


def _name(layout: BracketLayout, rung: Rung) -> str:
    number = rung.number + 1
    return f"Rung {number}" if layout.alone else f"Bracket {rung.bracket}, rung {number}"


def _winner(rung: Rung) -> int | None:
    """Return the best candidate among those that did not fail."""
    places = best_of(rung.evaluations, 1)
    return places[0] if places else None


def _rows(layout: BracketLayout, rung: Rung, decided: bool = False) -> tuple[tuple[str, ...], ...]:
    body = []
    for candidate in sorted(rung.evaluations, key=lambda place: best_first(rung.evaluations[place])):
        score = rung.scores[candidate]
        fate = ("goes on" if candidate in rung.kept else "ends here") if decided else ""
        body.append((str(candidate + 1), layout.names[candidate], str(rung.epochs), f"{score:.3f}", fate))
    return (("candidate", "architecture", "epochs", "score", ""), *body)
