"""A search with a predictor: an ensemble learns scores from architectures, and judges mutations of the best.

White, Neiswanger, Savani, "BANANAS: Bayesian Optimization with Neural Architectures for Neural Architecture Search",
AAAI 2021, algorithm 1. The regressors are scikit-learn's. Lesson 07.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nasedu.controllers.acquisition import ACQUISITIONS
from nasedu.controllers.base import Controller
from nasedu.core import Architecture, BadValue, derive_seed
from nasedu.core.ranking import first_best
from nasedu.spaces.paths import path_encodings

MOST_EDITS = 4
"""If all mutants with one edit are known, those with two are candidates, and so on."""
TRIES = 5
"""A proposal is known only where no mutant is new, and the next one would be known, too."""


class Predictor(Controller):
    """Asks the candidate of which an ensemble of regressors expects most.

    1. The first `startup` architectures are random.
    2. Each member of the ensemble is fitted to all scores so far, from a seed of its own.
    3. `candidates` mutants of the `mutated` best architectures are made.
    4. What the members predict of a candidate has a mean and a standard deviation. The acquisition function turns
       these into one number, and the candidate with the highest one is asked. After `refit` answers: again from 2.

    The paper has five networks of ten layers on path encodings, independent Thompson sampling, 100 candidates, and asks
    ten architectures after each fit.

    Args:
        space: the space to choose from.
        model: "ridge", "tree" or "network" (two layers of 20, about ten times the cost). Ridge regressions and trees
            have no initial weights to differ by: each is fitted to a sample of the trials, drawn with replacement.
        encoding: "one-hot" (`space.encode`) or "path" (`nasedu.spaces.paths`).
        acquisition: "thompson", "expected-improvement", "upper-bound" or "mean" (`nasedu.controllers.acquisition`).
        members: regressors in the ensemble, at least 2.
        startup: architectures drawn at random before the first fit, at least 2.
        refit: answers between two fits.
        candidates: mutants to judge for each question.
        mutated: how many of the best architectures so far have mutants among the candidates.

    Raises:
        BadValue: a name that does not exist, or a number that is too small.
    """

    name = "predictor"

    def __init__(
        self,
        space: Any,
        *,
        seed: int = 0,
        model: str = "ridge",
        encoding: str = "one-hot",
        acquisition: str = "thompson",
        members: int = 5,
        startup: int = 10,
        refit: int = 5,
        candidates: int = 100,
        mutated: int = 5,
    ):
        for option, value, known in (
            ("model", model, MODELS),
            ("encoding", encoding, ENCODINGS),
            ("acquisition", acquisition, ACQUISITIONS),
        ):
            if value not in known:
                raise BadValue(f"{option} of predictor is one of {', '.join(known)}; given {value!r}")
        if min(members, startup) < 2 or min(refit, candidates, mutated) < 1:
            raise BadValue(
                "predictor needs members and startup >= 2, and refit, candidates and mutated >= 1; given "
                f"{members=}, {startup=}, {refit=}, {candidates=}, {mutated=}"
            )
        super().__init__(space, seed=seed)
        self.model, self.encoding, self.acquisition = model, encoding, acquisition
        self.members, self.startup, self.refit = members, startup, refit
        self.candidates, self.mutated = candidates, mutated
        self._ensemble: list[Any] = []
        self._fitted: list[Architecture] = []  # the architectures that the ensemble was fitted to

    def ask(self) -> Architecture:
        if len(self.rewards) < 2 or len(self.rewards) + len(self.pending) < self.startup:
            return self.first_new(lambda _: self.space.sample(self.rng))
        if len(self.rewards) >= len(self._fitted) + self.refit or not self._ensemble:
            self._fit()
        return self.first_new(self._propose, tries=TRIES)

    def predict(self, architectures: Sequence[Architecture]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the members' predictions, (architectures,) each, in units of reward.

        Raises:
            BadValue: before the first fit.
        """
        if not self._ensemble:
            raise BadValue(f"nothing was fitted yet: tell at least {self.startup} rewards, and ask")
        X = ENCODINGS[self.encoding](self.space, architectures, self._fitted)
        found = self._level + self._unit * np.array([member.predict(X) for member in self._ensemble])
        return found.mean(0), found.std(0, ddof=1)

    def status(self) -> dict[str, float]:
        return {"fitted to": float(len(self._fitted))} if self._ensemble else {}

    def _fit(self) -> None:
        self._fitted = list(self.rewards)
        X = ENCODINGS[self.encoding](self.space, self._fitted, self._fitted)
        y = np.array(list(self.rewards.values()))
        self._level, self._unit = float(y.mean()), float(y.std()) or 1.0
        seeds = [derive_seed(self.seed, self.name, member, len(y)) % 2**32 for member in range(self.members)]
        self._ensemble = [MODELS[self.model](X, (y - self._level) / self._unit, seed) for seed in seeds]

    def _propose(self, _attempt: int) -> Architecture:
        """Return the candidate of the highest acquisition; every candidate is new, unless there is none."""
        best = sorted(self.rewards, key=lambda one: -self.rewards[one])[: self.mutated]
        made: dict[Architecture, Architecture] = {}  # a mutant and its parent
        for edits in range(1, MOST_EDITS + 1):
            for number in range(self.candidates):
                parent = child = best[number % len(best)]
                for _ in range(edits):
                    child = self.space.mutate(child, self.rng)
                if self.is_new(child):
                    made.setdefault(child, parent)
            if made:
                break
        else:
            return self.space.sample(self.rng)
        children = list(made)
        mean, spread = self.predict(children)
        worth = ACQUISITIONS[self.acquisition](mean, spread, self.rewards[best[0]], self.rng)
        chosen = children[first_best(worth)]
        self.parents[chosen] = (made[chosen],)
        return chosen


# ---------------------------------------------------------------------- names


def _one_hot(space: Any, architectures: Sequence[Architecture], _fitted: Sequence[Architecture]) -> np.ndarray:
    return np.array([space.encode(architecture) for architecture in architectures], dtype=float)


ENCODINGS: dict[str, Callable[..., np.ndarray]] = {"one-hot": _one_hot, "path": path_encodings}


def _network(X: np.ndarray, y: np.ndarray, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    network = MLPRegressor(hidden_layer_sizes=(20, 20), solver="lbfgs", max_iter=100, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is meant
        return network.fit(X, y)


def _tree(X: np.ndarray, y: np.ndarray, seed: int) -> Any:
    from sklearn.tree import DecisionTreeRegressor

    drawn = np.random.default_rng(seed).integers(len(y), size=len(y))
    return DecisionTreeRegressor(random_state=seed).fit(X[drawn], y[drawn])


def _ridge(X: np.ndarray, y: np.ndarray, seed: int) -> Any:
    from sklearn.linear_model import Ridge

    drawn = np.random.default_rng(seed).integers(len(y), size=len(y))
    return Ridge(alpha=1.0).fit(X[drawn], y[drawn])


MODELS: dict[str, Callable[[np.ndarray, np.ndarray, int], Any]] = {"ridge": _ridge, "tree": _tree, "network": _network}
