"""The number of architectures in a space, and their order. Each state is visited once, not each architecture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from nasedu.core import Architecture, BadValue, rng_from

if TYPE_CHECKING:
    import numpy as np

    from nasedu.spaces.base import Space, State

MOST_STATES = 500_000
CHECKED = 20_000
LONGEST = 10_000
LISTED = 20_000
DRAWN = 1_000


class Networks(NamedTuple):
    """How many different networks a space has: those that its `canonical` tells apart.

    Attributes:
        number: at least 1; Python's whole numbers.
        exact: False where it was estimated from a sample.
    """

    number: int
    exact: bool


class TooManyStates(BadValue):
    """The space has more states than can be counted, or walks without an end."""


def check(space: Space) -> None:
    """Raise BadValue for a start without any choice, for a cycle, or for a walk that never ends.

    Every controller calls it when it is made. It stops silently after 20,000 states: a space may have more states than
    can be counted, and still be searched. (Dead ends need networks: `nasedu.testing.check_space` finds them.)
    """
    space.cached("checked", lambda: _check(space))


def _check(space: Space) -> None:
    for which in (0, -1):  # the walks that always take the first choice, and always the last
        _check_end(space, which)
    with suppress(TooManyStates):
        states_by_depth_first(space, CHECKED)


def _check_end(space: Space, which: int) -> None:
    state, length = space.start(), 0
    moves = space.moves(state)
    seen = {state}
    while moves:
        state, length = list(moves.values())[which], length + 1
        moves = space.moves(state)  # first, since it refuses a state that cannot be hashed
        if state in seen:
            return  # a cycle: `states_by_depth_first` raises the better message
        seen.add(state)
        if length > LONGEST:
            raise BadValue(
                f"the space {space.title!r} has a walk of {LONGEST:,} choices that has not ended: offer a choice that "
                "completes the network, and put a limit, such as the greatest depth, into `choices`"
            )


def states_by_depth_first(space: Space, most: int = MOST_STATES) -> list[State]:
    """Return every reachable state, each after all the states that it leads to (so the start comes last).

    Raises:
        BadValue: the space has a cycle (a space must be finite), or a start without any choice.
        TooManyStates: more states than `most`.
    """
    start = space.start()
    if not space.moves(start):
        raise BadValue(f"the space {space.title!r} has no choice at its start: there is nothing to search")
    done: dict[State, None] = {}
    path: dict[State, Iterator[State]] = {start: iter(space.moves(start).values())}
    while path:
        state = next(reversed(path))
        for after in path[state]:
            if after in path:
                raise BadValue(
                    f"the space {space.title!r} has a cycle: a walk comes back to the state {after!r}. "
                    "Put something that grows, such as the depth, into the state"
                )
            if after not in done:
                path[after] = iter(space.moves(after).values())
                if len(path) + len(done) > most:
                    raise TooManyStates(
                        f"the space {space.title!r} has more than {most:,} states: keep in the state only what the "
                        "future depends on, not the whole prefix, and see to it that every walk ends"
                    )
                break
        else:
            del path[state]
            done[state] = None
    return list(done)


def counts(space: Space) -> dict[State, int]:
    """Return for every reachable state how many architectures go on from it (Python integers); computed once."""
    return space.cached("counts", lambda: _counts(space))


def _counts(space: Space) -> dict[State, int]:
    ways: dict[State, int] = {}
    for state in states_by_depth_first(space):
        moves = space.moves(state)
        ways[state] = sum(ways[after] for after in moves.values()) if moves else 1
    return ways


def lengths(space: Space) -> tuple[int, int]:
    """Return how many choices the shortest and the longest architecture have."""
    shortest: dict[State, int] = {}
    longest: dict[State, int] = {}
    for state in states_by_depth_first(space):
        after = space.moves(state).values()
        shortest[state] = 1 + min(shortest[s] for s in after) if after else 0
        longest[state] = 1 + max(longest[s] for s in after) if after else 0
    return shortest[space.start()], longest[space.start()]


def size(space: Space) -> int:
    """Return the number of architectures, counted by dynamic programming over the states."""
    return counts(space)[space.start()]


def count_networks(space: Space) -> Networks:
    """Return how many different networks a space has; `size()` counts architectures, some of which build the same one.

    A space with at most 20,000 architectures is listed, and one in which every architecture is its own network is
    counted. Of any other, 1,000 architectures are drawn uniformly; the number is the share that is canonical, times
    `size()`.

    Raises:
        BadValue: the space has more states than can be counted.
    """
    return space.cached("networks", lambda: _networks(space))


def _networks(space: Space) -> Networks:
    from nasedu.spaces.base import Space

    number = size(space)
    if type(space).canonical is Space.canonical:
        return Networks(number, True)
    if number <= LISTED:
        return Networks(len({space.canonical(a) for a in space.enumerate()}), True)
    rng = rng_from(0, "networks", "sample")
    drawn = [sample_uniform(space, rng) for _ in range(DRAWN)]
    canonical = sum(space.canonical(a) == a for a in drawn)
    return Networks(max(number * canonical // DRAWN, 1), False)


def nth(space: Space, number: int) -> Architecture:
    """Return the architecture at index `number` of `enumerate()`, without enumerating those before it."""
    ways = counts(space)
    state = space.start()
    if not 0 <= number < ways[state]:
        raise BadValue(f"the space {space.title!r} has architectures 0 to {ways[state] - 1}; given {number}")
    architecture = []
    while moves := space.moves(state):
        for choice, after in moves.items():
            if number < ways[after]:
                architecture.append(choice)
                state = after
                break
            number -= ways[after]
    return tuple(architecture)


def sample_uniform(space: Space, rng: np.random.Generator) -> Architecture:
    """Return a random architecture: each of those that `enumerate` gives has the same probability, 1 / `size()`.

    The draw is exact for any size, also above 2^64. Where several architectures build the same function (see
    `canonical`), each of them counts: such a function is drawn as often as it has architectures. Used in lesson 01.

    Raises:
        BadValue: the space has more states than can be counted; `sample` draws a walk there.
    """
    return nth(space, below(size(space), rng))


def below(size: int, rng: np.random.Generator) -> int:
    """Return a whole number from 0 to below `size`, each with the same probability; `size` may be above 2^64.

    Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019, algorithm 5: with 64 more bits than are
    needed, a draw is rejected less than once in 2^64 times.
    """
    bits = 8 * ((size.bit_length() + 7) // 8 + 8)
    while True:
        product = int.from_bytes(rng.bytes(bits // 8), "big") * size
        if product % (1 << bits) >= (1 << bits) % size:
            return product >> bits


def enumerate_architectures(space: Space) -> Iterator[Architecture]:
    """Return an iterator over the architectures, each once: depth first, in the order of the choices."""
    states_by_depth_first(space)  # refuses a space with a cycle, which would never end

    def rest(state: State) -> Iterator[Architecture]:
        moves = space.moves(state)
        if not moves:
            yield ()
        for choice, after in moves.items():
            for end in rest(after):
                yield (choice, *end)

    return rest(space.start())
