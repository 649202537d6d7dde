"""Evolution: a population, parents chosen by their rewards, and children that differ slightly from their parents.

`RegularizedEvolution` is Real, Aggarwal, Huang, Le, "Regularized Evolution for Image Classifier Architecture Search",
AAAI 2019, algorithm 1. `Genetic` is the textbook algorithm (Goldberg, "Genetic Algorithms in Search, Optimization and
Machine Learning", 1989; tournaments: Goldberg, Deb 1991).
"""

from abc import abstractmethod
from collections import deque
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue

BOLDER = 10  # after 10 children in a row that are not new, the next children get one more edit
CHILDREN = 100  # in a row that are not new; then architectures are drawn at random


class Individual(NamedTuple):
    """A member of a population."""

    architecture: Architecture
    reward: float


Drawn = tuple[Individual, ...]
REWARD = itemgetter(1)  # of an individual; faster than a Python function


class Birth(NamedTuple):
    """One proposal for the next question.

    Attributes:
        child: the architecture; it is asked if it is new.
        parents: one or two, the winners of the tournaments; none for a founder.
        tournaments: the members drawn for each of them.
        joined: what was known already, and joined at once instead of being asked.
        died: who died for it.
    """

    child: Architecture
    parents: tuple[Architecture, ...] = ()
    tournaments: tuple[Drawn, ...] = ()
    joined: Individual | None = None
    died: Individual | None = None


class Arrival(NamedTuple):
    """A told architecture that joined, and who died for it; None as long as there is room."""

    joined: Individual
    died: Individual | None


def draw(population: Any, size: int, rng: np.random.Generator) -> Drawn:
    """Return `size` members for a tournament, drawn at random with replacement."""
    count = len(population)
    return tuple(population[int(place * count)] for place in rng.random(size).tolist())


def winner(drawn: Drawn) -> Individual:
    """Return the best of the members drawn; on a tie, the first drawn."""
    return max(drawn, key=REWARD)


def tournament(population: Any, size: int, rng: np.random.Generator) -> Individual:
    """Return the best of `size` members drawn at random with replacement; on a tie, the first drawn."""
    return winner(draw(population, size, rng))


class Evolution(Controller):
    """The common base of both algorithms: founders drawn at random, then children of the members.

    What is told before the first question, by a prior or a person, are founders too: only the others are drawn. If more
    than `population` are told, the best of them are the population, in the order told.

    `proposals` yields each step of a question, and `learn` what happens when a reward is told; `ask` and `tell` run
    them to their end. The player of lesson 06 shows them.

    Args:
        space: the space to choose from.
        population: number of founders, and of members that live.
    """

    def __init__(self, space: Any, *, seed: int = 0, population: int = 10):
        super().__init__(space, seed=seed)
        self.population = population
        self.members: list[Individual] = []
        self._founders = 0
        self._began = False  # with the first question

    def ask(self) -> Architecture:
        for birth in self.proposals():
            child = birth.child
        return child

    def proposals(self) -> Iterator[Birth]:
        """Yield each proposal for the next question when it is made; the last one is new, and is asked."""
        if not self._began:
            self._begin()
        if self._founders < self.population or not self.members:
            self._founders += 1
            yield Birth(self.first_new(lambda _: self.space.sample(self.rng)))
            return
        for attempt in range(CHILDREN):
            birth = self.child(attempt)
            new = self.is_new(birth.child)
            if new:
                self.parents[birth.child] = tuple(dict.fromkeys(birth.parents))
                self.pending[birth.child] = None
            yield birth
            if new:
                return
        yield Birth(self.first_new(lambda _: self.space.sample(self.rng), tries=CHILDREN // 2))

    def _begin(self) -> None:
        """Count what is known before the first question as founders; the best of them live."""
        self._began = True
        self._founders = len(self.rewards) + len(self.pending)
        places = sorted(range(len(self.members)), key=lambda place: -self.members[place].reward)
        self.members = [self.members[place] for place in sorted(places[: self.population])]

    def tell(self, architecture: Architecture, reward: float) -> None:
        deque(self.learn(architecture, reward), maxlen=0)

    def learn(self, architecture: Architecture, reward: float) -> Iterator[Arrival]:
        """Yield who joins the population with this reward, and who dies for it. It is checked as by `tell`."""
        super().tell(architecture, reward)
        individual = Individual(architecture, reward)
        if self._began:
            yield Arrival(individual, self.join(individual))
        else:
            self.members.append(individual)
            yield Arrival(individual, None)

    @abstractmethod
    def child(self, attempt: int) -> Birth:
        """Return a proposal; `attempt` is the number of proposals before it that were not new."""

    @abstractmethod
    def join(self, individual: Individual) -> Individual | None:
        """Add a new member; remove the member that has to go for it, and return it."""


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

    def child(self, attempt: int) -> Birth:
        drawn = draw(self.members, self.sample, self.rng)
        parent = child = winner(drawn).architecture
        for _ in range(1 + attempt // BOLDER):
            child = self.space.mutate(child, self.rng)
        if child not in self.rewards:
            return Birth(child, (parent,), (drawn,))
        again = Individual(child, self.rewards[child])
        return Birth(child, (parent,), (drawn,), again, self.join(again))

    def join(self, individual: Individual) -> Individual | None:
        """Add the youngest member, remove the oldest."""
        self.members.append(individual)
        return self.members.pop(0) if len(self.members) > self.population else None


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
        self._last = Birth(())

    def child(self, attempt: int) -> Birth:
        if attempt:  # the last child is known already: mutate it again
            self._last = self._last._replace(child=self.mutate(self._last.child))
            return self._last
        tournaments = [self.select()]
        child = winner(tournaments[0]).architecture
        if self.rng.random() < self.crossover_rate:
            tournaments.append(self.select())
            child = self.crossover(child, winner(tournaments[1]).architecture)
        if self.rng.random() < self.mutation_rate:
            child = self.mutate(child)
        parents = tuple(winner(drawn).architecture for drawn in tournaments)
        self._last = Birth(child, parents, tuple(tournaments))
        return self._last

    def select(self) -> Drawn:
        """Return a few members drawn at random; the best of them is a parent."""
        return draw(self.members, self.tournament, self.rng)

    def crossover(self, a: Architecture, b: Architecture) -> Architecture:
        """Return the beginning of one parent joined to the end of the other."""
        return self.space.crossover(a, b, self.rng)

    def mutate(self, child: Architecture) -> Architecture:
        """Return the child after one edit."""
        return self.space.mutate(child, self.rng)

    def join(self, individual: Individual) -> Individual | None:
        """Add a member; if there are too many now, remove the worst (on a tie, the oldest)."""
        self.members.append(individual)
        if len(self.members) <= self.population:
            return None
        place = min(range(len(self.members)), key=lambda place: self.members[place].reward)
        return self.members.pop(place)
