"""A search, drawn: what is asked of its pictures beside those that lessons and `nasedu show` draw."""

import numpy as np
import pytest

from nasedu import plots
from nasedu.core import BadValue, Evaluation
from nasedu.store import Trial


def trial(number, score, status="ok", **told):
    return Trial(number, number, ("stop",), told, Evaluation(("stop",), score, status=status, reason="made to fail"))


def test_scores_are_dots_with_the_best_so_far_and_crosses_for_failures():
    ax = plots.scores([trial(0, 0.3), trial(1, 0.1, "error"), trial(2, 0.5)])
    dots, crosses = (np.asarray(found.get_offsets()).tolist() for found in ax.collections)
    assert dots == [[1, 0.3], [3, 0.5]]
    assert crosses == [[2, 0.1]]
    assert ax.lines[0].get_ydata().tolist() == [0.3, 0.3, 0.5]
    with pytest.raises(BadValue, match="no evaluated trial"):
        plots.scores([Trial(0, 0, ("stop",), {})])


def test_epsilon_is_drawn_where_there_is_one():
    assert list(plots.epsilon([trial(0, 0.3), trial(1, 0.3, epsilon=0.5)]).lines[0].get_xdata()) == [2]
    with pytest.raises(BadValue, match="does not explore in this way"):
        plots.epsilon([trial(0, 0.3)])


def test_what_was_learned_is_sorted_by_kind_and_number():
    choices = ["stop", "conv3-32", "conv3-8", "pool2"]
    ax = plots.learned([{"depth": 0, "choice": choice, "value": 0.5, "visits": 1} for choice in choices])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["conv3-8", "conv3-32", "pool2", "stop"]
    with pytest.raises(BadValue, match="learned nothing"):
        plots.learned([])
