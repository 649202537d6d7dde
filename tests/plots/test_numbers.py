"""Plain numbers, drawn as curves and as bars."""

import pytest

from nasedu import plots
from nasedu.core import BadValue
from tests.plots.conftest import texts


def test_bars_are_sorted_and_carry_their_numbers():
    ax = plots.bars({"large": 3e12, "small": 2, "middle": 12345})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["small", "middle", "large"]
    assert texts(ax) == ["2", "12,345", "3e+12"]
    with pytest.raises(BadValue, match="positive"):
        plots.bars({"none": 0})


def test_lines_are_named():
    ax = plots.lines([0, 1], {"up": [0, 1], "down": [1, 0]})
    assert ax.get_legend_handles_labels()[1] == ["up", "down"]
