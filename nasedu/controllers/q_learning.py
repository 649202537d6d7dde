"""Tabular Q-learning over a space of architectures.

Baker, Gupta, Naik, Raskar, "Designing Neural Network Architectures using Reinforcement Learning" (MetaQNN), ICLR 2017,
section 3 and algorithms 1 to 3. Lesson 04 takes it apart.
"""

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

from nasedu.controllers import schedules
from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue

Row = dict[str, float]  # the Q-value of each choice that is open in one state


class QUpdate(NamedTuple):
    """One backup: Q(state, choice) moved from `old` towards `target`, to `new` = old + alpha * (target - old)."""

    state: Hashable
    choice: str
    old: float
    target: float
    new: float


class QLearning(Controller):
    """Q-learning on the walk through a space; the reward comes at its end.

    **The target.** With r the reward of the whole network, s' the state after the choice and n the last step:

    - `target="max"`, MetaQNN as published: r for the last step, gamma * max over c of Q(s', c) before it;
    - `target="return"`, Monte Carlo: gamma^(n - i) * r for every step i;
    - `target="lambda"`, between: gamma * ((1 - lambda_) * max over c of Q(s', c) + lambda_ * target of the next step),
      so lambda_ = 0 is "max" and lambda_ = 1 is "return" (Sutton and Barto 2018, section 12.1, backwards).

    **Why "return" is the default.** On a chain of fixed length every later state stays reachable whatever is chosen
    first. The published target takes the best of what is possible afterwards, so all first choices converge to one
    number, and the controller is no better than random search. The whole return is noisier, but it tells the choices
    apart. Measured on NAS-Bench-Macro; `make bench` repeats it.

    **Exploration** (epsilon-greedy: at each step, with probability epsilon, any open choice) is counted in different
    networks. A network that it has asked before is not asked again: its trajectory is stored once more and it
    proposes another one (section 4.3 of the paper).

    **Replay.** After each new network, `replay` stored trajectories are learned from, the newest first and the others
    drawn at random, each from its last step backwards.

    Args:
        space: what to choose from; `space.key(state)` is what the table sees of a state.
        alpha: step size (the paper: 0.01).
        gamma: discount (the paper: 1).
        target: "return", "max" or "lambda".
        lambda_: for target "lambda", from 0 to 1.
        q_start: the value of a choice not yet tried (the paper's code: 0.5).
        replay: trajectories learned from for each new network (the paper: 100; its code: 128).
        schedule: "linear" (1 down to 0.1) or "metaqnn" (the paper's steps).
        budget: different networks over which epsilon falls.
        epsilon_first: epsilon of the first network; below 1 the whole schedule is scaled down with it.

    Raises:
        BadValue: a parameter out of its range.
    """

    name = "q-learning"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        alpha: float = 0.1,
        gamma: float = 1.0,
        target: str = "return",
        lambda_: float = 0.5,
        q_start: float = 0.5,
        replay: int = 64,
        schedule: str = "linear",
        budget: int = 100,
        epsilon_first: float = 1.0,
    ):
        if target not in ("return", "max", "lambda"):
            raise BadValue(f"target is 'return', 'max' or 'lambda'; given {target!r}")
        if not (0 < alpha <= 1 and 0 <= gamma <= 1 and 0 <= lambda_ <= 1):
            raise BadValue(
                "q-learning needs 0 < alpha <= 1, 0 <= gamma <= 1 and 0 <= lambda_ <= 1; given "
                f"alpha={alpha}, gamma={gamma}, lambda_={lambda_}"
            )
        if replay < 1 or budget < 1:
            raise BadValue(f"q-learning needs replay >= 1 and budget >= 1; given replay={replay}, budget={budget}")
        if not 0 <= epsilon_first <= 1:
            raise BadValue(f"epsilon_first is a probability; given {epsilon_first}")
        schedules.epsilon(schedule, 0, budget)  # an unknown name is refused here
        super().__init__(space, seed=seed)
        self.alpha = alpha
        self.gamma = gamma
        self.target = target
        self.lambda_ = lambda_
        self.q_start = q_start
        self.replay = replay
        self.schedule = schedule
        self.budget = budget
        self.epsilon_first = epsilon_first

        self.q: dict[Hashable, Row] = {}
        self.visits: dict[tuple[Hashable, str], int] = {}
        self.memory: list[tuple[list[tuple[Hashable, str]], float]] = []
        self.asked = 0  # different networks
        self._mix = {"max": 0.0, "return": 1.0, "lambda": lambda_}[target]

    # ------------------------------------------------------------------ choosing

    @property
    def epsilon(self) -> float:
        """The probability of a random choice at each step of the next walk."""
        return schedules.epsilon(self.schedule, self.asked, self.budget, self.epsilon_first)

    def ask(self) -> Architecture:
        architecture = self.first_new(self._propose)
        self.asked += 1
        return architecture

    def _propose(self) -> Architecture:
        architecture = self.walk(self.epsilon)
        if architecture in self.rewards:
            self.remember(self.trajectory(architecture), self.rewards[architecture])
        return architecture

    def walk(self, epsilon: float) -> Architecture:
        """An epsilon-greedy walk: at each state the best-valued choice (of equals, any); with `epsilon`, any choice."""
        state = self.space.start()
        architecture = []
        while moves := self.space.moves(state):
            options = list(moves)
            if self.rng.random() >= epsilon:
                row = self.row(state)
                best = max(row[choice] for choice in options)
                options = [choice for choice in options if row[choice] == best]
            choice = options[int(self.rng.random() * len(options))]
            architecture.append(choice)
            state = moves[choice]
        return tuple(architecture)

    # ------------------------------------------------------------------ learning

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        for _ in self.updates(architecture, float(reward)):
            pass

    def updates(self, architecture: Architecture, reward: float) -> Iterator[QUpdate]:
        """Every backup that `tell` makes, in order: the newest trajectory, then replayed ones."""
        newest = self.trajectory(architecture)
        self.remember(newest, reward)
        yield from self.learn(newest, reward)
        for place in self.rng.integers(len(self.memory), size=self.replay - 1).tolist():
            yield from self.learn(*self.memory[place])

    def learn(self, trajectory: list[tuple[Hashable, str]], reward: float) -> Iterator[QUpdate]:
        """One pass over one trajectory, from its last step backwards; yields each backup when it is made.

        Args:
            trajectory: (key of the state, choice) for each step, as `trajectory(architecture)` gives it.
            reward: what the whole network was worth; the rewards on the way there are 0.
        """
        alpha, gamma, mix = self.alpha, self.gamma, self._mix
        target = reward
        after: Row | None = None
        for key, choice in reversed(trajectory):
            row = self.q[key]
            if after is not None:
                target *= gamma
                if mix < 1:
                    target = (1 - mix) * gamma * max(after.values()) + mix * target
            old = row[choice]
            new = row[choice] = old + alpha * (target - old)
            yield QUpdate(key, choice, old, target, new)
            after = row

    def trajectory(self, architecture: Architecture) -> list[tuple[Hashable, str]]:
        """The architecture as the table sees it: (key of the state, choice) for each step."""
        steps = []
        for state, choice, _ in self.space.walk(architecture):
            self.row(state)
            steps.append((self.space.key(state), choice))
        return steps

    def remember(self, trajectory: list[tuple[Hashable, str]], reward: float) -> None:
        """Store a trajectory for replay, and count its visits."""
        self.memory.append((trajectory, reward))
        for step in trajectory:
            self.visits[step] = self.visits.get(step, 0) + 1

    def row(self, state: Any) -> Row:
        """The Q-values of a state's key, with a starting value for choices that were never tried."""
        key = self.space.key(state)
        row = self.q.setdefault(key, {})
        for choice in self.space.moves(state):  # states that share a key may differ in what is open
            row.setdefault(choice, self.q_start)
        return row

    # ------------------------------------------------------------------ looking

    def status(self) -> dict[str, float]:
        return {"epsilon": self.epsilon}

    def learned(self) -> list[dict[str, Any]]:
        """The Q-table by depth and choice: for each, the mean over the states at that depth, weighted by visits."""
        depth_of = {key: depth for trajectory, _ in self.memory for depth, (key, _) in enumerate(trajectory)}
        sums: dict[tuple[int, str], tuple[float, int]] = {}
        for (key, choice), visits in self.visits.items():
            total, count = sums.get((depth_of[key], choice), (0.0, 0))
            sums[depth_of[key], choice] = total + visits * self.q[key][choice], count + visits
        return [
            {"depth": depth, "choice": choice, "value": total / count, "visits": count}
            for (depth, choice), (total, count) in sorted(sums.items())
        ]
