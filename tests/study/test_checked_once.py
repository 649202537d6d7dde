"""An architecture is read once by its space: at the study's door, or at the outermost trainer's."""

import pickle
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from nasedu import Study, controllers, spaces
from nasedu.core import BadArchitecture, CheckedArchitecture, checked
from nasedu.meta.pruned_space import PrunedSpace, Within, place
from nasedu.spaces import Space
from nasedu.study.tuning import RecipeSpace, RecipeTrainer
from nasedu.trainers import Halving, Parallel, Wrapper
from nasedu.trainers.population.trainer import PopulationTrainer
from nasedu.trainers.single.sequential import SequentialTrainer

BAD = ("conv9-1", "stop")
GOOD = ("conv3-4", "pool2", "dense8", "stop")


@pytest.fixture
def walks(monkeypatch):
    """How often each architecture was read."""
    counted = Counter()
    walk = Space.walk
    monkeypatch.setattr(Space, "walk", lambda self, a: (counted.update([tuple(a)]), walk(self, a))[1])
    return counted


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


SMALL = {"chain-cnn": {}, "mlp": {}, "cell-201": {"width": 2}, "macro": {"stages": (2, 2), "width": 2, "head": 4}}


@pytest.mark.parametrize("inner", [SequentialTrainer, PopulationTrainer])
@pytest.mark.parametrize("name", SMALL)
def test_a_study_reads_each_architecture_once(name, inner, small_task, threads, walks):
    space = spaces.load(name, small_task, **SMALL[name])
    trainer = Halving(Parallel(inner(space, small_task, device="cpu"), threads), cohort=3)
    with Study(space, controllers.load("random", space, seed=1), trainer, epochs=3) as study:
        walks.clear()
        trials = list(study.run(trials=3, batch=3))
    assert all(trial.evaluation.ok for trial in trials)
    assert walks == {trial.architecture: 1 for trial in trials}
    assert {type(part.architecture) for trial in trials for part in (trial, trial.evaluation)} == {tuple}


def wrapped(kind, trainer, threads):
    """The trainer inside a wrapper of each kind."""
    space = trainer.space
    pruned = PrunedSpace(space, {place(space, space.start()): ["gap"]})
    return {
        "none": lambda: trainer,
        "wrapper": lambda: Wrapper(trainer),
        "halving": lambda: Halving(trainer),
        "parallel": lambda: Parallel(trainer, threads),
        "halving around parallel": lambda: Halving(Parallel(trainer, threads)),
        "pruned": lambda: Within(trainer, pruned),
    }[kind]()


KINDS = ("none", "wrapper", "halving", "parallel", "halving around parallel", "pruned")


@pytest.mark.parametrize("kind", KINDS)
def test_a_direct_call_reads_each_architecture_once(kind, small_space, small_task, threads, walks):
    trainer = wrapped(kind, SequentialTrainer(small_space, small_task, device="cpu"), threads)
    walks.clear()
    found = trainer([GOOD, ("stop",)], epochs=3, seed=0)
    assert walks == {GOOD: 1, ("stop",): 1}
    assert {type(e.architecture) for e in found} == {tuple}
    walks.clear()
    assert trainer.retrain_and_test(GOOD, epochs=1, seed=0).ok
    assert walks == {GOOD: 1}


@pytest.mark.parametrize("kind", KINDS)
def test_a_direct_call_refuses_a_bad_one_before_anything_is_built(kind, small_space, small_task, threads, monkeypatch):
    trainer = wrapped(kind, SequentialTrainer(small_space, small_task, device="cpu"), threads)
    monkeypatch.setattr(type(small_space), "build", lambda *_: pytest.fail("a network was built"))
    with pytest.raises(BadArchitecture, match="cannot be read by the space 'chain-cnn'"):
        trainer([GOOD, BAD], epochs=1, seed=0)
    with pytest.raises(BadArchitecture, match="cannot be read by the space 'chain-cnn'"):
        trainer.retrain_and_test(BAD, epochs=1, seed=0)


def test_a_recipe_is_read_once_and_its_network_when_the_trainer_is_made(small_space, small_task, walks):
    inner = SequentialTrainer(small_space, small_task, device="cpu")
    trainer = RecipeTrainer(RecipeSpace({"batch_size": [16, 32]}), GOOD, inner, small_space)
    assert walks == {GOOD: 1}
    trainer([("batch_size=16",), ("batch_size=32",)], epochs=1, seed=0)
    assert walks == {GOOD: 1, ("batch_size=16",): 1, ("batch_size=32",): 1}


def test_a_bad_recipe_is_refused_before_a_good_one_is_trained(small_space, small_task, monkeypatch):
    inner = SequentialTrainer(small_space, small_task, device="cpu")
    trainer = RecipeTrainer(RecipeSpace({"batch_size": [16, 32]}), GOOD, inner, small_space)
    monkeypatch.setattr(SequentialTrainer, "__call__", lambda *_, **__: pytest.fail("a network was trained"))
    with pytest.raises(BadArchitecture, match="batch_size=7"):
        trainer([("batch_size=16",), ("batch_size=7",)], epochs=1, seed=0)


def test_a_space_that_is_asked_directly_reads_what_it_is_given(small_space):
    with pytest.raises(BadArchitecture):
        small_space.build(BAD)
    assert small_space.build(CheckedArchitecture(GOOD)) is not None


def test_a_checked_architecture_is_equal_to_the_plain_one_and_travels(small_space, walks):
    (once,) = checked(small_space, [list(GOOD)])
    assert (once, hash(once), repr(once)) == (GOOD, hash(GOOD), repr(GOOD))
    again = pickle.loads(pickle.dumps(once))
    assert type(again) is CheckedArchitecture
    assert checked(small_space, [once, again]) == [GOOD, GOOD]
    assert walks == {GOOD: 1}
    assert type(once[:-1]) is tuple, "a part of it was not checked"
