"""The episode viewer: distances are those of prototypes, a moved letter moves its class, a page says it all."""

import base64
import json
import struct
import zlib

import numpy as np
import pytest
import torch
from torch import nn

from nasedu.core import BadValue
from nasedu.metalearning import load
from nasedu.metalearning.few_shot import FewShotTasks, Pool
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.task_distribution import TaskBatch
from nasedu.tasks.base import Split
from nasedu.widgets import EpisodeViewer
from nasedu.widgets.episode_picture import features_of, png


def episode(ways=3, shots=2, queries=2, side=6, channels=1):
    rng = np.random.default_rng(0)
    X = rng.random((ways * 6, channels, side, side), dtype=np.float32)
    pool = Pool("p", X, np.repeat(np.arange(ways), 6), np.zeros(ways, int), tuple("abcdefghij"[:ways]), ("g",))
    return FewShotTasks(pool, ways=ways, shots=shots, queries=queries).draw(1, rng)


@pytest.fixture
def learner():
    return load("prototypes", image_network((1, 6, 6), width=4), seed=1)


@pytest.fixture
def viewer(learner):
    return EpisodeViewer({"pixels": load("centroid", nn.Flatten()), "network": learner}, episode(), by="network")


def compared(learner, batch, labels):
    """The squared distances that the learner itself computes, with these labels of the support."""
    X, asked = (torch.from_numpy(part.X[0]) for part in (batch.support, batch.query))
    with torch.no_grad():
        features, queries = learner.embed(X), learner.embed(asked)
        return -learner.compare(features, torch.tensor(labels), max(labels) + 1, queries).numpy()


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 2], [2, 0, 1, 1, 1, 2]])
def test_distances_are_those_of_the_learner_whatever_was_moved(viewer, learner, labels):
    viewer.assigned = labels
    wanted = compared(learner, episode(), labels)
    assert viewer.distances == pytest.approx(wanted, rel=1e-3, abs=1e-3 * float(wanted.max()))
    assert viewer.answers == wanted.argmin(1).tolist()


def test_a_class_without_examples_has_no_prototype_and_is_no_answer(viewer):
    viewer.move(0, to=1)
    viewer.move(1, to=1)
    assert np.isnan(viewer.distances[:, 0]).all()
    assert 0 not in viewer.answers
    assert "2 of 6 examples moved" in viewer.words()
    assert "no example" in decoded(viewer.static())
    viewer.put_back()
    assert not np.isnan(viewer.distances).any()
    assert "moved" not in viewer.words()


def test_words_say_the_answer_and_how_many_are_right(viewer):
    viewer.chosen = 3
    right = sum(a == b for a, b in zip(viewer.answers, viewer.asked_y, strict=True))
    words = viewer.words()
    assert words.startswith("Features: network. Query 4 is of class B.")
    assert f"{right} of 6 queries are answered right." in words
    assert ("right. " in words) == (viewer.answers[3] == viewer.asked_y[3])


def test_other_features_give_other_distances(viewer):
    before = viewer.distances
    viewer.by = "pixels"
    X, asked = (part.X[0].reshape(6, -1) for part in (episode().support, episode().query))
    means = X.reshape(3, 2, -1).mean(1)
    wanted = ((asked[:, None] - means) ** 2).sum(-1)
    assert viewer.distances == pytest.approx(wanted, rel=1e-3)
    assert not np.allclose(before, viewer.distances)


def test_the_map_keeps_distances_that_lie_in_a_plane():
    places = np.random.default_rng(1).normal(size=(9, 2))
    seen = features_of(np.pad(places[:6], ((0, 0), (0, 5))), np.pad(places[6:], ((0, 0), (0, 5))))
    both = np.concatenate([seen.support, seen.asked])
    assert both.min() >= 0
    assert both.max() == pytest.approx(1)
    true, drawn = (np.linalg.norm(p[:, None] - p[None], axis=-1) for p in (places, both))
    assert drawn == pytest.approx(true * drawn.max() / true.max(), abs=2e-3)


def test_of_a_single_channel_one_is_black_ink():
    image = np.array([[[1.0, 0.0], [0.5, 0.25]]], np.float32)
    data = base64.b64decode(png(image).partition("base64,")[2])
    assert struct.unpack(">II", data[16:24]) == (2, 2)
    start = data.index(b"IDAT") + 4
    raw = zlib.decompress(data[start : data.index(b"IEND") - 8])
    assert list(raw) == [0, 0, 255, 0, 128, 191]
    colour = base64.b64decode(png(np.ones((3, 1, 1), np.float32)).partition("base64,")[2])
    assert zlib.decompress(colour[colour.index(b"IDAT") + 4 : colour.index(b"IEND") - 8]) == bytes([0, 255, 255, 255])


def test_the_browser_gets_everything_and_the_page_says_it_without_a_script(viewer):
    json.dumps(viewer._data, allow_nan=False)
    static = viewer.static()
    assert "<script" not in static
    rows = static.partition("<tbody>")[2].split("</tr>")
    assert len(rows) == 7
    picture = decoded(static)
    assert picture.count("<image") == 12
    assert picture.count(">class ") == 3
    assert viewer.page().count("</script>") == 1


def decoded(static):
    """The SVG in the picture of a widget."""
    return base64.b64decode(static.partition("base64,")[2].partition('"')[0]).decode()


def test_it_refuses_what_it_cannot_show(viewer, learner):
    with pytest.raises(BadValue, match="needs a learner"):
        EpisodeViewer({}, episode())
    with pytest.raises(BadValue, match=r"2 to 8 classes.*given 9, 18 and 9"):
        EpisodeViewer({"n": learner}, episode(ways=9, queries=1))
    flat = Split(np.zeros((1, 4, 3), np.float32), np.array([[0, 0, 1, 1]]))
    with pytest.raises(BadValue, match=r"images of one or three channels; given \(3,\)"):
        EpisodeViewer({"n": learner}, TaskBatch(flat, flat, np.zeros((1, 2))))
    with pytest.raises(BadValue, match="features of: pixels, network; given 'other'"):
        viewer.by = "other"
    with pytest.raises(BadValue, match="places 0 to 5; given 6"):
        viewer.chosen = 6
    with pytest.raises(BadValue, match="class from 0 to 2 for each of 6"):
        viewer.move(0, to=3)
    with pytest.raises(BadValue, match="places 0 to 5; given 9"):
        viewer.move(9, to=0)
    assert viewer.assigned == viewer.own
