"""What training gave: scores against size, and which class was taken for which."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nasedu import plots
from nasedu.core import BadValue, Evaluation
from tests.plots.conftest import texts

COUNTS = [[5, 1, 0], [0, 2, 0], [3, 0, 4]]


def below(ax):
    return [(label.get_text(), label.get_rotation()) for label in ax.get_xticklabels()]


def beside(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def test_score_against_size_names_every_network():
    shown = [Evaluation(("8-relu", "stop"), 0.5, parameters=40), Evaluation(("stop",), 0.4, parameters=10)]
    assert texts(plots.by_size(shown)) == ["8-relu stop", "stop"]
    with pytest.raises(BadValue, match="how many parameters"):
        plots.by_size([Evaluation(("stop",), 0.4)])


def test_a_confusion_has_its_counts_where_they_belong_and_numbers_its_classes():
    ax = plots.confusion(COUNTS)
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (0, 0): "5", (1, 0): "1", (1, 1): "2", (0, 2): "3", (2, 2): "4",
    }  # fmt: skip
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("truth", "answer")
    assert [name for name, _ in below(ax)] == beside(ax) == ["0", "1", "2"]


def test_a_confusion_takes_the_names_of_its_classes():
    names = ["one", "two", "three"]
    ax = plots.confusion(COUNTS, names=names)
    assert below(ax) == [("one", 0), ("two", 0), ("three", 0)]
    assert beside(ax) == names
    assert {label.get_fontsize() for label in (*ax.get_xticklabels(), *ax.get_yticklabels())} == {10}
    for wrong in (names[:2], [*names, "four"]):
        with pytest.raises(BadValue, match=f"3 classes needs as many names; given {len(wrong)}"):
            plots.confusion(COUNTS, names=wrong)


def test_only_names_that_do_not_fit_below_are_turned():
    names = ["iris setosa", "iris versicolor", "iris virginica"]
    (wide,), (narrow,) = (Figure(figsize=(side, side)).subplots(1, 1, squeeze=False)[0] for side in (8, 3))
    assert {rotation for _, rotation in below(plots.confusion(COUNTS, wide, names))} == {0}
    assert {rotation for _, rotation in below(plots.confusion(COUNTS, narrow, names))} == {45}
    assert beside(narrow) == names


def test_residuals_are_the_truth_less_the_answer():
    ax = plots.residuals(np.array([[1.0], [2.0]]), np.array([[0.5], [3.0]]))
    assert ax.collections[0].get_offsets().tolist() == [[0.5, 0.5], [3, -1]]
    with pytest.raises(BadValue, match="each answer needs one truth"):
        plots.residuals(np.zeros((2, 1)), np.zeros(2))
