"""Shows how a warm Q-table mixes the advice of earlier tasks with what it has seen, network by network. Lesson 15."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import METHODS, ORANGE, RED
from nasedu.core.themes import FAINT, GREY, NOTE, SOFT
from nasedu.meta.warm_q import AdvisedQLearning, Mix
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, path, text, ticks

WIDTH, HEIGHT = 640, 384
LEFT, TOP, ROW = 92, 148, 27
VALUES, SIDE = 300, 436
"""Width of the axis of values, and the left edge of the column next to it."""
OWN, ADVICE, VALUE = METHODS["cold"], ORANGE, METHODS["warm-q"]
VOICES = 4


@dataclass(frozen=True)
class WarmMoment:
    """What the first choice of a network was made by, and what came of the network.

    Attributes:
        architecture, reward: the network.
        mixes: how the value of each open choice was made when the network was asked.
        scale: the lowest and the highest reward until then; the advice is mapped to them.
        epsilon: the probability of a random choice.
        weights: (earlier task, its weight in the advice), the heaviest first.
    """

    architecture: Architecture
    reward: float
    mixes: tuple[Mix, ...]
    scale: tuple[float, float]
    epsilon: float
    weights: tuple[tuple[str, float], ...]

    @property
    def chosen(self) -> Mix:
        return next(mix for mix in self.mixes if mix.choice == self.architecture[0])

    @property
    def greedy(self) -> bool:
        return self.chosen.value == max(mix.value for mix in self.mixes)


def warm_q(controller: Controller, told: Iterable[tuple[Architecture, float]], *, title: str = "") -> Film:
    """Return a film of a warm Q-table at the first choice of each network. Making the film trains the controller.

        controller = meta.load("warm-q", evidence).open(cold)
        Player(films.warm_q(controller, told))

    Each network is a frame. For each choice, the frame shows the advice of the earlier tasks, the controller's own
    value, and the value that the walk goes by. The equation has the numbers of the choice that was taken.

    Args:
        controller: what the prior `warm-q` opened; the film shows its `mixes`.
        told: (architecture, reward) pairs. The film takes them one by one, so a generator may ask the controller.
        title: replaces "A warm Q-table, network by network".

    Raises:
        BadValue: another controller, or no pair.
    """
    if not isinstance(controller, AdvisedQLearning):
        raise BadValue(f"this film shows what the prior warm-q opened; given {controller!r}")
    moments = list(_moments(controller, told))
    if not moments:
        raise BadValue("no network was told: give at least one (architecture, reward) pair")
    shown = [v for m in moments for x in m.mixes for v in (x.advised, x.value, *([x.own] if x.seen else []))]
    plot = Plot(LEFT, TOP, VALUES, ROW * len(moments[0].mixes), (min(0.0, *shown), max(shown)), (0, 1))
    trust = Plot(SIDE + 26, TOP, 160, 92, (1, len(moments)), (0, controller.trust))
    frames = [_frame(plot, trust, moments, number) for number in range(len(moments))]
    whole = curve([trust.at(number + 1, m.chosen.trust) for number, m in enumerate(moments)], FAINT, 2)
    names = [text(LEFT - 8, TOP + ROW * (n + 0.5) + 4, m.choice, anchor="end") for n, m in enumerate(moments[0].mixes)]
    head = (*_legend(), *_axis(plot), *names, *trust.axes("network", "trust, in networks"), whole)
    return Film(frames, WIDTH, HEIGHT, head, title or "A warm Q-table, network by network")


def _moments(controller: AdvisedQLearning, told: Iterable[tuple[Architecture, float]]) -> Iterator[WarmMoment]:
    """Yield each network with what its first choice was made by."""
    source, start = iter(told), controller.space.start()
    names = [evidence.task for evidence in controller.advice.task_similarity.pool.evidence]
    while True:
        mixes, scale, epsilon = tuple(controller.mixes(start)), controller.scale, controller.epsilon
        weights = controller.advice.task_similarity.weights.tolist()
        now = next(source, None)  # the source may ask the controller now
        if now is None:
            return
        voices = sorted(zip(names, weights, strict=True), key=lambda pair: -pair[1])
        yield WarmMoment(tuple(now[0]), float(now[1]), mixes, scale, epsilon, tuple(voices))
        controller.tell(*now)


# ---------------------------------------------------------------------- words


def equation(mix: Mix) -> str:
    """Return how a value is made, with its numbers."""
    above = f"{mix.trust:.2f} · {mix.advised:.3f} + {mix.seen} · {mix.own:.3f}"
    return f"({above}) / ({mix.trust:.2f} + {mix.seen}) = {mix.value:.3f}"


def advice(moment: WarmMoment) -> str:
    """Return how the advice is mapped to the rewards of the new task, with its numbers."""
    low, high = moment.scale
    mix = moment.chosen
    return f"advice = {low:.3f} + ({high:.3f} − {low:.3f}) · {mix.said:.3f} = {mix.advised:.3f}"


def _words(moments: Sequence[WarmMoment], number: int) -> str:
    moment = moments[number]
    how = "the highest value" if moment.greedy else f"a random choice, epsilon {moment.epsilon:.2f}"
    return (
        f"Network {number + 1} of {len(moments)}: {moment.chosen.choice}, {how}: {equation(moment.chosen)}; "
        f"{advice(moment)}. The network {' '.join(moment.architecture)} has the reward {moment.reward:.3f}."
    )


# ---------------------------------------------------------------------- the picture


def _frame(plot: Plot, trust: Plot, moments: Sequence[WarmMoment], number: int) -> Frame:
    moment = moments[number]
    mix = moment.chosen
    how = "has the highest value" if moment.greedy else f"was drawn at random (epsilon {moment.epsilon:.2f})"
    picture = [
        text(10, 22, f"Network {number + 1} of {len(moments)}: {mix.choice} {how}", bold=True),
        text(10, 46, f"value of {mix.choice} = (trust · advice + n · own) / (trust + n)"),
        text(10, 67, f"= {equation(mix)}", size=14, bold=True, fill=NOTE),
        text(10, 87, advice(moment), fill=SOFT),
        *_rows_of(plot, moment),
        curve([trust.at(n + 1, m.chosen.trust) for n, m in enumerate(moments[: number + 1])], ADVICE, 3),
        dot(*trust.at(number + 1, mix.trust), 5, ADVICE),
        *_voices(moment),
        text(10, HEIGHT - 12, f"{' '.join(moment.architecture)}: reward {moment.reward:.3f}", bold=True),
    ]
    head = ("choice", "advice", "own", "n", "value")
    body = ((m.choice, f"{m.advised:.3f}", f"{m.own:.3f}", str(m.seen), f"{m.value:.3f}") for m in moment.mixes)
    return Frame(tuple(picture), _words(moments, number), (head, *body))


def _rows_of(plot: Plot, moment: WarmMoment) -> list[str]:
    """Draw a bar for the value of each choice, a ring for the advice, a dot for its own value."""
    parts: list[str] = []
    for line, mix in enumerate(moment.mixes):
        y = plot.y + ROW * line + ROW / 2
        parts.append(box(LEFT, y - 8, max(plot.at(mix.value, 0)[0] - LEFT, 1), 16, VALUE))
        said = plot.at(mix.advised, 0)[0]
        ring = f'<circle cx="{said:.1f}" cy="{y:.1f}" r="6" fill="none" stroke="{ADVICE}" stroke-width="3"/>'
        own = dot(plot.at(mix.own, 0)[0], y, 5, OWN) if mix.seen else ""
        parts += [ring + own, text(LEFT + VALUES + 8, y + 4, f"n = {mix.seen}", size=11, fill=GREY)]
    chosen = plot.y + ROW * moment.mixes.index(moment.chosen)
    return [*parts, box(LEFT - 80, chosen + 1, VALUES + 84, ROW - 3, "none", line=RED, stroke=2)]


def _voices(moment: WarmMoment) -> list[str]:
    """Draw the weights of the earlier tasks that count most in the advice."""
    parts = [text(SIDE, TOP + 142, "weights in the advice", size=11, bold=True)]
    for line, (task, weight) in enumerate(moment.weights[:VOICES]):
        y = TOP + 150 + 17 * line
        bar = box(SIDE, y, 44 * weight + 1, 11, ADVICE)
        parts.append(bar + text(SIDE + 50, y + 10, f"{weight:.2f} {task}", size=11))
    return parts


def _legend() -> tuple[str, ...]:
    y = TOP - 22
    ring = f'<circle cx="{LEFT + 8}" cy="{y}" r="6" fill="none" stroke="{ADVICE}" stroke-width="3"/>'
    return (
        ring + text(LEFT + 20, y + 4, "advice", size=11),
        dot(LEFT + 76, y, 5, OWN) + text(LEFT + 86, y + 4, "own, of n networks", size=11),
        box(LEFT + 204, y - 6, 24, 12, VALUE) + text(LEFT + 234, y + 4, "value of the walk", size=11),
    )


def _axis(plot: Plot) -> list[str]:
    """Draw a line and a number at each round value."""
    parts, bottom = [], plot.y + plot.height
    for value in ticks(*plot.across):
        x, _ = plot.at(value, 0)
        parts.append(path(f"M{x:.1f} {plot.y:.1f}V{bottom:.1f}", FAINT))
        parts.append(text(x, bottom + 14, f"{value:g}", size=10, anchor="middle"))
    return parts
