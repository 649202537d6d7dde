"""Shows a guard around a prior: its credit, the pairs that it wins, and when it loses its trust. Lesson 15."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import METHODS, ORANGE, RED
from nasedu.core.themes import FAINT, GREY, NOTE, SOFT
from nasedu.meta.guard import GuardedSearch
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, cross, curve, dot, path, text

WIDTH, HEIGHT = 640, 400
TOP, SIDE = 158, 436
PRIOR, TWIN = METHODS["warm-q"], METHODS["cold"]
GRID = 160
"""Side of the grid of pairs."""


@dataclass(frozen=True)
class GuardMoment:
    """One answer, and what the guard made of it.

    Attributes:
        architecture, reward: the network.
        by_prior: whether the prior asked; else the cold twin did.
        raised: whether it raised the best so far.
        spent: questions of the prior that did not raise the best.
        prior, twin: the answers of both while the prior had its trust.
        won: share of the pairs in which the prior's answer is better; None before they are compared.
        why: why the prior lost its trust; empty as long as it has it.
        waiting: answers of the prior that the twin has not been told.
        handed: answers of the prior that the twin was told when it came to ask the same.
    """

    architecture: Architecture
    reward: float
    by_prior: bool
    raised: bool
    spent: int
    prior: tuple[float, ...]
    twin: tuple[float, ...]
    won: float | None
    why: str
    waiting: int
    handed: int


def guard(controller: Controller, told: Iterable[tuple[Architecture, float]], *, title: str = "") -> Film:
    """Return a film of a guarded search, answer by answer. Making the film trains the controller.

        controller = meta.load("guarded", evidence, prior="warm-q", budget=30).open(cold)
        Player(films.guard(controller, told))

    Each answer is a frame: who asked, what is left of the prior's credit, and the pairs of an answer of the prior and
    an answer of the cold twin. The frame in which the prior loses its trust says why.

    Args:
        controller: what the prior `guarded` opened.
        told: (architecture, reward) pairs. The film takes them one by one, so a generator asks the controller.
        title: replaces "A guard around a prior".

    Raises:
        BadValue: another controller, or no pair.
    """
    if not isinstance(controller, GuardedSearch):
        raise BadValue(f"this film shows what the prior guarded opened; given {controller!r}")
    moments = list(_moments(controller, told))
    if not moments:
        raise BadValue("no network was told: give at least one (architecture, reward) pair")
    rewards = [moment.reward for moment in moments]
    edge = 0.06 * (max(rewards) - min(rewards)) or 0.01
    plot = Plot(48, TOP, 350, 190, (0.5, len(moments) + 0.5), (min(rewards) - edge, max(rewards) + edge))
    frames = [_frame(controller, plot, moments, number) for number in range(len(moments))]
    head = (*plot.axes("question", "reward"), *_legend())
    return Film(frames, WIDTH, HEIGHT, head, title or "A guard around a prior")


def _moments(controller: GuardedSearch, told: Iterable[tuple[Architecture, float]]) -> Iterator[GuardMoment]:
    """Yield each answer, and what the guard knows after it."""
    answers = 0  # of the prior
    best = float("-inf")
    for architecture, reward in told:
        by_prior = architecture in controller.on_credit
        answers += by_prior
        controller.tell(architecture, reward)
        waiting = len(controller.answered)
        yield GuardMoment(
            tuple(architecture),
            float(reward),
            by_prior,
            reward > best,
            controller.spent,
            tuple(controller.told[True]),
            tuple(controller.told[False]),
            controller.won,
            controller.why,
            waiting,
            answers - waiting,
        )
        best = max(best, reward)


# ---------------------------------------------------------------------- words


def credit(moment: GuardMoment, controller: GuardedSearch) -> str:
    """Return what is left of the credit, with its numbers."""
    return f"credit: {moment.spent} of {controller.credit} spent"


def equation(moment: GuardMoment) -> str:
    """Return the share of the pairs that the prior wins, with its numbers."""
    n, m = len(moment.prior), len(moment.twin)
    wins = sum(p > t for p in moment.prior for t in moment.twin)
    ties = sum(p == t for p in moment.prior for t in moment.twin)
    return f"({wins} + {ties} / 2) / ({n} · {m}) = {moment.won:.2f}"


def _verdict(moment: GuardMoment, controller: GuardedSearch) -> str:
    """Return what the guard says after this answer."""
    if moment.why:
        return f"trust is lost: {moment.why}"
    if moment.won is None:
        return f"pairs are compared when each side has {controller.guard.fewest} answers"
    return f"the prior keeps its trust: {moment.won:.2f} is not below {controller.guard.better:g}"


def _words(controller: GuardedSearch, moments: Sequence[GuardMoment], number: int) -> str:
    moment = moments[number]
    who = "the prior" if moment.by_prior else "the cold twin"
    best = "a new best" if moment.raised else "no new best"
    name = " ".join(moment.architecture)
    asked = f"Question {number + 1} of {len(moments)}, {who}: {name}, {moment.reward:.3f}, {best}"
    won = "" if moment.won is None else f"; pairs won {equation(moment)}"
    handed = f"; {_handed(moment)}" if moment.why else ""
    return f"{asked}; {credit(moment, controller)}{won}; {_verdict(moment, controller)}{handed}."


def _handed(moment: GuardMoment) -> str:
    return f"the twin asks alone; it was told {moment.handed} answers of the prior, {moment.waiting} wait for it"


# ---------------------------------------------------------------------- the picture


def _legend() -> list[str]:
    y = TOP - 30
    return [
        dot(54, y, 5, PRIOR) + text(64, y + 4, "asked by the prior", size=11),
        dot(190, y, 5, TWIN) + text(200, y + 4, "asked by the cold twin", size=11),
        text(SIDE, TOP - 8, "a row: an answer of the prior", size=11, bold=True),
    ]


def _frame(controller: GuardedSearch, plot: Plot, moments: Sequence[GuardMoment], number: int) -> Frame:
    moment, past = moments[number], moments[: number + 1]
    who = "the prior asked" if moment.by_prior else "the cold twin asked"
    best = "a new best" if moment.raised else "no new best"
    won = "pairs won = (wins + ties / 2) / (n · m)"
    numbers = "" if moment.won is None else f" = {equation(moment)}"
    picture = [
        text(10, 22, f"Question {number + 1} of {len(moments)}: {who}, reward {moment.reward:.3f}, {best}", bold=True),
        text(10, 44, won + numbers, size=13, bold=True, fill=NOTE),
        text(10, 64, _verdict(moment, controller), bold=bool(moment.why), fill=RED if moment.why else SOFT),
        text(10, 84, _handed(moment) if moment.why else "", fill=SOFT),
        *_credit_boxes(moment, controller),
        *_answers(plot, past),
        *_pairs(moment),
    ]
    head = ("question", "asked by", "reward", "credit spent", "pairs won")
    body = [
        (
            str(place + 1),
            "the prior" if m.by_prior else "the cold twin",
            f"{m.reward:.3f}",
            f"{m.spent} of {controller.credit}",
            "" if m.won is None else f"{m.won:.2f}",
        )
        for place, m in enumerate(past)
    ]
    return Frame(tuple(part for part in picture if part), _words(controller, moments, number), (head, *body[-8:]))


def _credit_boxes(moment: GuardMoment, controller: GuardedSearch) -> list[str]:
    """Draw a box for each question on credit; a spent one has a cross."""
    parts = [text(10, 110, credit(moment, controller), size=12)]
    size = min(18, 220 / max(controller.credit, 1))
    for place in range(controller.credit):
        x = 170 + (size + 4) * place
        parts.append(box(x, 97, size, size, "none", line=GREY))
        if place < moment.spent:
            parts.append(cross(x + size / 2, 97 + size / 2, size / 3, RED))
    return parts


def _answers(plot: Plot, past: Sequence[GuardMoment]) -> list[str]:
    """Draw each answer so far, the best so far, and where the prior lost its trust."""
    best = [max(m.reward for m in past[: n + 1]) for n in range(len(past))]
    parts = [curve([plot.at(n + 1, score) for n, score in enumerate(best)], GREY, 1.5)]
    lost = next((n for n, m in enumerate(past) if m.why), None)
    if lost is not None:
        x, _ = plot.at(lost + 1.5, 0)
        parts.append(path(f"M{x:.1f} {plot.y:.1f}v{plot.height:.1f}", RED, 2, dash="5 4"))
        parts.append(text(x + 5, plot.y + plot.height - 8, "trust lost", size=11, fill=RED))
    parts += [dot(*plot.at(n + 1, m.reward), 5, PRIOR if m.by_prior else TWIN) for n, m in enumerate(past)]
    return parts


def _pairs(moment: GuardMoment) -> list[str]:
    """Draw a cell for each pair: in the prior's colour where it wins, orange for a tie, blue where the twin wins."""
    n, m = len(moment.prior), len(moment.twin)
    if not n or not m:
        return [text(SIDE, TOP + 20, "no pair yet", size=11, fill=GREY)]
    side = min(GRID / n, GRID / m, 26)
    parts = []
    for row, prior in enumerate(moment.prior):
        for column, twin in enumerate(moment.twin):
            fill = PRIOR if prior > twin else TWIN if prior < twin else ORANGE
            parts.append(box(SIDE + column * side, TOP + 4 + row * side, side - 1, side - 1, fill, line=FAINT))
    y = TOP + 4 + n * side + 16
    parts.append(text(SIDE, y, "a column: one of the twin", size=11, bold=True))
    parts.append(box(SIDE, y + 8, 10, 10, PRIOR) + text(SIDE + 15, y + 17, "the prior is better", size=11))
    parts.append(box(SIDE, y + 24, 10, 10, TWIN) + text(SIDE + 15, y + 33, "the twin is better", size=11))
    return parts
