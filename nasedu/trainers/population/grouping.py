"""Which trainings are computed together, as one group."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from math import ceil
from typing import NamedTuple

from nasedu.trainers.checkpoint import Checkpoint
from nasedu.trainers.jobs import Job
from nasedu.trainers.population.profile import Profile, arithmetic, widest


class SubtaskJob(NamedTuple):
    """One training that is asked for: of one network, on one subtask.

    Attributes:
        place: its place among all that are asked for.
        job: what is trained.
        subtask: on which task or fold.
        before: where it was left, if it goes on.
        profile: of its network; None for one that is trained alone.
    """

    place: int
    job: Job
    subtask: int
    before: Checkpoint | None
    profile: Profile | None


def group_trainings(
    trainings: Sequence[SubtaskJob], sizes: Sequence[Hashable], padding: float
) -> list[list[SubtaskJob]]:
    """Return groups of trainings whose networks can be stacked; one that fits no other is a group of its own.

    Args:
        sizes: of each subtask, whatever must be equal for its examples to be stacked.
        padding: see `PopulationTrainer`.
    """
    alike: dict[Hashable, list[SubtaskJob]] = defaultdict(list)
    for one in trainings:
        done = one.before.epochs if one.before else 0
        alike[_kind(one, padding), sizes[one.subtask], done, one.job.epochs, one.job.total].append(one)
    return [group for similar in alike.values() for group in _close_in_width(similar, padding)]


def _kind(training: SubtaskJob, padding: float) -> Hashable:
    """Return a value that is equal for networks that can be stacked."""
    profile = training.profile
    if profile is None:
        return training.place
    if profile.mapped:
        return "mapped", training.job.architecture
    return profile.loose if padding > 1 and profile.loose else profile.exact


def _close_in_width(trainings: list[SubtaskJob], padding: float) -> list[list[SubtaskJob]]:
    """Return groups of one skeleton, the widest network first, split where padding a narrower one costs too much."""
    if padding == 1 or trainings[0].profile is None:
        return [trainings]
    groups: list[list[SubtaskJob]] = []
    for one in sorted(trainings, key=_own_arithmetic, reverse=True):
        group = [*groups[-1], one] if groups else []
        if group and _most_arithmetic(group) <= padding * _own_arithmetic(one):
            groups[-1] = group
        else:
            groups.append([one])
    return groups


def _own_arithmetic(training: SubtaskJob) -> int:
    assert training.profile is not None
    return arithmetic(training.profile.products)


def _most_arithmetic(group: list[SubtaskJob]) -> int:
    return arithmetic(widest([one.profile for one in group if one.profile]))


def split_group(group: Sequence[SubtaskJob], most: int, cores: int, least: int = 4) -> list[list[SubtaskJob]]:
    """Return a group in equal pieces, none larger than `most`; each core gets one while none falls under `least`."""
    pieces = max(ceil(len(group) / most), min(cores, len(group) // least), 1)
    size = ceil(len(group) / pieces)
    return [list(group[first : first + size]) for first in range(0, len(group), size)]
