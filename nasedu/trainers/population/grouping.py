"""Who is trained together with whom."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from math import ceil
from typing import NamedTuple

from nasedu.trainers.checkpoint import Checkpoint
from nasedu.trainers.jobs import Job
from nasedu.trainers.population.profile import Profile, arithmetic, widest


class Seat(NamedTuple):
    """One training that is asked for.

    Attributes:
        place: its place among all that are asked for.
        job: what is trained.
        part: on which part of the task.
        before: where it was left, if it goes on.
        profile: of its network; None for one that is trained alone.
    """

    place: int
    job: Job
    part: int
    before: Checkpoint | None
    profile: Profile | None


def crowds_of(seats: Sequence[Seat], sizes: Sequence[Hashable], padding: float) -> list[list[Seat]]:
    """Seats whose networks can be stacked, together; those that fit nobody, alone.

    Args:
        sizes: of each part of the task, whatever must be equal for its examples to be stacked.
        padding: see `PopulationTrainer`.
    """
    alike: dict[Hashable, list[Seat]] = defaultdict(list)
    for seat in seats:
        done = seat.before.epochs if seat.before else 0
        alike[_kind(seat, padding), sizes[seat.part], done, seat.job.epochs, seat.job.total].append(seat)
    return [crowd for seats in alike.values() for crowd in _close_in_width(seats, padding)]


def _kind(seat: Seat, padding: float) -> Hashable:
    """Equal for networks that can be stacked."""
    profile = seat.profile
    if profile is None:
        return seat.place
    if profile.mapped:
        return "mapped", seat.job.architecture
    return profile.loose if padding > 1 and profile.loose else profile.exact


def _close_in_width(seats: list[Seat], padding: float) -> list[list[Seat]]:
    """Networks of one skeleton, the widest first, divided where filling a narrower one up would cost too much."""
    if padding == 1 or seats[0].profile is None:
        return [seats]
    crowds: list[list[Seat]] = []
    for seat in sorted(seats, key=_own_arithmetic, reverse=True):
        crowd = [*crowds[-1], seat] if crowds else []
        if crowd and _most_arithmetic(crowd) <= padding * _own_arithmetic(seat):
            crowds[-1] = crowd
        else:
            crowds.append([seat])
    return crowds


def _own_arithmetic(seat: Seat) -> int:
    assert seat.profile is not None
    return arithmetic(seat.profile.products)


def _most_arithmetic(crowd: list[Seat]) -> int:
    return arithmetic(widest([seat.profile for seat in crowd if seat.profile]))


def divided(crowd: Sequence[Seat], most: int, cores: int, least: int = 4) -> list[list[Seat]]:
    """A crowd in equal pieces: none larger than `most`, and work for every core while no piece is under `least`."""
    pieces = max(ceil(len(crowd) / most), min(cores, len(crowd) // least), 1)
    size = ceil(len(crowd) / pieces)
    return [list(crowd[first : first + size]) for first in range(0, len(crowd), size)]
