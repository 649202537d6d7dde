"""The film of a policy shows every number of its update, and refuses what it cannot show."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nasedu.controllers import load
from nasedu.core import BadValue
from nasedu.testing import FixedLength, VariableLength
from nasedu.widgets import Player, films

TOLD = [(("8", "4", "stop"), 0.5), (("4", "stop"), 0.9), (("8", "stop"), 0.2)]


def made(**options):
    controller = load("reinforce-table", VariableLength(), learning_rate=0.5, **options)
    return controller, films.policy(controller, TOLD)


def numbers(words):
    return [float(one.replace("−", "-")) for one in re.findall(r"[−-]?\d+\.\d+", words)]


def test_each_network_has_a_draw_an_advantage_and_a_frame_for_each_decision():
    _, film = made()
    assert len(film.frames) == 2 + (2 + 2) + (2 + 2)
    assert "drawn: 8 4 stop" in film.frames[0].words
    assert "the first reward becomes the baseline: 0.500" in film.frames[1].words
    assert "advantage = (reward − baseline) / spread = (0.900 − 0.500) / 0.400 = 1.00" in film.frames[3].words
    for place in range(len(film.frames)):
        ET.fromstring(film.svg(place))
    assert Player(film).film is film


def test_the_arithmetic_is_that_of_the_controller():
    _, film = made()
    twin = load("reinforce-table", VariableLength(), learning_rate=0.5)
    for architecture, reward in TOLD[:2]:
        twin.tell(architecture, reward)
    row = twin.row(twin.space.key(twin.space.start()))
    frame = film.frames[4]  # the first decision of the second network
    old, advantage, p, new, before, after = numbers(frame.words.replace("0.5 ·", "·"))
    assert new == pytest.approx(row[twin._column["4"]], abs=6e-4)
    assert new == pytest.approx(old + 0.5 * advantage * (1 - p), abs=6e-3)
    assert before == pytest.approx(p, abs=6e-3)
    assert after > before
    shown = {line[0]: numbers(line[1])[-1] for line in frame.rows[1:]}
    assert shown == {c: pytest.approx(row[twin._column[c]], abs=6e-4) for c in shown}
    assert sum(float(line[2]) for line in frame.rows[1:]) == pytest.approx(1, abs=2e-3)


def test_the_part_of_the_entropy_bonus_is_in_the_arithmetic():
    _, film = made(entropy=0.4)
    frame = film.frames[8]  # the first decision of the third network: its row is no longer even
    for line in frame.rows[1:]:
        old, *inside, new = numbers(line[1].replace("0.5 ·", "·"))
        advantage, p, bonus = inside[0], inside[1], inside[-1] * (-1 if "− " in line[1].partition(")")[2] else 1)
        chosen = int(re.search(r"\((\d) −", line[1])[1])
        assert new == pytest.approx(old + 0.5 * (advantage * (chosen - p) + bonus), abs=1e-2), line


def test_bars_are_as_long_as_the_probabilities():
    controller, film = made()
    first = [part for part in film.frames[-1].picture if 'x="58" ' in part and 'fill="#ffffff"' not in part]
    widths = [float(re.search(r'width="([\d.]+)"', part)[1]) for part in first if "width" in part]
    p = controller.probabilities(("8", "stop"))[0]
    assert [w / 56 for w in widths] == pytest.approx(list(p.values()), abs=0.01)
    assert np.isclose(sum(p.values()), 1)


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(BadValue, match="reinforce-table with batch=1"):
        films.policy(load("reinforce", FixedLength()), TOLD)
    with pytest.raises(BadValue, match="batch=1"):
        films.policy(load("reinforce-table", FixedLength(), batch=2), TOLD)
    with pytest.raises(BadValue, match="no network was told"):
        films.policy(load("reinforce-table", FixedLength()), [])
