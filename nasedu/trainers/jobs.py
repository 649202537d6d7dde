"""What a trainer is asked to do, looked at before anything is trained."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nasedu.core import Architecture, BadValue, CheckedArchitecture, checked
from nasedu.trainers.base import check_epochs, one_seed_each

if TYPE_CHECKING:
    from nasedu.trainers.checkpoint import State


class Job(NamedTuple):
    """One architecture to train.

    Attributes:
        epochs: how many shall be done in the end.
        total: how many the whole training has; the schedule of a learning rate depends on it.
    """

    architecture: CheckedArchitecture
    seed: int
    epochs: int
    total: int


def jobs_for(
    space: Any, architectures: Sequence[Architecture], epochs: int, seed: int | Sequence[int], *, total: int
) -> list[Job]:
    """Return a job for each architecture.

    Raises:
        BadArchitecture, BadValue: an architecture of another space, a wrong number of seeds, impossible epochs.
    """
    check_epochs(epochs)
    check_epochs(total)
    if epochs > total:
        raise BadValue(f"{epochs} epochs of a training that has {total} in all; give total >= epochs")
    seeds = one_seed_each(architectures, seed)
    return [Job(a, s, epochs, total) for a, s in zip(checked(space, architectures), seeds, strict=True)]


def one_state_each(jobs: Sequence[Job], states: Sequence[Any] | None) -> list[Any]:
    """Return a state for each job, None for one that begins. Raises BadValue if their numbers differ."""
    if states is None:
        return [None] * len(jobs)
    if len(states) != len(jobs):
        raise BadValue(f"{len(jobs)} architectures and {len(states)} states: give one for each, or none")
    return list(states)


def check_states(jobs: Sequence[Job], states: "Sequence[State | None]", subtasks: int) -> None:
    """Raise BadValue for a state of a trainer with other tasks or folds, or one that is further already.

    Args:
        subtasks: how many tasks or folds a state of this trainer has a checkpoint for.
    """
    for job, state in zip(jobs, states, strict=True):
        if state is not None and len(state) != subtasks:
            raise BadValue(
                f"a state of {len(state)} tasks or folds, and this trainer has {subtasks}: begin its training again"
            )
        done = max((checkpoint.epochs for checkpoint in state or () if checkpoint), default=0)
        if done > job.epochs:
            raise BadValue(f"{done} epochs of {job.architecture} are done already; asked for {job.epochs}")
