"""Grid search: every architecture in turn, evenly spread, independent of the rewards."""

from itertools import islice
from math import gcd
from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, Exhausted

GOLDEN = 618_033_988_749_894_848, 10**18  # as numerator and denominator: a space may be too large for a float


class GridSearch(Controller):
    """Visits the numbered list of all architectures in steps of a fixed length, each architecture exactly once.

    A grid in the order of the list would spend a small budget on changes of the last layers alone. The step here is
    about 0.618 of the list (the golden section). For every n, it spreads the first n questions over the list (Weyl's
    equidistribution; Knuth, The Art of Computer Programming, vol. 3, 6.4). The step and the length of the list have no
    common factor, so every architecture is visited. The seed sets the start. Lesson 03.

    Of the steps near the golden section, it takes the one whose quotients in Euclid's algorithm stay smallest. With a
    large quotient, some number of steps would return nearly to the start, and then fill the same places (Niederreiter,
    "Random Number Generation and Quasi-Monte Carlo Methods", 1992, theorem 3.4).
    """

    name = "grid"

    def __init__(self, space: Any, *, seed: int = 0):
        super().__init__(space, seed=seed)
        self._size = space.size()
        self._step = even_step(self._size)
        self._start = int(self.rng.random() * 2**53) * self._size >> 53
        self._asked = 0

    def ask(self) -> Architecture:
        while self._asked < self._size:
            number = (self._start + self._asked * self._step) % self._size
            self._asked += 1
            architecture = self.space.nth(number)
            if self.is_new(architecture):  # an architecture that a prior told is not asked again
                self.pending[architecture] = None
                return architecture
        raise Exhausted(f"all {self._size} architectures of the space were asked")


def even_step(size: int, candidates: int = 32) -> int:
    """Return a step near the golden section of `size`, coprime to it, and far from any simple fraction of it."""
    wanted = size * GOLDEN[0] // GOLDEN[1]
    coprime = (step for step in range(max(wanted, 1), wanted + size + 2) if gcd(step, size) == 1)
    return min(islice(coprime, candidates), key=lambda step: largest_quotient(size, step))


def largest_quotient(a: int, b: int) -> int:
    """Return the largest quotient in Euclid's algorithm on `a` and `b`, which are at least 1."""
    largest = 0
    while b:
        largest = max(largest, a // b)
        a, b = b, a % b
    return largest
