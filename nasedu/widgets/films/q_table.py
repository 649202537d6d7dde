"""Q-learning, backup by backup: the table, the network it learns from, and the equation with its numbers. Lesson 04."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from nasedu.controllers.base import Controller
from nasedu.controllers.q_learning import QLearning, QUpdate
from nasedu.core import Architecture, BadValue
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films import q_picture
from nasedu.widgets.films.q_moment import Cell, Moment, reason, sentence
from nasedu.widgets.films.q_picture import Sheet

REPLAYS = ("together", "singly", "hidden")


def q_learning(
    controller: QLearning, told: Iterable[tuple[Architecture, float]], *, replay: str = "together", title: str = ""
) -> Film:
    """A film of a Q-learner that is told of networks, one after the other; when it is made, they are learned.

        def told():
            for _ in range(5):
                architecture = controller.ask()
                yield architecture, table.scores(task)[architecture]

        Player(films.q_learning(controller, told()))

    Each backup is a frame: its cell in the table of states by choices, its equation with the numbers put in, the
    network that it belongs to, and beside it epsilon and the replay memory.

    Args:
        controller: the learner; its `updates` are what the film shows.
        told: (architecture, reward) pairs, taken one by one when the film needs them, so a generator may ask the
            controller for the next one.
        replay: "together": the replayed backups after a network are one frame; "singly": one frame each;
            "hidden": made, and not shown.
        title: in place of "Q-learning, backup by backup".

    Raises:
        BadValue: no Q-learner, one with two tables, nothing told, or an unknown way to show replay.
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
    sheet = Sheet.of(moments, list(controller.space.vocabulary()[0]))
    frames = [_frame(sheet, moment, controller.alpha) for moment in moments]
    return Film(frames, q_picture.WIDTH, sheet.height, sheet.head(), title or "Q-learning, backup by backup")


def _frame(sheet: Sheet, moment: Moment, alpha: float) -> Frame:
    words = sentence(moment, sheet.names, alpha, sheet.networks)
    return Frame(q_picture.draw(sheet, moment, alpha), words, sheet.rows(moment))


# ---------------------------------------------------------------------- from the learner to moments


def _moments(controller: QLearning, told: Iterable[tuple[Architecture, float]]) -> Iterator[Moment]:
    """Every step of the learner, one by one: each network when it is told, and each backup."""
    source, number = iter(told), 0
    while True:
        epsilon = controller.epsilon  # of the walk that the source may be about to ask for
        told_now = next(source, None)
        if told_now is None:
            return
        architecture, reward = tuple(told_now[0]), float(told_now[1])
        Controller.tell(controller, architecture, reward)  # every controller's own check and memory; no learning yet
        path = tuple(controller.trajectory(architecture))
        new = Moment(number, architecture, reward, path, epsilon, _table(controller), _memory(controller))
        yield new
        for order, steps in enumerate(_passes(controller, architecture, reward)):
            for moment in steps:
                yield replace(moment, network=number, epsilon=epsilon, replayed=order > 0)
        number += 1


def _passes(controller: QLearning, architecture: Architecture, reward: float) -> Iterator[list[Moment]]:
    """The backups after one network, one list for each trajectory that is learned from."""
    start = controller.space.key(controller.space.start())
    seen: list[tuple[QUpdate, str, dict[Cell, float]]] = []
    for update in controller.updates(architecture, reward):
        after = seen[-1][0] if seen else None
        seen.append((update, reason(controller, update, after), _table(controller)))
        path = tuple((u.state, u.choice) for u, *_ in reversed(seen))
        if update.state != start or path not in (stored := _stored(controller)):
            continue  # a trajectory is learned from backwards: it is complete at its start
        memory, network = _memory(controller), tuple(choice for _, choice in path)
        yield [Moment(0, network, stored[path], path, 0.0, table, memory, u, why) for u, why, table in seen]
        seen = []


def _stored(controller: QLearning) -> dict[tuple[Cell, ...], float]:
    """The trajectories in the replay memory, each in the order of its walk, with its reward."""
    return {tuple((key, choice) for key, choice, *_ in reversed(path)): reward for path, reward in controller.memory}


def _memory(controller: QLearning) -> tuple[float, ...]:
    return tuple(reward for _, reward in controller.memory)


def _table(controller: QLearning) -> dict[Cell, float]:
    return {(state, choice): value for state, row in controller.q.items() for choice, value in row.items()}


def _grouped(moments: list[Moment]) -> Iterator[Moment]:
    """The same with all replayed backups of a network as one moment, the last of them."""
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
