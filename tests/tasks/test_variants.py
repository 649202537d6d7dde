"""The relatives ask what they say, of digits that are in one split alone, in the same bytes on every machine."""

import numpy as np
import pytest

from nasedu.core import BadValue, UnknownName
from nasedu.tasks import QUESTIONS, load
from nasedu.tasks.base import digest_of
from nasedu.tasks.material import shrunk
from nasedu.tasks.variants import FEW
from nasedu.testing import check_task

GRATINGS = ("gratings/angle", "gratings/width")
DIGITS = tuple(f"{question}/digits" for question in QUESTIONS)

DIGESTS = {
    "what/digits": "979be47454472a783cab6aa0b8fc9e04a3fb781fd5790fcd0b8d555f23980ef2",
    "how-many/digits": "44df0d4838a30a37d3d2a3653cc20a383291cbc0a4ad5f2b43e8695fbd014130",
    "gratings/angle": "247ff004694ddac0aeda64bc46530d39ef1d76796f4bde209eb0f36ceda63d05",
}
"""Of all bytes of a task, as they were when the atlas was built on it."""


@pytest.mark.parametrize("name", [*DIGITS, *GRATINGS])
def test_a_relative_is_a_sound_task(name):
    task = load(name)
    check_task(lambda: load(name))
    assert task.name == name
    assert task.input_shape == (1, 12, 12)
    for split in (task.train, task.validation, task.test.opened()):
        counts = np.bincount(split.y, minlength=task.outputs)
        assert counts.max() - counts.min() <= 1
        assert 0 <= split.X.min() < split.X.max() <= 1


@pytest.mark.parametrize("name", DIGESTS)
def test_its_bytes_are_those_of_the_atlas(name):
    assert digest_of(load(name)) == DIGESTS[name]


def trimmed(image):
    """Without the dark border, as bytes: what shift leaves as it is."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].tobytes()


@pytest.mark.parametrize("name", ["what/digits", "few/digits", "anywhere/digits"])
def test_no_writing_is_in_two_splits_not_even_moved(name):
    task = load(name)
    train, validation, test = (
        {trimmed(image) for image in split.X[:, 0]} for split in (task.train, task.validation, task.test.opened())
    )
    assert not train & validation
    assert not train & test
    assert not validation & test


def test_the_place_is_the_class_and_the_digit_lies_there():
    X, y = load("where/digits").validation
    brightness = X[:, 0].reshape(-1, 3, 4, 3, 4).mean(axis=(2, 4)).reshape(-1, 9)
    assert np.mean([brightness[y == place].mean(0).argmax() == place for place in range(9)]) == 1


def test_how_many_grows_with_the_ink():
    X, y = load("how-many/digits").validation
    ink = [float(X[y == count].mean()) for count in range(5)]
    assert ink == sorted(ink)


def test_same_is_told_by_the_halves_and_by_neither_alone():
    X, y = load("same/digits").train
    halves = X[:, 0, 3:9, :6].reshape(len(y), -1), X[:, 0, 3:9, 6:].reshape(len(y), -1)
    alike = np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(*halves, strict=True)])
    assert alike[y == 1].mean() > alike[y == 0].mean() + 0.15
    assert abs(halves[0][y == 1].mean() - halves[0][y == 0].mean()) < 0.02


def test_turning_a_digit_back_gives_the_digit():
    X, y = load("turned/digits").train
    straight = np.stack([np.rot90(image, -k) for image, k in zip(X[:, 0], y, strict=True)])
    means = np.stack([straight[y == k].mean(0) for k in range(4)])
    assert np.abs(means - means[0]).mean() < 0.05
    turned = np.stack([X[y == k, 0].mean(0) for k in range(4)])
    assert np.abs(turned[0] - turned[1]).mean() > 0.05


def test_shuffled_is_what_with_one_permutation():
    plain, shuffled = load("what/digits").train.X, load("shuffled/digits").train.X
    assert sorted(shuffled[0].ravel()) != sorted(plain[0].ravel()) or not np.array_equal(shuffled[0], plain[0])
    dark = (shuffled.reshape(len(shuffled), -1) == 0).all(0).sum()
    assert dark >= 40  # the border of all images is dark, wherever its pixels went


def test_three_of_ten_training_labels_are_wrong_and_no_others():
    noisy, clean = load("noisy-labels/digits"), load("what/digits")
    same_images = {image.tobytes(): label for image, label in zip(*noisy.train, strict=True)}
    assert len(same_images) > 450
    nearest = _by_nearest(clean, noisy.train.X)
    assert 0.2 < np.mean(nearest != noisy.train.y) < 0.5
    assert np.mean(_by_nearest(clean, noisy.validation.X) != noisy.validation.y) < 0.2
    assert np.array_equal(np.bincount(noisy.train.y), [50] * 10)


def _by_nearest(task, X):
    """The label of the nearest example of another task: a judge that has not seen the noisy labels."""
    known, labels = np.concatenate([task.train.X, task.validation.X]), np.concatenate([task.train.y, task.validation.y])
    known, X = known.reshape(len(known), -1), X.reshape(len(X), -1)
    distances = (known**2).sum(1) - 2 * X @ known.T
    return labels[distances.argmin(1)]


def test_few_has_few_different_examples():
    X, y = load("few/digits").train
    assert len(X) == 500
    assert len({image.tobytes() for image in X}) == FEW
    assert np.array_equal(y[:FEW], y[FEW : 2 * FEW])


@pytest.mark.parametrize("side", [8, 6, 4])
def test_shrinking_keeps_the_mean(side):
    images = np.random.default_rng(0).integers(0, 17, size=(20, 8, 8))
    small = shrunk(images, side)
    assert small.shape == (20, side, side)
    assert np.abs(small.mean(axis=(1, 2)) - images.mean(axis=(1, 2))).max() < 0.5
    assert np.array_equal(shrunk(np.full((1, 8, 8), 7), side), np.full((1, side, side), 7))


@pytest.mark.parametrize("name", ["where/klingon", "gratings/depth", "whither/digits", "where/", "nothing"])
def test_an_unknown_relative_answers_with_what_there_is(name):
    with pytest.raises((UnknownName, BadValue), match="known"):
        load(name)
