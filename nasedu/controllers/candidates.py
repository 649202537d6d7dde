"""The networks among which a model chooses, as vectors."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from nasedu.core import Architecture, rng_from

KEPT = 64
"""Results that a space remembers of each kind: a prior is opened many times over the same evidence."""
LARGEST = 40_000
"""Spaces with up to n different networks are looked at as a whole; of larger ones a sample of `SAMPLED`."""
SAMPLED = 4_000
WALKS = 4 * LARGEST
"""Spaces with more walks than this are not counted network by network."""


def features(space: Any, architectures: Sequence[Architecture]) -> np.ndarray:
    """Return architectures as vectors for a model: (architectures, features).

    Each vector holds `space.encode`, which says what stands where, and then how often each choice occurs. In walks of
    different length the same layer stands in different places. Both parts are scaled so that two random rows are at a
    distance of about 1.
    """
    column, longest = space.vocabulary()
    counts = np.zeros((len(architectures), len(column)))
    for row, architecture in enumerate(architectures):
        for choice in architecture:
            counts[row, column[choice]] += 1
    encoded = np.array([space.encode(architecture) for architecture in architectures], dtype=float)
    return np.hstack([encoded / np.sqrt(4 * longest), counts / (2 * longest)])


def remembered(space: Any, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Return what `make` gives, and let the space remember it: a prior is opened many times over the same evidence.

    Args:
        key: what it is, and everything that it depends on.
    """
    kept: OrderedDict[Any, Any] = space.cached(("remembered", key[0]), OrderedDict)
    if key not in kept:
        kept[key] = make()
        if len(kept) > KEPT:
            kept.popitem(last=False)
    return kept[key]


class Candidates:
    """The networks among which a model chooses, with their features.

    All networks of a space that is small enough, one architecture for each (`space.canonical`); otherwise a sample, and
    the architectures in `first`. A sample can grow.

    Args:
        space: what is searched.
        first: architectures that a sample holds anyway.
        seed: what the sample is drawn from.

    Attributes:
        architectures, places: the members in order, and where each of them stands; one that builds the same function
            as a member stands where that stands.
        X: their features, (members, features).
        learned: features that a prior learned, in the same shape; None if there are none.
        whole: whether these are all networks of the space.
    """

    def __init__(self, space: Any, *, first: Sequence[Architecture] = (), seed: int = 0):
        self.space = space
        self.learned: np.ndarray | None = None
        known = remembered(space, ("members",), self._all) if space.size() <= WALKS else None
        self.whole = known is not None
        self.architectures, self.places, self.X = known or self._members(
            self._sample(first, seed), SAMPLED + len(first)
        )

    @property
    def title(self) -> str:
        """Return in words how much of the space the members are."""
        if self.whole:
            return f"all {len(self.architectures):,} networks of the space"
        return f"a sample of {len(self.architectures):,} networks; the space has {self.space.size():,} architectures"

    def _all(self) -> Any:
        """Return all networks, shared by all pools of the space; None if there are too many."""
        return self._members(self.space.enumerate(), LARGEST)

    def _members(self, architectures: Iterator[Architecture], most: int) -> Any:
        """Return the networks among architectures, where each architecture stands, and their features."""
        places: dict[Architecture, int] = {}
        members: list[Architecture] = []
        for architecture in architectures:
            canonical = self.space.canonical(architecture)
            if canonical not in places:
                if len(members) == most:
                    return None
                places[canonical] = len(members)
                members.append(architecture)
            places[architecture] = places[canonical]
        return members, places, features(self.space, members)

    def _sample(self, first: Sequence[Architecture], seed: int) -> Iterator[Architecture]:
        yield from first
        rng = rng_from(seed, "nasedu", "candidates")
        for _ in range(SAMPLED):
            yield self.space.sample_uniform(rng)

    def place(self, architecture: Architecture) -> int:
        """Return the place of an architecture; one that is not in a sample yet is added."""
        if architecture not in self.places:
            canonical = self.space.canonical(architecture)
            if canonical not in self.places:
                self.add([architecture])
            self.places[architecture] = self.places[canonical]
        return self.places[architecture]

    def add(self, architectures: Sequence[Architecture]) -> None:
        """Add members; an architecture that is a member already changes nothing."""
        new: dict[Architecture, Architecture] = {}
        for architecture in architectures:
            canonical = self.space.canonical(architecture)
            if canonical not in self.places:
                new.setdefault(canonical, architecture)
        if not new:
            return
        for canonical, architecture in new.items():
            self.places[canonical] = self.places[architecture] = len(self.architectures)
            self.architectures.append(architecture)
        self.grown(features(self.space, list(new.values())))

    def grown(self, X: np.ndarray) -> None:
        """Take in the features of new members, (new, features)."""
        self.X = np.vstack([self.X, X])
