"""Names at the ends of lines."""

import pytest

from nasedu.plots.axes import name_lines, new_axes


def test_lines_are_named_at_their_ends_in_their_colours_and_no_name_covers_another():
    ax = new_axes(4, 3)
    ax.plot([0, 1], [0, 1.0], color="#ff0000", label="high")
    ax.plot([0, 1], [1, 0.0], color="#00ff00", label="low")
    ax.plot([0, 1], [1, 0.01], label="near")
    ax.plot([0, 1], [0.5, 0.5])
    ax.axhline(0.5, label="half")
    ax.legend()
    name_lines(ax)
    assert ax.get_legend() is None
    at = {text.get_text(): text.xy for text in ax.texts}
    assert set(at) == {"high", "low", "near", "half"}  # a line without a label has no name
    assert {x for x, _ in at.values()} == {1}
    assert at["low"][1] < at["near"][1] - 0.05
    assert at["half"][1] == pytest.approx(0.5, abs=0.01)
    assert [text.get_color() for text in ax.texts if text.get_text() in ("high", "low")] == ["#00ff00", "#ff0000"]
