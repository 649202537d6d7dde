"""The explorer in a real JupyterLab: an illegal network, its reason, a legal one, its neighbours."""

import pytest

from tests.browser.jupyter import add_and_run, open_notebook, picture, run_all, theme

pytestmark = pytest.mark.browser

CELL = """from nasedu.tables import atlas
from nasedu.widgets import Explorer

explorer = Explorer(atlas().space, atlas(), "where/digits")
explorer"""


@pytest.fixture(scope="module")
def page(page, lab):
    """One explorer for all of these tests: to open a notebook takes longer than to use it."""
    open_notebook(page, lab, lab.write("explorer.ipynb", CELL))
    run_all(page)
    return page


@pytest.fixture
def explorer(page):
    page.set_viewport_size({"width": 1280, "height": 1000})
    theme(page, "JupyterLab Light")
    found = page.locator(".nasedu-explorer").first
    found.get_by_role("button", name="Reset").click()
    wait_for_path(page)
    page.mouse.move(0, 0)
    return found


def choice(explorer, name):
    return explorer.locator(f"[data-choice='{name}']")


def path(explorer):
    return explorer.locator(".path button").all_inner_texts()


def wait_for_path(page, *choices):
    chips = "[...document.querySelectorAll('.nasedu-explorer .path button')].map(b => b.innerText).join(' ')"
    page.wait_for_function(f"(choices) => {chips} == choices", arg=" ".join(choices))


def test_an_illegal_network_is_refused_with_its_reason(page, explorer):
    why, pool = explorer.locator(".why"), choice(explorer, "pool2")
    assert why.get_attribute("aria-live") == "polite"
    assert pool.get_attribute("aria-disabled") == "true"
    assert choice(explorer, "conv3-8").get_attribute("aria-disabled") == "false"
    assert "line-through" in pool.evaluate("b => getComputedStyle(b).textDecorationLine"), "not told by colour alone"

    pool.hover()
    assert "pooling is never the first layer" in why.inner_text()
    picture(page, "explorer_reason", explorer)
    choice(explorer, "conv3-8").hover()
    assert "pooling" not in why.inner_text()
    pool.click(force=True)
    assert "pooling is never the first layer" in why.inner_text()
    assert path(explorer) == []

    choice(explorer, "conv3-8").click()
    wait_for_path(page, "conv3-8")
    pool.click()
    wait_for_path(page, "conv3-8", "pool2")
    choice(explorer, "pool4").click(force=True)
    assert "pooling never follows pooling" in why.inner_text()
    assert path(explorer) == ["conv3-8", "pool2"]


def test_by_keyboard_alone(page, explorer):
    why = explorer.locator(".why")
    choice(explorer, "conv1-4").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    wait_for_path(page, "conv3-8")
    assert choice(explorer, "conv3-8").evaluate("b => b === document.activeElement"), "the focus stays where it was"
    page.keyboard.press("End")
    page.keyboard.press("Space")
    wait_for_path(page, "conv3-8", "stop")
    page.keyboard.press("ArrowLeft")
    assert "the network is complete" in why.inner_text()
    page.keyboard.press("Enter")
    assert path(explorer) == ["conv3-8", "stop"]
    page.keyboard.press("Backspace")
    wait_for_path(page, "conv3-8")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Undo", "one Tab leaves the choices"


def test_drawing_score_and_neighbours_follow_and_agree_with_the_kernel(page, explorer):
    for name in ("conv3-8", "pool2"):
        choice(explorer, name).click()
        page.wait_for_function(f"() => document.querySelector('.nasedu-explorer .path').innerText.includes('{name}')")
    words = explorer.locator(".words").inner_text()
    assert words == add_and_run(page, "print(explorer.view.words)").strip()
    assert "rank 841 of 1,188" in words
    drawing = explorer.locator("img.drawing")
    assert drawing.evaluate("i => i.complete && i.naturalWidth > 300")
    assert "Conv2d 3×3, then MaxPool" in drawing.get_attribute("alt")
    picture(page, "explorer", explorer.locator(".palette"))

    rows = explorer.locator(".truth tbody tr")
    assert rows.count() == explorer.locator(".plot .neighbour").count() == 24
    best = rows.first.locator("button")
    network = best.inner_text().split()
    best.click()
    wait_for_path(page, *network)
    explorer.locator(".plot .neighbour").last.click()
    page.wait_for_function("(old) => document.querySelector('.nasedu-explorer .words').innerText != old", arg=words)
    explorer.get_by_role("button", name="Undo").click()
    wait_for_path(page, *network)
    explorer.get_by_role("button", name="Reset").click()
    wait_for_path(page)
    add_and_run(page, "explorer.choose('conv1-8')")  # a lesson drives it, too
    wait_for_path(page, "conv1-8")


def test_in_the_dark_and_in_a_narrow_window(page, explorer):
    choice(explorer, "conv3-8").click()
    wait_for_path(page, "conv3-8")
    theme(page, "JupyterLab Dark")
    picture(page, "explorer_dark", explorer.locator(".path"))
    page.set_viewport_size({"width": 480, "height": 1000})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "explorer_narrow", explorer.locator(".path"))
    wide = explorer.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert wide[0] <= wide[1], "what is too wide scrolls inside"
    choice(explorer, "pool2").click()
    wait_for_path(page, "conv3-8", "pool2")


def test_a_search_by_hand_and_its_network_on_a_canvas(page, lab):
    """As lesson 00 does it: score two networks, then draw for a trained one with the mouse and with keys."""
    code = """from types import SimpleNamespace
import numpy as np
from nasedu.widgets import Canvas
game = Explorer(atlas().space, atlas(), "how-many/digits", tries=2)
display(game)
task = SimpleNamespace(kind="classification", input_shape=(1, 12, 12), classes=("left", "right"))
halves = lambda raw: np.stack([raw[..., :6].sum((1, 2, 3)) + 1e-9, raw[..., 6:].sum((1, 2, 3))], 1)
shares = lambda raw: halves(raw) / halves(raw).sum(1, keepdims=True)
canvas = Canvas(SimpleNamespace(task=task, predict_proba=shares), guides=3)
canvas"""
    page.set_viewport_size({"width": 1280, "height": 1000})
    add_and_run(page, code)
    game = page.locator(".nasedu-explorer").last
    for layers in (["conv3-8", "stop"], ["conv1-8", "pool4", "stop"]):
        game.get_by_role("button", name="Reset").click()
        for layer in layers:
            game.locator(f"[data-choice='{layer}'][aria-disabled='false']").click()
        assert game.locator(".truth").is_hidden()
        game.get_by_role("button", name="Score it").click()
        game.locator(".search tbody tr", has_text=" ".join(layers)).wait_for(state="attached")
    game.get_by_role("button", name="All tries are used").wait_for()
    game.locator(".truth").wait_for()
    picture(page, "search_by_hand", game.locator(".tools"))

    board, says = page.locator(".nasedu-canvas canvas"), page.locator(".nasedu-canvas .says p")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function("() => document.querySelector('.nasedu-canvas .says p').innerText.includes('says right')")
    assert add_and_run(page, "print((canvas.image[:, 9] > 0.5).sum() in (5, 6, 7))").strip() == "True"
    picture(page, "canvas", board)
    page.locator(".nasedu-canvas button").click()
    page.wait_for_function("() => document.querySelector('.nasedu-canvas .says p').innerText.includes('Nothing')")
    for key in ("ArrowLeft", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('.nasedu-canvas .says p').innerText.includes('says left')")
    assert says.inner_text() == "The network says left, with probability 1.00."


def test_a_cell_is_drawn_with_each_choice(page):
    add_and_run(page, "from nasedu import spaces, tasks\nExplorer(spaces.load('cell-201', tasks.load('digits')))")
    explorer = page.locator(".nasedu-explorer").last
    cell = explorer.locator("img.cell")
    assert "0%E2%86%921%20next" in cell.get_attribute("src")
    choice(explorer, "avg_pool_3x3").click()
    explorer.locator("img.cell[alt='The cell: avg_pool_3x3']").wait_for()
    assert "0%E2%86%921%20avg_pool_3x3%2C%200%E2%86%922%20next" in cell.get_attribute("src")
    assert cell.evaluate("i => i.complete && i.naturalWidth == 760")
    assert explorer.locator("img.drawing").is_hidden()
    picture(page, "explorer_cell", explorer)
