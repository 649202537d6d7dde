"""Tabular Q-learning over a space of architectures.

Baker, Gupta, Naik, Raskar, "Designing Neural Network Architectures using Reinforcement Learning" (MetaQNN), ICLR 2017,
section 3 and algorithms 1 to 3. Lesson 04 explains it part by part.
"""

from collections import deque
from collections.abc import Hashable, Iterator
from math import exp
from typing import Any, NamedTuple

from nasedu.controllers import schedules
from nasedu.controllers.base import Controller, choices_by_weight
from nasedu.core import Architecture, BadValue

Row = dict[str, float]  # the Q-value of each choice that is open in one state
Trajectory = list[tuple[Hashable, str]]  # (key of the state, choice) for each step
Path = list[tuple[Hashable, str, Row, Row]]  # a trajectory backwards, each step with its rows in the two tables


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

    **Why "return" is the default.** If the state is only a position, as on a chain of slots, every first choice leads
    to the same later state. The published target takes the largest value there. All first choices then converge to
    one number, and the controller is only slightly better than random search. The whole return is noisier, but it
    distinguishes the choices. Measured on NAS-Bench-Macro; `make bench` repeats it.

    **Exploration** is epsilon-greedy: at each step, with probability epsilon, any open choice. Epsilon falls with the
    number of different networks. A network that was asked before is not asked again: its trajectory is stored once
    more, and the controller proposes another network (section 4.3 of the paper).

    **Replay.** After each new network, the controller learns from `replay` stored trajectories: the newest first, and
    others drawn at random. It learns from each trajectory from the last step backwards.

    Args:
        space: the space to choose from; `space.key(state)` is what the table sees of a state.
        alpha: step size (the paper: 0.01).
        gamma: discount (the paper: 1).
        target: "return", "max" or "lambda".
        lambda_: for target "lambda", from 0 to 1.
        double: keep two tables. One selects the best next choice, the other gives its value; a coin flip decides which
            of them learns (van Hasselt, "Double Q-learning", NIPS 2010). Only for targets that look at next choices.
        q_start: the value of a choice not yet tried (the paper's code: 0.5).
        replay: number of trajectories to learn from after each new network (the paper: 100; its code: 128).
        schedule: "linear" (1 down to 0.1) or "metaqnn" (the paper's steps).
        budget: different networks over which epsilon falls.
        epsilon_first: epsilon of the first network; below 1 the whole schedule is scaled down with it.
        exploration: "epsilon-greedy", or "boltzmann": every choice with probability proportional to
            exp(Q / temperature), where the temperature is `temperature` times epsilon (Sutton and Barto 2018, 2.8).
        temperature: for "boltzmann", in units of the reward.

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
        double: bool = False,
        exploration: str = "epsilon-greedy",
        temperature: float = 0.1,
    ):
        if target not in ("return", "max", "lambda"):
            raise BadValue(f"target is 'return', 'max' or 'lambda'; given {target!r}")
        if not (0 < alpha <= 1 and 0 <= gamma <= 1 and 0 <= lambda_ <= 1):
            raise BadValue(
                "q-learning needs 0 < alpha <= 1, 0 <= gamma <= 1 and 0 <= lambda_ <= 1; given "
                f"alpha={alpha}, gamma={gamma}, lambda_={lambda_}"
            )
        if double and target == "return":
            raise BadValue("double Q-learning changes targets that look at next choices; use target 'max' or 'lambda'")
        if exploration not in ("epsilon-greedy", "boltzmann") or temperature <= 0:
            raise BadValue(
                "exploration is 'epsilon-greedy' or 'boltzmann', and temperature is above 0; given "
                f"exploration={exploration!r}, temperature={temperature}"
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
        self.double = double
        self.exploration = exploration
        self.temperature = temperature

        self.q: dict[Hashable, Row] = {}
        self.second: dict[Hashable, Row] = self.q if not double else {}
        self._rows: dict[Any, Row] = {}  # the rows of `q` by state instead of key, with all choices of the state
        self._trajectories: dict[Architecture, Trajectory] = {}
        self.visits: dict[tuple[Hashable, str], int] = {}
        self.memory: list[tuple[Path, float]] = []
        self.asked = 0  # different networks
        self._mix = {"max": 0.0, "return": 1.0, "lambda": lambda_}[target]

    # ------------------------------------------------------------------ choosing

    @property
    def epsilon(self) -> float:
        """Return the probability of a random choice at each step of the next walk."""
        return schedules.epsilon(self.schedule, self.asked, self.budget, self.epsilon_first)

    def ask(self) -> Architecture:
        architecture = self.first_new(self._propose)
        self.asked += 1
        return architecture

    def _propose(self, attempt: int) -> Architecture:
        """Return a walk; the more known networks it led to in a row, the more it explores."""
        architecture = self.walk(min(self.epsilon * 2 ** (attempt // 10), 1.0))
        if architecture in self.rewards:
            self._remember(self._path(self.trajectory(architecture)), self.rewards[architecture])
        return architecture

    def walk(self, epsilon: float) -> Architecture:
        """Return one walk through the space that explores with `epsilon`."""
        choose = self._epsilon_greedy if self.exploration == "epsilon-greedy" else self._boltzmann
        state = self.space.start()
        architecture = []
        while moves := self.space.moves(state):
            choice = choose(state, list(moves), epsilon)
            architecture.append(choice)
            state = moves[choice]
        return tuple(architecture)

    def _epsilon_greedy(self, state: Any, options: list[str], epsilon: float) -> str:
        """Return the choice with the highest value (on a tie, any of them); with probability epsilon, any choice."""
        if self.rng.random() >= epsilon:
            row = self.row(state)
            best = max(row[choice] for choice in options)
            options = [choice for choice in options if row[choice] == best]
        return options[int(self.rng.random() * len(options))]

    def _boltzmann(self, state: Any, options: list[str], epsilon: float) -> str:
        """Return any choice, more probable if its value is higher; at a low temperature nearly always the best."""
        row = self.row(state)
        best = max(row[choice] for choice in options)
        temperature = max(self.temperature * epsilon, 1e-9)
        weights = [exp((row[choice] - best) / temperature) for choice in options]
        return choices_by_weight(self.rng, options, weights)

    # ------------------------------------------------------------------ learning

    def tell(self, architecture: Architecture, reward: float) -> None:
        super().tell(architecture, reward)
        deque(self._backups(self._replayed(architecture, float(reward))), maxlen=0)  # run all of them, keep none

    def updates(self, architecture: Architecture, reward: float) -> Iterator[QUpdate]:
        """Yield every backup of one `tell`, in order; each is made only when it is requested."""
        yield from map(QUpdate._make, self._backups(self._replayed(architecture, reward)))

    def _replayed(self, architecture: Architecture, reward: float) -> list[tuple[Path, float]]:
        """Return the trajectories to learn from after a new reward: the newest, then replayed ones."""
        newest = self._path(self.trajectory(architecture))
        self._remember(newest, reward)
        places = self.rng.integers(len(self.memory), size=self.replay - 1).tolist()
        return [(newest, reward), *(self.memory[place] for place in places)]

    def learn(self, trajectory: Trajectory, reward: float) -> Iterator[QUpdate]:
        """Yield each backup of one pass over a trajectory, from its last step backwards, when it is made.

        Args:
            trajectory: (key of the state, choice) for each step, as `trajectory(architecture)` gives it.
            reward: of the whole network; the rewards of the steps before the last are 0.
        """
        return map(QUpdate._make, self._backups([(self._path(trajectory), reward)]))

    def _backups(self, replayed: list[tuple[Path, float]]) -> Iterator[tuple[Hashable, str, float, float, float]]:
        """Yield the backups as plain tuples for `tell`; named tuples (`learn`) take twice the time."""
        alpha, gamma, mix = self.alpha, self.gamma, self._mix
        looks_ahead, only_ahead, single = mix < 1, mix == 0, not self.double  # computed outside the slow loop
        for path, target in replayed:
            second_learns = self.double and self.rng.random() < 0.5
            ahead: Row | None = None  # the next state's values; there is no state after the last choice
            ahead_judged: Row = {}  # the next state's values in the table that does not learn now
            for key, choice, row, other in path:
                if second_learns:
                    row, other = other, row
                if ahead is not None:
                    if looks_ahead:
                        best = max(ahead.values()) if single else ahead_judged[max(ahead, key=ahead.__getitem__)]
                        target = best if only_ahead else (1 - mix) * best + mix * target
                    target *= gamma
                old = row[choice]
                row[choice] = new = old + alpha * (target - old)
                yield key, choice, old, target, new
                ahead, ahead_judged = row, other

    def trajectory(self, architecture: Architecture) -> Trajectory:
        """Return the architecture as the table sees it: (key of the state, choice) for each step."""
        steps = self._trajectories.get(architecture)
        if steps is None:
            walk = self.space.walk(architecture)
            for step in walk:
                self.row(step.state)
            steps = self._trajectories[architecture] = [(self.space.key(s.state), s.choice) for s in walk]
        return steps

    def _path(self, trajectory: Trajectory) -> Path:
        """Return a trajectory from its last step backwards, each step with its rows in the two tables."""
        return [(key, choice, self.q[key], self.second[key]) for key, choice in reversed(trajectory)]

    def _remember(self, path: Path, reward: float) -> None:
        """Store a trajectory for replay, and count its visits."""
        self.memory.append((path, reward))
        for key, choice, *_ in path:
            self.visits[key, choice] = self.visits.get((key, choice), 0) + 1

    def row(self, state: Any) -> Row:
        """Return the Q-values of a state's key, with a starting value for choices that were never tried.

        With two tables, they are the mean of both; a walk uses this mean.
        """
        row = self._rows.get(state)
        if row is None:
            key = self.space.key(state)
            row = self._rows[state] = self.q.setdefault(key, {})
            second = self.second.setdefault(key, {})
            for choice in self.space.moves(state):  # states with one key may have different open choices
                row.setdefault(choice, self.q_start)
                second.setdefault(choice, self.q_start)
        if not self.double:
            return row
        second = self.second[self.space.key(state)]
        return {choice: (value + second[choice]) / 2 for choice, value in row.items()}

    # ------------------------------------------------------------------ what was learned

    def status(self) -> dict[str, float]:
        return {"epsilon": self.epsilon}

    def learned(self) -> list[dict[str, Any]]:
        """Return the Q-table by depth and choice: the mean over the states at that depth, weighted by visits."""
        depth_of = {key: depth for path, _ in self.memory for depth, (key, *_) in enumerate(reversed(path))}
        sums: dict[tuple[int, str], tuple[float, int]] = {}
        for (key, choice), visits in self.visits.items():
            total, count = sums.get((depth_of[key], choice), (0.0, 0))
            value = (self.q[key][choice] + self.second[key][choice]) / 2
            sums[depth_of[key], choice] = total + visits * value, count + visits
        return [
            {"depth": depth, "choice": choice, "value": total / count, "visits": count}
            for (depth, choice), (total, count) in sorted(sums.items())
        ]
