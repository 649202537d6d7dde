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


def test_lines_are_named_where_they_end_on_the_axes_that_are_seen():
    ax = plots.lines([0, 1], {"low": [1, 10], "high": [1, 1000]}, yscale="log", ylim=(1, 1000))
    assert ax.get_legend() is None
    names = {text.get_text(): text.xy for text in ax.texts}
    assert names["high"] == (1, pytest.approx(1, abs=0.01))
    assert names["low"] == (1, pytest.approx(1 / 3, abs=0.02))
