"""The race of optimisers shows where each of them is, and refuses what it cannot show."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch

from nasedu.core import BadValue
from nasedu.metalearning.learned_optimizer import descend
from nasedu.widgets import Player, films
from nasedu.widgets.film import Film

START = torch.tensor([2.0, -1.0])


def bowl(x):
    return x[..., 0] ** 2 + 5 * x[..., 1] ** 2


def path_of(rate, steps=4, start=START):
    return list(descend(bowl, start, lambda x: torch.optim.SGD(x, lr=rate), steps))


PATHS = {"slow": path_of(0.02), "quick": path_of(0.08)}


def dots(frame):
    found = [re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="5"', part) for part in frame.picture]
    return np.array([[float(one[1]), float(one[2])] for one in found if one])


def test_each_frame_says_and_shows_where_each_optimiser_is():
    film = films.optimizer_race(PATHS, bowl)
    assert len(film.frames) == 5
    for number, frame in enumerate(film.frames):
        for name, steps in PATHS.items():
            assert f"{name} {float(steps[number].loss):.3g}" in frame.words
            row = next(row for row in frame.rows if row[0] == name)
            assert [float(cell) for cell in row[1:3]] == pytest.approx(steps[number].x.tolist(), abs=6e-4)
        assert sum("<path" in part for part in frame.picture) == 4 * number
        assert ("quick has the smallest" in frame.words) == (number > 0)
        ET.fromstring(film.svg(number))
    slow, slow_loss, quick, quick_loss = dots(film.frames[-1])
    assert quick[0] < slow[0]  # x1 goes from 2 to 0
    assert quick[1] < slow[1]  # x2 goes up from -1 to 0
    assert quick_loss[1] > slow_loss[1]  # and the loss goes down
    assert quick_loss[0] == slow_loss[0]
    assert Player(film).film is film
    assert films.optimizer_race(PATHS, bowl, title="Two rates").title == "Two rates"


def test_what_leaves_the_picture_or_is_no_number_stays_at_its_edge():
    film = films.optimizer_race({"fine": path_of(0.05, 60), "explodes": path_of(1.0, 60)}, bowl)
    assert "explodes nan" in film.frames[-1].words or "explodes inf" in film.frames[-1].words
    for frame in film.frames:
        assert (dots(frame) <= [640, 400]).all()
        assert "fine has the smallest" in frame.words or frame is film.frames[0]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        ({}, r"one to 5 optimisers with equally many steps; given \{\}"),
        ({str(n): path_of(0.01) for n in range(6)}, "one to 5 optimisers"),
        ({"a": path_of(0.01, 3), "b": path_of(0.01, 4)}, r"given \{'a': 4, 'b': 5\}"),
        ({"a": []}, "equally many steps"),
        ({"a": path_of(0.01, start=torch.ones(3))}, r"two numbers; given points of shape \(3,\)"),
    ],
)
def test_what_cannot_be_shown_is_refused(paths, message):
    with pytest.raises(BadValue, match=message):
        films.optimizer_race(paths, bowl)


def test_a_long_race_fits_into_a_notebook():
    paths = {str(n): path_of(0.01, 60) for n in range(4)}
    assert isinstance(Player(films.optimizer_race(paths, bowl)).film, Film)
