"""Shows a population: who is drawn, who is the parent, what changes, who dies, and the family tree. Lesson 06."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nasedu.controllers.evolution import Evolution, Individual, winner
from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, ORANGE, RED
from nasedu.core.palette import layer as colour_of
from nasedu.core.themes import GREY, INK, MIDDLE, NOTE, PAPER, SOFT
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.films.tree import _ancestors as ancestors
from nasedu.widgets.svg import box, cross, curve, dot, ramp, text

WIDTH, TOP, SIDE = 640, 56, 46
"""Width of the picture; top and height of the boxes of the members."""
BLOCKS, PLOT = 148, 258
"""Tops of the blocks of parents and child, and of the family tree."""


class Member(NamedTuple):
    """One that lives: the number of its network, what it is, and when it joined (networks told before)."""

    number: int
    individual: Individual
    since: int


class Moment(NamedTuple):
    """One step of the algorithm.

    Attributes:
        alive: the members, oldest first; a newcomer is the last of them, also if somebody dies for it.
        child: the network of this step, and its number, from 0.
        parents: the numbers of its parents.
        drawn: the tournaments, as numbers of networks.
        reward: of the child; None if it is not known yet.
        died: the place of the one who dies now, in `alive`; -1 for nobody.
        known: the child was known already, and is not asked.
        told: how many networks were told before.
    """

    alive: tuple[Member, ...]
    child: Architecture
    number: int
    parents: tuple[int, ...]
    drawn: tuple[tuple[int, ...], ...]
    reward: float | None
    died: int
    known: bool
    told: int


def population(controller: Evolution, score: Callable[[Architecture], float], trials: int, *, title: str = "") -> Film:
    """Return a film of an evolution, step by step; it ends with the family tree of the winner.

        Player(films.population(RegularizedEvolution(space, population=8), lambda a: scores[a], 30))

    A question is a frame for each proposal, and a reward is a frame. Making the film runs the search.

    Args:
        controller: a fresh one; the film shows its `proposals`, and what `learn` yields.
        score: the reward of an architecture.
        trials: how many networks are asked.
        title: replaces "A population, step by step".

    Raises:
        BadValue: no population, one that has begun already, or no trial.
    """
    if not isinstance(controller, Evolution) or controller.rewards or trials < 1:
        raise BadValue(
            f"this film shows a fresh population and at least one trial; given {controller!r}, which was told "
            f"{len(getattr(controller, 'rewards', ()))} rewards, and {trials} trials"
        )
    history = History(controller, score)
    moments = [moment for _ in range(trials) for moment in history.trial()]
    low, high = min(history.rewards), max(history.rewards)
    edge = max((high - low) * 0.06, 0.005)
    plot = Plot(50, PLOT, 574, 130, (0, trials + 1), (low - edge, high + edge))
    frames = [_frame(moment, history, plot, controller.population) for moment in moments]
    frames.append(_ending(history, plot))
    return Film(frames, WIDTH, PLOT + 172, tuple(plot.axes("network", "reward")), title or "A population, step by step")


class History:
    """Runs the search, and notes every step.

    Attributes:
        rewards, parents: of each network, in the order asked; parents are numbers of networks.
    """

    def __init__(self, controller: Evolution, score: Callable[[Architecture], float]):
        self.controller, self.score = controller, score
        self.number: dict[Architecture, int] = {}
        self.rewards: list[float] = []
        self.parents: list[tuple[int, ...]] = []
        self.alive: list[Member] = []

    def trial(self) -> Iterator[Moment]:
        """Yield the steps of one question and its reward."""
        for birth in self.controller.proposals():
            parents = tuple(dict.fromkeys(self.number[parent] for parent in birth.parents))
            drawn = tuple(tuple(self.number[one.architecture] for one in own) for own in birth.tournaments)
            told, known = len(self.rewards), birth.child in self.number
            number = self.number[birth.child] if known else told
            reward, died = None, -1
            if birth.joined is not None:
                reward, died = birth.joined.reward, self._join(birth.joined, birth.died)
            step = Moment(tuple(self.alive), birth.child, number, parents, drawn, reward, died, known, told)
            self._bury(died)
            if drawn:  # of a founder, only its reward is shown
                yield step
        self.number[birth.child] = number
        reward = self.score(birth.child)
        for arrival in self.controller.learn(birth.child, reward):
            died = self._join(arrival.joined, arrival.died)
            yield Moment(tuple(self.alive), birth.child, number, parents, (), reward, died, False, told)
            self._bury(died)
        self.rewards.append(reward)
        self.parents.append(parents)

    def _join(self, newcomer: Individual, died: Individual | None) -> int:
        """Add a newcomer, and return the place of the one who dies for it: the oldest that is equal to `died`."""
        self.alive.append(Member(self.number[newcomer.architecture], newcomer, len(self.rewards)))
        return [member.individual for member in self.alive].index(died) if died else -1

    def _bury(self, place: int) -> None:
        if place >= 0:
            del self.alive[place]


# ---------------------------------------------------------------------- drawing


def _frame(moment: Moment, history: History, plot: Plot, size: int) -> Frame:
    told = moment.told + (moment.reward is not None and not moment.known)
    now = moment.number if moment.reward is not None else max(moment.parents, default=-1)
    picture = (
        text(10, 24, _heading(moment), size=16, bold=True),
        text(10, 44, "oldest", size=11, fill=SOFT),
        text(WIDTH - 10, 44, "youngest", size=11, anchor="end", fill=SOFT),
        *_members(moment, history, size),
        *_blocks(moment, history),
        *_tree(history, plot, told, now),
    )
    return Frame(picture, _words(moment, history), _rows(moment))


def _heading(moment: Moment) -> str:
    name = f"Network {moment.number + 1}"
    if moment.known:
        return f"{name} again: a child that is known already"
    if moment.reward is None:
        return f"{name} is made"
    return f"{name} is trained: reward {moment.reward:.3f}"


def _members(moment: Moment, history: History, size: int) -> list[str]:
    """Draw a box for each member: its colour is its reward; marked if drawn, parent, newcomer or about to die."""
    wide = (WIDTH - 20) / (size + 1)
    counts = Counter(number for own in moment.drawn for number in own)
    parts = []
    for place, member in enumerate(moment.alive):
        x, number = 10 + place * wide, member.number
        ground, ink = ramp(member.individual.reward, min(history.rewards), max(history.rewards))
        parts.append(box(x, TOP, wide - 4, SIDE, ground, line=MIDDLE, round=4))
        middle = x + (wide - 4) / 2
        parts.append(text(middle, TOP + 18, str(number + 1), size=13, anchor="middle", fill=ink, bold=True))
        parts.append(text(middle, TOP + 35, f"{member.individual.reward:.3f}", size=11, anchor="middle", fill=ink))
        said = f"age {moment.told - member.since}"
        if number in counts:
            line = ORANGE if number in moment.parents else INK
            parts.append(box(x, TOP, wide - 4, SIDE, "none", line=line, stroke=4 if line == ORANGE else 2, round=4))
            said = "parent" if line == ORANGE else f"drawn {counts[number]}×" if counts[number] > 1 else "drawn"
        if place == moment.died:
            parts.append(cross(middle, TOP + SIDE / 2, 17, RED))
            said = "dies"
        parts.append(
            text(middle, TOP + SIDE + 15, said, size=11, anchor="middle", fill=NOTE if said == "dies" else INK)
        )
    return parts


def _blocks(moment: Moment, history: History) -> list[str]:
    """Draw parents and child as rows of blocks; what the child has in place of its first parent's is framed."""
    networks = {number: architecture for architecture, number in history.number.items()}
    rows = [(f"parent {number + 1}", networks[number], (0, 0)) for number in moment.parents]
    first = networks[moment.parents[0]] if moment.parents else moment.child
    rows.append((f"network {moment.number + 1}", moment.child, changed(first, moment.child)))
    parts = []
    for row, (name, architecture, (begin, end)) in enumerate(rows):
        y, x = BLOCKS + 26 * row, 96.0
        parts.append(text(10, y + 15, name, size=12))
        for place, choice in enumerate(architecture):
            wide = 14 + 7 * len(choice)
            new = begin <= place < end
            line, stroke = (RED, 3) if new else (GREY, 1)
            parts.append(box(x, y, wide, 20, colour_of(choice), line=line, stroke=stroke, round=3))
            parts.append(text(x + wide / 2, y + 14, choice, size=11, anchor="middle", fill="black"))
            x += wide + 6
    return parts


def changed(a: Architecture, b: Architecture) -> tuple[int, int]:
    """Return from where to where `b` differs from `a`; the place where something is missing has no length."""
    shorter, begin = min(len(a), len(b)), 0
    while begin < shorter and a[begin] == b[begin]:
        begin += 1
    same = 0
    while same < shorter - begin and a[-1 - same] == b[-1 - same]:
        same += 1
    return begin, len(b) - same


def _tree(history: History, plot: Plot, told: int, now: int) -> list[str]:
    """Draw a dot for each network that was told, a line from each parent, and the ancestors of one in orange."""
    parts = []
    for number in range(told):
        here = plot.at(number + 1, history.rewards[number])
        own = history.parents[number]
        lines = [curve([plot.at(p + 1, history.rewards[p]), here], MIDDLE, 1) for p in own]
        parts.append("".join(lines) + dot(*here, 4, BLUE if own else PAPER, PAPER if own else BLUE))
    for a, b in ancestors(history.parents, now) if 0 <= now < told else ():
        parts.append(curve([plot.at(n + 1, history.rewards[n]) for n in (a, b)], ORANGE, 2.5))
    return parts


def _ending(history: History, plot: Plot) -> Frame:
    """Return the last frame: the line from a founder to the winner, and which founders have living descendants."""
    best = max(range(len(history.rewards)), key=history.rewards.__getitem__)
    edges = ancestors(history.parents, best)
    line = sorted({best, *(a for a, _ in edges)})
    founders = [number for number, own in enumerate(history.parents) if not own]
    living = {a for member in history.alive for a, _ in ancestors(history.parents, member.number)}
    living |= {member.number for member in history.alive}
    left = [number for number in founders if number in living]
    way = " → ".join(f"{n + 1} ({history.rewards[n]:.3f})" for n in line)
    networks = {number: architecture for architecture, number in history.number.items()}
    words = (
        f"The winner is network {best + 1} with {history.rewards[best]:.3f}. Its ancestors and itself: {way}. "
        f"Of {len(founders)} founders, {len(left)} live or have descendants that live."
    )
    picture = [
        text(10, 24, f"The winner: network {best + 1}, reward {history.rewards[best]:.3f}", size=16, bold=True),
        text(10, 44, f"Of {len(founders)} founders, {len(left)} live or have descendants that live.", size=13),
    ]
    for row, number in enumerate(line[-8:]):
        said = f"{number + 1}: {history.rewards[number]:.3f}  {' '.join(networks[number])}"
        picture.append(text(10, 70 + 20 * row, said[:80], size=12))
    rows = (
        ("network", "reward", "architecture"),
        *((str(n + 1), f"{history.rewards[n]:.3f}", " ".join(networks[n])) for n in line),
    )
    return Frame((*picture, *_tree(history, plot, len(history.rewards), best)), words, rows)


# ---------------------------------------------------------------------- words


def _words(moment: Moment, history: History) -> str:
    name = f"Network {moment.number + 1}"
    said = []
    for drawn, parent in zip(moment.drawn, _winners(moment, history), strict=True):
        numbers = ", ".join(str(number + 1) for number in drawn)
        said.append(f"drawn: {numbers}; the best of them is {parent + 1} with {history.rewards[parent]:.3f}")
    if moment.reward is None:
        end = f"its child {moment.number + 1} is {' '.join(moment.child)}"
        again = ", which is known already: it is changed once more" if moment.known else ""
        return f"{name}: {'; '.join(said)}; {end}{again}."
    joins = f"joins as the youngest with {moment.reward:.3f}"
    if moment.known:
        joins = f"{'; '.join(said)}; the child {moment.number + 1} is known: it {joins}, and another child is made"
    else:
        joins = f"{' '.join(moment.child)} {joins}"
    if moment.died < 0:
        return f"{name}: {joins}."
    dead = moment.alive[moment.died]
    rewards = [member.individual.reward for member in moment.alive]
    how = (
        "the best of all"
        if dead.individual.reward == max(rewards)
        else "the worst"
        if (dead.individual.reward == min(rewards))
        else "neither the best nor the worst"
    )
    return f"{name}: {joins}. Network {dead.number + 1} dies with {dead.individual.reward:.3f}: {how}."


def _winners(moment: Moment, history: History) -> list[int]:
    """Return the number of the winner of each tournament, by the algorithm's own rule."""
    found = []
    for drawn in moment.drawn:
        best = winner(tuple(Individual((str(number),), history.rewards[number]) for number in drawn))
        found.append(int(best.architecture[0]))
    return found


def _rows(moment: Moment) -> tuple[tuple[str, ...], ...]:
    """Return the living members as a table, oldest first."""
    body = []
    for place, (number, individual, since) in enumerate(moment.alive):
        drawn = sum(own.count(number) for own in moment.drawn)
        role = (
            "dies"
            if place == moment.died
            else "parent"
            if drawn and number in moment.parents
            else "drawn"
            if drawn
            else ""
        )
        body.append(
            (
                str(number + 1),
                str(moment.told - since),
                f"{individual.reward:.3f}",
                role,
                " ".join(individual.architecture),
            )
        )
    return (("network", "age", "reward", "", "architecture"), *body)
