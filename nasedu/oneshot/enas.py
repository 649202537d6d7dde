"""ENAS: shared weights and a policy that samples paths, trained in turn.

Pham, Guan, Zoph, Le, Dean, "Efficient Neural Architecture Search via Parameter Sharing", ICML 2018, section 2.2 (the
two turns, and how the final architecture is derived). Used in lesson 10.

    search = Enas(Supernet(space, seed=0), task, rounds=20)
    for step in search:
        print(step.turn, step.architecture, step.value)
    search.derive()
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch

from nasedu.controllers.reinforce import Reinforce
from nasedu.core import Architecture, BadValue, check_counts, describe, rng_from
from nasedu.oneshot.batch_norm import check_statistics
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.search_state import SearchState, check_about
from nasedu.oneshot.spos import SupernetTraining, UniformPaths
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers.single.metrics import score_of
from nasedu.trainers.single.training import Data


class EnasStep(NamedTuple):
    """One step of one of the two turns.

    Attributes:
        round: from 1.
        turn: "weights" or "policy".
        architecture: drawn from the policy.
        value: the training loss of its path; in the policy's turn its reward, the score on a validation batch.
    """

    round: int
    turn: str
    architecture: Architecture
    value: float


class Enas:
    """Trains the weights along paths that a policy draws, then the policy by what its paths are worth; and again.

    The policy is the controller `reinforce`. It waits until the weights are half trained, along uniform paths (an
    addition of ours; the paper has no such wait). Rewards of weights that know nothing yet say nothing: a policy that
    learns from them may end in one poor architecture, which the weights then suit best. For the same reason its
    learning rate is lower, and its entropy bonus higher, than in a search by own trainings. Rate and bonus were chosen
    so that the policy stays undecided on four tasks of the atlas: what/digits, where/digits, gratings/angle and
    glyphs/greek. `make bench` (row `enas`) measures them on others.

    Args:
        supernet: its weights are changed; its recipe says how they are trained.
        task: the weights are trained on its training split, the policy on its validation split.
        rounds: how often both turns are taken.
        weight_steps: of the weights in each round, one path each.
        policy_steps: of the policy in each round, one architecture each.
        warm_up: rounds at the start in which only the weights are trained, along uniform paths, and the policy waits;
            None for half of them.
        batch: validation examples for a reward.
        seed: of everything that is drawn.
        learning_rate, entropy: of the policy, see `nasedu.controllers.reinforce.Reinforce`.
        statistics: of batch normalisation for rewards, see `nasedu.oneshot.batch_norm`.
    """

    def __init__(
        self,
        supernet: Supernet,
        task: Any,
        *,
        rounds: int = 20,
        weight_steps: int = 50,
        policy_steps: int = 40,
        warm_up: int | None = None,
        batch: int = 256,
        seed: int = 0,
        learning_rate: float = 0.003,
        entropy: float = 0.7,
        statistics: str = "batch",
    ):
        check_counts(rounds=rounds, weight_steps=weight_steps, policy_steps=policy_steps, batch=batch)
        check_statistics(statistics)
        warm_up = rounds // 2 if warm_up is None else warm_up
        if not 0 <= warm_up < rounds:
            raise BadValue(f"warm_up is a number of rounds from 0 to below rounds={rounds}; given {warm_up!r}")
        self.supernet = supernet
        self.task = task
        self.rounds = rounds
        self.weight_steps = weight_steps
        self.policy_steps = policy_steps
        self.warm_up = warm_up
        self.batch = batch
        self.seed = seed
        self.statistics = statistics
        self.policy = Reinforce(supernet.space, seed=seed, learning_rate=learning_rate, entropy=entropy)
        self.uniform = UniformPaths(supernet.space)
        self.training = SupernetTraining(supernet, task, steps=rounds * weight_steps, seed=seed, paths=self._paths)
        self.learned = 0  # steps of the policy so far
        self.validation = Data.of(task.validation, supernet.device)

    def __iter__(self) -> Iterator[EnasStep]:
        steps = iter(self.training)
        for number in range(1, self.rounds + 1):
            while self.training.done < number * self.weight_steps:
                step = next(steps)
                yield EnasStep(number, "weights", step.paths[0], step.loss)
            while self.learned < (number - self.warm_up) * self.policy_steps:
                rng = rng_from(self.seed, "policy", self.learned)
                architecture = self.draw(rng)
                reward = self.reward(architecture, rng.permutation(len(self.validation.X))[: self.batch])
                for _ in self.policy.learn(architecture, reward):
                    pass
                self.learned += 1
                yield EnasStep(number, "policy", architecture, reward)

    def _paths(self, rng: np.random.Generator) -> tuple[Architecture, ...]:
        warming = self.training.done < self.warm_up * self.weight_steps
        return self.uniform(rng) if warming else (self.draw(rng),)

    def draw(self, rng: np.random.Generator) -> Architecture:
        """Return an architecture from the policy."""
        self.policy.rng = rng
        return self.policy.draw()

    def reward(self, architecture: Architecture, examples: np.ndarray | None = None) -> float:
        """Return the score with shared weights on these validation examples, or on all of them."""
        X, y = self.validation
        if examples is not None:
            places = torch.from_numpy(examples).to(X.device)
            X, y = X[places], y[places]
        seen = self.training.data.X[: self.batch]
        ((_, outputs),) = answers(self.supernet, [architecture], X, statistics=self.statistics, seen=seen)
        return score_of(self.task, outputs, y)

    def derive(self, samples: int = 50) -> Architecture:
        """Return the best of some architectures of the policy, by its score on all validation examples."""
        rng = rng_from(self.seed, "derive")
        drawn = list(dict.fromkeys(self.draw(rng) for _ in range(samples)))
        return max(drawn, key=self.reward)

    # ------------------------------------------------------------------ where it was left

    def about(self) -> dict[str, Any]:
        """Return what the search is of; a state of something else is refused."""
        own = ("rounds", "weight_steps", "policy_steps", "warm_up", "batch", "statistics")
        settings = {name: getattr(self, name) for name in own}
        return self.training.about() | {"method": "enas", "policy": describe(self.policy)} | settings

    def _memory(self) -> dict[str, dict[str, np.ndarray]]:
        adam = self.policy._adam
        return {"policy": self.policy.weights, "mean": adam.mean, "square": adam.square}

    def state(self) -> SearchState:
        """Return all that the search needs to go on as if it had never stopped; `save_state` writes it as a file."""
        policy, weights = self.policy, self.training.state()
        arrays = {f"{kind}/{name}": v for kind, own in self._memory().items() for name, v in own.items()}
        tensors = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
        plain = {"learned": self.learned, "baseline": policy.average, "spread": policy.spread}
        plain |= {"adam": policy._adam.steps}
        return SearchState(weights.tensors | tensors, self.about(), weights.plain | plain)

    def restore(self, state: SearchState) -> None:
        """Take up a state, also of another process. Raise Mismatch if it is of another search."""
        check_about(state.about, self.about())
        self.training.restore(state._replace(about=self.training.about()))
        policy, plain = self.policy, state.plain
        for kind, own in self._memory().items():
            own |= {name: state.tensors[f"{kind}/{name}"].numpy().copy() for name in own}
        policy.average, policy.spread, policy._adam.steps = plain["baseline"], plain["spread"], plain["adam"]
        self.learned = plain["learned"]
