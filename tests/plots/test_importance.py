"""Which choice mattered: the numbers, and their pictures."""

import numpy as np
import pytest

from nasedu import plots
from nasedu.core import BadValue, Evaluation
from nasedu.core.palette import BLUE, GREY, ORANGE
from nasedu.spaces.cell_201 import Cell201
from nasedu.spaces.importance import Importance, importance_of
from nasedu.spaces.mlp import MLP
from nasedu.spaces.places import ENDED, places
from nasedu.store import Trial

WIDTHS = {"32": 0.9, "16": 0.5, "8": 0.1}


@pytest.fixture(scope="module")
def wide():
    return MLP((4,), 2, depth=2, widths=(32, 16, 8))


def sampled(space, count=40):
    rng = np.random.default_rng(0)
    found = {}
    while len(found) < count:
        found[space.sample(rng)] = None
    return list(found)


def by_width(architecture):
    """A score that the width of the first layer decides, and nothing else."""
    return WIDTHS.get(architecture[0].split("-")[0], 0.1)


def trial(number, architecture, score, status="ok"):
    evaluation = Evaluation(architecture, score, status=status, reason="" if status == "ok" else "made to fail")
    return Trial(number, number, architecture, {}, evaluation)


# ---------------------------------------------------------------------- places


def test_places_are_named_as_a_student_would(wide):
    architectures = [("32-relu", "stop"), ("16-relu", "8-tanh", "stop"), ("32-tanh", "8-relu", "stop")]
    found = {place.name: place.values for place in places(wide, architectures)}
    assert found == {
        "layer 1: width": ("32", "16", "32"),
        "layer 1: activation": ("relu", "relu", "tanh"),
        "layer 2: width": ("stop", "8", "8"),
        "layer 2: activation": ("stop", "tanh", "relu"),
    }
    assert places(wide, architectures[:1]) == places(wide, []) == [], "nothing differs"
    short = {place.name: place.values for place in places(wide, [("stop",), *architectures[1:]])}
    assert short["layer 2: width"] == (ENDED, "8", "8")


def test_a_space_with_names_for_its_decisions_lends_them():
    space = Cell201((1, 8, 8), 10)
    names = [place.name for place in places(space, sampled(space, 30))]
    assert names[0] == "edge from node 0 to node 1"
    assert len(names) == 6


# ---------------------------------------------------------------------- numbers


def test_the_choice_that_makes_the_score_is_found(wide):
    architectures = sampled(wide)
    found = importance_of(wide, architectures, [by_width(a) for a in architectures])
    assert found.important == ["layer 1: width"]
    assert found.names[0] == "layer 1: width"
    assert found.low[0] < found.shares[0] < found.high[0]
    assert found.shares[0] > 0.4 > max(found.shares[1:])


def test_in_random_scores_no_choice_matters(wide):
    architectures = sampled(wide)
    found = importance_of(wide, architectures, np.random.default_rng(0).random(len(architectures)))
    assert found.important == []
    assert found.shares.max() < found.chance < 0.5


def test_the_same_architecture_twice_is_no_further_evidence(wide):
    architectures = sampled(wide, 15)
    with pytest.raises(BadValue, match=r"15 different networks .* at least 20"):
        importance_of(wide, architectures * 4, [by_width(a) for a in architectures * 4])


def test_equal_scores_are_refused(wide):
    with pytest.raises(BadValue, match="no choice made a difference"):
        importance_of(wide, sampled(wide), [0.5] * 40)


# ---------------------------------------------------------------------- pictures


def test_bars_below_chance_are_told_apart_by_colour_and_hatch(wide):
    shares = np.array([0.1, 0.6])
    found = Importance(("layer 1", "layer 2"), shares, shares - 0.05, shares + 0.05, chance=0.3, architectures=40)
    ax = plots.importance([], wide, found=found)
    grey, blue = ax.patches
    assert [label.get_text() for label in ax.get_yticklabels()] == ["layer 1", "layer 2"]
    assert (grey.get_hatch(), blue.get_hatch()) == ("//", "")
    assert blue.get_width() == 0.6
    assert ax.get_legend().get_texts()[0].get_text().startswith("chance")
    assert {BLUE, GREY} == {colour_of(patch) for patch in (grey, blue)}


def colour_of(patch):
    from matplotlib.colors import to_hex

    return to_hex(patch.get_facecolor())


def test_failed_trials_do_not_count_for_importance(wide):
    trials = [trial(i, a, 0.0, "timeout") for i, a in enumerate(sampled(wide))]
    with pytest.raises(BadValue, match="0 different networks"):
        plots.importance(trials, wide)


def test_slices_show_each_network_once_and_failures_as_crosses(wide):
    architectures = [("32-relu", "stop"), ("16-relu", "stop"), ("32-relu", "stop"), ("8-relu", "stop")]
    trials = [trial(i, a, by_width(a)) for i, a in enumerate(architectures[:3])] + [
        trial(3, architectures[3], 0.0, "error")
    ]
    (ax,) = plots.slices(trials, wide)
    assert ax.get_title() == "layer 1: width"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["8", "16", "32"]
    dots = [point for found in ax.collections if hasattr(found, "get_sizes") for point in found.get_offsets()]
    assert sorted((float(x), round(float(y))) for x, y in dots) == [(0.0, 0), (0.5, 1), (0.9, 2)]
    with pytest.raises(BadValue, match="differ at 1 places"):
        plots.slices(trials, wide, axes=[ax, ax])
    with pytest.raises(BadValue, match="no choice to compare"):
        plots.slices(trials[:1], wide)


def test_each_network_is_a_line_and_the_best_is_thick(wide):
    architectures = [("32-relu", "stop"), ("16-relu", "stop"), ("8-tanh", "16-tanh", "stop")]
    trials = [trial(i, a, by_width(a)) for i, a in enumerate(architectures)] + [trial(3, ("stop",), 0.0, "error")]
    ax = plots.parallel_coordinates(trials, wide)
    assert len(ax.lines) == 3
    best = ax.lines[-1]
    assert (best.get_color(), best.get_ydata()[-1]) == (ORANGE, 1)
    assert ax.lines[0].get_ydata()[-1] == 0
    written = {text.get_text() for text in ax.texts}
    assert {"32", "16", "8", "relu", "tanh", "0.900", "0.100"} <= written
