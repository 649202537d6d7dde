"""Shows each backup of Q-learning: the table, the network, and the equation with its numbers. Lesson 04."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from nasedu.controllers.base import Controller
from nasedu.controllers.q_learning import QLearning, QUpdate
from nasedu.core import Architecture, BadValue
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films import q_picture
from nasedu.widgets.films.q_moment import Cell, Moment, reason, sentence
from nasedu.widgets.films.q_picture import TableLayout

REPLAYS = ("together", "singly", "hidden")


def q_learning(
    controller: QLearning, told: Iterable[tuple[Architecture, float]], *, replay: str = "together", title: str = ""
) -> Film:
    """Return a film of a Q-learner while it is told of networks. Making the film trains the controller.

        def told():
            for _ in range(5):
                architecture = controller.ask()
                yield architecture, table.scores(task)[architecture]

        Player(films.q_learning(controller, told()))

    Each backup is a frame. The frame shows its cell in the table (states by choices), its equation with numbers, its
    network, epsilon and the replay memory.

    Args:
        controller: the learner; the film shows its `updates`.
        told: (architecture, reward) pairs. The film takes them one by one, so a generator may ask the controller for
            the next one.
        replay: "together": the replayed backups after a network are one frame; "singly": one frame each;
            "hidden": they are made, but not shown.
        title: replaces "Q-learning, backup by backup".

    Raises:
        BadValue: no Q-learner, a Q-learner with two tables, no pair, or an unknown value of replay.
    """
    if not isinstance(controller, QLearning) or controller.double:
        raise BadValue(f"this film shows a QLearning controller with one table (double=False); given {controller!r}")
    if replay not in REPLAYS:
        raise BadValue(f"replay is one of {', '.join(REPLAYS)}; given {replay!r}")
    moments = list(_moments(controller, told))
    if not moments:
        raise BadValue("no network was told: give at least one (architecture, reward) pair")
    if replay == "hidden":
        moments = [moment for moment in moments if not moment.replayed]
    if replay == "together":
        moments = list(_grouped(moments))
    layout = TableLayout.of(moments, list(controller.space.vocabulary()[0]))
    frames = [_frame(layout, moment, controller.alpha) for moment in moments]
    return Film(frames, q_picture.WIDTH, layout.height, layout.head(), title or "Q-learning, backup by backup")


def _frame(layout: TableLayout, moment: Moment, alpha: float) -> Frame:
    words = sentence(moment, layout.names, alpha, layout.networks)
    return Frame(q_picture.draw(layout, moment, alpha), words, layout.rows(moment))


# ---------------------------------------------------------------------- from the learner to moments


def _moments(controller: QLearning, told: Iterable[tuple[Architecture, float]]) -> Iterator[Moment]:
    """Yield every step of the learner: each network when it is told, and each backup."""
    source, number = iter(told), 0
    while True:
        epsilon = controller.epsilon  # of the next walk: the source may ask for it now
        told_now = next(source, None)
        if told_now is None:
            return
        architecture, reward = tuple(told_now[0]), float(told_now[1])
        Controller.tell(controller, architecture, reward)  # only the checks and memory of the base class; no learning
        path = tuple(controller.trajectory(architecture))
        new = Moment(number, architecture, reward, path, epsilon, _table(controller), _memory(controller))
        yield new
        for order, steps in enumerate(_passes(controller, architecture, reward)):
            for moment in steps:
                yield replace(moment, network=number, epsilon=epsilon, replayed=order > 0)
        number += 1


def _passes(controller: QLearning, architecture: Architecture, reward: float) -> Iterator[list[Moment]]:
    """Yield the backups after one network, a list for each trajectory."""
    start = controller.space.key(controller.space.start())
    seen: list[tuple[QUpdate, str, dict[Cell, float]]] = []
    for update in controller.updates(architecture, reward):
        after = seen[-1][0] if seen else None
        seen.append((update, reason(controller, update, after), _table(controller)))
        path = tuple((u.state, u.choice) for u, *_ in reversed(seen))
        if update.state != start or path not in (stored := _stored(controller)):
            continue  # the backups of a trajectory go backwards: it is complete at its start
        memory, network = _memory(controller), tuple(choice for _, choice in path)
        yield [Moment(0, network, stored[path], path, 0.0, table, memory, u, why) for u, why, table in seen]
        seen = []


def _stored(controller: QLearning) -> dict[tuple[Cell, ...], float]:
    """Return the trajectories in the replay memory, each in the order of its walk, with its reward."""
    return {tuple((key, choice) for key, choice, *_ in reversed(path)): reward for path, reward in controller.memory}


def _memory(controller: QLearning) -> tuple[float, ...]:
    return tuple(reward for _, reward in controller.memory)


def _table(controller: QLearning) -> dict[Cell, float]:
    return {(state, choice): value for state, row in controller.q.items() for choice, value in row.items()}


def _grouped(moments: list[Moment]) -> Iterator[Moment]:
    """Yield the moments with all replayed backups of a network joined into one: the last of them."""
    for (replayed, _), group in groupby(moments, key=lambda moment: (moment.replayed, moment.network)):
        members = list(group)
        if not replayed:
            yield from members
            continue
        before: dict[Cell, float] = {}
        for moment in members:
            assert moment.update is not None
            before.setdefault((moment.update.state, moment.update.choice), moment.update.old)
        yield replace(members[-1], update=None, changed=before, backups=len(members))
