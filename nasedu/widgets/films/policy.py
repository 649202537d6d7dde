"""Shows REINFORCE on a table of logits: the draw, the advantage, and how each logit moves. Lesson 05."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.controllers.policy_gradient import PolicyUpdate
from nasedu.controllers.tabular_reinforce import TabularReinforce
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, GREEN, ORANGE
from nasedu.core.palette import layer as colour_of
from nasedu.core.themes import FAINT, GREY, INK, MARKED, NOTE, PAPER, SOFT
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, path, text

WIDTH, TOP, ROW = 640, 124, 17
BAR = 56
MOST_DECISIONS = 5
"""Decisions of a walk whose bars are drawn."""
NUMBERS = 400
"""Width of the arithmetic below the bars; the rewards are on its right."""


@dataclass(frozen=True)
class Decision:
    """A row of the table that a walk met: its open choices, and logits and probabilities before and after the step."""

    taken: int
    choices: tuple[str, ...]
    logits: tuple[np.ndarray, np.ndarray]
    p: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Moment:
    """What one frame shows.

    Attributes:
        architecture, decisions: the network that was drawn, with the rows of its walk.
        rewards, baselines: of all networks that were told so far; the last is this one's.
        spread: by which the distance from the baseline is divided.
        update: what it taught; None for the first network, whose reward becomes the baseline.
        shown: number of decisions whose step is shown; -1 before the reward is told.
    """

    architecture: Architecture
    decisions: tuple[Decision, ...]
    rewards: tuple[float, ...]
    baselines: tuple[float, ...]
    spread: float
    update: PolicyUpdate | None
    shown: int


def policy(controller: TabularReinforce, told: Iterable[tuple[Architecture, float]], *, title: str = "") -> Film:
    """Return a film of a table policy while it is told of networks. Making the film trains the controller.

        Player(films.policy(controller, told()))

    For each network there is a frame for its draw, one for its reward and advantage, and one for each decision: the
    logits of that row, each with its arithmetic.

    Args:
        controller: "reinforce-table" with batch 1; the film shows what its `learn` yields.
        told: (architecture, reward) pairs. The film takes them one by one, so a generator may ask the controller for
            the next one.
        title: replaces "REINFORCE, logit by logit".

    Raises:
        BadValue: another controller, batches, a walk that meets a row twice, or no pair.
    """
    if not isinstance(controller, TabularReinforce) or controller.batch != 1:
        raise BadValue(f"this film shows the controller reinforce-table with batch=1; given {controller!r}")
    moments = _moments(controller, told)
    if not moments:
        raise BadValue("no network was told: give at least one (architecture, reward) pair")
    lines = max(len(d.choices) for moment in moments for d in moment.decisions)
    below = TOP + lines * ROW + 44
    height = below + 20 + max(lines * ROW, 110) + 34
    rewards = moments[-1].rewards
    low, high = min(rewards), max(rewards)
    room = 0.08 * (high - low) or 0.01
    plot = Plot(
        NUMBERS + 62, below + 12, 150, height - below - 56, (1, max(len(rewards), 2)), (low - room, high + room)
    )
    frames = [Frame(_picture(m, controller, plot, below), _words(m, controller), _rows(m, controller)) for m in moments]
    return Film(frames, WIDTH, height, tuple(plot.axes("network", "reward")), title or "REINFORCE, logit by logit")


def _moments(controller: TabularReinforce, told: Iterable[tuple[Architecture, float]]) -> list[Moment]:
    found, rewards, baselines = list[Moment](), list[float](), list[float]()
    for architecture, reward in told:
        steps = controller.steps(architecture)
        names = [step.after for step in steps]
        if len(set(names)) < len(names):
            raise BadValue(f"this film shows walks that meet each row of the table once; {architecture} does not")
        before = [(controller.row(step.after)[step.columns], step.p) for step in steps]
        Controller.tell(controller, architecture, reward)  # only the checks and memory of the base class; no learning
        update = next(iter(list(controller.learn(architecture, float(reward)))), None)
        rewards.append(float(reward))
        baselines.append(update.baseline if update else float(reward))
        decisions = []
        for step, (logits, p), after in zip(steps, before, controller.steps(architecture), strict=True):
            choices = tuple(_name(controller, column) for column in step.columns)
            decisions.append(
                Decision(step.taken, choices, (logits, controller.row(step.after)[step.columns]), (p, after.p))
            )
        for shown in range(-1, len(decisions) + 1 if update else 1):
            known = len(rewards) if shown >= 0 else len(rewards) - 1
            so_far = tuple(rewards[:known]), tuple(baselines[:known])
            found.append(Moment(tuple(architecture), tuple(decisions), *so_far, controller.spread, update, shown))
    return found


def _name(controller: TabularReinforce, column: int) -> str:
    return next(choice for choice, at in controller._column.items() if at == column)


# ---------------------------------------------------------------------- drawing


def _picture(moment: Moment, controller: TabularReinforce, plot: Plot, below: float) -> tuple[str, ...]:
    number = len(moment.rewards) + (moment.shown < 0)
    parts = [text(8, 33, f"Network {number}", bold=True)]
    x = 90.0
    for place, choice in enumerate(moment.architecture):
        now, width = place == moment.shown - 1, 16 + 7 * len(choice)
        parts.append(box(x, 14, width, 28, colour_of(choice), line=INK, stroke=2.5 if now else 1, round=4))
        parts.append(text(x + width / 2, 32, choice, anchor="middle", fill="black", bold=now))
        x += width + 8
    if moment.shown >= 0:
        parts.append(text(x + 4, 33, f"reward {moment.rewards[-1]:.3f}", bold=True))
    parts.append(text(8, 72, _advantage(moment), size=14, bold=moment.shown == 0, fill=NOTE))
    for place, decision in enumerate(moment.decisions[:MOST_DECISIONS]):
        parts += _bars(place, decision, moment)
    if moment.shown > 0:
        parts += _arithmetic(moment, controller, below)
    return (*parts, *_line(moment, plot))


def _advantage(moment: Moment) -> str:
    if moment.shown < 0:
        return "drawn from these probabilities; its reward is not known yet"
    if moment.update is None:
        return f"the first reward becomes the baseline: {moment.rewards[-1]:.3f}; no logit moves"
    u = moment.update
    cut = ", cut" if abs(u.advantage) == 3 else ""
    fraction = f"({u.reward:.3f} − {u.baseline:.3f}) / {moment.spread:.3f}"
    return f"advantage = (reward − baseline) / spread = {fraction} = {u.advantage:.2f}{cut}"


def _bars(place: int, decision: Decision, moment: Moment) -> list[str]:
    """Draw a bar for the probability of each open choice; a thin line shows where it was before the step."""
    x = 8 + place * 126
    moved = moment.update is not None and place < moment.shown
    now = place == moment.shown - 1
    p, before = decision.p[moved], decision.p[0]
    parts = [box(x - 4, TOP - 22, 124, 24 + ROW * len(p), MARKED, round=4)] if now else []
    parts.append(text(x, TOP - 8, f"decision {place + 1}, in %", size=11, fill=INK if now else GREY, bold=now))
    for row, choice in enumerate(decision.choices):
        y, chosen = TOP + row * ROW, row == decision.taken
        parts.append(text(x, y + 11, choice, size=11, bold=chosen))
        parts.append(box(x + 50, y + 2, BAR, 11, PAPER, line=FAINT))
        parts.append(box(x + 50, y + 2, round(BAR * p[row], 1), 11, ORANGE if chosen else BLUE))
        if moved:
            parts.append(path(f"M{x + 50 + BAR * before[row]:.1f} {y}v15", INK))
        parts.append(text(x + 52 + BAR, y + 11, f"{100 * p[row]:.0f}", size=9, fill=SOFT))
    return parts


def _arithmetic(moment: Moment, controller: TabularReinforce, below: float) -> list[str]:
    """Draw for each logit of the row: old + rate * advantage * (1 or 0 - p) = new."""
    decision = moment.decisions[moment.shown - 1]
    head = "logit ← logit + rate · advantage · (1 if taken, else 0, − p)"
    parts = [text(8, below, f"Decision {moment.shown}: {head}", bold=True)]
    for row, choice in enumerate(decision.choices):
        y, chosen = below + 22 + row * ROW, row == decision.taken
        parts.append(text(8, y, choice, bold=chosen))
        parts.append(
            text(68, y, _equation(decision, row, moment, controller), bold=chosen, fill=NOTE if chosen else INK)
        )
    return parts


def _equation(decision: Decision, row: int, moment: Moment, controller: TabularReinforce) -> str:
    assert moment.update is not None
    old, new = (float(logits[row]) for logits in decision.logits)
    p, chosen, advantage = float(decision.p[0][row]), row == decision.taken, moment.update.advantage
    slope = advantage * (chosen - p)
    bonus = (new - old) / controller.learning_rate - slope
    inside = f"{advantage:.2f} · ({chosen:d} − {p:.2f})"
    if controller.entropy:
        inside = f"({inside} {_signed(bonus)})"
    return f"{_minus(old)} + {controller.learning_rate:g} · {inside} = {_minus(new)}"


def _minus(number: float) -> str:
    return f"{number + 0.0:.3f}".replace("-0.000", "0.000").replace("-", "−")


def _signed(number: float) -> str:
    return f"{'−' if number < 0 else '+'} {abs(number):.3f}"


def _line(moment: Moment, plot: Plot) -> list[str]:
    """Draw the reward of each network as a dot, and the baseline from which it was measured as a line."""
    parts = [curve([plot.at(n + 1, b) for n, b in enumerate(moment.baselines)], GREEN, 2)]
    parts += [dot(*plot.at(n + 1, reward), 4, ORANGE) for n, reward in enumerate(moment.rewards)]
    if moment.baselines:
        x, y = plot.at(len(moment.baselines), moment.baselines[-1])
        parts.append(text(x - 6, y - 6, "baseline", size=11, anchor="end", fill=GREEN, halo=PAPER))
    return [part for part in parts if part]


# ---------------------------------------------------------------------- words


def _words(moment: Moment, controller: TabularReinforce) -> str:
    number = len(moment.rewards) + (moment.shown < 0)
    network = " ".join(moment.architecture)
    if moment.shown < 0:
        shares = [float(d.p[0][d.taken]) for d in moment.decisions]
        product = " · ".join(f"{share:.2f}" for share in shares)
        return f"Network {number} is drawn: {network}, with probability {product} = {np.prod(shares):.5f}."
    if moment.shown == 0 or moment.update is None:
        return f"Network {number}, {network}: {_advantage(moment)}."
    decision = moment.decisions[moment.shown - 1]
    taken = decision.choices[decision.taken]
    before, after = (float(p[decision.taken]) for p in decision.p)
    equation = _equation(decision, decision.taken, moment, controller)
    return (
        f"Network {number}, decision {moment.shown}: the logit of {taken} becomes {equation}; its probability "
        f"goes from {before:.3f} to {after:.3f}."
    )


def _rows(moment: Moment, controller: TabularReinforce) -> tuple[tuple[str, ...], ...]:
    if moment.shown <= 0 or moment.update is None:
        head: Sequence[str] = ("decision", "taken", "its probability")
        return (
            tuple(head),
            *((str(n + 1), d.choices[d.taken], f"{d.p[0][d.taken]:.3f}") for n, d in enumerate(moment.decisions)),
        )
    decision = moment.decisions[moment.shown - 1]
    body = [
        (choice, _equation(decision, row, moment, controller), f"{decision.p[0][row]:.3f}", f"{decision.p[1][row]:.3f}")
        for row, choice in enumerate(decision.choices)
    ]
    return (("choice", "its logit", "probability before", "after"), *body)
