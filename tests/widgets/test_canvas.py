"""What is drawn on a canvas is what the network sees, and what it says is shown."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nasedu.core import BadValue
from nasedu.widgets.canvas import Canvas


class Brightest:
    """Stands for a winner: its answer is the row of the brightest pixels."""

    def __init__(self, shape=(1, 3, 4), kind="classification", classes=("top", "middle", "bottom")):
        self.task = SimpleNamespace(kind=kind, input_shape=shape, classes=classes)
        self.seen = []

    def predict_proba(self, raw):
        self.seen.append(raw)
        rows = raw[:, 0].sum(2) + 1e-3
        return rows / rows.sum(1, keepdims=True)


def test_the_network_sees_the_pixels_of_the_page():
    winner = Brightest()
    canvas = Canvas(winner)
    assert canvas.shown["chances"] == []
    assert canvas.words() == "Nothing is drawn yet."
    pixels = [0] * 8 + [255, 0, 51, 0]
    canvas._answer({"pixels": pixels})
    assert winner.seen[-1].shape == (1, 1, 3, 4)
    np.testing.assert_allclose(winner.seen[-1][0, 0], np.reshape(pixels, (3, 4)) / 255)
    assert canvas.answer == "bottom"
    assert canvas.shown["chances"][0][0] == "bottom"
    assert canvas.shown["pixels"] == pixels
    assert "says bottom" in canvas.static()


@pytest.mark.parametrize("message", [None, {}, {"pixels": [1, 2]}, {"pixels": "all"}])
def test_what_is_no_image_changes_nothing(message):
    canvas = Canvas(Brightest(), image=np.eye(3, 4))
    canvas._answer(message)
    np.testing.assert_array_equal(canvas.image, np.eye(3, 4))


def test_classes_without_names_are_numbers():
    assert set(Canvas(Brightest(classes=())).chances) == {"0", "1", "2"}


@pytest.mark.parametrize(
    "winner", [Brightest(kind="regression"), Brightest((3, 8, 8)), Brightest((1, 99, 99)), Brightest((5,))]
)
def test_other_networks_are_refused_at_the_door(winner):
    with pytest.raises(BadValue, match="a canvas is for a network that classifies grey images"):
        Canvas(winner)


@pytest.mark.parametrize("image", [np.zeros((4, 3)), np.full((3, 4), 2.0)])
def test_an_image_of_another_shape_or_range_is_refused(image):
    with pytest.raises(BadValue, match=r"the image has shape \(3, 4\) and values from 0 to 1"):
        Canvas(Brightest(), image=image)


def test_a_picture_of_ones_own_is_scaled_and_its_dark_strokes_are_the_drawing(tmp_path):
    paper = np.full((80, 120), 200, np.uint8)
    paper[0:20, 40:60] = 40  # in the middle square of 80 pixels: the first row, the second column of four
    Image.fromarray(paper).save(tmp_path / "mine.png")
    canvas = Canvas(Brightest((1, 4, 4), classes=("a", "b", "c", "d")), image=tmp_path / "mine.png")
    expected = np.zeros((4, 4))
    expected[0, 1] = 1
    np.testing.assert_allclose(canvas.image, expected, atol=0.02)
    assert canvas.answer == "a"


def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path):
    (tmp_path / "mine.png").write_text("no picture")
    for name in ("mine.png", "missing.png"):
        with pytest.raises(BadValue, match=f"{name} cannot be read as a picture"):
            Canvas(Brightest((1, 4, 4), classes=("a", "b", "c", "d")), image=str(tmp_path / name))
    with pytest.raises(BadValue, match="for a square canvas"):
        Canvas(Brightest(), image=tmp_path / "mine.png")
