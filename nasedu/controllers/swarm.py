"""Particle swarm optimisation on choices.

Strasser, Goodman, Sheppard, Butcher, "A New Discrete Particle Swarm Optimization Algorithm", GECCO 2016 (integer and
categorical PSO). Kennedy, Eberhart, "Particle Swarm Optimization", ICNN 1995, is the original for numbers.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nasedu.controllers.base import Controller, choices_by_weight
from nasedu.core import Architecture, BadValue

TRACE = 0.02  # noise with which an architecture is drawn first


class Particle:
    """One particle: its position, its velocity, and its best position so far.

    Arrays of shape (positions of the longest walk, choices): see `Swarm`.
    """

    def __init__(self, shape: tuple[int, int], rng: np.random.Generator):
        self.position = rng.random(shape)
        self.position /= self.position.sum(1, keepdims=True)
        self.velocity = np.zeros(shape)
        self.best_position = self.position
        self.best_reward = float("-inf")


class Flight(NamedTuple):
    """One step of a particle: position + velocity, where velocity = inertia + own + social.

    Arrays of shape (positions of the longest walk, choices). Each is new in every flight.

    Attributes:
        particle: its number.
        before, position: its position before and after.
        inertia: its old velocity, times the weight of the inertia.
        own, social: the pulls towards its own best position and the swarm's, each with its random numbers.
        velocity: their sum.
    """

    particle: int
    before: np.ndarray
    inertia: np.ndarray
    own: np.ndarray
    social: np.ndarray
    velocity: np.ndarray
    position: np.ndarray


class Draw(NamedTuple):
    """The architecture that a particle drew: it is asked."""

    particle: int
    architecture: Architecture


class Memory(NamedTuple):
    """A new best of a particle, and the position that it remembers for it; `leads` if it is the swarm's best, too."""

    particle: int
    best_position: np.ndarray
    leads: bool


class Swarm(Controller):
    """A swarm whose particles are probabilities of choices.

    **Position.** One cannot add a velocity to "conv3-16". A particle's position is therefore a table of probabilities:
    one distribution over all choices for each layer of the walk. An architecture is drawn from it, layer by layer,
    among the choices that are open.

    **Velocity on categories** (section 3 of the paper) is a table of the same shape that is added to these
    probabilities, entry by entry:

        velocity = inertia * velocity + U(0, own) * (own best - position) + U(0, social) * (swarm's best - position)
        position = position + velocity, cut to 0..1 and scaled so that each layer sums to 1

    with U uniform random numbers for each entry. When an architecture is the particle's (or the swarm's) new best, the
    remembered best position moves towards it: the probabilities of the choices not taken are multiplied by `scaling`,
    and their loss is added to the choices that were taken.

    `proposals` yields each step of a question, and `learn` what happens when a reward is told; `ask` and `tell` run
    them to their end. The player of lesson 06 shows them.

    Args:
        space: the space to choose from.
        particles: how many; they ask in turn.
        inertia, own, social: the weights above (the paper's omega, phi 1 and phi 2).
        scaling: factor for the probabilities of the choices not taken, from 0 to 1.
    """

    name = "swarm"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        particles: int = 8,
        inertia: float = 0.7,
        own: float = 1.4,
        social: float = 1.4,
        scaling: float = 0.5,
    ):
        if particles < 1 or not 0 <= scaling < 1 or min(inertia, own, social) < 0:
            raise BadValue(
                "swarm needs particles >= 1, weights >= 0 and 0 <= scaling < 1; given "
                f"{particles=}, {inertia=}, {own=}, {social=}, {scaling=}"
            )
        super().__init__(space, seed=seed)
        self.particles = particles
        self.inertia = inertia
        self.own = own
        self.social = social
        self.scaling = scaling

        self._column, longest = space.vocabulary()
        shape = (longest, len(self._column))
        self.swarm = [Particle(shape, self.rng) for _ in range(particles)]
        self._leader = self.swarm[0]
        self._asked_by: dict[Architecture, Particle] = {}
        self._turn = 0

    def ask(self) -> Architecture:
        (drawn,) = (step for step in self.proposals() if isinstance(step, Draw))
        return drawn.architecture

    def proposals(self) -> Iterator[Flight | Draw]:
        """Yield the steps of the next question: the `Flight` of a particle that has a best, and its `Draw`."""
        number = self._turn % self.particles
        particle = self.swarm[number]
        self._turn += 1
        flight = self.move(particle)
        if flight is not None:
            yield flight
        architecture = self.first_new(lambda attempt: self.draw(particle, noise=TRACE * 2 ** (attempt // 5)))
        self._asked_by[architecture] = particle
        yield Draw(number, architecture)

    def draw(self, particle: Particle, noise: float = TRACE) -> Architecture:
        """Return an architecture from the particle's probabilities, among the choices that are open.

        `noise` is spread evenly over the open choices, so that a particle that has converged can still give new ones.
        """
        state = self.space.start()
        architecture: list[str] = []
        while moves := self.space.moves(state):
            options = list(moves)
            row = particle.position[len(architecture)]
            weights = row[[self._column[choice] for choice in options]]
            choice = choices_by_weight(self.rng, options, (weights + noise / len(options)).tolist())
            architecture.append(choice)
            state = moves[choice]
        return tuple(architecture)

    def move(self, particle: Particle) -> Flight | None:
        """Move one particle by the rule of the class, and return the parts of its flight; None if it has no best."""
        if particle.best_reward == float("-inf"):
            return None
        before = particle.position
        towards_own, towards_leader = self.rng.random((2, *before.shape))
        inertia = self.inertia * particle.velocity
        own = self.own * towards_own * (particle.best_position - before)
        social = self.social * towards_leader * (self._leader.best_position - before)
        particle.velocity = inertia + own + social
        position = np.clip(before + particle.velocity, 1e-9, 1)
        particle.position = position / position.sum(1, keepdims=True)
        number = self.swarm.index(particle)
        return Flight(number, before, inertia, own, social, particle.velocity, particle.position)

    def tell(self, architecture: Architecture, reward: float) -> None:
        deque(self.learn(architecture, reward), maxlen=0)

    def learn(self, architecture: Architecture, reward: float) -> Iterator[Memory]:
        """Yield the new best of a particle, if the reward is one. It is checked as by `tell`.

        A reward from a prior, for which no particle asked, goes to the particle whose turn it is. Before the first
        question each goes to a particle of its own, in turn.
        """
        super().tell(architecture, reward)
        turn = self._turn or len(self.rewards) - 1
        particle = self._asked_by.pop(architecture, self.swarm[turn % self.particles])
        if reward > particle.best_reward:
            particle.best_reward = reward
            particle.best_position = self.biased(particle.position, architecture)
            if reward > self._leader.best_reward or particle is self._leader:
                self._leader = particle
            yield Memory(self.swarm.index(particle), particle.best_position, particle is self._leader)

    def biased(self, position: np.ndarray, architecture: Architecture) -> np.ndarray:
        """Return the position, moved towards an architecture; layers that it does not have stay as they are."""
        moved = position.copy()
        for layer, choice in enumerate(architecture):
            taken = self._column[choice]
            rest = moved[layer] * self.scaling
            rest[taken] = 0
            moved[layer] = rest
            moved[layer, taken] = 1 - rest.sum()
        return moved
