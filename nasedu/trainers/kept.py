"""A trainer that remembers: each network is trained once, for any number of searches of the same task."""

from collections.abc import Sequence
from typing import Any

from nasedu.core import Architecture, Evaluation
from nasedu.trainers.base import Wrapper, one_seed_each, settings_of


class Kept(Wrapper):
    """Train each network once for a number of epochs and a seed; afterwards return the evaluation again.

    A score is a pure function of task, architecture, epochs and seed, so each search is the same as with the trainer
    inside. Only its time is shorter. Searches of one task that are compared ask many of the same networks.

    Args:
        trainer: any trainer but one with a cohort, whose scores depend on what else is in the call.

    Attributes:
        known: (architecture, epochs, seed) to its evaluation.
    """

    def __init__(self, trainer: Any):
        super().__init__(trainer)
        self.known: dict[tuple[Architecture, int, int], Evaluation] = {}

    @property
    def described_by(self) -> Any:
        """Return the trainer inside: no result differs from its own."""
        return self.trainer

    def keep(self, evaluations: Sequence[Evaluation], *, epochs: int, seed: int) -> None:
        """Take over what this trainer has found before, such as the trials of a store."""
        for evaluation in evaluations:
            self.known.setdefault((tuple(evaluation.architecture), epochs, seed), evaluation)

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        seeds = one_seed_each(architectures, seed)
        wanted = [(tuple(a), epochs, own) for a, own in zip(architectures, seeds, strict=True)]
        new = {key: a for key, a in zip(wanted, architectures, strict=True) if key not in self.known}
        if new or not wanted:  # with nothing to train, the trainer inside checks the other arguments
            own = seed if isinstance(seed, int) else [key[2] for key in new]
            self.known |= zip(new, self.trainer(list(new.values()), epochs=epochs, seed=own), strict=True)
        return [self.known[key] for key in wanted]


def kept(trainer: Any) -> Any:
    """Return the trainer, so that it trains each network once; unchanged if it compares the networks of a call."""
    return trainer if settings_of(trainer).cohort is not None else Kept(trainer)
