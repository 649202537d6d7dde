"""The film of ENAS shows the search's own steps, and the policy's own probabilities."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from nasedu import spaces, tasks
from nasedu.building.atlas import ATLAS
from nasedu.core import BadValue
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers.recipe import Recipe
from nasedu.widgets import films

SIZES = {"rounds": 4, "weight_steps": 4, "policy_steps": 2, "warm_up": 1}


def search():
    task = tasks.load("where/digits")
    space = spaces.load("chain-cnn", task, **ATLAS.space_parameters)
    return Enas(Supernet(space, recipe=Recipe(**ATLAS.recipe)), task, **SIZES)


@pytest.fixture(scope="module")
def shown():
    return films.enas(search()), list(search())


def test_the_first_rounds_are_shown_whole_and_of_the_others_the_end_of_each_turn(shown):
    film, steps = shown
    places = [0, 1, 2, 3, *range(4, 10), 13, 15, 19, 21]  # the policy waits in the first round of four
    assert "the policy waits" in film.svg(3)
    assert "the policy waits" not in film.svg(4)
    assert len(film.frames) == len(places)
    for frame, place in zip(film.frames, places, strict=True):
        step = steps[place]
        told = f"Round {step.round}, {step.turn}: the path {' '.join(step.architecture)} "
        assert frame.words.startswith(told)
        assert f"{step.value:.3f}." in frame.words
        drawn = steps[max(place - 19, 0) : place + 1]
        told = f"of the last {len(drawn)} paths {len({s.architecture for s in drawn})} are different"
        assert told in frame.words


def test_probabilities_are_those_of_the_policy_and_sum_to_one(shown):
    film, _ = shown
    other = search()
    steps = list(other)
    rows = film.frames[-1].rows[1:]
    expected = other.policy.probabilities(steps[-1].architecture)
    for (taken, own, listed), options in zip(rows, expected, strict=True):
        assert sum(options.values()) == pytest.approx(1)
        assert own == f"{options[taken]:.2f}"
        assert listed == ", ".join(f"{choice} {share:.2f}" for choice, share in options.items())


def test_an_undecided_policy_has_nearly_all_the_bits_that_it_can_have(shown):
    film, _ = shown
    own, most = map(float, re.search(r"by ([\d.]+) of ([\d.]+) bits", film.frames[0].words).groups())
    assert 0.95 * most < own <= most + 0.05


def test_its_pictures_are_well_formed_and_small(shown):
    film, _ = shown
    for place in (0, 5, -1):
        ET.fromstring(film.svg(place))
    assert len(json.dumps(film.data())) < 60_000


def test_a_search_that_has_begun_is_refused():
    begun = search()
    next(iter(begun))
    with pytest.raises(BadValue, match="from its beginning; this one has made 1 steps"):
        films.enas(begun)
