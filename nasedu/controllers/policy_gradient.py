"""REINFORCE for any policy over the walk through a space: baselines, the entropy bonus, batches.

Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning", Machine Learning
8, 1992. Leave-one-out baseline: Kool, van Hoof, Welling, "Buy 4 REINFORCE Samples, Get a Baseline for Free!", 2019. The
entropy bonus is that of ENAS (Pham et al., ICML 2018). Lesson 05 explains it part by part.

    for update in controller.learn(architecture, reward):
        print(update.baseline, update.advantage, update.log_probabilities)
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nasedu.controllers.base import Controller, choices_by_weight
from nasedu.core import Architecture, BadValue

Weights = dict[Any, np.ndarray]
BASELINES = ("moving-average", "leave-one-out", "none")


class PolicyUpdate(NamedTuple):
    """What one architecture taught; everything is from before the step that it caused.

    Attributes:
        architecture, reward: as told.
        baseline: what was subtracted from the reward (from its power, if `reward_power` is not 1).
        advantage: the factor of the gradient of log p: (reward - baseline) / spread, at most 3 in size.
        log_probabilities: of each choice that was taken.
        entropies: of each decision, in nats; 0 where one choice has all the probability.
        gradient_norm: Euclidean length of the gradient of the objective over all weights.
    """

    architecture: Architecture
    reward: float
    baseline: float
    advantage: float
    log_probabilities: tuple[float, ...]
    entropies: tuple[float, ...]
    gradient_norm: float


class Step(NamedTuple):
    """One decision of a walk, as the policy sees it.

    Attributes:
        before: column of the choice before; -1 for none.
        memory: what the policy knew before the decision, and `after` with it, see `PolicyGradient.recall`.
        columns: of the open choices, with their probabilities `p`, (open choices,).
        taken: the place of the choice that was taken among them.
    """

    before: int
    memory: Any
    after: Any
    columns: list[int]
    p: np.ndarray
    taken: int


class PolicyGradient(Controller):
    """The common base of policies trained by REINFORCE; a subclass says what the weights are.

    A subclass has five methods. `begin` and `recall` give what the policy knows at a decision. `logits` gives the
    logits of the open choices. `backward` turns slopes in the logits into a gradient, and `climb` takes a step.
    """

    def __init__(
        self,
        space: Any,
        *,
        seed: int,
        learning_rate: float,
        entropy: float,
        baseline_decay: float,
        baseline: str,
        batch: int,
        reward_power: int,
    ):
        if learning_rate <= 0 or entropy < 0 or not 0 <= baseline_decay < 1:
            raise BadValue(
                f"{self.name} needs learning_rate > 0, entropy >= 0 and 0 <= baseline_decay < 1; given "
                f"{learning_rate=}, {entropy=}, {baseline_decay=}"
            )
        if baseline not in BASELINES:
            raise BadValue(f"baseline is one of {', '.join(BASELINES)}; given {baseline!r}")
        if batch < 1 or reward_power < 1:
            raise BadValue(f"batch and reward_power are at least 1; given {batch=}, {reward_power=}")
        if baseline == "leave-one-out" and batch < 2:
            raise BadValue(f"the baseline leave-one-out is the mean of the others in a batch of 2 or more; {batch=}")
        super().__init__(space, seed=seed)
        self.learning_rate = learning_rate
        self.entropy = entropy
        self.baseline_decay = baseline_decay
        self.baseline = baseline
        self.batch = batch
        self.reward_power = reward_power

        self._column, _ = space.vocabulary()
        self.weights: Weights = {}
        self.average: float | None = None
        self.spread = 0.0
        self._waiting: list[tuple[Architecture, float]] = []

    # ------------------------------------------------------------------ what a subclass says

    @abstractmethod
    def begin(self) -> Any:
        """Return what the policy knows before the first decision."""

    @abstractmethod
    def recall(self, memory: Any, before: int, state: Any, depth: int) -> Any:
        """Return what the policy knows at a decision.

        Args:
            memory: what it knew at the decision before.
            before: column of the choice taken there; -1 for none.
            state: of the space. depth: number of choices so far.
        """

    @abstractmethod
    def logits(self, memory: Any, columns: list[int]) -> np.ndarray:
        """Return the logits of the open choices, in their order."""

    @abstractmethod
    def backward(self, steps: list[Step], slopes: list[np.ndarray]) -> Weights:
        """Return the gradient of the weights, from the slopes of the objective in the logits of each step."""

    @abstractmethod
    def climb(self, gradient: Weights) -> None:
        """Move the weights up a gradient, in place."""

    # ------------------------------------------------------------------ the policy

    def ask(self) -> Architecture:
        return self.first_new(lambda attempt: self.draw(noise=0.01 * 2 ** (attempt // 5) if attempt else 0.0))

    def draw(self, noise: float = 0.0) -> Architecture:
        """Return an architecture from the policy; `noise` is added weight, spread evenly over the open choices."""
        state = self.space.start()
        architecture: list[str] = []
        memory, before = self.begin(), -1
        while moves := self.space.moves(state):
            columns = [self._column[choice] for choice in moves]
            memory = self.recall(memory, before, state, len(architecture))
            weights = softmax(self.logits(memory, columns)) + noise / len(columns)
            choice = choices_by_weight(self.rng, list(moves), weights.tolist())
            architecture.append(choice)
            before, state = self._column[choice], moves[choice]
        return tuple(architecture)

    def probabilities(self, architecture: Architecture) -> list[dict[str, float]]:
        """Return for each choice of a walk the probability that the policy gives to each open one."""
        steps = zip(self.space.walk(architecture), self.steps(architecture), strict=True)
        return [dict(zip(self.space.moves(at.state), step.p.tolist(), strict=True)) for at, step in steps]

    def log_probability(self, architecture: Architecture) -> float:
        """Return log p of a whole architecture: the sum over its choices."""
        return float(sum(np.log(step.p[step.taken]) for step in self.steps(architecture)))

    def steps(self, architecture: Architecture) -> list[Step]:
        """Return the decisions of a walk with the probabilities of now."""
        steps = []
        memory, before = self.begin(), -1
        for depth, (state, choice, _) in enumerate(self.space.walk(architecture)):
            columns = [self._column[option] for option in self.space.moves(state)]
            after = self.recall(memory, before, state, depth)
            taken = columns.index(self._column[choice])
            steps.append(Step(before, memory, after, columns, softmax(self.logits(after, columns)), taken))
            memory, before = after, columns[taken]
        return steps

    # ------------------------------------------------------------------ learning

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        for _ in self.learn(architecture, float(reward)):
            pass

    def learn(self, architecture: Architecture, reward: float) -> Iterator[PolicyUpdate]:
        """Learn from one architecture; yield an update for each of its batch, once the batch is complete.

        With the moving average as baseline, the first batch only sets the baseline, and nothing is yielded.
        """
        self._waiting.append((architecture, reward))
        if len(self._waiting) < self.batch:
            return
        told, self._waiting = self._waiting, []
        baselines = self._baselines([reward**self.reward_power for _, reward in told])
        if baselines is None:
            return
        distances = [reward**self.reward_power - b for (_, reward), b in zip(told, baselines, strict=True)]
        keep, away = self.baseline_decay, sum(map(abs, distances)) / len(distances)
        self.spread = keep * self.spread + (1 - keep) * away if self.spread else away
        updates, gradients = list[PolicyUpdate](), list[Weights]()
        for (network, score), b, distance in zip(told, baselines, distances, strict=True):
            advantage = float(np.clip(distance / (self.spread or 1.0), -3, 3))
            steps = self.steps(network)
            gradients.append(self.backward(steps, self._slopes(steps, advantage)))
            logs = tuple(float(np.log(step.p[step.taken])) for step in steps)
            undecided = tuple(float(-(step.p * np.log(step.p)).sum()) for step in steps)
            length = sum(float((g * g).sum()) for g in gradients[-1].values()) ** 0.5
            updates.append(PolicyUpdate(network, score, b, advantage, logs, undecided, length))
        self.climb(_mean(gradients))
        yield from updates

    def _baselines(self, rewards: list[float]) -> list[float] | None:
        """Return the baseline of each reward of a batch, and move the average; None for the first average."""
        count, mean, before = len(rewards), sum(rewards) / len(rewards), self.average
        if self.baseline == "none":
            return [0.0] * count
        if self.baseline == "leave-one-out":
            self.average = mean
            return [(count * mean - reward) / (count - 1) for reward in rewards]
        self.average = mean if before is None else before + (1 - self.baseline_decay) * (mean - before)
        return None if before is None else [before] * count

    def gradient(self, architecture: Architecture, advantage: float) -> Weights:
        """Return the gradient of `objective` in the weights.

        The objective is: advantage * sum of log p(choice) + entropy * sum of H(p).
        """
        steps = self.steps(architecture)
        return self.backward(steps, self._slopes(steps, advantage))

    def _slopes(self, steps: list[Step], advantage: float) -> list[np.ndarray]:
        """Return the slopes of the objective in the logits of each step: advantage * (onehot - p) + the bonus's."""
        slopes = []
        for step in steps:
            log_p = np.log(step.p)
            slope = -advantage * step.p - self.entropy * step.p * (log_p - (step.p * log_p).sum())
            slope[step.taken] += advantage
            slopes.append(slope)
        return slopes

    def objective(self, architecture: Architecture, advantage: float) -> float:
        """Return the objective, of which `gradient` is the gradient."""
        value = 0.0
        for step in self.steps(architecture):
            value += advantage * np.log(step.p[step.taken]) - self.entropy * (step.p * np.log(step.p)).sum()
        return float(value)

    def status(self) -> dict[str, float]:
        return {"baseline": self.average or 0.0}


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities; none is so small that its logarithm is not finite."""
    shares = np.exp(np.maximum(logits - logits.max(), -30))
    return shares / shares.sum()


def _mean(gradients: list[Weights]) -> Weights:
    """Return the mean of gradients; a row that is missing in one of them is zero there."""
    if len(gradients) == 1:
        return gradients[0]
    total: Weights = {}
    for gradient in gradients:
        for name, g in gradient.items():
            total[name] = total[name] + g if name in total else g
    return {name: g / len(gradients) for name, g in total.items()}
