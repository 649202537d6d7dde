"""The contract of a trainer: architectures in, evaluations out.

    evaluations = trainer([("64-relu", "stop"), ("stop",)], epochs=8, seed=0)

Every trainer has this face, so one that trains, one that looks the answer up in a table and one that sends the work
to other machines are interchangeable. A score is a pure function of task, architecture, epochs and seed. A candidate
that fails is an `Evaluation` with the status that says how, never an exception.
"""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from nasedu.core import Architecture, BadValue, Evaluation, check_counts


@runtime_checkable
class Trainer(Protocol):
    """What a study needs of a trainer.

    Attributes:
        space: reads and builds the architectures.
        task: what they are judged on.
        preferred_batch: the largest number of architectures that a study hands over in one call. A trainer that trains
            one after the other says 1, and every result is stored and shown at once; one that batches says more.
    """

    space: Any
    task: Any
    preferred_batch: int

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """Score each architecture on the validation split: one evaluation for each, in order.

        Args:
            architectures: any number of architectures of the space.
            epochs: passes over the training split, at least 1.
            seed: one seed for all, or one for each.

        Raises:
            BadArchitecture, BadValue: before anything is trained.
        """
        ...

    def retrain_and_test(self, architecture: Architecture, *, epochs: int, seed: int) -> Evaluation:
        """Train on training and validation examples together, and score on the test split. For `Study.finish`."""
        ...


@runtime_checkable
class Continuing(Trainer, Protocol):
    """A trainer that can leave a training and go on with it, as successive halving does."""

    def extend(
        self,
        architectures: Sequence[Architecture],
        *,
        epochs: int,
        seed: int | Sequence[int],
        total: int,
        states: Sequence[Any] | None = None,
    ) -> list[tuple[Evaluation, Any]]:
        """Train each architecture until `epochs` of its `total` epochs are done, from where its state was left.

        Going on is the same as never having stopped: to the last bit on a CPU.

        Args:
            architectures, seed: as for a call; a training goes on with the seed that it began with.
            epochs: passes that shall be done in the end, those of the state included.
            total: passes of the whole training, which a schedule of the learning rate depends on.
            states: what an earlier call gave back, one for each; None for a training that begins.

        Returns:
            For each architecture its evaluation until then, with the seconds of the whole training, and its state:
            opaque, picklable, and good for one `extend` of an equal trainer.
        """
        ...


def one_seed_each(architectures: Sequence[Architecture], seed: int | Sequence[int]) -> list[int]:
    """A seed for each architecture. Raises BadValue if their numbers differ."""
    if isinstance(seed, int):
        return [seed] * len(architectures)
    if len(seed) != len(architectures):
        raise BadValue(f"{len(architectures)} architectures and {len(seed)} seeds: give one seed, or one for each")
    return list(seed)


def check_epochs(epochs: int) -> None:
    """Raises BadValue unless epochs is a whole number of at least 1."""
    check_counts(epochs=epochs)
