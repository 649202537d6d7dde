"""The acquisition explorer shows what a model said before each trial, for each value of its dial."""

import json
import re

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.widgets import AcquisitionExplorer
from nasedu.widgets.acquisition_explorer import Look

WALK = [(letter, "stop") for letter in "abcdef"]
SCORES = np.array([0.1, 0.5, 0.3, 0.9, 0.2, 0.4])


def looks(dial, steps=3):
    known = [0, 2]
    for step in range(steps):
        mean, spread = np.full(6, 0.3), np.linspace(0.0, 0.5, 6) / (step + 1)
        mean[1] = 0.45
        worth = mean + dial * spread
        worth[known] = -1
        chosen = int(worth.argmax())
        yield Look(tuple(known), mean, spread, chosen)
        known = [*known, chosen]


def explorer(**more):
    return AcquisitionExplorer(WALK, SCORES, {dial: list(looks(dial)) for dial in (2, 0)}, **more)


def test_each_step_says_the_sum_with_its_numbers_and_goes_forward_and_back():
    shown = explorer()
    assert shown.dials == [0, 2]
    assert "2 networks are known, the best is 0.300. Next is number 2, b stop: 0.450 + 0 × 0.100 = 0.450." in repr(
        shown
    )
    shown.dial_place = 1
    assert "dial at 2" in shown.words()
    assert "Next is number 6, f stop: 0.300 + 2 × 0.500 = 1.300." in shown.words()
    assert shown.worth(1, 0) == pytest.approx(shown.look.mean + 2 * shown.look.spread)
    assert shown.forward().known == (0, 2, 5)
    assert "Step 2 of 3" in shown.words()
    assert shown.back().known == (0, 2)
    assert shown.back() is shown.look, "it stays at the first step"
    assert shown.go(2) is shown.forward(), "and at the last one"


def test_the_truth_is_hidden_until_it_is_asked_for():
    hidden, open_ = explorer(), explorer(truth=True)
    assert len(open_.static()) > len(hidden.static())
    assert hidden._data["truth"].count("<circle") == 6
    assert not any(part in hidden._data["truth"] for part in hidden._data["parts"])


def test_the_browser_gets_what_python_shows():
    shown = explorer(dial=2)
    json.dumps(shown._data, allow_nan=False)
    for dial, run in enumerate(shown._data["runs"]):
        for at, frame in enumerate(run):
            shown.dial_place, shown.at = dial, at
            assert frame["words"] == shown.words()
            known = [shown._data["parts"][part] for part in frame["picture"]]
            assert sum('r="4.5"' in part for part in known) == len(shown.look.known)
            assert sum(part.count('r="3.5"') for part in known) == 6 - len(shown.look.known), "a dot for each candidate"
            assert len(frame["rows"]) == 1 + min(4, 6 - len(shown.look.known))
    assert "<script" not in shown.static()
    assert shown.page().count("</script>") == 1
    assert re.search(r"f stop|e stop|d stop", shown.static())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": SCORES[:4]}, r"each with a score; given 6 and \(4,\)"),
        ({"runs": {}}, r"has a run, all of one length; given looks: \{\}"),
        ({"runs": {0: list(looks(0)), 1: list(looks(1, 2))}}, r"given looks: \{0: 3, 1: 2\}"),
        ({"runs": {0: [Look((0,), np.zeros(5), np.zeros(6), 1)]}}, "a look is at the 6 places of the walk"),
        ({"runs": {0: [Look((0,), np.zeros(6), np.zeros(6), 6)]}}, "a look is at the 6 places of the walk"),
        ({"at": 3}, "there are the steps 0 to 2; given 3"),
        ({"dial": 7}, "there are the values 0, at places 0 to 0; given -1"),
    ],
)
def test_what_it_cannot_show_is_refused(change, message):
    whole = {"walk": WALK, "scores": SCORES, "runs": {0: list(looks(0))}}
    with pytest.raises(BadValue, match=message):
        AcquisitionExplorer(**{**whole, **change})
