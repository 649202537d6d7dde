"""Hyperband: successive halving several times over, from many candidates and few epochs to few and many."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

from nasedu.core import Architecture
from nasedu.trainers import load
from nasedu.trainers.base import check_epochs
from nasedu.trainers.halving.successive_halving import Bracket, BracketTrainer, Rung


class Hyperband(BracketTrainer):
    """Successive halving with several ways to spend the same budget: nobody has to know the best way in advance.

        trainer = Hyperband(SequentialTrainer(space, task))
        for rung in trainer.rungs(architectures, epochs=9, seed=0):
            print(rung.bracket, rung.epochs, rung.scores, rung.kept)

    The first bracket cuts hardest: many candidates, few epochs. The last one cuts nobody: a few candidates, all epochs.
    All brackets cost about the same, and each is a race of its own. So a slow learner, which halving loses, has its
    chance in a later bracket.

    The architectures of a call fill the brackets in the order asked, the hardest cut first. `plan(epochs)` says how
    many the paper gives to each: 9, 5 and 3 of 17 for 9 epochs. If a call has more or fewer, each bracket gets its
    share in proportion, to within one; one alone is in the last bracket, and trained to the end.

    **Here a score depends on the cohort**, as with `Halving`. `metrics["bracket"]` and `metrics["rung"]` say where a
    candidate ended, and `epochs` how far it was trained; their sum over a call is what the call cost.

    Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter
    Optimization", JMLR 18(185), 2018, algorithm 1 and table 1. Used in lesson 09.

    Args:
        trainer: one that can go on with a training, as for `Halving`.
        factor: the paper's eta; at least 2.
        cohort: how many architectures it likes to get together; 17 fill the brackets of 9 epochs.

    Raises:
        BadValue: a trainer that cannot go on with a training, or a number out of its range.
    """

    name = "hyperband"

    def __init__(self, trainer: Any, *, factor: int = 3, cohort: int = 17):
        super().__init__(trainer, factor=factor, cohort=cohort)

    def plan(self, epochs: int) -> list[Bracket]:
        """Return the brackets of the paper for trainings of `epochs`, the hardest cut first (see `brackets_of`)."""
        check_epochs(epochs)
        return brackets_of(epochs, self.factor)

    def brackets(self, candidates: int, epochs: int) -> list[Bracket]:
        """Return the plan, with as many candidates as there are: each bracket's share of them."""
        plan = self.plan(epochs)
        ends = list(accumulate((bracket.candidates for bracket in plan), initial=0))
        cuts = [end * candidates // ends[-1] for end in ends]
        return [replace(b, candidates=end - begin) for b, (begin, end) in zip(plan, pairwise(cuts), strict=True)]

    def _run_brackets(
        self, architectures: Sequence[Architecture], brackets: list[Bracket], seeds: list[int]
    ) -> Iterator[Rung]:
        for rung in super()._run_brackets(architectures, brackets, seeds):
            named = {
                place: replace(e, metrics={**e.metrics, "bracket": rung.bracket})
                for place, e in rung.evaluations.items()
            }
            yield replace(rung, evaluations=named)


def brackets_of(epochs: int, factor: int) -> list[Bracket]:
    """Return the brackets of Hyperband, from s_max to 0 (Li et al. 2018, algorithm 1; there R = epochs, eta = factor).

    s_max is the whole part of log_eta(R). Bracket s begins with ceil((s_max + 1) / (s + 1) * eta^s) candidates, and its
    rungs are R / eta^s, ..., R / eta, R, rounded down. In whole numbers: in floating point, log_3(243) is 4.999...
    """
    most = 0
    while factor ** (most + 1) <= epochs:
        most += 1
    return [
        Bracket(
            candidates=-(-(most + 1) * factor**s // (s + 1)),
            rungs=tuple(epochs // factor ** (s - i) for i in range(s + 1)),
            factor=factor,
        )
        for s in range(most, -1, -1)
    ]


def hyperband(
    space: Any, task: Any, *, trainer: str = "sequential", factor: int = 3, cohort: int = 17, **options: Any
) -> Hyperband:
    """Run several brackets of successive halving, from many candidates and few epochs to few and many: Hyperband.

    `load("hyperband", space, task, trainer="sequential", patience=0)`: see `Hyperband`; whatever is named further is
    an option of the trainer inside.
    """
    return Hyperband(load(trainer, space, task, **options), factor=factor, cohort=cohort)
