"""Shows a guard around a prior: the k-th answers of both sides, the credit, and when the trust is lost. Lesson 15."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import METHODS, ORANGE, RED
from nasedu.core.themes import GREY, NOTE, SOFT
from nasedu.meta.guard import GuardedSearch
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, cross, curve, dot, path, text

WIDTH, HEIGHT = 640, 400
TOP, SIDE = 158, 430
PRIOR, TWIN = METHODS["warm-q"], METHODS["cold"]
ROWS = 11
"""Pairs of answers that are shown at most, the last ones."""
BETTER, WORSE, TIE = "better", "worse", "equal"


@dataclass(frozen=True)
class GuardMoment:
    """One answer, and what the guard made of it.

    Attributes:
        architecture, reward: the network.
        by_prior: whether the prior asked; else the cold twin did.
        raised: whether it raised the best so far.
        before: units of credit that were spent when the answer came.
        spent: units that are spent after it.
        pairs: the k-th answers of both sides, the prior's first, for each k that was compared.
        new: whether the last of these pairs was compared now.
        why: why the prior lost its trust; empty as long as it has it.
    """

    architecture: Architecture
    reward: float
    by_prior: bool
    raised: bool
    before: int
    spent: int
    pairs: tuple[tuple[float, float], ...]
    new: bool
    why: str


def guard(controller: Controller, told: Iterable[tuple[Architecture, float]], *, title: str = "") -> Film:
    """Return a film of a guarded search, answer by answer. Making the film trains the controller.

        controller = meta.load("guarded", evidence, prior="warm-q", budget=30).open(cold)
        Player(films.guard(controller, told))

    Each answer is a frame: who asked, the k-th answer of the prior next to the k-th answer of the cold twin, and what
    is left of the prior's credit. The frame in which the prior loses its trust says why.

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
    best = float("-inf")
    known = 0
    for architecture, reward in told:
        by_prior = controller.asked_by.get(architecture, False)
        before, trusted = controller.spent, controller.trusted
        controller.tell(architecture, reward)
        compared = tuple(zip(controller.answers[True], controller.answers[False], strict=False))
        yield GuardMoment(
            tuple(architecture),
            float(reward),
            by_prior,
            reward > best,
            before,
            controller.spent,
            compared,
            trusted and len(compared) > known,
            controller.why,
        )
        best, known = max(best, reward), len(compared)


# ---------------------------------------------------------------------- words


def credit(moment: GuardMoment, controller: GuardedSearch) -> str:
    """Return what is left of the credit, with its numbers."""
    return f"credit: {controller.credit - moment.spent} of {controller.credit} left"


def equation(moment: GuardMoment) -> str:
    """Return what the last pair of answers did to the credit, with its numbers."""
    worse, better = (_result(*moment.pairs[-1]) == name for name in (WORSE, BETTER))
    return f"max(0, {moment.before} + {worse:d} - {better:d}) = {moment.spent}"


def _result(prior: float, twin: float) -> str:
    return BETTER if prior > twin else WORSE if prior < twin else TIE


def _pair(moment: GuardMoment) -> str:
    """Return what was compared now; else what is waited for."""
    if moment.new:
        prior, twin = moment.pairs[-1]
        return f"answer {len(moment.pairs)} of the prior, {prior:.3f}, is {_as(prior, twin)} the twin's, {twin:.3f}"
    if moment.why:
        return "nothing is compared any more"
    return "nothing to compare yet: the other side has fewer answers"


def _as(prior: float, twin: float) -> str:
    result = _result(prior, twin)
    return "equal to" if result == TIE else f"{result} than"


def _verdict(moment: GuardMoment) -> str:
    """Return what the guard says after this answer."""
    if moment.why:
        return f"trust is lost: {moment.why}"
    return "the prior keeps its trust"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _words(controller: GuardedSearch, moments: Sequence[GuardMoment], number: int) -> str:
    moment = moments[number]
    who = "the prior" if moment.by_prior else "the cold twin"
    best = "a new best" if moment.raised else "no new best"
    name = " ".join(moment.architecture)
    asked = f"Question {number + 1} of {len(moments)}, {who}: {name}, {moment.reward:.3f}, {best}"
    spent = f"; spent {equation(moment)}" if moment.new else ""
    return f"{asked}; {_pair(moment)}{spent}; {credit(moment, controller)}; {_verdict(moment)}."


# ---------------------------------------------------------------------- the picture


def _legend() -> list[str]:
    y = TOP - 30
    return [
        dot(54, y, 5, PRIOR) + text(64, y + 4, "asked by the prior", size=11),
        dot(190, y, 5, TWIN) + text(200, y + 4, "asked by the cold twin", size=11),
        text(SIDE, TOP - 8, "k", size=11, bold=True),
        text(SIDE + 74, TOP - 8, "the prior", size=11, bold=True, anchor="end"),
        text(SIDE + 138, TOP - 8, "the twin", size=11, bold=True, anchor="end"),
    ]


def _frame(controller: GuardedSearch, plot: Plot, moments: Sequence[GuardMoment], number: int) -> Frame:
    moment, past = moments[number], moments[: number + 1]
    who = "the prior asked" if moment.by_prior else "the cold twin asked"
    best = "a new best" if moment.raised else "no new best"
    spent = f"spent = max(0, spent + worse - better) = {equation(moment)}" if moment.new else ""
    picture = [
        text(10, 22, f"Question {number + 1} of {len(moments)}: {who}, reward {moment.reward:.3f}, {best}", bold=True),
        text(10, 44, _sentence(_pair(moment)), size=13, bold=True, fill=NOTE),
        text(10, 64, spent, size=13, fill=NOTE),
        text(10, 84, _sentence(_verdict(moment)), bold=bool(moment.why), fill=RED if moment.why else SOFT),
        *_credit_boxes(moment, controller),
        *_answers(plot, past),
        *_pairs(moment),
    ]
    head = ("question", "asked by", "reward", "compared", "credit left")
    body = [
        (
            str(place + 1),
            "the prior" if m.by_prior else "the cold twin",
            f"{m.reward:.3f}",
            f"k = {len(m.pairs)}: {_result(*m.pairs[-1])}" if m.new else "",
            f"{controller.credit - m.spent} of {controller.credit}",
        )
        for place, m in enumerate(past)
    ]
    return Frame(tuple(part for part in picture if part), _words(controller, moments, number), (head, *body[-8:]))


def _credit_boxes(moment: GuardMoment, controller: GuardedSearch) -> list[str]:
    """Draw a box for each unit of credit; a spent one has a cross."""
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
    """Draw the k-th answers of both sides next to each other, and whether the prior's is better."""
    if not moment.pairs:
        return [text(SIDE, TOP + 16, "no pair yet", size=11, fill=GREY)]
    parts = []
    first = max(0, len(moment.pairs) - ROWS)
    for row, (prior, twin) in enumerate(moment.pairs[first:]):
        y = TOP + 14 + 19 * row
        result = _result(prior, twin)
        colour = {BETTER: PRIOR, WORSE: RED, TIE: ORANGE}[result]
        bold = moment.new and first + row == len(moment.pairs) - 1
        parts.append(text(SIDE, y, str(first + row + 1), size=12, bold=bold))
        parts.append(text(SIDE + 74, y, f"{prior:.3f}", size=12, anchor="end", bold=bold))
        parts.append(text(SIDE + 138, y, f"{twin:.3f}", size=12, anchor="end", bold=bold))
        parts.append(dot(SIDE + 152, y - 4, 4, colour) + text(SIDE + 160, y, result, size=11, bold=bold))
    return parts
