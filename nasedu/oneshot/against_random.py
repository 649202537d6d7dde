"""What a derived network is worth: trained alone, compared with random networks at the same total compute.

Li, Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019, ask for this comparison.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Literal, NamedTuple

import numpy as np
from scipy.stats import t

from nasedu import controllers
from nasedu.core import Architecture, Evaluation, Exhausted, best_first, check_counts
from nasedu.oneshot.edges import NONE
from nasedu.spaces.darts import Darts

Role = Literal["derived", "random", "derived tested", "random tested"]


class Trained(NamedTuple):
    """One training: what for, its result, and its processor seconds."""

    role: Role
    evaluation: Evaluation
    seconds: float


class Difference(NamedTuple):
    """The mean of the differences of test scores, seed by seed, and its 95% interval (Student's t)."""

    mean: float
    low: float
    high: float

    @property
    def flat(self) -> bool:
        """Return whether all seeds gave the same difference: such an interval has no width, and tells nothing."""
        return self.high - self.low < 1e-9

    @property
    def outcome(self) -> str:
        """Return "win" or "loss" where the interval does not contain 0, else "tie"; without a width it is a tie."""
        if self.flat:
            return "tie"
        return "win" if self.low > 0 else "loss" if self.high < 0 else "tie"


class AgainstRandom:
    """Trains a derived network alone, then random networks for as many seconds as all that took; then tests both.

    Random search gets the processor seconds of the one-shot search and of this first training. It draws each network
    once, and keeps the one of the best validation score. The training that crosses the budget counts: this favours
    random search. At the end both networks are trained with new seeds, on training and validation examples together,
    and each training is tested. Nothing is chosen after that, so the test split is used once.

    Args:
        space, trainer: of the networks.
        derived: the network of the one-shot search.
        spent: processor seconds of that search, including its selection.
        epochs, seed: of every training; the tests have the seeds after it.
        repeats: trainings of each network for the test, each with a seed of its own; 2 or more have a spread.
        done: what was trained before.
    """

    def __init__(
        self,
        space: Any,
        trainer: Any,
        derived: Architecture,
        spent: float,
        *,
        epochs: int,
        seed: int,
        repeats: int = 5,
        done: Sequence[Trained] = (),
    ):
        check_counts(2, repeats=repeats)
        self.space, self.trainer, self.derived, self.spent = space, trainer, tuple(derived), spent
        self.epochs, self.seed, self.repeats = epochs, seed, repeats
        self.done = list(done)

    def run(self) -> Iterator[Trained]:
        """Yield each training that is still to do, after it."""
        if not self.of("derived"):
            yield self._train("derived", self.derived)
        for architecture in islice(self._drawn(), len(self.of("random")), None):
            if self.of("random") and self.used >= self.budget:
                break
            yield self._train("random", architecture)
        for number in range(self.repeats):
            seed = self.seed + 1 + number
            if len(self.of("derived tested")) == number:
                yield self._test("derived tested", self.of("derived")[0], seed)
            if len(self.of("random tested")) == number:
                yield self._test("random tested", self.best, seed)

    def _drawn(self) -> Iterator[Architecture]:
        """Yield random networks, each once, of those that a search may derive: DARTS's cells have no `none`."""
        controller = controllers.load("random", self.space, seed=self.seed)
        with suppress(Exhausted):
            while True:
                architecture = controller.ask()
                if not (isinstance(self.space, Darts) and any(c.startswith(f"{NONE}~") for c in architecture)):
                    yield architecture

    def _train(self, role: Role, architecture: Architecture) -> Trained:
        start = time.process_time()
        (found,) = self.trainer([architecture], epochs=self.epochs, seed=self.seed)
        return self._keep(Trained(role, found, time.process_time() - start))

    def _test(self, role: Role, chosen: Evaluation, seed: int) -> Trained:
        start = time.process_time()
        given = {"epochs": self.epochs, "seed": seed, "best_epoch": chosen.best_epoch}
        found = self.trainer.retrain_and_test(chosen.architecture, **given)
        return self._keep(Trained(role, found, time.process_time() - start))

    def _keep(self, trained: Trained) -> Trained:
        self.done.append(trained)
        return trained

    # ------------------------------------------------------------------ what was found

    def of(self, role: str) -> list[Evaluation]:
        """Return the results of a role, in the order in which they were trained."""
        return [trained.evaluation for trained in self.done if trained.role == role]

    @property
    def budget(self) -> float:
        """Return the processor seconds for random search: those of the search and of training what it derived."""
        return self.spent + sum(trained.seconds for trained in self.done if trained.role == "derived")

    @property
    def used(self) -> float:
        """Return the processor seconds that random search has used."""
        return sum(trained.seconds for trained in self.done if trained.role == "random")

    @property
    def best(self) -> Evaluation:
        """Return the random network of the best validation score."""
        return min(self.of("random"), key=best_first)

    @property
    def finished(self) -> bool:
        """Return whether everything is trained and tested."""
        return len(self.of("random tested")) == self.repeats

    def difference(self) -> Difference:
        """Return by how much the derived network is ahead in the test, over the seeds."""
        return difference([e.score for e in self.of("derived tested")], [e.score for e in self.of("random tested")])


def difference(mine: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Return the mean of mine - theirs and its 95% interval, for two or more pairs."""
    ahead = np.subtract(mine, theirs)
    half = t.ppf(0.975, len(ahead) - 1) * ahead.std(ddof=1) / np.sqrt(len(ahead))
    return Difference(float(ahead.mean()), float(ahead.mean() - half), float(ahead.mean() + half))
