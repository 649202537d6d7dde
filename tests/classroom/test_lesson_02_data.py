"""What the cells of lesson 02 work on: two numbers for each image, and the table of four measures."""

import numpy as np
import pytest

from nasedu.classroom.lessons.lesson_02.exercises import measures, threes_and_eights
from nasedu.tasks import load


def test_an_eight_has_more_ink_on_its_left_than_a_three():
    task = load("digits")
    X, y = threes_and_eights(task)
    assert X.shape == (np.isin(task.train.y, (3, 8)).sum(), 2)
    assert y.sum() == (task.train.y == 8).sum()
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(X.std(axis=0), 1)
    assert (X[y == 1].mean(axis=0) > X[y == 0].mean(axis=0)).all()


def test_four_measures_of_answers_counted_by_hand():
    truth = np.array([True, True, False, False, False, False])
    said = {"half": np.array([True, False, False, False, False, True]), "no": np.zeros(6, bool)}
    table = measures(truth, said)
    assert list(table.index) == ["half", "no"]
    half = table.loc["half"]  # of 2 true one is found, of 2 called one is true; of the others 3 of 4
    assert half["accuracy"] == pytest.approx(4 / 6)
    assert half["balanced_accuracy"] == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert half["precision"] == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert half["f1"] == pytest.approx((1 / 2 + 3 / 4) / 2)
    assert table.loc["no", "balanced_accuracy"] == pytest.approx(0.5)
    assert table.loc["no", "f1"] == pytest.approx((0 + 2 * (4 / 6) / (4 / 6 + 1)) / 2)
