"""The sine waves of MAML: each is a task, and many at once are a batch."""

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.tasks.base import digest_of
from nasedu.tasks.sinusoids import heights_of, sinusoid, sinusoids, sinusoids_named, waves
from nasedu.testing import check_task

GOLDEN = {
    0: "c9822fb199aca88953b427ef5603d48318934455b586d20bb823984860d68661",
    7: "2af4faa9f10bdc82547442a6256ca336667756578b3c7bcca91cdc64e4baddb2",
}


@pytest.mark.parametrize("number", GOLDEN)
def test_the_bytes_are_the_same_on_every_machine(number):
    assert digest_of(sinusoids(number)) == GOLDEN[number]


@pytest.mark.parametrize(
    "load", [sinusoids, lambda: sinusoids(7), lambda: sinusoid(2, 0.5), lambda: sinusoids(shots=10)]
)
def test_a_wave_keeps_all_rules_of_a_task(load):
    check_task(load)


def test_a_wave_is_what_it_says_it_is():
    task = sinusoid(2.5, 1.25, shots=150)
    assert (task.kind, task.input_shape, task.outputs, task.metrics) == ("regression", (1,), 1, ("r2", "rmse"))
    assert [len(task.train.y), len(task.validation.y), len(task.test)] == [150, 200, 200]
    for X, y in (task.train, task.validation, task.reveal_test()[1]):
        assert y == pytest.approx(2.5 * np.sin(X.astype(np.float64) - 1.25), abs=1 / 8000)
    X = np.concatenate([task.train.X, task.validation.X])
    assert -5 <= X.min() < -4.5
    assert 4.5 < X.max() <= 5


def test_waves_differ_by_their_number_and_are_named_by_it():
    names = [sinusoids(number).name for number in (0, 1, 7)]
    assert names == ["sinusoids", "sinusoids/1", "sinusoids/7"]
    assert len({sinusoids(number).summary for number in range(20)}) == 20


def test_a_name_says_the_number():
    assert digest_of(sinusoids_named("7")) == digest_of(sinusoids(7))
    for text in ("-1", "seven", "1.5", "", "1" * 5000):
        with pytest.raises(BadValue, match=f"as in sinusoids/7; given sinusoids/{text}"):
            sinusoids_named(text)


def test_the_seed_of_a_wave_moves_its_inputs_only():
    one, other = sinusoid(1, 0, seed=1), sinusoid(1, 0, seed=2)
    assert not np.array_equal(one.train.X, other.train.X)
    assert np.array_equal(heights_of(other.train.X, 1, 0), other.train.y)


def test_many_waves_at_once_are_drawn_from_the_family():
    X, y, amplitude, phase = waves(4000, 10, np.random.default_rng(0))
    assert X.shape == y.shape == (4000, 10, 1)
    assert X.dtype == y.dtype == np.float32
    assert y == pytest.approx(amplitude[:, None, None] * np.sin(X - phase[:, None, None]), abs=1e-3)
    for values, (low, high) in ((amplitude, (0.1, 5)), (phase, (0, np.pi)), (X, (-5, 5))):
        assert low <= values.min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.02 * (high - low))


def test_many_waves_come_from_the_generator_alone():
    once, again = (waves(3, 5, np.random.default_rng(4)) for _ in range(2))
    rng = np.random.default_rng(4)
    first, second = waves(3, 5, rng), waves(3, 5, rng)
    assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(once, again, first, strict=True))
    assert not np.array_equal(first[2], second[2])


@pytest.mark.parametrize("number", [-1, 1.5, "7", True, None, 10**9 + 1])
def test_numbers_that_are_none_are_refused(number):
    with pytest.raises(BadValue, match=r"waves are numbered 0, 1, 2, .*; given"):
        sinusoids(number)


@pytest.mark.parametrize("shots", [0, 1, 5001, 2.0, True])
def test_impossible_shots_are_refused(shots):
    for make in (lambda: sinusoids(shots=shots), lambda: sinusoid(1, 1, shots=shots)):
        with pytest.raises(BadValue, match="shots is a whole number from 2 to 5,000; given"):
            make()


@pytest.mark.parametrize(
    ("wave", "message"),
    [
        ((0, 1), "amplitude 0 is a flat line"),
        ((float("nan"), 1), "amplitude is a finite number; given nan"),
        ((1, "pi"), "phase is a finite number; given 'pi'"),
    ],
)
def test_impossible_waves_are_refused(wave, message):
    with pytest.raises(BadValue, match=message):
        sinusoid(*wave)


@pytest.mark.parametrize(("count", "shots", "name"), [(0, 5, "count"), (5, 0, "shots"), (2.5, 1, "count")])
def test_an_impossible_batch_of_waves_is_refused(count, shots, name):
    with pytest.raises(BadValue, match=f"{name} is a whole number of at least 1; given"):
        waves(count, shots, np.random.default_rng(0))
