"""The pictures of lessons 01 and 02 say what they are given, and refuse what they cannot draw."""

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt

from nasedu import plots
from nasedu.classroom import interval
from nasedu.core import BadValue, Evaluation
from nasedu.spaces.mlp import MLP


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.fixture
def space():
    return MLP((4,), 2, depth=2, widths=(8,))


def test_a_space_as_a_graph_has_its_counts_and_its_choices(space):
    found = texts(plots.decisions(space))
    assert {"7", "3", "1", "8-relu, 8-tanh", "stop"} <= set(found)
    assert found.count("stop") == 3
    with pytest.raises(BadValue, match="at most 40"):
        plots.decisions(MLP((4,), 2, depth=60))


def test_score_against_size_names_every_network():
    shown = [Evaluation(("8-relu", "stop"), 0.5, parameters=40), Evaluation(("stop",), 0.4, parameters=10)]
    assert texts(plots.by_size(shown)) == ["8-relu stop", "stop"]
    with pytest.raises(BadValue, match="how many parameters"):
        plots.by_size([Evaluation(("stop",), 0.4)])


def test_bars_are_sorted_and_carry_their_numbers():
    ax = plots.bars({"large": 3e12, "small": 2, "middle": 12345})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["small", "middle", "large"]
    assert texts(ax) == ["2", "12,345", "3e+12"]
    with pytest.raises(BadValue, match="positive"):
        plots.bars({"none": 0})


def test_encodings_are_drawn_one_beside_the_other(space):
    ax = plots.encodings(space, [("stop",), ("8-relu", "stop")])
    first, second = ax.figure.axes
    assert [panel.get_title() for panel in (first, second)] == ["stop", "8-relu stop"]
    assert np.asarray(second.images[0].get_array()).sum() == 2


def test_bands_and_whiskers_show_means_and_their_uncertainty():
    ones = [interval([0.1, 0.3]), interval([0.5, 0.5])]
    ax = plots.band([1, 2], ones, label="these")
    assert ax.lines[0].get_ydata() == pytest.approx([0.2, 0.5])
    assert ax.get_legend_handles_labels()[1] == ["these"]
    ax = plots.whiskers({"a": ones[0], "b": ones[1]}, label="first")
    ax = plots.whiskers({"a": ones[1], "b": ones[0]}, ax, label="second")
    rows = [container.lines[0].get_ydata().tolist() for container in ax.containers]
    assert rows == [[0, 1], [0.22, 1.22]]


def test_lines_and_classes_are_named():
    ax = plots.lines([0, 1], {"up": [0, 1], "down": [1, 0]})
    assert ax.get_legend_handles_labels()[1] == ["up", "down"]
    ax = plots.classes(np.zeros((4, 2)), np.array([0, 1, 1, 1]), ["3", "8"])
    assert [len(dots.get_offsets()) for dots in ax.collections] == [1, 3]
    with pytest.raises(BadValue, match="two directions"):
        plots.classes(np.zeros((4, 3)), np.zeros(4), ["3"])
