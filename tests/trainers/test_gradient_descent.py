from itertools import pairwise

import numpy as np
import pytest

from nasedu.core import BadValue, Mismatch
from nasedu.trainers.single.gradient_descent import accuracy, cross_entropy, descend, gradient, probabilities


def examples():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 3))
    return X, (X @ (1.0, -2.0, 0.5) + rng.normal(size=40) > 0).astype(float)


def test_the_gradient_is_that_of_the_loss():
    X, y = examples()
    w, h = np.array([0.3, -0.2, 1.0]), 1e-6
    slopes = [(cross_entropy(w + h * e, X, y) - cross_entropy(w - h * e, X, y)) / (2 * h) for e in np.eye(3)]
    assert gradient(w, X, y) == pytest.approx(slopes, rel=1e-6)


def test_the_loss_is_the_mean_log_of_the_right_class():
    X, y = examples()
    w = (0.3, -0.2, 1.0)
    p = 1 / (1 + np.exp(-X @ w))
    assert probabilities(w, X) == pytest.approx(p)
    assert cross_entropy(w, X, y) == pytest.approx(-np.mean(np.log(np.where(y == 1, p, 1 - p))))
    assert accuracy(w, X, y) == np.mean((p > 0.5) == y)
    assert cross_entropy((0, 0, 0), X, y) == pytest.approx(np.log(2))


def test_weights_far_away_stay_finite():
    X, y = examples()
    assert np.isfinite(cross_entropy((1e4, 1e4, -1e4), X, y))
    assert np.isfinite(probabilities((1e4, 1e4, -1e4), X)).all()


def test_each_step_begins_where_the_last_one_ended():
    X, y = examples()
    steps = list(descend(X, y, alpha=0.5, steps=20, weights=(1.0, 1.0, 1.0)))
    assert [step.number for step in steps] == list(range(20))
    assert steps[0].weights == (1.0, 1.0, 1.0)
    for step, following in pairwise(steps):
        assert step.after == following.weights
        assert step.loss == cross_entropy(step.weights, X, y)
        assert following.loss < step.loss
        assert step.gradient == pytest.approx(gradient(step.weights, X, y))
        assert step.after == pytest.approx(np.array(step.weights) - 0.5 * np.array(step.gradient))


def test_batches_are_drawn_from_the_seed():
    X, y = examples()
    runs = [list(descend(X, y, alpha=0.5, steps=5, batch=4, seed=seed)) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]
    assert runs[0][0].gradient != pytest.approx(gradient((0, 0, 0), X, y))
    whole = list(descend(X, y, alpha=0.5, steps=5, batch=40))
    assert whole[-1].after == pytest.approx(list(descend(X, y, alpha=0.5, steps=5))[-1].after)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"y": np.zeros(3)}, Mismatch, r"\(40, 3\), \(3,\)"),
        ({"weights": (0, 0)}, Mismatch, "columns"),
        ({"y": np.full(40, 2)}, BadValue, "0 or 1"),
        ({"alpha": 0}, BadValue, "alpha > 0"),
        ({"alpha": float("nan")}, BadValue, "alpha > 0"),
        ({"steps": 0}, BadValue, "steps >= 1"),
        ({"batch": 41}, BadValue, "batch of 1 to 40"),
    ],
    ids=str,
)
def test_refuses_at_the_door(change, error, says):
    X, y = examples()
    with pytest.raises(error, match=says):
        descend(**{"X": X, "y": y, "alpha": 0.1, "steps": 3, **change})
