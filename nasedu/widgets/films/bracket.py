"""Successive halving and Hyperband as brackets: who was trained how far, and who went on. Lesson 09."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nasedu.core import Architecture, BadValue
from nasedu.core.palette import GREEN, RED
from nasedu.trainers.halving.successive_halving import Rung, best_of
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.svg import FAINT, GREY, box, cross, path, ramp, text

WIDTH, LEFT, TOP = 640, 214, 60
HEADING = 30  # above each bracket


@dataclass(frozen=True)
class Board:
    """Where everything stands: a line for each candidate, a column for each rung, a block for each bracket."""

    names: Sequence[str]
    lines: dict[int, float]  # the upper edge of each candidate's line
    row: int
    column: float
    low: float
    high: float
    longest: int  # epochs of the last rung
    alone: bool  # one bracket only: its number would say nothing

    def place(self, candidate: int, rung: int) -> tuple[float, float]:
        return LEFT + rung * self.column, self.lines[candidate]


def halving(rungs: Iterable[Rung], architectures: Sequence[Architecture], *, title: str = "") -> Film:
    """A film of a race: at each rung first the scores of all who are left, then who goes on.

        rungs = list(Halving(trainer).race(architectures, epochs=9, seed=0))
        Player(films.halving(rungs, architectures))

    Args:
        rungs: what `race` of `Halving` or `Hyperband` yields.
        architectures: those that were given to it, in the same order.
        title: in place of "Successive halving" (or "Hyperband", if there are several brackets).

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
    board = _board(blocks, [" ".join(a) for a in architectures])
    frames = []
    drawn: list[str] = []
    spent = 0
    for rung in rungs:
        spent += rung.spent
        name, scores = _name(board, rung), _scores(board, rung)
        words = f"{name}: {_compared(rung, spent)}"
        frames.append(Frame((*drawn, *scores, *_top(board, rung, spent)), words, _rows(board, rung)))
        drawn += [*scores, *_cut(board, rung)]
        words = f"{name}: {_decided(rung, spent)}"
        frames.append(Frame((*drawn, *_top(board, rung, spent)), words, _rows(board, rung, True)))
    height = int(max(board.lines.values()) + board.row + 14)
    usual = "Successive halving" if board.alone else "Hyperband"
    return Film(frames, WIDTH, height, tuple(_head(board, blocks)), title or usual)


def _board(blocks: Sequence[Sequence[Rung]], names: Sequence[str]) -> Board:
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
    return Board(names, lines, row, (WIDTH - 10 - LEFT) / most, min(scores), max(scores), longest, len(blocks) == 1)


def _head(board: Board, blocks: Sequence[Sequence[Rung]]) -> list[str]:
    """The names of the candidates, and how many epochs each rung means."""
    parts = []
    for block in blocks:
        top = min(board.lines[candidate] for candidate in block[0].evaluations)
        if len(blocks) > 1:
            parts.append(text(10, top - 8, f"bracket {block[0].bracket}", size=11, bold=True))
        for rung in block:
            words = f"{rung.epochs} epoch{'s' * (rung.epochs > 1)}"
            parts.append(
                text(LEFT + (rung.number + 0.4) * board.column, top - 8, words, size=11, anchor="middle", bold=True)
            )
        for candidate in block[0].evaluations:
            y = board.lines[candidate] + board.row / 2 + 2
            parts.append(text(10, y, f"{candidate + 1}", size=11, bold=True))
            parts.append(text(32, y, _short(board.names[candidate]), size=10))
    return parts


def _short(name: str, most: int = 34) -> str:
    """A name that fits beside its line: first the "stop" goes, which nearly all of them end with, then what is left."""
    name = name if len(name) <= most else name.removesuffix(" stop")
    return name if len(name) <= most else name[: most - 2].rstrip() + " …"


def _box(board: Board) -> tuple[float, float]:
    return board.column * 0.8, board.row - 4


def _scores(board: Board, rung: Rung) -> list[str]:
    """A box for everyone who was trained for this rung, with the score."""
    width, height = _box(board)
    parts = []
    for candidate, score in rung.scores.items():
        x, y = board.place(candidate, rung.number)
        ground, ink = ramp(score, board.low, board.high)
        label = text(x + width / 2, y + height / 2 + 4, f"{score:.3f}", size=11, anchor="middle", fill=ink)
        parts.append(box(x, y, width, height, ground, line=FAINT, round=3) + label)
    return parts


def _cut(board: Board, rung: Rung) -> list[str]:
    """A line to the next rung for those that go on, a cross for those that do not, a frame around who has won."""
    width, height = _box(board)
    parts = []
    for candidate in rung.evaluations:
        x, y = board.place(candidate, rung.number)
        if candidate in rung.kept:
            parts.append(box(x, y, width, height, "none", line=GREEN, stroke=2.5, round=3))
            parts.append(path(f"M{x + width:.1f} {y + height / 2:.1f}h{board.column - width:.1f}", GREEN, 2.5))
        elif rung.kept:
            parts.append(cross(x + width + 10, y + height / 2, 4, RED))
    winner = _winner(rung)
    if not rung.kept and winner is not None:
        x, y = board.place(winner, rung.number)
        parts.append(box(x, y, width, height, "none", line=GREEN, stroke=3.5, round=3))
        parts.append(text(x + width + 4, y + height / 2 + 4, "first", size=10, bold=True))
    return parts


def _top(board: Board, rung: Rung, spent: int) -> list[str]:
    """What was spent, beside what it would have cost to train everyone to the end."""
    whole = board.longest * len(board.lines)
    parts = [text(10, 22, f"{spent} epochs trained; everyone to the end: {whole}", bold=True)]
    parts += [box(10, 32, 300, 10, "#ffffff", line=GREY), box(10, 32, 300 * min(spent / whole, 1), 10, GREEN)]
    return parts


# ---------------------------------------------------------------------- words


def _compared(rung: Rung, spent: int) -> str:
    best = _winner(rung)
    leads = "all of them failed" if best is None else f"the best is candidate {best + 1} with {rung.scores[best]:.3f}"
    done = f"{_many(len(rung.evaluations), 'candidate')} trained to epoch {rung.epochs}"
    return f"{done}; {leads}. {_many(spent, 'epoch')} so far."


def _decided(rung: Rung, spent: int) -> str:
    if rung.kept:
        on = ", ".join(str(candidate + 1) for candidate in rung.kept)
        return f"{len(rung.kept)} of {len(rung.evaluations)} go on ({on}); {len(rung.dropped)} end here."
    best = _winner(rung)
    first = "nobody is left" if best is None else f"candidate {best + 1} is first with {rung.scores[best]:.3f}"
    return f"the race is over; {first}. {spent} epochs so far."


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _name(board: Board, rung: Rung) -> str:
    number = rung.number + 1
    return f"Rung {number}" if board.alone else f"Bracket {rung.bracket}, rung {number}"


def _winner(rung: Rung) -> int | None:
    """The candidate with the highest score of those that did not fail; of equals, the first."""
    places = best_of(rung.evaluations, 1)
    return places[0] if places else None


def _rows(board: Board, rung: Rung, decided: bool = False) -> tuple[tuple[str, ...], ...]:
    body = []
    for candidate, score in sorted(rung.scores.items(), key=lambda pair: -pair[1]):
        fate = ("goes on" if candidate in rung.kept else "ends here") if decided else ""
        body.append((str(candidate + 1), board.names[candidate], str(rung.epochs), f"{score:.3f}", fate))
    return (("candidate", "architecture", "epochs", "score", ""), *body)
