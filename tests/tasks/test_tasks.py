"""The digits and their relatives: golden bytes, and what was done to the pixels."""

from dataclasses import replace

import numpy as np
import pytest

from nasedu import tasks
from nasedu.core import BadValue, UnknownName
from nasedu.tasks import Split, split_indices
from nasedu.testing.task_rules import digest

GOLDEN = {
    "digits": "7c4c4bb616f2a23637f2404f5b62c020b21398e569bbef356531ec00bfc60fcb",
    "digits-rotated": "3e9ac4eac097e4fcde637489c54a3bba3597b7d0a07839a5d45f4fb9c061721f",
    "digits-noisy": "4c72dd92f435da1e538a3c9100ac243ae9b8e071064638a27e8f4b593b24cb30",
    "digits-shuffled": "6d93602cca2136608c8aba483b68941efdb1a8613882f94acd07776a62bf59f5",
}


def images(task):
    both, test = task.reveal_test()
    return np.concatenate([both.X, test.X])[:, 0] * 16


def labels(task):
    both, test = task.reveal_test()
    return np.concatenate([both.y, test.y])


@pytest.mark.parametrize("name", GOLDEN)
def test_the_bytes_are_the_same_on_every_machine(name):
    """A study that is continued elsewhere trains on the same numbers."""
    assert digest(tasks.load(name)) == GOLDEN[name]


def test_every_task_of_the_digits_has_golden_bytes():
    assert {name for name in tasks.tasks if name.startswith("digits")} == set(GOLDEN)


def test_digits_are_the_1797_of_scikit_learn(digits):
    from sklearn.datasets import load_digits

    data = load_digits()
    assert digits.input_shape == (1, 8, 8)
    assert [len(digits.train.y), len(digits.validation.y), len(digits.test)] == [1078, 360, 359]
    order = [np.lexsort(x.reshape(-1, 64).T) for x in (images(digits), data.images)]
    assert np.array_equal(images(digits)[order[0]], data.images[order[1]])
    assert np.array_equal(labels(digits)[order[0]], data.target[order[1]])
    assert digits.chance == pytest.approx(36 / 360)


@pytest.mark.parametrize("name", [name for name in GOLDEN if name != "digits"])
def test_relatives_split_the_same_digits_in_the_same_way(name, digits):
    relative = tasks.load(name)
    for a, b in zip((digits.train, digits.validation), (relative.train, relative.validation), strict=True):
        assert np.array_equal(a.y, b.y)
    assert np.array_equal(labels(digits), labels(relative))
    assert images(relative).min() == 0
    assert images(relative).max() == 16


def test_rotated_digits_are_turned_by_every_quarter_alike(digits):
    turned = images(tasks.load("digits-rotated"))
    quarters = [np.rot90(images(digits), k, axes=(1, 2)) for k in range(4)]
    matches = np.stack([(quarter == turned).all(axis=(1, 2)) for quarter in quarters])
    assert matches.any(axis=0).all()
    assert (matches.mean(axis=1) > 0.2).all()


def test_noise_reaches_half_the_range_and_no_further(digits):
    noise = images(tasks.load("digits-noisy")) - images(digits)
    assert noise.min() == -8
    assert noise.max() == 8
    assert np.array_equal(noise, noise.round())


def test_shuffled_digits_had_one_permutation_of_their_pixels(digits):
    before, after = images(digits).reshape(-1, 64), images(tasks.load("digits-shuffled")).reshape(-1, 64)
    assert not np.array_equal(before, after)
    assert sorted(map(bytes, before.T.copy())) == sorted(map(bytes, after.T.copy()))


def test_a_split_is_60_20_20_of_each_class():
    y = np.repeat([3, 5], [100, 50])
    train, validation, test = split_indices(y)
    assert [np.bincount(y[part])[[3, 5]].tolist() for part in (train, validation, test)] == [
        [60, 30],
        [20, 10],
        [20, 10],
    ]
    assert sorted(np.concatenate([train, validation, test])) == list(range(150))
    assert not np.array_equal(split_indices(y, seed=1)[0], train)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y: (X, y[:-1]), "96 examples and 95 answers"),
        (lambda X, y: (X[:0], y[:0]), "0 examples and 0 answers"),
        (lambda X, y: (np.where(X.max() == X, np.nan, X), y), "1 values are NaN or infinite"),
        (lambda X, y: (X, y + 1), r"the classes are \[1, 2, 3, 4\]; expected every one of 0 to 3"),
        (lambda X, y: (X, y * 0), r"the classes are \[0\]; expected every one of 0 to 3"),
    ],
)
def test_impossible_examples_are_refused(small_task, change, message):
    with pytest.raises(BadValue, match=rf"task 'corners', split 'train': {message}"):
        replace(small_task, train=Split(*change(*small_task.train)))


def test_test_examples_come_out_of_one_door(small_task):
    both, test = small_task.reveal_test()
    assert np.array_equal(both.X[: len(small_task.train.y)], small_task.train.X)
    assert np.array_equal(both.X[len(small_task.train.y) :], small_task.validation.X)
    assert len(test.y) == len(small_task.test) == 32
    assert repr(small_task.test) == "<32 sealed test examples; Study.finish() opens them>"


def test_an_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match=r"unknown task 'digit'; known: .*digits-rotated"):
        tasks.load("digit")
