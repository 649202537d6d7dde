"""The digits and their relatives: golden bytes, and what was done to the pixels; what a task is judged by."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from nasedu import tasks
from nasedu.core import BadValue, UnknownName
from nasedu.tasks import Split, Task, split_indices
from nasedu.tasks.base import Sealed, digest_of
from nasedu.trainers.single.metrics import score_of

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
    assert digest_of(tasks.load(name)) == GOLDEN[name]


def test_every_task_of_the_digits_has_golden_bytes():
    assert {name for name in tasks.registry if name.startswith("digits")} == set(GOLDEN)


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y: y[:, 0], r"the answers are float32 \(60,\); expected float32 \(60, 2\)"),
        (lambda y: y[:, :1], r"the answers are float32 \(60, 1\); expected float32 \(60, 2\)"),
        (lambda y: np.where(y == y.max(), np.float32(np.inf), y), "1 answers are NaN or infinite"),
        (lambda y: np.where(y == y.max(), np.float32(np.nan), y), "1 answers are NaN or infinite"),
    ],
)
def test_impossible_answers_in_numbers_are_refused(heights, change, message):
    with pytest.raises(BadValue, match=rf"task 'heights', split 'train': {message}"):
        replace(heights, train=Split(heights.train.X, change(heights.train.y)))


def test_one_example_has_no_mean_to_be_compared_with(heights):
    with pytest.raises(BadValue, match="split 'validation': 1 example; R2 compares with the mean of at least 2"):
        replace(heights, validation=Split(heights.validation.X[:1], heights.validation.y[:1]))


# ---------------------------------------------------------------------- what counts


def test_the_usual_metrics(small_task, heights):
    assert small_task.metrics == ("accuracy", "recall", "f1")
    assert heights.metrics == ("r2", "rmse")
    assert replace(small_task, metrics=["f1"]).metrics == ("f1",)


@pytest.mark.parametrize(
    ("task", "metrics", "message"),
    [
        (
            "small_task",
            ("acuracy",),
            "task 'corners', classification: unknown metric 'acuracy'; known: accuracy, .*; did you mean 'accuracy'",
        ),
        ("small_task", ("accuracy", "r2"), "classification: unknown metric 'r2'"),
        ("heights", ("accuracy",), "regression: unknown metric 'accuracy'; known: r2, rmse"),
        ("heights", ("rmse",), "of which higher is better, and of rmse lower is better; put one of r2 first"),
        ("small_task", ("log_loss",), "put one of accuracy, balanced_accuracy, precision, recall, f1 first"),
        ("small_task", ("calibration_error", "accuracy"), "of calibration_error lower is better"),
    ],
)
def test_metrics_that_are_unknown_or_no_score_are_refused(request, task, metrics, message):
    with pytest.raises(BadValue, match=message):
        replace(request.getfixturevalue(task), metrics=metrics)


def test_a_metric_that_is_no_score_may_stand_behind_one(small_task, heights):
    assert replace(small_task, metrics=("f1", "log_loss")).metrics == ("f1", "log_loss")
    assert replace(heights, metrics=("r2", "rmse")).metrics == ("r2", "rmse")


def test_other_kinds_name_their_own_metrics(small_task):
    assert replace(small_task, kind="control", metrics=("return",)).metrics == ("return",)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy", "precision", "recall", "f1"])
@pytest.mark.parametrize("shares", [(4, 4, 2), (1, 5, 4)])
def test_chance_is_what_always_answering_one_class_is_worth(metric, shares):
    """In training class 0 is the most frequent; in validation it has 4 of 10 or 1 of 10."""
    parts = [np.repeat([0, 1, 2], counts) for counts in ((9, 5, 5), shares)]
    train, validation = (Split(np.zeros((len(y), 1), np.float32), y) for y in parts)
    task = Task("blind", "?", train, validation, Sealed(validation), 3, "made up", "CC0", metrics=(metric,))
    always = torch.eye(3)[torch.zeros(10, dtype=torch.long)]
    assert task.chance == pytest.approx(score_of(task, always, torch.from_numpy(validation.y)))


def test_chance_for_numbers_is_what_the_mean_of_the_training_answers_is_worth():
    """Mean 2 in training. First output: 0 and 2, so errors 2 and 0 around a mean of 1. Second: 2 and 6, a mean of 4."""
    y = np.array([[1.0, 0.0], [3.0, 4.0]], np.float32), np.array([[0.0, 2.0], [2.0, 6.0]], np.float32)
    train, validation = (Split(np.zeros((2, 1), np.float32), answers) for answers in y)
    task = Task("n", "?", train, validation, Sealed(validation), 2, "made up", "CC0", kind="regression")
    assert task.chance == pytest.approx(((1 - 4 / 2) + (1 - 16 / 8)) / 2)
    means = torch.full((2, 2), 2.0)
    assert task.chance == pytest.approx(score_of(task, means, torch.from_numpy(validation.y)))


# ---------------------------------------------------------------------- the test split


def test_test_examples_come_out_of_one_door(small_task):
    both, test = small_task.reveal_test()
    assert np.array_equal(both.X[: len(small_task.train.y)], small_task.train.X)
    assert np.array_equal(both.X[len(small_task.train.y) :], small_task.validation.X)
    assert len(test.y) == len(small_task.test) == 32
    assert repr(small_task.test) == "<32 sealed test examples; Study.finish() opens them>"


def test_an_unknown_task_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match=r"unknown task 'digit'; known: .*digits-rotated"):
        tasks.load("digit")
