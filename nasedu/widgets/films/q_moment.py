"""One moment of a Q-learner, and its description in words."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from nasedu.controllers.q_learning import QLearning, QUpdate
from nasedu.core import Architecture

Cell = tuple[Hashable, str]


@dataclass(frozen=True)
class Moment:
    """The state of the learner after one step, or after a group of replayed steps.

    Attributes:
        network: the number of the network that was told, from 0.
        architecture, reward: that network, or the replayed one, and its reward.
        path: its cells in the table, in the order of its walk.
        epsilon: the epsilon with which the network was asked.
        table: every Q-value, by state and choice.
        memory: the rewards of the stored trajectories, in order.
        update: the last backup; None for other steps.
        why: the origin of its target.
        changed: the cells that a group of replayed backups changed, with their values before.
        backups: the number of backups in the group.
        replayed: whether the trajectory is from the replay memory.
    """

    network: int
    architecture: Architecture
    reward: float
    path: tuple[Cell, ...]
    epsilon: float
    table: Mapping[Cell, float]
    memory: tuple[float, ...]
    update: QUpdate | None = None
    why: str = ""
    changed: Mapping[Cell, float] = field(default_factory=dict)
    backups: int = 0
    replayed: bool = False


def equation(update: QUpdate, alpha: float) -> str:
    """Return the backup with its numbers: old + alpha · (target − old) = new."""
    return f"{update.old:.3f} + {alpha:g} · ({update.target:.3f} − {update.old:.3f}) = {update.new:.3f}"


def reason(controller: QLearning, update: QUpdate, after: QUpdate | None) -> str:
    """Return the origin of a backup's target in words; `after` is the backup of the next step of the walk."""
    gamma = f"{controller.gamma:g}"
    if after is None:
        return f"target = the reward {update.target:.3f}, for this was the last choice"
    best = max(controller.q[after.state].values())
    if controller.target == "return":
        return f"target = gamma · the target of the step after = {gamma} · {after.target:.3f}"
    if controller.target == "max":
        return f"target = gamma · the best value of the state after = {gamma} · {best:.3f}"
    lambda_ = controller.lambda_
    mix = f"({1 - lambda_:g} · {best:.3f} + {lambda_:g} · {after.target:.3f})"
    return f"target = gamma · (best value and target of the step after, mixed) = {gamma} · {mix}"


def sentence(moment: Moment, names: Mapping[Hashable, str], alpha: float, networks: int) -> str:
    """Return the moment in words, with the numbers in its equation."""
    which = f"Network {moment.network + 1} of {networks}"
    if moment.update is not None:
        u, again = moment.update, ", replay" if moment.replayed else ""
        cell = f"Q({names[u.state]}, {u.choice})"
        return f"{which}{again}: {cell} becomes {equation(u, alpha)}; {moment.why}."
    if moment.replayed:
        state, choice = max(moment.changed, key=lambda cell: abs(moment.table[cell] - moment.changed[cell]))
        old, new = moment.changed[state, choice], moment.table[state, choice]
        most = f"the largest change is Q({names[state]}, {choice}), from {old:.3f} to {new:.3f}"
        return f"{which}: {moment.backups} more backups from the replay memory; {most}."
    asked = f"{' '.join(moment.architecture)}, asked with epsilon {moment.epsilon:.2f}"
    return f"{which}: {asked}; reward {moment.reward:.3f}."


def names_of(states: Sequence[Hashable]) -> dict[Hashable, str]:
    """Return a short name for each state: its words, and also its numbers if the words are not unique."""
    parts = {state: state if isinstance(state, tuple) else (state,) for state in states}
    short = {state: " ".join(part for part in parts[state] if isinstance(part, str)) for state in states}
    columns = list(zip(*parts.values(), strict=False))
    telling = [place for place, column in enumerate(columns) if isinstance(column[0], str) or len(set(column)) > 1]
    whole = {state: " ".join(str(parts[state][place]) for place in telling) for state in states}
    taken = list(short.values())
    return {
        state: short[state] if short[state] and taken.count(short[state]) == 1 else whole[state] for state in states
    }
