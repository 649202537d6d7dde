"""Random search: the baseline that every other controller must beat.

Li, Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019.

There are two kinds, and they are not equally strong. If a paper beats "random search", ask which one.
"""

from typing import Any

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, Exhausted
from nasedu.spaces.counting import below


class RandomSearch(Controller):
    """A random walk through the space; it never asks the same architecture twice. Used from lesson 00 on.

    Where some walks end early, it asks for short networks more often than `random-uniform`.
    """

    name = "random"

    def ask(self) -> Architecture:
        return self.first_new(lambda _: self.space.sample(self.rng))


class UniformRandomSearch(Controller):
    """All architectures of the space in a random order: each has the same probability to be the next one.

    The order is a shuffle of their numbers in `Space.nth`, of which only what was moved is kept (Durstenfeld,
    "Algorithm 235: Random permutation", CACM 1964). A space may therefore have 10^18 members. Used in lesson 01.

    Raises:
        BadValue: the space has more states than can be counted; `random` draws walks there.
    """

    name = "random-uniform"

    def __init__(self, space: Any, *, seed: int = 0):
        super().__init__(space, seed=seed)
        self._left = space.size()
        self._moved: dict[int, int] = {}

    def ask(self) -> Architecture:
        while self._left:
            place = below(self._left, self.rng)
            self._left -= 1
            number = self._moved.get(place, place)
            self._moved[place] = self._moved.pop(self._left, self._left)
            architecture = self.space.nth(number)
            if self.is_new(architecture):  # one that a prior told is not asked again
                self.pending[architecture] = None
                return architecture
        raise Exhausted(f"all {self.space.size()} architectures of the space were asked")
