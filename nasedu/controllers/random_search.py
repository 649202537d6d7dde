"""Random search: the baseline that every other controller must beat.

Li, Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019.
"""

from nasedu.controllers.base import Controller
from nasedu.core import Architecture


class RandomSearch(Controller):
    """A random walk through the space; it never asks the same architecture twice. Used from lesson 00 on."""

    name = "random"

    def ask(self) -> Architecture:
        return self.first_new(lambda _: self.space.sample(self.rng))
