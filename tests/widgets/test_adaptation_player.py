"""The adaptation player shows what a learner's own steps say: forward, and back through them."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.metalearning import load
from nasedu.metalearning.functional import Examples
from nasedu.metalearning.going_back import going_back
from nasedu.widgets import AdaptationPlayer, films
from nasedu.widgets.films.inner_steps import Layout, _directions, _places, _row
from nasedu.widgets.player import size_of
from tests.metalearning.small import learner_of, wave_batch, wave_net

SUPPORT, QUERY = (Examples(*(part[0] for part in split)) for split in wave_batch(count=1))
STEPS = 3


def made(name, **settings):
    learner = load(name, wave_net(), inner_rate=0.1, **settings)
    return learner, films.adaptation(learner, SUPPORT, QUERY, STEPS)


@pytest.mark.parametrize("name", ["maml", "first-order-maml", "anil", "meta-sgd", "reptile"])
def test_a_frame_for_each_step_says_the_errors_after_it(name):
    learner, film = made(name)
    steps = list(learner.adaptation(SUPPORT, STEPS))
    places = [learner.start(learner.learned), *(step.parameters for step in steps)]
    assert len(film.frames) == (1 if name == "reptile" else 2) * (STEPS + 1)
    for number, (frame, parameters) in enumerate(zip(film.frames, places, strict=False)):
        losses = [float(learner.function.loss(parameters, part).detach()) for part in (SUPPORT, QUERY)]
        assert f"{losses[0]:.3f} on the support set and {losses[1]:.3f} on the queries" in frame.words
        assert frame.rows[-1][:3] == (str(number), f"{losses[0]:.3f}", f"{losses[1]:.3f}")
        if number:
            moved = np.linalg.norm(_row(parameters) - _row(places[number - 1]))
            assert f"moves the parameters by {moved:.3f}," in frame.words
            assert f"gradient of length {np.linalg.norm(_row(steps[number - 1].gradient)):.3g}:" in frame.words
    ET.fromstring(film.svg(-1))


def test_the_frames_that_go_back_say_the_gradient_at_each_place():
    learner, film = made("maml")
    found = list(going_back(learner, SUPPORT, QUERY, STEPS))
    lengths = [f"{np.linalg.norm(_row(one.gradient)):.3g}" for one in found]
    assert lengths[0] != lengths[-1]
    for frame, one, length in zip(film.frames[STEPS + 1 :], found, lengths, strict=True):
        assert length in frame.words
        assert frame.label == f"back to step {one.after}"
        bars = [float(high) for part in frame.picture for high in re.findall(r'<rect .*height="([\d.]+)"', part)]
        assert bars == pytest.approx(
            [100 * float(length) / float(max(lengths)) for length in lengths[: len(bars)]], abs=1
        )
        assert len(bars) == STEPS + 1 - one.after
        assert [row[3] for row in frame.rows[1:]] == [""] * one.after + lengths[: STEPS + 1 - one.after][::-1]
    ends = [_row(one.gradient) for one in (found[0], found[-1])]
    cosine = ends[0] @ ends[1] / np.linalg.norm(ends[0]) / np.linalg.norm(ends[1])
    assert film.frames[-1].rows[1][4] == f"{np.degrees(np.arccos(cosine)):.0f}°" != "0°"


def test_first_order_comes_back_unchanged():
    _, film = made("first-order-maml")
    assert {row[3:] for row in film.frames[-1].rows[1:]} == {(film.frames[-1].rows[1][3], "0°")}


@pytest.mark.parametrize("name", ["maml", "reptile"])
def test_the_plane_holds_the_start_the_end_and_the_gradient_of_maml(name):
    learner, _ = made(name)
    places, across = _places(learner, SUPPORT, QUERY, STEPS)
    one, other = _directions(places)
    assert [one @ one, other @ other, one @ other] == pytest.approx([1, 1, 0], abs=1e-9)
    layout = Layout.of(learner, places, across, SUPPORT, QUERY)
    inside = [
        places[-1].vector - places[0].vector,
        places[0].back if name == "maml" else places[1].vector - places[0].vector,
    ]
    for vector in inside:
        assert np.hypot(*layout.in_plane(vector)) == pytest.approx(np.linalg.norm(vector), rel=1e-6)
    assert layout.spot(STEPS)[0] > layout.spot(0)[0]
    assert layout.spot(STEPS)[1] == pytest.approx(layout.spot(0)[1])


def test_the_arrow_points_against_the_gradient():
    learner, _ = made("maml")
    layout = Layout.of(learner, *_places(learner, SUPPORT, QUERY, STEPS), SUPPORT, QUERY)
    a, b = layout.in_plane(layout.places[0].back)
    x, y, u, v = map(float, re.match(r'<path d="M([\d.-]+) ([\d.-]+)L([\d.-]+) ([\d.-]+)"', layout.arrow(0)).groups())
    assert (u - x) * a < 0
    assert (v - y) * b > 0  # the picture's y grows downwards


def test_forward_and_back_are_the_same_frames():
    learner, _ = made("maml")
    before = {name: weight.detach().clone() for name, weight in learner.learned.items()}
    player = AdaptationPlayer(learner, SUPPORT, QUERY, STEPS)
    seen = [player.frame, *(player.forward() for _ in range(7))]
    assert [player.frame, *(player.back() for _ in range(7))] == seen[::-1]
    assert all(torch.equal(weight, before[name]) for name, weight in learner.learned.items())


def test_the_network_of_the_course_fits_into_a_notebook():
    from nasedu.metalearning.networks import wave_network

    player = AdaptationPlayer(load("maml", wave_network()), SUPPORT, QUERY, steps=10)
    assert size_of(player.film.data()) < 100_000


def test_a_network_of_one_weight_has_a_plane_too():
    learner = load("maml", nn.Linear(1, 1, bias=False), inner_rate=0.01)
    assert len(films.adaptation(learner, SUPPORT, QUERY, 2).frames) == 6


def test_it_refuses_what_it_cannot_draw():
    learner, _ = made("maml")
    with pytest.raises(BadValue, match="a Prototypes makes none"):
        AdaptationPlayer(learner_of("prototypes")[0], SUPPORT, QUERY)
    wide = Examples(torch.zeros(4, 2), torch.zeros(4, 1))
    with pytest.raises(BadValue, match="one column each"):
        AdaptationPlayer(load("maml", nn.Linear(2, 1)), wide, wide)
    with pytest.raises(BadValue, match="steps"):
        AdaptationPlayer(learner, SUPPORT, QUERY, 0)
    with pytest.raises(BadValue, match="inner step 1 of 3"):
        AdaptationPlayer(load("maml", wave_net(), inner_rate=1e4), SUPPORT, QUERY, 3)
