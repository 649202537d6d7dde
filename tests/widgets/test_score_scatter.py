import json
from base64 import b64decode
from html import unescape

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.core.ranking import kendall_tau
from nasedu.widgets import ScoreScatter

NETWORKS = [("conv3-4", "stop"), ("conv3-8", "stop"), ("gap", "stop"), ("stop",)]
CHEAP, TRUE = [0.2, 0.9, 0.5, 0.5], [0.6, 0.7, 0.9, 0.1]


def test_it_says_both_scores_and_ranks_of_the_chosen_network():
    scatter = ScoreScatter(NETWORKS, CHEAP, TRUE, names=("shared", "true"))
    assert scatter.chosen == 1, "the best by the cheap score"
    assert scatter.words().startswith("conv3-8 stop: shared 0.900 (rank 1 of 4), true 0.700 (rank 2 of 4). ")
    scatter.set_state({"chosen": 3})
    assert "shared 0.500 (rank 2 of 4), true 0.100 (rank 4 of 4)" in scatter.words(), "a tie shares the better rank"
    assert f"tau of all 4 is {kendall_tau(CHEAP, TRUE):.2f}" in scatter.words()


def test_dots_stand_where_the_axes_say():
    scatter = ScoreScatter(NETWORKS, CHEAP, TRUE)
    xs, ys = scatter._data["views"][0]["places"]
    assert np.argsort(xs, kind="stable").tolist() == np.argsort(CHEAP, kind="stable").tolist()
    assert np.argsort(ys, kind="stable").tolist() == np.argsort(TRUE, kind="stable").tolist()[::-1]
    assert min(*xs, *ys) > 0
    json.dumps(scatter._data, allow_nan=False)


def test_ranks_have_the_best_to_the_right_and_at_the_top():
    scatter = ScoreScatter(NETWORKS, CHEAP, TRUE, by_rank=True)
    xs, ys = scatter._data["views"][1]["places"]
    assert np.argsort(xs, kind="stable").tolist() == np.argsort(CHEAP, kind="stable").tolist()
    assert np.argsort(ys, kind="stable").tolist() == np.argsort(TRUE, kind="stable").tolist()[::-1]
    assert xs[2] == xs[3], "a tie is one rank"
    assert "rank by true score (1 is the best)" in unescape(decoded(scatter.static()))
    scatter.by_rank = False
    assert "rank by true score (1 is the best)" not in unescape(decoded(scatter.static()))


def decoded(static):
    """The SVG in the picture of a widget."""
    return b64decode(static.partition("base64,")[2].partition('"')[0]).decode()


def test_without_a_script_there_is_a_picture_and_a_table_of_the_best():
    static = ScoreScatter(NETWORKS, CHEAP, TRUE, names=("<shared>", "true")).static()
    assert "<script" not in static
    assert "&lt;shared&gt;" in static
    rows = static.partition("<tbody>")[2].split("</tr>")
    assert "conv3-8 stop" in rows[0]
    assert "conv3-4 stop" in rows[3]


@pytest.mark.parametrize(
    ("cheap", "true"), [([1, 2, 3], TRUE), (CHEAP, [0.1, 0.2, 0.3, float("nan")]), (CHEAP[:3], TRUE[:3])]
)
def test_scores_that_do_not_fit_are_refused(cheap, true):
    with pytest.raises(BadValue, match="two finite scores of each; given 4 networks"):
        ScoreScatter(NETWORKS, cheap, true)


@pytest.mark.parametrize("chosen", [4, -1, 1.0, True])
def test_a_network_that_does_not_exist_is_refused(chosen):
    with pytest.raises(BadValue, match="places 0 to 3"):
        ScoreScatter(NETWORKS, CHEAP, TRUE, chosen=chosen)


def test_what_the_browser_chooses_is_checked_too():
    scatter = ScoreScatter(NETWORKS, CHEAP, TRUE)
    with pytest.raises(BadValue, match="places 0 to 3; given 4"):
        scatter.chosen = 4
    assert scatter.chosen == 1
