"""Shows the vote of a learned surrogate: which earlier task says what, and how much it counts. Lesson 15."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import GREY as QUIET
from nasedu.core.palette import METHODS
from nasedu.core.themes import FAINT, GREY, NOTE, SOFT
from nasedu.meta.ensemble import Vote
from nasedu.meta.surrogate import SurrogateSearch
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, path, text

WIDTH, TOP, ROW = 640, 136, 18
MIDDLE, UNIT = 258, 21
"""Where what a model says is 0, and the width of one normal score."""
WEIGHT, SIDE = 340, 470
LONG = 72
SAID, NEW = METHODS["surrogate"], METHODS["cold"]
OWN = "the new task itself"
WHY = {
    "copied": "copied: best of before on average",
    "landmark": "a landmark: good where the copies are not",
    "models": "the vote expects most of it",
    "controller": "nothing is left to vote on",
}


@dataclass(frozen=True)
class VoteMoment:
    """One question: what each model says of the network, how much it counts, and what came of it.

    Attributes:
        architecture, reward: the network.
        asked_by: what chose it, as in `SurrogateSearch.asked_by`.
        said: what each model predicts of it, the new task's own last; normal scores.
        weights: how much each counts; all 0 while nobody votes.
        wrong: pairs that each model puts in the wrong order; empty while nobody votes.
        pairs: of how many.
        expected: the weighted sum; NaN while nobody votes.
    """

    architecture: Architecture
    reward: float
    asked_by: str
    said: tuple[float, ...]
    weights: tuple[float, ...]
    wrong: tuple[float, ...]
    pairs: int
    expected: float


def vote(controller: Controller, told: Iterable[tuple[Architecture, float]], *, title: str = "") -> Film:
    """Return a film of a learned surrogate, question by question. Making the film trains the controller.

        controller = meta.load("surrogate", evidence).open(cold)
        Player(films.vote(controller, told))

    Each question is a frame. It shows what the model of each earlier task says of the asked network. It shows, too,
    how many pairs of known networks each model puts in the wrong order, and how much it counts therefore.

    Args:
        controller: what the prior `surrogate` opened, with combine="ranks"; the film shows its `vote`.
        told: (architecture, reward) pairs. The film takes them one by one, so a generator asks the controller.
        title: replaces "The vote of the earlier tasks".

    Raises:
        BadValue: another controller, or no pair.
    """
    if not isinstance(controller, SurrogateSearch) or controller.prior.combine != "ranks":
        raise BadValue(f'this film shows what the prior surrogate opened, with combine="ranks"; given {controller!r}')
    moments = list(_moments(controller, told))
    if not moments:
        raise BadValue("no network was told: give at least one (architecture, reward) pair")
    tasks = [*(evidence.task for evidence in controller.pool.evidence), OWN]
    rewards = [moment.reward for moment in moments]
    edge = 0.08 * (max(rewards) - min(rewards)) or 0.01
    ends = (min(rewards) - edge, max(rewards) + edge)
    plot = Plot(SIDE + 30, TOP, WIDTH - SIDE - 44, 180, (0.5, len(moments) + 0.5), ends)
    frames = [_frame(tasks, plot, moments, number) for number in range(len(moments))]
    height = TOP + ROW * len(tasks) + 16
    return Film(frames, WIDTH, height, tuple(_head(tasks, plot)), title or "The vote of the earlier tasks")


def _moments(controller: SurrogateSearch, told: Iterable[tuple[Architecture, float]]) -> Iterator[VoteMoment]:
    """Yield each question with the vote that it was chosen by."""
    for architecture, reward in told:
        place = controller.pool.place(architecture)
        ballot = controller.vote if controller.asked_by == "models" else None
        count = len(controller.pool.said)
        said = (*controller.pool.said[:, place].tolist(), float(ballot.own[place]) if ballot else 0.0)
        weights = (*ballot.weights.tolist(), ballot.own_weight) if ballot else (0.0,) * (count + 1)
        wrong = tuple(ballot.wrong.tolist()) if ballot else ()
        expected = float(ballot.expected[place]) if ballot else float("nan")
        pairs = _pairs(ballot) if ballot else 0
        how = controller.asked_by
        yield VoteMoment(tuple(architecture), float(reward), how, said, weights, wrong, pairs, expected)
        controller.tell(architecture, reward)


def _pairs(ballot: Vote) -> int:
    """Return how many pairs of known networks have an order: those with different rewards."""
    return int((np.subtract.outer(ballot.rewards, ballot.rewards) > 0).sum())


# ---------------------------------------------------------------------- words


def equation(moment: VoteMoment, most: int = 4) -> str:
    """Return the weighted sum with its numbers: the heaviest terms, and what the others add."""
    terms = sorted(zip(moment.weights, moment.said, strict=True), key=lambda term: -term[0])
    heavy = [(weight, said) for weight, said in terms[:most] if weight >= 0.005]
    rest = moment.expected - sum(weight * said for weight, said in heavy)
    shown = " + ".join(f"{weight:.2f} · {said:.2f}" for weight, said in heavy)
    others = f" + {rest:.2f}" if abs(rest) >= 0.005 else ""
    return f"{shown}{others} = {moment.expected:.2f}".replace("· -", "· −").replace("+ -", "− ")


def _words(tasks: Sequence[str], moments: Sequence[VoteMoment], number: int) -> str:
    moment = moments[number]
    which = f"Question {number + 1} of {len(moments)}, {WHY[moment.asked_by]}: {' '.join(moment.architecture)}"
    if not moment.wrong:
        return f"{which}; reward {moment.reward:.3f}."
    first = max(range(len(tasks)), key=lambda place: moment.weights[place])
    heard = f"{tasks[first]} counts most, with {moment.wrong[first]:g} of {moment.pairs} pairs in the wrong order"
    return f"{which}; expected {equation(moment)}; {heard}; reward {moment.reward:.3f}."


# ---------------------------------------------------------------------- the picture


def _head(tasks: Sequence[str], plot: Plot) -> list[str]:
    parts = [
        text(10, TOP - 10, "model of", size=11, bold=True),
        text(186, TOP - 10, "wrong", size=11, anchor="end", bold=True),
        text(MIDDLE, TOP - 10, "says of it", size=11, anchor="middle", bold=True),
        text(WEIGHT, TOP - 10, "weight", size=11, bold=True),
        path(f"M{MIDDLE} {TOP}v{ROW * len(tasks)}", FAINT),
        *plot.axes("question", "reward"),
    ]
    for line, task in enumerate(tasks):
        parts.append(text(10, TOP + ROW * line + 13, task, size=11, bold=task == OWN))
    return parts


def _frame(tasks: Sequence[str], plot: Plot, moments: Sequence[VoteMoment], number: int) -> Frame:
    moment, past = moments[number], moments[: number + 1]
    name = " ".join(moment.architecture)
    picture = [
        text(10, 22, f"Question {number + 1} of {len(moments)}: {name[:LONG]}", bold=True),
        text(10, 42, WHY[moment.asked_by], fill=SOFT),
        text(10, 68, "expected = sum of weight · what the model says"),
    ]
    sums = f"= {equation(moment)}" if moment.wrong else "nobody votes yet: no model was tested on this task"
    picture.append(text(10, 90, sums, size=14, bold=True, fill=NOTE))
    for line in range(len(tasks)):
        picture += _line(moment, line)
    best = [max(m.reward for m in past[: n + 1]) for n in range(len(past))]
    picture.append(curve([plot.at(n + 1, score) for n, score in enumerate(best)], GREY, 2))
    picture += [dot(*plot.at(n + 1, m.reward), 4, SAID if m.wrong else QUIET) for n, m in enumerate(past)]
    x, y = plot.at(number + 1, moment.reward)
    picture.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{SAID}" stroke-width="2.5"/>')
    picture.append(text(SIDE, TOP + 236, f"reward {moment.reward:.3f}", bold=True))
    picture.append(text(SIDE, TOP + 254, f"best so far {best[-1]:.3f}", size=11))
    return Frame(tuple(picture), _words(tasks, moments, number), tuple(_rows(tasks, moment)))


def _line(moment: VoteMoment, line: int) -> list[str]:
    """Draw one model: its wrong pairs, what it says as a bar from the middle, and its weight."""
    y = TOP + ROW * line
    said, weight = moment.said[line], moment.weights[line]
    own = line == len(moment.said) - 1
    colour = NEW if own else SAID
    parts = []
    if moment.wrong:
        parts.append(text(186, y + 13, f"{moment.wrong[line]:g} of {moment.pairs}", size=11, anchor="end"))
    if moment.wrong or not own:
        wide = abs(said) * UNIT
        bar = box(MIDDLE - wide if said < 0 else MIDDLE, y + 3, max(wide, 1), 12, colour if weight >= 0.005 else QUIET)
        parts.append(bar)
    if weight >= 0.005:
        parts.append(box(WEIGHT, y + 3, 84 * weight, 12, colour))
        parts.append(text(WEIGHT + 84 * weight + 5, y + 13, f"{weight:.2f}", size=11, bold=True))
    return parts


def _rows(tasks: Sequence[str], moment: VoteMoment) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("model of", f"wrong of {moment.pairs} pairs", "says", "weight")]
    for place, task in enumerate(tasks):
        wrong = f"{moment.wrong[place]:g}" if moment.wrong else ""
        rows.append((task, wrong, f"{moment.said[place]:.2f}", f"{moment.weights[place]:.2f}"))
    return rows
