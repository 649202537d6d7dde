"""The rules of a trainer, on a few architectures. See `nasedu.testing.check_trainer`.

The arguments of each rule are a trainer and architectures of its space.
"""

import copy
import pickle
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from nasedu.core import Architecture, BadValue, Evaluation
from nasedu.testing.rules import Suite, expect, global_seed, must_raise, short, touches_global_randomness
from nasedu.trainers.base import Continuing, Trainer, inside, settings_of

suite = Suite("trainer")

EPOCHS = 2


def reproducible(evaluation: Evaluation) -> tuple[Any, ...]:
    """Return everything that must be the same on every run: all attributes except the seconds."""
    e = evaluation
    learned = e.score, e.status, dict(e.metrics), tuple(e.curve), tuple(e.losses)
    return (e.architecture, *learned, e.parameters, e.flops, e.epochs, e.seed)


def same(a: Sequence[Evaluation], b: Sequence[Evaluation]) -> bool:
    return [reproducible(e) for e in a] == [reproducible(e) for e in b]


class BuildCounter:
    """A space that counts the networks that are built, and fails to build them if a failure is given."""

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


def counting_builds(trainer: Trainer, failure: Exception | None = None) -> tuple[Trainer, BuildCounter]:
    """Return a copy of the trainer, and of the trainers inside it, on a space that counts builds; and that space."""
    space = BuildCounter(trainer.space, failure)
    return with_space(trainer, space), space


def with_space(trainer: Any, space: Any) -> Any:
    twin = copy.copy(trainer)
    twin.space = space
    inner = inside(trainer)
    if inner is not None:
        twin.trainer = with_space(inner, space)
    return twin


def drops_candidates(trainer: Trainer) -> bool:
    """Return whether it compares the candidates of a call and stops some of them early, as successive halving does."""
    return settings_of(trainer).cohort is not None


# ---------------------------------------------------------------------- what comes back


@suite.rule
def one_evaluation_for_each_in_order(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that it returns one evaluation for each architecture, in the same order; none for none."""
    for asked in (list(architectures), [*architectures[::-1], architectures[0]], []):
        found = trainer(asked, epochs=1, seed=0)
        expect(
            [e.architecture for e in found] == asked,
            f"{short(asked)} gave evaluations of {short([e.architecture for e in found])}",
            "return one Evaluation for each architecture, in the order given, also for one that comes twice",
        )


@suite.rule
def evaluations_are_sound(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that score, curve, parameters, epochs and seed of an evaluation are consistent."""
    twin, space = counting_builds(trainer)
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
        given = (e.epochs == EPOCHS or (drops_candidates(trainer) and 1 <= e.epochs < EPOCHS)) and e.seed == 5
        expect(given, f"epochs={e.epochs}, seed={e.seed}; given {EPOCHS} and 5", "record what was given")


@suite.rule
def evaluations_survive_json(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `from_json(to_json())` returns an equal evaluation, every float to its last bit."""
    for e in trainer(architectures, epochs=1, seed=0):
        again = Evaluation.from_json(e.to_json())
        expect(again == e, f"{short(e)} came back as {short(again)}", "use Python numbers, strings, lists and tuples")


# ---------------------------------------------------------------------- a pure function


@suite.rule
def same_seed_same_score(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that the same architectures, epochs and seed give the same evaluations, to the last bit."""
    once, again = (trainer(architectures, epochs=EPOCHS, seed=1) for _ in range(2))
    expect(
        same(once, again),
        f"{short([e.score for e in once])}, then {short([e.score for e in again])}",
        "draw weights, data order and dropout from generators seeded with `seed`",
    )


@suite.rule
def different_seeds_differ(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that the seed matters: four seeds do not all give the same curves."""
    curves = [[(e.score, tuple(e.curve)) for e in trainer(architectures, epochs=EPOCHS, seed=s)] for s in range(4)]
    expect(
        any(c != curves[0] for c in curves),
        f"seeds 0 to 3 all gave {short(curves[0])}",
        "draw the weights from `seed`; if nothing is drawn, check it with without=('different_seeds_differ',)",
    )


@suite.rule
def a_score_depends_on_nothing_else_in_the_call(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that a score does not depend on the other architectures or their order (unless it drops candidates)."""
    if drops_candidates(trainer):
        return
    together = trainer(architectures, epochs=EPOCHS, seed=2)
    alone = [trainer([a], epochs=EPOCHS, seed=2)[0] for a in architectures]
    mend = "give each candidate generators of its own, made from its own seed"
    expect(same(together, alone), f"together {[e.score for e in together]}, alone {[e.score for e in alone]}", mend)
    backwards = trainer(architectures[::-1], epochs=EPOCHS, seed=2)[::-1]
    expect(same(together, backwards), "another order gave other evaluations", mend)


@suite.rule
def one_seed_for_each_is_the_same_as_one_by_one(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that a list of seeds gives each architecture its own seed (unless it drops candidates)."""
    if drops_candidates(trainer):
        return
    seeds = list(range(10, 10 + len(architectures)))
    together = trainer(architectures, epochs=1, seed=seeds)
    alone = [trainer([a], epochs=1, seed=s)[0] for a, s in zip(architectures, seeds, strict=True)]
    expect(same(together, alone), "a list of seeds gave other evaluations than seed by seed", "use seeds[i] for i")


@suite.rule
def global_randomness_is_not_touched(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that training neither draws from nor seeds a global generator, and that no score depends on one."""
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


# ---------------------------------------------------------------------- going on


@suite.rule
def going_on_is_never_having_stopped(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `extend`, if there is one, gives the same in pieces (epochs 1, 2, 4), at once and as a call."""
    if not isinstance(trainer, Continuing):
        return
    states = None
    for epochs in (1, 2, 4):
        pieces = trainer.extend(architectures, epochs=epochs, seed=3, total=4, states=states)
        told = [(e.architecture, e.epochs, e.seed) for e, _ in pieces]
        asked = [(tuple(a), epochs, 3) for a in architectures]
        expect(told == asked, f"{short(told)}; asked were {short(asked)}", "one evaluation for each, of its own epochs")
        states = [state for _, state in pieces]
    straight = [e for e, _ in trainer.extend(architectures, epochs=4, seed=3, total=4)]
    mend = "keep weights, the optimiser's memory, the curve and the losses, and draw each epoch from its own seed"
    for way, others in (("straight", straight), ("in one call", trainer(architectures, epochs=4, seed=3))):
        for (piece, _), other in zip(pieces, others, strict=True):
            equal = reproducible(piece) == reproducible(other) and piece.losses == other.losses
            expect(equal, f"in pieces {short(piece)}, {way} {short(other)}", mend)


@suite.rule
def a_state_travels(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `extend`, if there is one, continues from a pickled state as from the original."""
    if not isinstance(trainer, Continuing):
        return
    begun = trainer.extend(architectures, epochs=1, seed=3, total=2)
    states = [pickle.loads(pickle.dumps(state)) for _, state in begun]
    sent = trainer.extend(architectures, epochs=2, seed=3, total=2, states=states)
    kept = trainer.extend(architectures, epochs=2, seed=3, total=2, states=[state for _, state in begun])
    expect(
        same([e for e, _ in sent], [e for e, _ in kept]),
        f"{[e.score for e, _ in sent]} from what was pickled, {[e.score for e, _ in kept]} from the original",
        "put numbers, arrays and tensors into a state, no open files and nothing that belongs to this process",
    )


@suite.rule
def a_training_that_cannot_go_on_is_refused(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that `extend`, if there is one, raises BadValue for wrong epochs, states or architectures."""
    if not isinstance(trainer, Continuing):
        return
    good = list(architectures)
    calls: dict[str, dict[str, Any]] = {
        "epochs=3 of total=2": {"architectures": good, "epochs": 3, "total": 2},
        "epochs=0": {"architectures": good, "epochs": 0, "total": 2},
        "one state too many": {"architectures": good, "epochs": 1, "total": 2, "states": [None] * (len(good) + 1)},
        "an illegal architecture": {"architectures": [*good, ("no such choice",)], "epochs": 1, "total": 2},
    }
    for what, call in calls.items():
        twin, space = counting_builds(trainer)
        mend = "check epochs, total, states and every architecture first; see nasedu.trainers.base.Continuing"
        must_raise(BadValue, lambda t=twin, c=call: t.extend(**c, seed=0), what, mend)  # type: ignore[misc]
        expect(space.builds == 0, f"{what}: {space.builds} networks were built before it was refused", mend)


# ---------------------------------------------------------------------- refusals and failures


@suite.rule
def nonsense_is_refused_before_training(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that wrong epochs, a wrong number of seeds and illegal architectures raise BadValue before any build."""
    good = list(architectures)
    calls: dict[str, dict[str, Any]] = {
        "epochs=0": {"architectures": good, "epochs": 0, "seed": 0},
        "epochs=-1": {"architectures": good, "epochs": -1, "seed": 0},
        "one seed too many": {"architectures": good, "epochs": 1, "seed": list(range(len(good) + 1))},
        "one seed too few": {"architectures": good, "epochs": 1, "seed": list(range(len(good) - 1))},
        "an illegal architecture": {"architectures": [*good, ("no such choice",)], "epochs": 1, "seed": 0},
    }
    for what, call in calls.items():
        twin, space = counting_builds(trainer)
        asked, options = call["architectures"], {k: v for k, v in call.items() if k != "architectures"}
        mend = "check epochs, seeds and every architecture (`space.walk`) first; see nasedu.trainers.base"
        must_raise(BadValue, lambda t=twin, a=asked, o=options: t(a, **o), what, mend)  # type: ignore[misc]
        expect(space.builds == 0, f"{what}: {space.builds} networks were built before it was refused", mend)


@suite.rule
def a_failing_candidate_is_a_result(trainer: Trainer, architectures: Sequence[Architecture]) -> None:
    """Check that a failed build gives an evaluation with status `error`, the chance score and a reason."""
    twin, space = counting_builds(trainer, RuntimeError("this network cannot be built"))
    for e in twin(architectures, epochs=1, seed=0):
        if not space.builds:
            return  # a trainer that reads its scores from a table builds nothing
        mend = "catch what a candidate raises and return Evaluation(..., status='error', score=task.chance, reason=...)"
        expect(e.status == "error", f"status {e.status!r} for a build that raised RuntimeError", mend)
        expect(e.score == trainer.task.chance, f"score {e.score}; chance is {trainer.task.chance}", mend)
        expect("cannot be built" in e.reason, f"the reason is {e.reason!r}", mend)
