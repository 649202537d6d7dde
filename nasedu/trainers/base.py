"""The contract of a trainer: architectures in, evaluations out.

    evaluations = trainer([("64-relu", "stop"), ("stop",)], epochs=8, seed=0)

Every trainer has this interface. So a trainer that trains, one that looks scores up in a table and one that sends the
work to other machines are interchangeable. A score is a pure function of task, architecture, epochs and seed. A
candidate that fails is an `Evaluation` with the status that says how, never an exception.

`Trainer` is all that a study needs. `Continuing` adds trainings that go on, `Wrapper` is a trainer around a trainer,
and `Settings` lists what a trainer may say of itself. `nasedu.testing.check_trainer` holds a trainer to all of them.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, Self, runtime_checkable

from nasedu.core import Architecture, BadValue, Evaluation, check_counts
from nasedu.trainers.recipe import Recipe


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
            architectures: any number of architectures of the space. `nasedu.core.checked(space, architectures)` reads
                each of them once: what a study hands over was read already.
            epochs: passes over the training split, at least 1.
            seed: one seed for all, or one for each.

        Raises:
            BadArchitecture, BadValue: before anything is trained.
        """
        ...

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: Any = None
    ) -> Evaluation:
        """Train on training and validation examples together, and score on the test split. For `Study.finish`.

        Args:
            epochs: passes of the training in the search, on which its schedule of the learning rate depends.
            best_epoch: the epoch of that training with the best validation score, where the score was taken; None for
                the last. Training stops after as many passes here. For several tasks, whose evaluation has
                `best_epochs`, one for each.

        Returns:
            An evaluation with the test score, and the trained `weights` if the trainer has them.
        """
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


@runtime_checkable
class Wrapper(Trainer, Protocol):
    """A trainer around a trainer. A class of your own inherits what is here, and writes only what it changes.

        >>> from nasedu import spaces, tasks, trainers
        >>> class Counted(trainers.Wrapper):
        ...     asked = 0
        ...
        ...     def __call__(self, architectures, *, epochs, seed):
        ...         self.asked += len(architectures)
        ...         return super().__call__(architectures, epochs=epochs, seed=seed)
        >>> task = tasks.load("digits")
        >>> trainer = Counted(trainers.load("sequential", spaces.load("mlp", task), task))
        >>> len(trainer([("16-relu", "stop")] * 2, epochs=1, seed=0)), trainer.asked
        (2, 2)

    A store describes a wrapper by its name and arguments, those of the trainer inside included. A wrapper that changes
    no result has a property `described_by` that returns the trainer inside, and a store describes that one instead.

    Attributes:
        trainer: the trainer inside.
    """

    trainer: Any

    def __init__(self, trainer: Any):
        self.trainer = trainer
        self.space = trainer.space
        self.task = trainer.task
        self.preferred_batch = trainer.preferred_batch

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """Return what the trainer inside returns. It checks its arguments, so a wrapper need not."""
        return self.trainer(architectures, epochs=epochs, seed=seed)

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: Any = None
    ) -> Evaluation:
        """Return what the trainer inside returns."""
        return self.trainer.retrain_and_test(architecture, epochs=epochs, seed=seed, best_epoch=best_epoch)

    def around(self, trainer: Any) -> Self:
        """Return the same wrapper around another trainer, such as `Parallel` of the one inside."""
        return remade(self, trainer=trainer)

    def close(self) -> None:
        """Close the trainer inside, if it has something to close. Calling it twice does no harm."""
        close_trainer(self.trainer)


TIME_TO_TEST = 2
"""How many time limits the training before a test may take: a network that kept the limit has more examples there."""


@dataclass(frozen=True)
class Settings:
    """What a trainer may say of itself in attributes of these names; the defaults hold for one that says nothing.

    Attributes:
        cohort: candidates of one call that it compares with each other, as successive halving does; None for a trainer
            whose scores depend on nothing else in the call.
        threads: cores that it uses; None for all that this process may use, 0 if it sets no limit.
        time_limit: seconds for one candidate on one task or fold; None for no limit.
        folds: k of its cross-validation; 0 for none.
        recipe: how it trains networks; None for a trainer without one.
        record_test_at: epochs after which it looks at the test split; None for a trainer that a study may use.
    """

    cohort: int | None = None
    threads: int | None = 0
    time_limit: float | None = None
    folds: int = 0
    recipe: Recipe | None = None
    record_test_at: tuple[int, ...] | None = None


def settings_of(trainer: Any) -> Settings:
    """Return what a trainer says of itself, or else the first trainer inside it that does."""
    found: dict[str, Any] = {}
    for layer in nested(trainer):
        for field in fields(Settings):
            if field.name not in found and hasattr(layer, field.name):
                found[field.name] = getattr(layer, field.name)
    return Settings(**found)


def inside(trainer: Any) -> Trainer | None:
    """Return the trainer inside a wrapper; None for a trainer around nothing."""
    found = getattr(trainer, "trainer", None)
    return found if isinstance(found, Trainer) else None


def nested(trainer: Any) -> Iterator[Any]:
    """Yield the trainer, then each trainer inside it, from the outside in."""
    while trainer is not None:
        yield trainer
        trainer = inside(trainer)


def close_trainer(trainer: Any) -> None:
    """Close a trainer, if it has something to close."""
    close = getattr(trainer, "close", None)
    if close is not None:
        close()


def remade(trainer: Any, /, **changes: Any) -> Any:
    """Return a trainer made of the same arguments, but for some of them; what a wrapper does not take goes inside.

    Every argument is kept under an attribute of its own name (see `nasedu.core.describe`).
    """
    names = [name for name in inspect.signature(type(trainer).__init__).parameters if name != "self"]
    inner = inside(trainer)
    if inner is not None and not changes.keys() <= set(names):
        return trainer.around(remade(inner, **changes))
    return type(trainer)(**{**{name: getattr(trainer, name) for name in names}, **changes})


def check_is_trainer(trainer: Any, needed_by: str) -> None:
    """Raise BadValue for what is no trainer, and says what it lacks."""
    needed = ("space", "task", "preferred_batch", "__call__", "retrain_and_test")
    missing = [name for name in needed if not hasattr(trainer, name)]
    if isinstance(trainer, type):
        hint = "a class: make one, with a space and a task"
    elif missing:
        hint = f"it has no {', '.join(missing)}"
    elif not _takes_best_epoch(trainer):
        hint = "its retrain_and_test takes no best_epoch, which says when to stop"
    else:
        return
    raise BadValue(f"{needed_by} needs a trainer (see nasedu.trainers.base); given {trainer!r} ({hint})")


def _takes_best_epoch(trainer: Any) -> bool:
    known = inspect.signature(trainer.retrain_and_test).parameters.values()
    return any(p.name == "best_epoch" or p.kind is p.VAR_KEYWORD for p in known)


def one_seed_each(architectures: Sequence[Architecture], seed: int | Sequence[int]) -> list[int]:
    """Return a seed for each architecture. Raises BadValue if their numbers differ."""
    if isinstance(seed, int):
        return [seed] * len(architectures)
    if len(seed) != len(architectures):
        raise BadValue(f"{len(architectures)} architectures and {len(seed)} seeds: give one seed, or one for each")
    return list(seed)


def check_epochs(epochs: int) -> None:
    """Raise BadValue unless epochs is a whole number of at least 1."""
    check_counts(epochs=epochs)
