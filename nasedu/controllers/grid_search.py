"""Grid search: every architecture in turn, evenly spread, whatever the rewards are."""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, Exhausted

GOLDEN = 0.6180339887498949


class GridSearch(Controller):
    """Goes through the numbered list of all architectures in steps of a fixed length, each exactly once.

    A grid in the order of the list would spend a small budget on the last layers alone: it would not leave the first
    corner of the space. The step here is about 0.618 of the list (the golden section), which spreads the first n
    questions over it for every n (Weyl's equidistribution; Knuth, The Art of Computer Programming, vol. 3, 6.4), and
    shares no factor with its length, so that none is left out. The seed says where it starts. Lesson 03.
    """

    name = "grid"

    def __init__(self, space: Any, *, seed: int = 0):
        super().__init__(space, seed=seed)
        self._size = space.size()
        self._step = coprime_near(int(self._size * GOLDEN), self._size)
        self._start = int(self.rng.random() * self._size)
        self._asked = 0

    def ask(self) -> Architecture:
        while self._asked < self._size:
            number = (self._start + self._asked * self._step) % self._size
            self._asked += 1
            architecture = self.space.nth(number)
            if self.is_new(architecture):  # one that it was told of already is not asked again
                self.pending[architecture] = None
                return architecture
        raise Exhausted(f"all {self._size} architectures of the space were asked")


def coprime_near(wanted: int, size: int) -> int:
    """The smallest number from `wanted` on, at least 1, that shares no factor with `size`."""
    from math import gcd

    step = max(wanted, 1)
    while gcd(step, size) != 1:
        step += 1
    return step
