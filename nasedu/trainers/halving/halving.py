"""Successive halving: train many a little, then go on with the best of them only."""

from typing import Any

from nasedu.core import BadValue, check_counts
from nasedu.trainers import load
from nasedu.trainers.base import check_epochs
from nasedu.trainers.halving.successive_halving import Bracket, BracketTrainer


class Halving(BracketTrainer):
    """Successive halving around a trainer: all get a few epochs, the best third three times as many, and so on.

        trainer = Halving(SequentialTrainer(space, task))
        for rung in trainer.rungs(architectures, epochs=9, seed=0):
            print(rung.epochs, rung.scores, rung.kept)

    With 9 epochs the rungs are 1, 3 and 9, and 9 candidates cost 9 + 3 * 2 + 1 * 6 = 21 epochs instead of 81: a
    candidate that goes on is trained further from where it was.

    **Here a score depends on the cohort.** All architectures of one call race against each other. A candidate that was
    dropped early has the score of its rung, the best of its curve so far. Its evaluation says so: `epochs` is how far
    it was trained, `metrics["rung"]` where it ended. A network that learns slowly and well is lost if it is behind at
    the first rung: halving is right as far as early scores rank as late ones do. A study hands over a batch at a time:
    make it as large as `cohort` (`study.run(trials=45, batch=trainer.cohort)`). A candidate that is alone always wins.

    Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016,
    section 3, where the factor is 2; Li et al., "Hyperband", JMLR 18(185), 2018, section 3, call it eta. Used in
    lesson 09.

    Args:
        trainer: one that can go on with a training: "sequential", "table" with learning curves, `Parallel` of them.
        factor: one in `factor` candidates goes on, and is trained `factor` times as long; at least 2.
        first: epochs of the first rung.
        cohort: how many architectures it likes to compare with each other.

    Raises:
        BadValue: a trainer that cannot go on with a training, or a number out of its range.
    """

    name = "halving"

    def __init__(self, trainer: Any, *, factor: int = 3, first: int = 1, cohort: int = 9):
        super().__init__(trainer, factor=factor, cohort=cohort)
        check_counts(first=first)
        self.first = first

    def plan(self, candidates: int, epochs: int) -> Bracket:
        """Return how many are trained to which epoch: `plan(9, 9)` has the rungs 1, 3, 9 with 9, 3, 1 candidates.

        The rungs are `first`, then `factor` times as many each. The last one is `epochs`, in place of the rung that
        is nearest to it in ratio: 8 epochs have the rungs 1, 3, 8, and 10 have 1, 3, 10.

        Raises:
            BadValue: fewer epochs than the first rung has.
        """
        check_epochs(epochs)
        if epochs < self.first:
            raise BadValue(f"the first rung of this halving has {self.first} epochs; given epochs={epochs}: give more")
        rungs, rung = [], self.first
        while self.factor * rung**2 <= epochs**2:  # at least half a step, in ratio, is left
            rungs.append(rung)
            rung *= self.factor
        return Bracket(candidates, (*rungs, epochs), self.factor)

    def brackets(self, candidates: int, epochs: int) -> list[Bracket]:
        return [self.plan(candidates, epochs)]


def halving(
    space: Any,
    task: Any,
    *,
    trainer: str = "sequential",
    factor: int = 3,
    first: int = 1,
    cohort: int = 9,
    **options: Any,
) -> Halving:
    """Train many a little, the best third of them three times as long, and so on: successive halving.

    `load("halving", space, task, trainer="sequential", patience=0)`: see `Halving`; whatever is named further is an
    option of the trainer inside.
    """
    return Halving(load(trainer, space, task, **options), factor=factor, first=first, cohort=cohort)
