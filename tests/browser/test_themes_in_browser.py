"""Figures and films are dark in the dark theme, and readable on a narrow page."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.jupyter import SIZE, picture, run_all, saved_without_a_kernel, theme

pytestmark = pytest.mark.browser
NOTEBOOK = "themes.ipynb"
FIGURE = """
from nasedu import plots
plots.runs({"random": [0.5, 0.6], "q-learning": [0.7, 0.8]}, "score", best=0.9)
"""
FILM = """
from nasedu import controllers
from nasedu.spaces.grid_world import GridWorld
from nasedu.widgets import Explorer, Player, films
world = GridWorld(["S..", ".#G"])
learner = controllers.load("q-learning", world, seed=0)
walks = [learner.walk(epsilon=0.5) for _ in range(3)]
Player(films.grid_world(world, learner, [(walk, world.reward(walk)) for walk in walks]), at=-1)
"""
EXPLORER = """
from nasedu.tables.atlas import atlas
table = atlas()
Explorer(table.space, table, table.tasks[0], architecture=("conv3-8", "pool2", "dense32", "stop"))
"""
SHOWN = (".nasedu-figure img", ".nasedu-player .picture svg", ".nasedu-explorer .drawing")


@pytest.fixture
def ran(notebook, page, lab):
    lab.write(NOTEBOOK, FIGURE, FILM, EXPLORER)
    notebook(NOTEBOOK)
    run_all(page)
    return page


def brightness(page, selector):
    """The mean brightness of an element, from 0 to 1."""
    element = page.locator(selector).first
    element.scroll_into_view_if_needed()
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L")).mean() / 255


def test_figures_and_films_follow_the_theme(ran, lab, outside, tmp_path):
    light = [brightness(ran, shown) for shown in SHOWN]
    theme(ran, "JupyterLab Dark")
    dark = [brightness(ran, shown) for shown in SHOWN]
    picture(ran, "themes_dark", ran.locator(SHOWN[0]).first)
    theme(ran, "JupyterLab Light")
    assert min(light) > 0.6, light
    assert max(dark) < 0.35, dark
    _, file = saved_without_a_kernel(ran, lab, tmp_path, NOTEBOOK)
    outside.goto(file.as_uri())
    kept = (SHOWN[0], SHOWN[1], ".nasedu-still img")
    assert min(brightness(outside, shown) for shown in kept) > 0.6
    outside.emulate_media(color_scheme="dark")  # the page says that it is light
    assert min(brightness(outside, shown) for shown in kept) > 0.6
    outside.evaluate("() => { document.body.dataset.jpThemeLight = 'false' }")
    assert max(brightness(outside, shown) for shown in kept) < 0.35


def test_on_a_narrow_page_numbers_stay_readable(ran):
    ran.set_viewport_size({"width": 390, "height": 800})
    drawn = ran.locator(".nasedu-explorer .drawing").evaluate("(image) => image.clientWidth / image.naturalWidth")
    assert drawn >= 9 / 12, "a drawing has letters of 12 pixels"
    film = ran.locator(".nasedu-player .picture")
    film.scroll_into_view_if_needed()
    sizes = film.evaluate("(el) => [...el.querySelectorAll('text')].map((t) => t.getBoundingClientRect().height)")
    assert min(sizes) >= 9, sizes
    assert film.evaluate("(el) => el.scrollWidth > el.clientWidth && el.tabIndex") == 0
    film.focus()
    before = ran.locator(".nasedu-player output").inner_text()
    ran.keyboard.press("ArrowRight")
    ran.wait_for_function("() => document.querySelector('.nasedu-player .picture').scrollLeft > 0")
    assert ran.locator(".nasedu-player output").inner_text() == before
    ran.set_viewport_size(SIZE)
