"""Every registered trainer passes the suite, and every rule of the suite is broken by one that breaks it."""

import doctest
import random
import time
from dataclasses import replace

import numpy as np
import pytest

from nasedu import Study, controllers, spaces
from nasedu.core import BadValue, Evaluation, describe, rng_from
from nasedu.testing import check_trainer, trainer_checks
from nasedu.trainers import Recipe, base
from nasedu.trainers import registry as trainers
from nasedu.trainers.base import (
    Continuing,
    Settings,
    Trainer,
    Wrapper,
    check_epochs,
    close_trainer,
    one_seed_each,
    remade,
    settings_of,
)
from nasedu.trainers.halving.halving import Halving
from nasedu.trainers.jobs import jobs_for, one_state_each

ARCHITECTURES = [("stop",), ("conv3-4", "pool2", "dense8", "stop"), ("conv1-2", "gap", "stop")]
VARIANTS = {
    "sequential": [
        {"device": "cpu"},
        {"device": "cpu", "recipe": Recipe(batch_size=40, learning_rate=0.01), "patience": 1, "metrics": "all"},
        {"device": "cpu", "folds": 2},
    ],
    "halving": [{"device": "cpu"}, {"device": "cpu", "folds": 2, "factor": 2}],
    "hyperband": [{"device": "cpu", "factor": 2}],
    "shared": [{"device": "cpu", "steps": 3}, {"device": "cpu", "steps": 2, "statistics": "batch", "metrics": "all"}],
}
ELSEWHERE = {"table"}  # has no examples to train on: tests/tables holds it to the same rules
CASES = [(name, options) for name in trainers if name not in ELSEWHERE for options in VARIANTS.get(name, [{}])]


@pytest.fixture(scope="module")
def noisy_space(small_task):
    """With everything that draws numbers while it trains."""
    return spaces.load(
        "chain-cnn", small_task, depth=3, filters=(2, 4), kernels=(1, 3), dense=(8, 4), batch_norm=True, dropout=0.3
    )


@pytest.mark.parametrize("check", trainer_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_registered_trainers(name, options, check, noisy_space, small_task):
    trainer = trainers[name](noisy_space, small_task, **options)
    assert isinstance(trainer, Trainer)
    check(trainer, ARCHITECTURES)


# ---------------------------------------------------------------------- trainers that break one rule each


class Pretend:
    """Breaks no rule, and trains nothing: the score is drawn from architecture, epochs and seed."""

    name = "pretend"
    preferred_batch = 1

    def __init__(self, space, task):
        self.space = space
        self.task = task

    def __call__(self, architectures, *, epochs, seed):
        check_epochs(epochs)
        seeds = one_seed_each(architectures, seed)
        for architecture in architectures:
            self.space.walk(architecture)
        return [self.one(a, epochs, s) for a, s in zip(architectures, seeds, strict=True)]

    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, seed, rng_from(seed, *architecture).random(epochs).tolist())

    def result(self, architecture, epochs, seed, curve, **other):
        values = {"score": max(curve), "curve": curve, "parameters": 7, "epochs": epochs, "seed": seed}
        return Evaluation(architecture, **(values | other))

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return self.one(architecture, epochs, seed)


class SortsThem(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        return super().__call__(sorted(architectures), epochs=epochs, seed=seed)


class DropsTwins(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        return super().__call__(list(dict.fromkeys(architectures)), epochs=epochs, seed=seed)


class ScoresInPercent(Pretend):
    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, seed, (100 * rng_from(seed, *architecture).random(epochs)).tolist())


class ScoresTheLastEpoch(Pretend):
    def one(self, architecture, epochs, seed):
        curve = [0.9, 0.1][:epochs]
        return self.result(architecture, epochs, seed, curve, score=curve[-1])


class ForgetsTheSeed(Pretend):
    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, 0, [0.5])


class MetricsAreTuples(Pretend):
    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, seed, [0.5], metrics={"confusion": (1, 2)})


class DrawsFromTheClock(Pretend):
    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, seed, [float(np.random.default_rng().random())])


class LossesFromTheClock(Pretend):
    def one(self, architecture, epochs, seed):
        return replace(super().one(architecture, epochs, seed), losses=[time.perf_counter()])


class IgnoresTheSeed(Pretend):
    def one(self, architecture, epochs, seed):
        return self.result(architecture, epochs, seed, [0.5] * epochs)


class OneGeneratorForAll(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        checked = super().__call__(architectures, epochs=epochs, seed=seed)
        rng = rng_from(checked[0].seed if checked else 0, "all")
        return [self.result(e.architecture, epochs, e.seed, [float(rng.random())]) for e in checked]


class FirstSeedForAll(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        seeds = one_seed_each(architectures, seed)
        return super().__call__(architectures, epochs=epochs, seed=seeds[0] if seeds else 0)


class SeedsGlobally(Pretend):
    def one(self, architecture, epochs, seed):
        random.seed(seed)
        return super().one(architecture, epochs, seed)


class DrawsGlobally(Pretend):
    def one(self, architecture, epochs, seed):
        before = random.getstate()
        shift = random.random()
        random.setstate(before)
        return self.result(architecture, epochs, seed, [shift * rng_from(seed, *architecture).random()])


class NoEpochsIsFine(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        return super().__call__(architectures, epochs=max(epochs, 1), seed=seed)


class BuildsBeforeItLooks(Pretend):
    def __call__(self, architectures, *, epochs, seed):
        check_epochs(epochs)
        one_seed_each(architectures, seed)
        for architecture in architectures:
            self.space.build(architecture)
        return super().__call__(architectures, epochs=epochs, seed=seed)


class PretendsOn(Pretend):
    """Breaks no rule either, and can go on: a state is the curve."""

    def extend(self, architectures, *, epochs, seed, total, states=None):
        jobs = jobs_for(self.space, architectures, epochs, seed, total=total)
        return [self.piece(job, curve) for job, curve in zip(jobs, one_state_each(jobs, states), strict=True)]

    def piece(self, job, curve):
        curve = [*(curve or []), *self.epochs(job, len(curve or []))]
        return self.result(job.architecture, job.epochs, job.seed, curve), curve

    def epochs(self, job, done):
        """The scores of the epochs from `done` on."""
        return rng_from(job.seed, *job.architecture).random(job.epochs).tolist()[done:]


class BeginsAnew(PretendsOn):
    def piece(self, job, curve):
        return super().piece(job, None) if curve is None else super().piece(job._replace(seed=job.seed + 1), None)


class DrawsOnward(PretendsOn):
    """From a generator that a new piece seeds again."""

    def epochs(self, job, done):
        return rng_from(job.seed, *job.architecture).random(job.epochs - done).tolist()


class SaysTheTotal(PretendsOn):
    def extend(self, architectures, *, epochs, seed, total, states=None):
        found = super().extend(architectures, epochs=epochs, seed=seed, total=total, states=states)
        return [(replace(e, epochs=total), state) for e, state in found]


class ForgetsTheLosses(PretendsOn):
    def piece(self, job, curve):
        evaluation, after = super().piece(job, curve)
        return replace(evaluation, losses=after[len(curve or []) :]), after


class KeepsAGenerator(PretendsOn):
    def piece(self, job, curve):
        evaluation, after = super().piece(job, curve and curve[0])
        return evaluation, (after, (epoch for epoch in after))


class ForgetsOnTheWay(PretendsOn):
    """What it keeps does not come through pickle."""

    class Curve(list):
        def __reduce__(self):
            return (type(self), ([0.99],))

    def piece(self, job, curve):
        evaluation, after = super().piece(job, curve)
        return evaluation, self.Curve(after)


class GoesOnForEver(PretendsOn):
    def extend(self, architectures, *, epochs, seed, total, states=None):
        return super().extend(architectures, epochs=epochs, seed=seed, total=max(epochs, total), states=states)


class TakesAnyStates(PretendsOn):
    def extend(self, architectures, *, epochs, seed, total, states=None):
        states = None if states is None else (list(states) + [None] * 9)[: len(architectures)]
        return super().extend(architectures, epochs=epochs, seed=seed, total=total, states=states)


class Passes(Wrapper):
    """Breaks no rule of a wrapper, and has arguments of its own."""

    def __init__(self, trainer, *, note="none"):
        super().__init__(trainer)
        self.note = note


class HasNoAround(Passes):
    around = property()  # as if the class had none


class OnAnotherTask(Passes):
    def __init__(self, trainer, *, note="none"):
        super().__init__(trainer, note=note)
        self.task = replace(trainer.task, name="another")


class ForgetsItsArguments(Passes):
    def around(self, trainer):
        return type(self)(trainer)


class ChangesInPlace(Passes):
    def around(self, trainer):
        self.trainer = trainer
        return self


class StaysAround(Passes):
    def around(self, trainer):
        return type(self)(self.trainer, note=self.note)


class LeavesItOpen(Passes):
    def close(self):
        pass


class Flatters(Passes):
    """Says that it changes no result."""

    @property
    def described_by(self):
        return self.trainer

    def __call__(self, architectures, *, epochs, seed):
        return [replace(e, curve=(), score=1.0) for e in super().__call__(architectures, epochs=epochs, seed=seed)]


class FlattersTheTest(Flatters):
    __call__ = Passes.__call__

    def retrain_and_test(self, architecture, *, epochs, seed, best_epoch=None):
        return replace(
            super().retrain_and_test(architecture, epochs=epochs, seed=seed, best_epoch=best_epoch), curve=(), score=1.0
        )


class DescribedByItself(Passes):
    @property
    def described_by(self):
        return Pretend(self.space, self.task)


class FailuresEndTheSearch(Pretend):
    def one(self, architecture, epochs, seed):
        self.space.build(architecture)
        return super().one(architecture, epochs, seed)


class FailuresScoreZero(Pretend):
    def one(self, architecture, epochs, seed):
        try:
            self.space.build(architecture)
        except RuntimeError as error:
            return self.result(architecture, epochs, seed, [], score=0.0, status="error", reason=str(error))
        return super().one(architecture, epochs, seed)


BROKEN = {
    SortsThem: "one_evaluation_for_each_in_order",
    DropsTwins: "one_evaluation_for_each_in_order",
    ScoresInPercent: "evaluations_are_sound",
    ScoresTheLastEpoch: "evaluations_are_sound",
    ForgetsTheSeed: "evaluations_are_sound",
    MetricsAreTuples: "evaluations_survive_json",
    DrawsFromTheClock: "same_seed_same_score",
    LossesFromTheClock: "same_seed_same_score",
    IgnoresTheSeed: "different_seeds_differ",
    OneGeneratorForAll: "a_score_depends_on_nothing_else_in_the_call",
    FirstSeedForAll: "one_seed_for_each_is_the_same_as_one_by_one",
    SeedsGlobally: "global_randomness_is_not_touched",
    DrawsGlobally: "global_randomness_is_not_touched",
    NoEpochsIsFine: "nonsense_is_refused_before_training",
    BuildsBeforeItLooks: "nonsense_is_refused_before_training",
    BeginsAnew: "going_on_is_never_having_stopped",
    DrawsOnward: "going_on_is_never_having_stopped",
    SaysTheTotal: "going_on_is_never_having_stopped",
    ForgetsTheLosses: "going_on_is_never_having_stopped",
    KeepsAGenerator: "a_state_travels",
    ForgetsOnTheWay: "a_state_travels",
    GoesOnForEver: "a_training_that_cannot_go_on_is_refused",
    TakesAnyStates: "a_training_that_cannot_go_on_is_refused",
    HasNoAround: "a_wrapper_has_all_that_a_wrapper_needs",
    OnAnotherTask: "a_wrapper_has_all_that_a_wrapper_needs",
    ForgetsItsArguments: "around_changes_only_the_trainer_inside",
    ChangesInPlace: "around_changes_only_the_trainer_inside",
    StaysAround: "around_changes_only_the_trainer_inside",
    LeavesItOpen: "closing_a_wrapper_closes_the_trainer_inside",
    Flatters: "a_wrapper_that_is_described_by_its_trainer_changes_nothing",
    FlattersTheTest: "a_wrapper_that_is_described_by_its_trainer_changes_nothing",
    DescribedByItself: "a_wrapper_that_is_described_by_its_trainer_changes_nothing",
    FailuresEndTheSearch: "a_failing_candidate_is_a_result",
    FailuresScoreZero: "a_failing_candidate_is_a_result",
}


def made(cls, space, task):
    """A trainer of this class; a wrapper goes around one that breaks no rule."""
    return cls(Pretend(space, task), note="kept") if issubclass(cls, Passes) else cls(space, task)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_trainer_is_caught_by_its_rule(broken, small_space, small_task):
    check = next(check for check in trainer_checks if check.__name__ == BROKEN[broken])
    trainer = made(broken, small_space, small_task)
    with pytest.raises(AssertionError, match=rf"(?s)trainer rule '{BROKEN[broken]}'.*seen: .+to mend: "):
        check(trainer, ARCHITECTURES)
    with pytest.raises(AssertionError, match="trainer rule"):
        check_trainer(trainer, ARCHITECTURES)


def test_every_rule_of_the_suite_is_broken_by_something():
    assert {check.__name__ for check in trainer_checks} == set(BROKEN.values())


def test_a_wrapper_that_changes_nothing_passes(small_space, small_task):
    trainer = made(Passes, small_space, small_task)
    assert isinstance(trainer, Wrapper)
    check_trainer(trainer, ARCHITECTURES)
    assert describe(trainer) == {"name": "Passes", "trainer": {"name": "pretend"}, "note": "kept"}


def test_a_wrapper_need_not_inherit_anything(small_space, small_task):
    """The members are the contract, not the class."""

    class Own:
        def __init__(self, trainer):
            self.trainer, self.space, self.task = trainer, trainer.space, trainer.task
            self.preferred_batch, self.retrain_and_test = 1, trainer.retrain_and_test

        def __call__(self, architectures, *, epochs, seed):
            return self.trainer(architectures, epochs=epochs, seed=seed)

        def around(self, trainer):
            return Own(trainer)

        def close(self):
            close_trainer(self.trainer)

    trainer = Own(Pretend(small_space, small_task))
    assert isinstance(trainer, Wrapper)
    check_trainer(trainer, ARCHITECTURES)


def test_the_example_of_a_wrapper_runs():
    found = doctest.testmod(base)
    assert found.attempted >= 5
    assert found.failed == 0


# ---------------------------------------------------------------------- what a trainer may say of itself


def test_settings_are_read_through_wrappers(small_space, small_task):
    alone = trainers["sequential"](small_space, small_task, device="cpu", threads=3, folds=2, time_limit=7.0)
    expected = Settings(threads=3, time_limit=7.0, folds=2, recipe=Recipe())
    assert settings_of(alone) == settings_of(Passes(Passes(alone))) == expected
    assert settings_of(Passes(Halving(alone, cohort=5))) == replace(expected, cohort=5)
    assert settings_of(Pretend(small_space, small_task)) == Settings()
    assert settings_of(trainers["population"](small_space, small_task)).threads is None


def test_a_trainer_is_made_again_inside_its_wrappers(small_space, small_task):
    alone = trainers["population"](small_space, small_task, device="cpu", members=5)
    other = remade(Passes(Halving(alone, cohort=5), note="kept"), threads=1)
    assert (other.note, other.trainer.cohort) == ("kept", 5)
    assert describe(other.trainer.trainer) == describe(alone) | {"threads": 1}
    assert alone.threads is None


def test_what_is_no_trainer_is_refused_with_what_it_lacks(small_space, small_task):
    class Half:
        space, task = small_space, small_task

    with pytest.raises(BadValue, match=r"a study needs a trainer .*\(a class: make one, with a space and a task\)"):
        Study(small_space, controllers.load("random", small_space), Half)
    with pytest.raises(BadValue, match=r"a study needs a trainer .*it has no preferred_batch, __call__, retrain"):
        Study(small_space, controllers.load("random", small_space), Half())


def test_a_trainer_that_looks_at_the_test_split_is_refused_inside_wrappers_too(small_space, small_task):
    trainer = trainers["sequential"](small_space, small_task, patience=0, record_test_at=(1,))
    with pytest.raises(BadValue, match=r"record_test_at=\(1,\) looks at the test split"):
        Study(small_space, controllers.load("random", small_space), Passes(Passes(trainer)))


def test_a_trainer_that_looks_its_scores_up_passes_and_may_be_given_as_a_function(small_space, small_task):
    check_trainer(lambda: Pretend(small_space, small_task), ARCHITECTURES)
    check_trainer(lambda: PretendsOn(small_space, small_task), ARCHITECTURES)
    assert isinstance(PretendsOn(small_space, small_task), Continuing)
    check_trainer(IgnoresTheSeed(small_space, small_task), ARCHITECTURES, without=["different_seeds_differ"])
