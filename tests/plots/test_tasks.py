"""The examples of a task, drawn."""

import numpy as np
import pytest

from nasedu import plots
from nasedu.core import BadValue


def test_classes_are_named():
    ax = plots.classes(np.zeros((4, 2)), np.array([0, 1, 1, 1]), ["3", "8"])
    assert ax.get_legend_handles_labels()[1] == ["3", "8"]
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1, "it covers no dot"
    assert [len(dots.get_offsets()) for dots in ax.collections] == [1, 3]
    with pytest.raises(BadValue, match="two directions"):
        plots.classes(np.zeros((4, 3)), np.zeros(4), ["3"])
