"""The rules of a trainer around a trainer; they hold by themselves for a trainer around nothing.

They belong to the suite of trainers: see `nasedu.testing.check_trainer`.
"""

import copy
from collections.abc import Sequence
from typing import Any

from nasedu.core import Architecture, describe
from nasedu.testing.rules import expect, short
from nasedu.testing.trainer_rules import same, suite
from nasedu.trainers.base import Trainer, Wrapper, inside

trainer_checks = suite.checks
"""The rules of every trainer, and those of wrappers."""


class Closings:
    """Stands in the place of a trainer's `close`, and counts its calls; it survives pickle."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def closable(trainer: Any) -> tuple[Any, Closings]:
    """Return a copy of a trainer that counts how often it is closed."""
    twin: Any = copy.copy(trainer)
    twin.close = Closings()
    return twin, twin.close


@suite.rule
def a_wrapper_has_all_that_a_wrapper_needs(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that a trainer with a trainer inside (`trainer`) has `around` and `close`, and scores on the same task."""
    inner = inside(trainer)
    if inner is None:
        return
    missing = [name for name in ("around", "close") if not hasattr(trainer, name)]
    mend = "let the class inherit from nasedu.trainers.Wrapper, and call super().__init__(trainer)"
    expect(not missing, f"a {type(trainer).__name__} around {short(inner)} has no {' and no '.join(missing)}", mend)
    told = f"its task is {trainer.task.name!r}, that of the trainer inside {inner.task.name!r}"
    expect(trainer.task.name == inner.task.name, told, mend)


@suite.rule
def around_changes_only_the_trainer_inside(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `around` gives a wrapper of the same kind, arguments and scores, and leaves the old one as it is."""
    inner = inside(trainer)
    if inner is None or not isinstance(trainer, Wrapper):
        return
    twin = copy.copy(inner)
    other = trainer.around(twin)
    try:
        mend = "make a new one of the same class and arguments, as nasedu.trainers.Wrapper.around does"
        expect(trainer.trainer is inner, "the wrapper itself goes around the other trainer now", mend)
        expect(inside(other) is twin, f"around(trainer) goes around {short(inside(other))}", mend)
        now, before = ({"kind": type(t).__name__, **describe(t)} for t in (other, trainer))
        expect(now == before, f"{short(before)} became {short(now)}", mend)
        found, expected = (t(architectures, epochs=1, seed=0) for t in (other, trainer))
        expect(same(found, expected), f"{[e.score for e in expected]} became {[e.score for e in found]}", mend)
    finally:
        other.close()


@suite.rule
def closing_a_wrapper_closes_the_trainer_inside(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `close` closes the trainer inside, and may be called twice."""
    inner = inside(trainer)
    if inner is None or not isinstance(trainer, Wrapper):
        return
    twin, closings = closable(inner)
    other = trainer.around(twin)
    other.close()
    told = "the trainer inside stayed open when the wrapper was closed"
    expect(closings.count == 1, told, "end `close` with `super().close()`, or with `close_trainer(self.trainer)`")
    other.close()


@suite.rule
def a_wrapper_that_is_described_by_its_trainer_changes_nothing(
    trainer: Trainer, architectures: Sequence[Architecture]
) -> None:
    """Check that `described_by`, if there is one, is the trainer inside, and that all results are its own."""
    inner = inside(trainer)
    if inner is None or not hasattr(type(trainer), "described_by"):
        return
    described: Any = trainer
    mend = "leave `described_by` out, so that a store tells the wrapper from the trainer inside"
    expect(described.described_by is inner, f"described_by is {short(described.described_by)}", "return self.trainer")
    found, expected = (t(architectures, epochs=2, seed=0) for t in (trainer, inner))
    expect(same(found, expected), f"{[e.score for e in expected]} became {[e.score for e in found]}", mend)
    told, once = (t.retrain_and_test(architectures[0], epochs=1, seed=0) for t in (trainer, inner))
    expect(same([told], [once]), f"the test score {once.score} became {told.score}", mend)
