"""A Q-table that starts from earlier tasks.

No established paper carries a Q-table over to a new task: this is the course's own experiment, and lesson 15 shows
where it helps and where it hurts.
"""

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np

from nasedu.controllers.base import Controller
from nasedu.controllers.candidates import remembered
from nasedu.controllers.q_learning import QLearning, Row
from nasedu.core import Architecture, BadValue, Mismatch, describe, rng_from
from nasedu.core.ranking import ranks
from nasedu.meta.candidate_pool import CandidatePool
from nasedu.meta.prior import Evidence, Prior, checked_about
from nasedu.meta.task_similarity import TaskSimilarity

MIDDLE = 0.5


class Mix(NamedTuple):
    """The value of one choice for the next walk: value = (trust * advised + seen * own) / (trust + seen).

    Attributes:
        choice: the choice.
        said: what the earlier tasks say of it on average, from 0 to 1.
        advised: the same on the scale of the new task's rewards.
        trust: how many networks the advice counts for.
        own: the controller's own Q-value.
        seen: different networks of the new task that went through the choice.
        value: what the walk goes by.
    """

    choice: str
    said: float
    advised: float
    trust: float
    own: float
    seen: int
    value: float


class WarmQ(Prior):
    """Opens Q-learning with the advice of earlier tables, which is trusted less and less as evidence comes in.

    **On one scale.** Each earlier study gets a table of its own, learned from its trials with the controller's own step
    size and target. Its rewards are ranks within that study, from 0 (the worst) to 1 (the best), so that hard and easy
    tasks can be averaged. What the average says is mapped to the rewards seen on the new task: its 0 is their lowest,
    its 1 their highest.

    **Similarity.** In the average each task weighs as much as it has turned out to rank networks as the new one does
    (`nasedu.meta.task_similarity.TaskSimilarity`).

    **Trust.** Where the advice says a, and n networks of the new task went through a choice and made its value q, a
    walk goes by (trust * a + n * q) / (trust + n): the advice counts as much as `trust` networks would. On top of that
    the trust of the whole advice is halved every `half_life` networks.

    Exploration starts lower, since the table already knows something: compare with a cold start with the same
    `epsilon_first`.

    Args:
        evidence: one entry for each earlier study.
        sweeps: times that each earlier trial is learned from.
        epsilon_first: epsilon of the first network; from there it falls as the controller's schedule says.
        trust: how many networks the advice on a choice counts for.
        half_life: networks of the new task after which the trust is half of what it was.
        about: what is known about the new task, as in `Evidence.about`.
    """

    name = "warm-q"

    def __init__(
        self,
        evidence: list[Evidence],
        *,
        sweeps: int = 10,
        epsilon_first: float = 0.5,
        trust: float = 4.0,
        half_life: float = 25.0,
        about: Any = (),
    ):
        if sweeps < 1 or not 0 <= epsilon_first <= 1 or trust <= 0 or half_life <= 0:
            raise BadValue(
                "warm-q needs sweeps >= 1, 0 <= epsilon_first <= 1, trust > 0 and half_life > 0; given "
                f"sweeps={sweeps}, epsilon_first={epsilon_first}, trust={trust}, half_life={half_life}"
            )
        super().__init__(evidence)
        self.sweeps = sweeps
        self.epsilon_first = epsilon_first
        self.trust = trust
        self.half_life = half_life
        self.about = dict(checked_about("to come", about))

    def prepare(self, controller: Controller) -> Controller:
        if not isinstance(controller, QLearning):
            raise Mismatch(
                f"warm-q warms a Q-table, and the controller is {controller.name or type(controller).__name__!r}: "
                "use the controller q-learning, or the prior copy-best"
            )
        pool = CandidatePool(controller.space, self.evidence, seed=controller.seed)
        rng = rng_from(controller.seed, "warm-q", "likeness")
        parameters = {key: value for key, value in describe(controller).items() if key != "name"}
        warm = AdvisedQLearning(controller.space, **{**parameters, "epsilon_first": self.epsilon_first})
        tables = [self._table(controller, e) for e in pool.evidence]
        warm.listen_to(Advice(tables, TaskSimilarity(pool, rng, self.about)), self.trust, self.half_life)
        return warm

    def _table(self, controller: QLearning, evidence: Evidence) -> dict[Hashable, Row]:
        """The table of one earlier study, learned as this controller learns."""
        how = {key: getattr(controller, key) for key in ("alpha", "gamma", "target", "lambda_")}
        return remembered(
            controller.space,
            ("table", evidence, self.sweeps, *how.values()),
            lambda: table_of(controller.space, evidence, self.sweeps, **how),
        )


def table_of(space: Any, evidence: Evidence, sweeps: int, **parameters: Any) -> dict[Hashable, Row]:
    """Return the Q-table that is learned from one earlier study; rewards are ranks, and the trials are shuffled.

    Args:
        sweeps: times that each trial is learned from.
        **parameters: of the `QLearning` that learns.
    """
    learner = QLearning(space, q_start=MIDDLE, **parameters)
    scores = evidence.scores
    rewards = ranks(list(scores.values())).tolist()
    episodes = [(learner.trajectory(a), reward) for a, reward in zip(scores, rewards, strict=True)]
    for _ in range(sweeps):
        for place in learner.rng.permutation(len(episodes)).tolist():
            for _update in learner.learn(*episodes[place]):
                pass
    return learner.q


class Advice:
    """What the tables of earlier tasks say, on average: the value of each choice from 0 to 1."""

    def __init__(self, tables: list[dict[Hashable, Row]], task_similarity: TaskSimilarity):
        self.tables = tables
        self.task_similarity = task_similarity
        self._stacked: dict[Hashable, tuple[list[str], np.ndarray]] = {}

    def on(self, key: Hashable) -> dict[str, float]:
        """Return the advice on each choice that any earlier task tried in a state with this key."""
        if key not in self._stacked:
            rows = [table.get(key, {}) for table in self.tables]
            choices = list(dict.fromkeys(choice for row in rows for choice in row))
            values = np.array([[row.get(choice, MIDDLE) for choice in choices] for row in rows])
            self._stacked[key] = choices, values
        choices, values = self._stacked[key]
        return dict(zip(choices, (self.task_similarity.weights @ values).tolist(), strict=True)) if choices else {}


class AdvisedQLearning(QLearning):
    """Q-learning whose walks go by its own table and by advice; what it learns is its own table alone."""

    def listen_to(self, advice: Advice, trust: float, half_life: float) -> None:
        """Follow this advice from now on; `trust` and `half_life` as for `WarmQ`."""
        self.advice = advice
        self.trust = trust
        self.half_life = half_life
        self.passed: dict[tuple[Hashable, str], int] = {}  # different networks that went through a choice
        self._mixed: dict[Any, Row] = {}

    @property
    def trust_left(self) -> float:
        """Return how many networks the advice on a choice counts for by now."""
        return float(self.trust * 0.5 ** (len(self.rewards) / self.half_life))

    def tell(self, architecture: Architecture, reward: float) -> None:
        new = architecture not in self.rewards
        super().tell(architecture, reward)
        self.advice.task_similarity.tell(architecture, reward)
        self._mixed.clear()
        if new:
            for step in self.trajectory(architecture):
                self.passed[step] = self.passed.get(step, 0) + 1

    def row(self, state: Any) -> Row:
        """Return the values that a walk goes by; advice is mapped to the range of the rewards (at first 0..1)."""
        mixed = self._mixed.get(state)
        if mixed is None:
            mixed = self._mixed[state] = {mix.choice: mix.value for mix in self.mixes(state)}
        return mixed

    @property
    def scale(self) -> tuple[float, float]:
        """Return the lowest and the highest reward so far, to which the advice is mapped; at first 0 and 1."""
        rewards = self.rewards.values()
        return (min(rewards), max(rewards)) if len(rewards) > 1 else (0.0, 1.0)

    def mixes(self, state: Any) -> Iterator[Mix]:
        """Yield how the value of each choice in a state is made from advice and from the controller's own table."""
        key, trust, (low, high) = self.space.key(state), self.trust_left, self.scale
        advice = self.advice.on(key)
        for choice, own in super().row(state).items():
            said, seen = advice.get(choice, MIDDLE), self.passed.get((key, choice), 0)
            advised = low + (high - low) * said
            yield Mix(choice, said, advised, trust, own, seen, (trust * advised + seen * own) / (trust + seen))

    def status(self) -> dict[str, float]:
        return {**super().status(), "trust": self.trust_left}
