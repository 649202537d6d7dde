"""Shows ENAS: whose turn it is, the path, its loss or reward, and how decided the policy is. Lesson 10."""

from collections import deque
from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import BadValue
from nasedu.core.palette import BLUE, GREEN, ORANGE
from nasedu.core.palette import layer as colour_of
from nasedu.core.themes import FAINT, GREY, INK, MARKED, PAPER
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, text

if TYPE_CHECKING:
    from nasedu.oneshot.enas import Enas, EnasStep

WIDTH, ROW, TOP = 640, 17, 118
MOST_CHOICES = 5
"""Choices of a path whose probabilities are drawn."""
LAST = 20
"""Draws among which different architectures are counted."""


class Moment(NamedTuple):
    """The search after one step.

    Attributes:
        step: the step.
        shares: the probability of each open choice along its path, after it.
        losses, rewards: of all steps so far.
        different: how many architectures are different among the last 20 that were drawn, and how many these are.
    """

    step: "EnasStep"
    shares: Sequence[dict[str, float]]
    losses: tuple[float, ...]
    rewards: tuple[float, ...]
    different: tuple[int, int]

    @property
    def entropy(self) -> tuple[float, float]:
        """Return the bits of the choices on the path: of the policy, and the most that they can be."""
        own = sum(-p * log2(p) for row in self.shares for p in row.values() if p > 0)
        return own, sum(log2(len(row)) for row in self.shares)


def enas(search: "Enas", *, whole: int = 1, title: str = "") -> Film:
    """Return a film of a search that has not begun; it is run to its end.

        Player(films.enas(Enas(Supernet(space), task, rounds=10)))

    Args:
        search: its supernet is trained.
        whole: of the first rounds, and of those in which the policy begins, each step is a frame; of other rounds the
            last step of each turn is.
        title: replaces "ENAS, turn by turn".

    Raises:
        BadValue: the search has begun already.
    """
    if search.training.done:
        raise BadValue(f"this film shows a search from its beginning; this one has made {search.training.done} steps")
    moments = _moments(search, whole)
    losses, rewards = moments[-1].losses, moments[-1].rewards
    rows = max(len(options) for moment in moments for options in moment.shares[:MOST_CHOICES])
    below = TOP + rows * ROW + 52
    plots = (
        Plot(40, below, 262, 110, (1, len(losses)), (0, max(losses))),
        Plot(362, below, 262, 110, (1, max(len(rewards), 2)), (0, 1)),
    )
    frames = [Frame(_picture(moment, search, plots), _words(moment), _rows(moment)) for moment in moments]
    head = (*plots[0].axes("step of the weights", "loss"), *plots[1].axes("step of the policy", "reward"))
    return Film(frames, WIDTH, int(below + 150), head, title or "ENAS, turn by turn")


def _moments(search: "Enas", whole: int) -> list[Moment]:
    found: list[Moment] = []
    losses, rewards = list[float](), list[float]()
    drawn: deque[tuple[str, ...]] = deque(maxlen=LAST)
    for step in search:
        (losses if step.turn == "weights" else rewards).append(step.value)
        drawn.append(step.architecture)
        weights_end = step.turn == "weights" and search.training.done == step.round * search.weight_steps
        policy_end = step.turn == "policy" and search.learned == (step.round - search.warm_up) * search.policy_steps
        if step.round <= whole or search.warm_up < step.round <= search.warm_up + whole or weights_end or policy_end:
            shares = search.policy.probabilities(step.architecture)
            found.append(Moment(step, shares, tuple(losses), tuple(rewards), (len(set(drawn)), len(drawn))))
    return found


# ---------------------------------------------------------------------- drawing


def _picture(moment: Moment, search: "Enas", plots: tuple[Plot, Plot]) -> tuple[str, ...]:
    step, (own, most), (different, last) = moment.step, moment.entropy, moment.different
    learns = "the policy learns" if step.turn == "policy" else "the weights learn"
    learns += ", the policy waits" if step.round <= search.warm_up else ""
    parts = [text(10, 24, f"Round {step.round} of {search.rounds}: {learns}", size=17, bold=True)]
    for place, turn in enumerate(("weights", "policy")):
        active = turn == step.turn
        parts.append(box(450 + 92 * place, 8, 84, 24, MARKED if active else PAPER, line=ORANGE if active else GREY))
        parts.append(text(492 + 92 * place, 25, turn, size=13, anchor="middle", bold=active))
    parts += _blocks(step.architecture)
    said = f"undecided: {own:.1f} of {most:.1f} bits · {different} of the last {last} paths are different"
    parts.append(text(10, 88, said, size=13))
    for place, options in enumerate(moment.shares[:MOST_CHOICES]):
        parts += _choice(place, options, step.architecture[place])
    parts += [*_line(plots[0], moment.losses, BLUE), *_line(plots[1], moment.rewards, GREEN)]
    return tuple(parts)


def _blocks(architecture: Sequence[str]) -> list[str]:
    parts, x = [], 10.0
    for choice in architecture:
        width = 14 + 7 * len(choice)
        parts.append(box(x, 44, width, 24, colour_of(choice), line=INK, round=3))
        parts.append(text(x + width / 2, 60, choice, size=12, anchor="middle", fill="black"))
        x += width + 6
    return parts


def _choice(place: int, options: dict[str, float], taken: str) -> list[str]:
    """Draw a bar for the probability of each open choice; the one that was taken is orange, with a bold name."""
    x = 10 + place * 126
    parts = [text(x, TOP - 6, f"choice {place + 1}", size=11, fill=GREY)]
    for row, (choice, share) in enumerate(options.items()):
        y, chosen = TOP + row * ROW, choice == taken
        parts.append(text(x, y + 12, choice, size=11, bold=chosen))
        parts.append(box(x + 52, y + 3, 62, 11, PAPER, line=FAINT))
        parts.append(box(x + 52, y + 3, round(62 * share), 11, ORANGE if chosen else BLUE))
    return parts


def _line(plot: Plot, values: Sequence[float], colour: str) -> list[str]:
    """Draw the mean of up to ten values around each step, and the last value as a dot."""
    if not values:
        return []
    means = [sum(own) / len(own) for n in range(len(values)) for own in [values[max(n - 9, 0) : n + 1]]]
    every = max(len(means) // 30, 1)
    points = [plot.at(n + 1, means[n]) for n in range(0, len(means), every)]
    return [curve(points, colour, 2), dot(*plot.at(len(values), values[-1]), 4, colour)]


# ---------------------------------------------------------------------- words


def _words(moment: Moment) -> str:
    step, path = moment.step, " ".join(moment.step.architecture)
    own, most = moment.entropy
    value = f"has the training loss {step.value:.3f}" if step.turn == "weights" else f"gets the reward {step.value:.3f}"
    different, last = moment.different
    return (
        f"Round {step.round}, {step.turn}: the path {path} {value}. On this path the policy is undecided by {own:.1f} "
        f"of {most:.1f} bits; of the last {last} paths {different} are different."
    )


def _rows(moment: Moment) -> tuple[tuple[str, ...], ...]:
    body = []
    for options, taken in zip(moment.shares, moment.step.architecture, strict=True):
        listed = ", ".join(f"{choice} {share:.2f}" for choice, share in options.items())
        body.append((taken, f"{options[taken]:.2f}", listed))
    return (("choice taken", "its probability", "probabilities of all that were open"), *body)
