"""Means with their uncertainty, drawn."""

import pytest
from matplotlib.collections import PathCollection

from nasedu import plots
from nasedu.classroom import interval
from nasedu.plots.published import figure_html


def test_bands_and_whiskers_show_means_and_their_uncertainty():
    ones = [interval([0.1, 0.3]), interval([0.5, 0.5])]
    ax = plots.band([1, 2], ones, label="these")
    assert ax.lines[0].get_ydata() == pytest.approx([0.2, 0.5])
    assert ax.get_legend_handles_labels()[1] == ["these"]
    ax = plots.whiskers({"a": ones[0], "b": ones[1]}, label="first")
    ax = plots.whiskers({"a": ones[1], "b": ones[0]}, ax, label="second")
    rows = [dots.get_offsets()[:, 1].tolist() for dots in ax.collections if isinstance(dots, PathCollection)]
    assert rows == [[0, 1], [0.22, 1.22]]
    assert "<img" in figure_html(plots.whiskers({"a": ones[0], "q-learning": ones[1]}).figure)
