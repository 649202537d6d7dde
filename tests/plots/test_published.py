"""A figure as a notebook shows it: light and dark, with ink that changes and data that do not."""

import base64
import io
import re

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from PIL import Image

from nasedu.core.contrast import READABLE, contrast
from nasedu.core.palette import BLUE, METHODS
from nasedu.core.themes import DARK_INK, DARK_PAPER
from nasedu.plots import figure_html
from nasedu.plots.dark import darkened
from nasedu.plots.published import register


def both(figure):
    """The light and the dark picture of a figure, as arrays."""
    light, dark = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", figure_html(figure))
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")) for data in (light, dark)]


def share(picture, colour):
    """The share of the pixels that have exactly this colour."""
    return (picture == [int(colour[place : place + 2], 16) for place in (1, 3, 5)]).all(-1).mean()


@pytest.fixture
def ax():
    figure, ax = plt.subplots(figsize=(4, 3))
    yield ax
    plt.close(figure)


def test_ink_and_paper_change_places(ax):
    ax.axhline(0.5, color="black", linewidth=9)
    light, dark = both(ax.figure)
    assert share(light, "#ffffff") == pytest.approx(share(dark, DARK_PAPER), abs=0.01) != 0
    assert share(light, "#000000") == pytest.approx(share(dark, DARK_INK), abs=0.01) != 0
    assert share(dark, "#ffffff") == share(dark, "#000000") == 0


@pytest.mark.parametrize("kind", ["line", "bar", "dots"])
def test_a_colour_of_data_stays(ax, kind):
    draw = {"line": ax.plot, "bar": ax.bar, "dots": lambda x, y, color, linewidth: ax.scatter(x, y, s=99, color=color)}
    draw[kind]([0, 1, 2], [1, 3, 2], color=BLUE, linewidth=5)
    light, dark = both(ax.figure)
    assert share(light, BLUE) == pytest.approx(share(dark, BLUE), abs=0.002) != 0


def test_an_image_and_a_colour_map_stay(ax):
    """Black and white of an image are data: what is bright stays bright."""
    shown = ax.imshow([[0, 1], [0.5, 1]], cmap="gray")
    ax.scatter([0, 1], [0, 0], s=300, c=[0, 1], cmap="viridis")
    light, dark = both(ax.figure)
    box = shown.get_window_extent()
    inside = np.s_[len(light) // 3 : len(light) // 3 + 20, light.shape[1] // 2 - 20 : light.shape[1] // 2 + 20]
    assert box.width
    assert (light[inside] == dark[inside]).all()
    assert share(dark, "#440154") == pytest.approx(share(light, "#440154"), abs=0.002) != 0


@pytest.mark.parametrize("name", ["gray_r", "Blues"])
def test_a_drawn_digit_is_ink_on_paper_in_both_themes(ax, name):
    """White tiles would glare; the higher a value, the further it stands out from the paper."""
    ax.imshow([[0, 0.5, 1]], cmap=name)
    ax.axis("off")
    light, dark = (picture[len(picture) // 2].astype(float) / 255 for picture in both(ax.figure))
    for row, paper in ((light, "#ffffff"), (dark, DARK_PAPER)):
        ground = np.array([int(paper[place : place + 2], 16) for place in (1, 3, 5)]) / 255
        seen = contrast(row[np.linspace(0, len(row) - 1, 7).astype(int)[1::2]], ground)
        assert seen[0] < 1.1, paper
        assert 1.1 < seen[1] < seen[2], paper
        assert seen[2] > READABLE, paper


@pytest.mark.parametrize(("cell", "text"), [(0.0, "white"), (1.0, "black")])
def test_a_number_in_a_cell_stays_readable(ax, cell, text):
    ax.imshow([[cell]], cmap="cividis", vmin=0, vmax=1)
    ax.text(0, 0, "8" * 5, size=30, ha="center", va="center", color=text)
    _, dark = both(ax.figure)
    assert share(dark, {"white": "#ffffff", "black": "#000000"}[text]) > 0.005


def test_each_colour_of_a_method_is_visible_on_dark_paper():
    for name, colour in METHODS.items():
        given = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        paper = np.full(3, 0x11 / 255)
        assert contrast(darkened(given), paper) >= 2.9, name
        assert np.abs(darkened(given) - given).max() < 0.12, name  # a lightened colour is still the same colour


@pytest.mark.parametrize("colour", [BLUE, "#8c8c8c"])
def test_a_name_in_the_colour_of_its_line_can_be_read(ax, colour):
    ax.axis("off")
    ax.text(0.5, 0.5, "8" * 9, size=40, ha="center", va="center", color=colour, weight="bold")
    light, dark = both(ax.figure)
    letters = dark[(light == [int(colour[place : place + 2], 16) for place in (1, 3, 5)]).all(-1)] / 255
    assert contrast(np.median(letters, axis=0), np.full(3, 0x11 / 255)) >= READABLE - 0.05


def test_translucent_things_stay_translucent():
    assert darkened([[0, 0, 0, 0.25]])[0, 3] == 0.25


def test_the_picture_says_what_it_shows(ax):
    ax.set(title="a <b>", xlabel="trials", ylabel="score")
    ax.plot([1, 2], label="random")
    assert 'alt="a &lt;b&gt;: score against trials (random)"' in figure_html(ax.figure)
    ax.figure.set_label("Random search climbs.")
    assert 'alt="Random search climbs."' in figure_html(ax.figure)


def test_a_wide_figure_shrinks_less_than_a_small_one():
    """On a narrow page its letters have still nine pixels, however wide it is."""
    for inches in (5, 12):
        figure, ax = plt.subplots(figsize=(inches, 3), dpi=100)
        ax.set_title("t", size=9)
        ax.set(xticks=[], yticks=[])
        html = figure_html(figure)
        plt.close(figure)
        width, least = (int(re.search(pattern, html)[1]) for pattern in (r'width="(\d+)"', r"min-width:(\d+)px"))
        assert least == pytest.approx(width * 9 / (9 * 100 / 72), abs=1)


def test_a_figure_is_as_before_when_it_was_shown(ax):
    dots = ax.scatter([0, 1], [0, 1], c=[0, 1])
    dots.set_gid("own")
    canvas = ax.figure.canvas
    first = figure_html(ax.figure)
    assert (ax.figure.canvas, dots.get_gid(), ax.figure.dpi) == (canvas, "own", 100)
    assert figure_html(ax.figure) == first


def test_a_notebook_shows_both_pictures_and_no_third(ax, monkeypatch):
    ax.set_title("shown")
    shell, sent = InteractiveShell(), []
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: sent.append(data))
    register()
    assert shell.display_formatter.format(ax.figure)[0] != {}, "a terminal shows figures as it always did"
    shell.kernel = "a kernel"
    with plt.rc_context():
        register()
        assert plt.rcParams["axes.spines.top"] is False
    assert shell.display_formatter.format(ax.figure) == ({}, {})
    assert sent == [{"text/plain": "shown", "text/html": figure_html(ax.figure)}]
