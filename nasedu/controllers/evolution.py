"""Evolution: a population, parents chosen by their rewards, and children that differ slightly from their parents.

`RegularizedEvolution` is Real, Aggarwal, Huang, Le, "Regularized Evolution for Image Classifier Architecture Search",
AAAI 2019, algorithm 1. `Genetic` is the textbook algorithm (Goldberg, "Genetic Algorithms in Search, Optimization and
Machine Learning", 1989; tournaments: Goldberg, Deb 1991).
"""

from abc import abstractmethod
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue

BOLDER = 10  # after 10 children in a row that are not new, the next children get one more edit


class Individual(NamedTuple):
    """A member of a population."""

    architecture: Architecture
    reward: float


REWARD = itemgetter(1)  # of an individual; faster than a Python function


def tournament(population: Any, size: int, rng: np.random.Generator) -> Individual:
    """Return the best of `size` members drawn at random with replacement; on a tie, the first drawn."""
    count = len(population)
    drawn = [population[int(place * count)] for place in rng.random(size).tolist()]
    return max(drawn, key=REWARD)


class Evolution(Controller):
    """The common base of both algorithms: founders drawn at random, then children of the members.

    What is told before the first question, by a prior or a person, are founders too: only the others are drawn. If more
    than `population` are told, the best of them are the population, in the order told.

    Args:
        space: the space to choose from.
        population: number of founders, and of members that live.
    """

    def __init__(self, space: Any, *, seed: int = 0, population: int = 10):
        super().__init__(space, seed=seed)
        self.population = population
        self.members: list[Individual] = []
        self._founders: int | None = None  # None before the first question

    def ask(self) -> Architecture:
        if self._founders is None:
            self._founders = len(self.rewards) + len(self.pending)
            places = sorted(range(len(self.members)), key=lambda place: -self.members[place].reward)
            self.members = [self.members[place] for place in sorted(places[: self.population])]
        if self._founders < self.population or not self.members:
            self._founders += 1
            return self.first_new(lambda _: self.space.sample(self.rng))
        return self.first_new(self.child)

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        individual = Individual(architecture, reward)
        if self._founders is None:
            self.members.append(individual)
        else:
            self.join(individual)

    def born(self, child: Architecture, *parents: Architecture) -> None:
        """Remember the parents of a new child; a child that is known already keeps its own parents."""
        if self.is_new(child):
            self.parents[child] = tuple(dict.fromkeys(parents))

    @abstractmethod
    def child(self, attempt: int) -> Architecture:
        """Return a proposal; `attempt` is the number of proposals before it that were not new."""

    @abstractmethod
    def join(self, individual: Individual) -> None:
        """Add a new member, and remove the member that has to go for it."""


class RegularizedEvolution(Evolution):
    """Removes the oldest member, whatever the rewards are (aging evolution).

    Each step draws `sample` members of the population, mutates the best of them, and adds the child; then the oldest
    member is removed. No member survives by one lucky score: only architectures whose descendants are good again and
    again survive.

    A child that was evaluated before is not asked again: it joins the population at once, as the youngest, and another
    child is made. (The paper trains it once more.)

    Args:
        space: the space to choose from.
        population: members (the paper: 100, for 20,000 networks).
        sample: members that compete to be the parent (the paper: 25). Five did better than three on all of HPOBench's
            MLP tasks together, for 50 and for 100 networks.
    """

    name = "regularized-evolution"

    def __init__(self, space: Any, *, seed: int = 0, population: int = 10, sample: int = 5):
        if population < 1 or sample < 1:
            raise BadValue(f"population and sample are at least 1; given population={population}, sample={sample}")
        super().__init__(space, seed=seed, population=population)
        self.sample = sample

    def child(self, attempt: int) -> Architecture:
        parent = child = tournament(self.members, self.sample, self.rng).architecture
        for _ in range(1 + attempt // BOLDER):
            child = self.space.mutate(child, self.rng)
        if child in self.rewards:
            self.join(Individual(child, self.rewards[child]))
        self.born(child, parent)
        return child

    def join(self, individual: Individual) -> None:
        """Add the youngest member, remove the oldest."""
        self.members.append(individual)
        if len(self.members) > self.population:
            del self.members[0]


class Genetic(Evolution):
    """Removes the worst member: a new member replaces it (a steady-state genetic algorithm).

    A child is made in three steps, each a method of its own: `select` two parents by tournament, `crossover` their
    architectures, `mutate` the result.

    Args:
        space: the space to choose from.
        population: members that live on.
        tournament: members that compete to be a parent.
        crossover_rate: probability that a child has two parents; otherwise it is a copy of one.
        mutation_rate: probability that it is then mutated. A child that was asked before is mutated again.
    """

    name = "genetic"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        population: int = 10,
        tournament: int = 3,
        crossover_rate: float = 0.5,
        mutation_rate: float = 0.9,
    ):
        if population < 2 or tournament < 1:
            raise BadValue(
                f"genetic needs population >= 2 and tournament >= 1; given population={population}, "
                f"tournament={tournament}"
            )
        if not (0 <= crossover_rate <= 1 and 0 <= mutation_rate <= 1):
            raise BadValue(f"rates are from 0 to 1; given {crossover_rate=}, {mutation_rate=}")
        super().__init__(space, seed=seed, population=population)
        self.tournament = tournament
        self.crossover_rate = crossover_rate
        self.mutation_rate = mutation_rate
        self._child: Architecture = ()
        self._chosen: list[Architecture] = []  # the parents of that child

    def child(self, attempt: int) -> Architecture:
        if attempt:  # the last child is known already: mutate it again
            self._child = self.mutate(self._child)
        else:
            self._chosen = [self.select()]
            child = self._chosen[0]
            if self.rng.random() < self.crossover_rate:
                self._chosen.append(self.select())
                child = self.crossover(*self._chosen)
            self._child = self.mutate(child) if self.rng.random() < self.mutation_rate else child
        self.born(self._child, *self._chosen)
        return self._child

    def select(self) -> Architecture:
        """Return a parent: the best of a few members drawn at random."""
        return tournament(self.members, self.tournament, self.rng).architecture

    def crossover(self, a: Architecture, b: Architecture) -> Architecture:
        """Return the beginning of one parent joined to the end of the other."""
        return self.space.crossover(a, b, self.rng)

    def mutate(self, child: Architecture) -> Architecture:
        """Return the child after one edit."""
        return self.space.mutate(child, self.rng)

    def join(self, individual: Individual) -> None:
        """Add a member; if there are too many now, remove the worst (on a tie, the oldest)."""
        self.members.append(individual)
        if len(self.members) > self.population:
            self.members.remove(min(self.members, key=REWARD))
