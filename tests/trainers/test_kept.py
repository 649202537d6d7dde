"""A trainer that remembers keeps the contract of trainers, and trains nothing twice."""

from nasedu import trainers
from nasedu.core import describe
from nasedu.testing import check_trainer
from nasedu.trainers.halving.halving import halving
from nasedu.trainers.kept import Kept, kept

ARCHITECTURES = [("stop",), ("conv3-4", "pool2", "dense8", "stop"), ("conv3-4", "stop")]


class Counting(trainers.Wrapper):
    """Keeps (architecture, seed) of all that is trained."""

    def __init__(self, trainer):
        super().__init__(trainer)
        self.trained = []

    def __call__(self, architectures, *, epochs, seed):
        seeds = [seed] * len(architectures) if isinstance(seed, int) else seed
        self.trained += zip(map(tuple, architectures), seeds, strict=True)
        return super().__call__(architectures, epochs=epochs, seed=seed)


def test_it_keeps_the_contract_of_trainers(small_space, small_task):
    inner = trainers.load("sequential", small_space, small_task, device="cpu")
    check_trainer(Kept(inner), ARCHITECTURES[:2])
    assert describe(Kept(inner)) == describe(inner)


def test_nothing_is_trained_twice(small_space, small_task):
    inner = Counting(trainers.load("sequential", small_space, small_task, device="cpu"))
    one, two, three = ARCHITECTURES
    remembers = Kept(inner)
    first = remembers([one, two], epochs=1, seed=0)
    assert remembers([two, three, three], epochs=1, seed=0)[0] is first[1]
    assert inner.trained == [(one, 0), (two, 0), (three, 0)]
    assert [e.seed for e in remembers([one, one], epochs=1, seed=[0, 1])] == [0, 1]
    assert inner.trained[3:] == [(one, 1)]
    assert len(remembers([one], epochs=2, seed=0)[0].curve) == 2
    assert inner.trained[4:] == [(one, 0)]


def test_what_was_found_before_is_taken_over(small_space, small_task):
    inner = Counting(trainers.load("sequential", small_space, small_task, device="cpu"))
    found = inner(ARCHITECTURES[:2], epochs=1, seed=3)
    inner.trained.clear()
    remembers = Kept(inner)
    remembers.keep(found, epochs=1, seed=3)
    assert remembers(ARCHITECTURES[:2], epochs=1, seed=3) == found
    assert inner.trained == []


def test_a_trainer_that_compares_the_networks_of_a_call_stays_as_it_is(small_space, small_task):
    inner = halving(small_space, small_task)
    assert kept(inner) is inner
    assert isinstance(kept(trainers.load("sequential", small_space, small_task)), Kept)
