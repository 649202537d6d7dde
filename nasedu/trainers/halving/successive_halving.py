"""Races: candidates are trained rung by rung, and after each rung only the best go on.

`race` is successive halving; `Halving` runs one race, `Hyperband` several. What they share stands here.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nasedu.core import Architecture, BadValue, Evaluation, best_first, check_counts, checked
from nasedu.trainers.base import Continuing, Wrapper, check_is_trainer, one_seed_each


@dataclass(frozen=True)
class Bracket:
    """The plan of one race: a column of table 1 of Li et al. (2018).

    Attributes:
        candidates: how many begin.
        rungs: epochs that each remaining candidate has done at each rung, rising.
        factor: one in `factor` candidates goes on from each rung to the next, rounded down, but at least one.
    """

    candidates: int
    rungs: tuple[int, ...]
    factor: int

    @property
    def number(self) -> int:
        """Return the paper's s: how often the field is cut."""
        return len(self.rungs) - 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return how many candidates are trained at each rung, if none of them fails."""
        least = min(self.candidates, 1)
        return tuple(max(self.candidates // self.factor**i, least) for i in range(len(self.rungs)))

    @property
    def epochs(self) -> int:
        """Return what the whole race trains, all candidates together; each continues from its last rung."""
        before = (0, *self.rungs)
        return sum(n * (now - then) for n, now, then in zip(self.sizes, self.rungs, before, strict=False))


@dataclass(frozen=True)
class Rung:
    """One step of a race: everyone who is left was trained to the same epoch, and they were compared.

    Attributes:
        bracket: the number of the bracket, the paper's s.
        number: from 0, the paper's i.
        epochs: of its training, that each candidate has done now.
        spent: epochs that were trained for this rung, all its candidates together, if none of them stopped early.
        evaluations: what each candidate has come to, by its place in the call.
        kept: the places of those that go on, the best first; none at the last rung.
        dropped: the places of those whose training ends here, in the order asked.
    """

    bracket: int
    number: int
    epochs: int
    spent: int
    evaluations: dict[int, Evaluation]
    kept: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def scores(self) -> dict[int, float]:
        """Return the best validation score of each candidate until now, by its place in the call."""
        return {place: evaluation.score for place, evaluation in self.evaluations.items()}


def successive_halving(
    trainer: Any, architectures: Sequence[Architecture], bracket: Bracket, *, seeds: Sequence[int]
) -> Iterator[Rung]:
    """Run successive halving, one rung after the other (Jamieson and Talwalkar 2016, section 3).

    A candidate that failed is dropped. On a tie, the smaller network goes on; see `nasedu.core.best_first`.

    Args:
        trainer: one that can go on with a training (`nasedu.trainers.base.Continuing`).
        architectures: any number of them; of the bracket, rungs and factor count.
        bracket: the plan.
        seeds: one for each architecture.
    """
    racing = list(range(len(architectures)))
    states: dict[int, Any] = {}
    before = 0
    for number, epochs in enumerate(bracket.rungs):
        if not racing:
            return
        found = trainer.extend(
            [architectures[place] for place in racing],
            epochs=epochs,
            seed=[seeds[place] for place in racing],
            total=bracket.rungs[-1],
            states=[states.get(place) for place in racing],
        )
        evaluations = {place: on_rung(e, number) for place, (e, _) in zip(racing, found, strict=True)}
        kept = () if number == bracket.number else best_of(evaluations, max(len(racing) // bracket.factor, 1))
        dropped = tuple(place for place in racing if place not in kept)
        states = {place: state for place, (_, state) in zip(racing, found, strict=True) if place in kept}
        yield Rung(bracket.number, number, epochs, len(racing) * (epochs - before), evaluations, kept, dropped)
        racing, before = sorted(kept), epochs


def on_rung(evaluation: Evaluation, number: int) -> Evaluation:
    return replace(evaluation, metrics={**evaluation.metrics, "rung": number})


def best_of(evaluations: dict[int, Evaluation], most: int) -> tuple[int, ...]:
    """Return the places of the best evaluations, the best first (see `nasedu.core.best_first`), without failed ones."""
    places = [place for place, evaluation in evaluations.items() if evaluation.ok]
    return tuple(sorted(places, key=lambda place: best_first(evaluations[place]))[:most])


class BracketTrainer(Wrapper):
    """A trainer around a trainer, whose candidates race against each other.

    Its `cohort` tells it from other trainers: a score depends on what was in the same call. So a batch is as large as
    the cohort by default. Workers train for the race (`around`), and do not divide it.

    Args:
        trainer: one that can go on with a training.
        factor: one in `factor` candidates goes on to the next rung.
        cohort: how many architectures it likes to compare with each other.

    Raises:
        BadValue: a trainer that cannot go on with a training, or a number out of its range.
    """

    name = ""

    def __init__(self, trainer: Any, *, factor: int, cohort: int):
        check_continuing(trainer, self.name)
        check_counts(2, factor=factor)
        check_counts(cohort=cohort)
        super().__init__(trainer)
        self.factor = factor
        self.cohort = cohort
        self.preferred_batch = cohort

    @abstractmethod
    def brackets(self, candidates: int, epochs: int) -> list[Bracket]:
        """Return the brackets of a call with this number of candidates, and how many candidates each has."""

    def rungs(self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]) -> Iterator[Rung]:
        """Return the steps of a call: each rung, when all on it were trained and compared. Arguments as for a call."""
        seeds = one_seed_each(architectures, seed)
        brackets = self.brackets(len(architectures), epochs)
        return self._run_brackets(checked(self.space, architectures), brackets, seeds)

    def _run_brackets(
        self, architectures: Sequence[Architecture], brackets: list[Bracket], seeds: list[int]
    ) -> Iterator[Rung]:
        begin = 0
        for bracket in brackets:
            end = begin + bracket.candidates
            for rung in successive_halving(self.trainer, architectures[begin:end], bracket, seeds=seeds[begin:end]):
                yield moved(rung, begin)
            begin = end

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`; the architectures of a call race against each other.

        Args:
            epochs: of the last rung; most candidates are trained for fewer.
        """
        rungs = self.rungs(architectures, epochs=epochs, seed=seed)
        ends = {place: rung.evaluations[place] for rung in rungs for place in rung.dropped}
        return [ends[place] for place in range(len(architectures))]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.trainer!r}>"


def moved(rung: Rung, by: int) -> Rung:
    """Return the rung of a race whose first candidate has this place in the call."""
    return replace(
        rung,
        evaluations={place + by: evaluation for place, evaluation in rung.evaluations.items()},
        kept=tuple(place + by for place in rung.kept),
        dropped=tuple(place + by for place in rung.dropped),
    )


def check_continuing(trainer: Any, name: str) -> None:
    """Raise BadValue for what is no trainer, or for one that cannot go on with a training."""
    check_is_trainer(trainer, name)
    if not isinstance(trainer, Continuing):
        given = getattr(type(trainer), "name", "") or type(trainer).__name__
        raise BadValue(
            f"{name} trains a candidate a little and goes on with it later, and the trainer {given!r} cannot: it has "
            "no `extend` (see nasedu.trainers.base.Continuing). Give it one that has, such as 'sequential'"
        )
