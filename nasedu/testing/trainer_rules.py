"""The rules of a trainer, on a few architectures. See `nasedu.testing.check_trainer`.

Each rule is given a trainer and architectures of its space.
"""

import copy
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.core import Architecture, BadValue, Evaluation
from nasedu.testing.rules import Suite, expect, global_seed, must_raise, short, touches_global_randomness
from nasedu.trainers.base import Trainer

suite = Suite("trainer")
trainer_checks = suite.checks

EPOCHS = 2


def essence(evaluation: Evaluation) -> tuple[Any, ...]:
    """Everything that must be the same on every run: all but the seconds."""
    e = evaluation
    return (e.architecture, e.score, e.status, dict(e.metrics), tuple(e.curve), e.parameters, e.flops, e.epochs, e.seed)


def same(a: Sequence[Evaluation], b: Sequence[Evaluation]) -> bool:
    return [essence(e) for e in a] == [essence(e) for e in b]


class Watched:
    """A space that counts what is built, and can be told to fail at it."""

    def __init__(self, space: Any, failure: Exception | None = None):
        self._space = space
        self._failure = failure
        self.builds = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._space, name)

    def build(self, architecture: Architecture) -> Any:
        self.builds += 1
        if self._failure:
            raise self._failure
        return self._space.build(architecture)


def watched(trainer: Trainer, failure: Exception | None = None) -> tuple[Trainer, Watched]:
    """The same trainer over a space that is watched; the given one stays as it is."""
    twin = copy.copy(trainer)
    twin.space = space = Watched(trainer.space, failure)
    return twin, space


# ---------------------------------------------------------------------- what comes back


@suite.rule
def one_evaluation_for_each_in_order(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Architectures in, as many evaluations out, in the same order; none in, none out."""
    for asked in (list(architectures), [*architectures[::-1], architectures[0]], []):
        found = trainer(asked, epochs=1, seed=0)
        expect(
            [e.architecture for e in found] == asked,
            f"{short(asked)} gave evaluations of {short([e.architecture for e in found])}",
            "return one Evaluation for each architecture, in the order given, also for one that comes twice",
        )


@suite.rule
def evaluations_are_sound(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Score, curve, parameters, epochs and seed of an evaluation fit together."""
    twin, space = watched(trainer)
    for e in twin(architectures, epochs=EPOCHS, seed=5):
        expect(e.ok, f"{e.architecture} ended with status {e.status!r}: {e.reason}", "give architectures that train")
        expect(e.reason == "", f"an evaluation that is ok has the reason {e.reason!r}", "leave the reason empty")
        if trainer.task.kind == "classification":
            expect(0 <= e.score <= 1, f"a score of {e.score}", "give the accuracy, from 0 to 1")
        expect(len(e.curve) <= EPOCHS, f"{len(e.curve)} scores in the curve of {EPOCHS} epochs", "add one each epoch")
        best = max(e.curve, default=e.score)
        expect(best == e.score, f"score {e.score}, best of the curve {best}", "the score is the best of the curve")
        counted = bool(e.parameters) or not space.builds  # a table may not have recorded them
        expect(counted, f"parameters={e.parameters}", "count the trainable numbers")
        expect(e.seconds >= 0, f"seconds={e.seconds}", "measure with time.perf_counter")
        given = (e.epochs, e.seed) == (EPOCHS, 5)
        expect(given, f"epochs={e.epochs}, seed={e.seed}; given {EPOCHS} and 5", "record what was given")


@suite.rule
def evaluations_survive_json(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """`from_json(to_json())` gives back an equal evaluation, every float to its last bit."""
    for e in trainer(architectures, epochs=1, seed=0):
        again = Evaluation.from_json(e.to_json())
        expect(again == e, f"{short(e)} came back as {short(again)}", "use Python numbers, strings, lists and tuples")


# ---------------------------------------------------------------------- a pure function


@suite.rule
def same_seed_same_score(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """The same architectures, epochs and seed give the same evaluations, to the last bit."""
    once, again = (trainer(architectures, epochs=EPOCHS, seed=1) for _ in range(2))
    expect(
        same(once, again),
        f"{short([e.score for e in once])}, then {short([e.score for e in again])}",
        "draw weights, data order and dropout from generators seeded with `seed`",
    )


@suite.rule
def different_seeds_differ(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """The seed matters: among four seeds, not all give the same curves."""
    curves = [[(e.score, tuple(e.curve)) for e in trainer(architectures, epochs=EPOCHS, seed=s)] for s in range(4)]
    expect(
        any(c != curves[0] for c in curves),
        f"seeds 0 to 3 all gave {short(curves[0])}",
        "draw the weights from `seed`; if nothing is drawn, check it with without=('different_seeds_differ',)",
    )


@suite.rule
def a_score_depends_on_nothing_else_in_the_call(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Alone, together with others or in another order, an architecture gets the same evaluation."""
    together = trainer(architectures, epochs=EPOCHS, seed=2)
    alone = [trainer([a], epochs=EPOCHS, seed=2)[0] for a in architectures]
    mend = "give each candidate generators of its own, made from its own seed"
    expect(same(together, alone), f"together {[e.score for e in together]}, alone {[e.score for e in alone]}", mend)
    backwards = trainer(architectures[::-1], epochs=EPOCHS, seed=2)[::-1]
    expect(same(together, backwards), "another order gave other evaluations", mend)


@suite.rule
def one_seed_for_each_is_the_same_as_one_by_one(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """A list of seeds gives each architecture its own."""
    seeds = list(range(10, 10 + len(architectures)))
    together = trainer(architectures, epochs=1, seed=seeds)
    alone = [trainer([a], epochs=1, seed=s)[0] for a, s in zip(architectures, seeds, strict=True)]
    expect(same(together, alone), "a list of seeds gave other evaluations than seed by seed", "use seeds[i] for i")


@suite.rule
def global_randomness_is_not_touched(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Training neither draws from nor seeds a global generator, and a score does not depend on one."""
    touched = touches_global_randomness(lambda: trainer(architectures, epochs=1, seed=0))
    expect(
        not touched,
        "after training a global generator stood elsewhere",
        "use torch.Generator and numpy's default_rng; layers draw from torch's generator when they are made: "
        "build them inside `with torch.random.fork_rng(devices=[]):`",
    )
    found = []
    for seed in (1, 2):
        with global_seed(seed):
            random.random(), np.random.random()
            found.append(trainer(architectures, epochs=EPOCHS, seed=0))
    expect(same(*found), "another global seed gave other scores", "draw from generators of your own")


# ---------------------------------------------------------------------- refusals and failures


@suite.rule
def nonsense_is_refused_before_training(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Epochs below 1, a wrong number of seeds and an illegal architecture raise BadValue; nothing is built for them."""
    good = list(architectures)
    calls: dict[str, dict[str, Any]] = {
        "epochs=0": {"architectures": good, "epochs": 0, "seed": 0},
        "epochs=-1": {"architectures": good, "epochs": -1, "seed": 0},
        "one seed too many": {"architectures": good, "epochs": 1, "seed": list(range(len(good) + 1))},
        "one seed too few": {"architectures": good, "epochs": 1, "seed": list(range(len(good) - 1))},
        "an illegal architecture": {"architectures": [*good, ("no such choice",)], "epochs": 1, "seed": 0},
    }
    for what, call in calls.items():
        twin, space = watched(trainer)
        asked, options = call["architectures"], {k: v for k, v in call.items() if k != "architectures"}
        mend = "check epochs, seeds and every architecture (`space.walk`) first; see nasedu.trainers.base"
        must_raise(BadValue, lambda t=twin, a=asked, o=options: t(a, **o), what, mend)  # type: ignore[misc]
        expect(space.builds == 0, f"{what}: {space.builds} networks were built before it was refused", mend)


@suite.rule
def a_failing_candidate_is_a_result(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """A network that cannot be built is an evaluation with status `error`, the chance score and a reason."""
    twin, space = watched(trainer, RuntimeError("this network cannot be built"))
    for e in twin(architectures, epochs=1, seed=0):
        if not space.builds:
            return  # a trainer that looks its scores up builds nothing
        mend = "catch what a candidate raises and return Evaluation(..., status='error', score=task.chance, reason=...)"
        expect(e.status == "error", f"status {e.status!r} for a build that raised RuntimeError", mend)
        expect(e.score == trainer.task.chance, f"score {e.score}; chance is {trainer.task.chance}", mend)
        expect("cannot be built" in e.reason, f"the reason is {e.reason!r}", mend)
