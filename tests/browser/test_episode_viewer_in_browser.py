"""The episode viewer in a page without a kernel, and in JupyterLab with one."""

import numpy as np
import pytest
from torch import nn

from nasedu.metalearning import load
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.networks import image_network
from nasedu.metalearning.pools import glyph_pool
from nasedu.widgets import EpisodeViewer
from tests.browser.jupyter import add_and_run, picture, run_all, theme

pytestmark = pytest.mark.browser

VIEWER = ".nasedu-episode"
SETUP = """
import numpy as np
from torch import nn
from nasedu.metalearning import load
from nasedu.metalearning.few_shot import FewShotTasks
from nasedu.metalearning.pools import glyph_pool
from nasedu.widgets import EpisodeViewer
tasks = FewShotTasks(glyph_pool(("hebrew",), images=5), ways=5, shots=3, queries=2)
viewer = EpisodeViewer({"pixels": load("centroid", nn.Flatten())}, tasks.draw(1, np.random.default_rng(0)))
viewer
"""


@pytest.fixture
def viewer():
    tasks = FewShotTasks(glyph_pool(("hebrew",), images=5), ways=5, shots=3, queries=2)
    learners = {"pixels": load("centroid", nn.Flatten())}
    learners["network"] = load("centroid", image_network(tasks.input_shape, width=4))
    return EpisodeViewer(learners, tasks.draw(1, np.random.default_rng(0)))


def agrees(widget, viewer):
    """Whether words, answers and places of letters in the page are those of Python."""
    assert widget.get_by_role("status").inner_text() == viewer.words()
    marks = widget.locator(".query").all_inner_texts()
    assert [mark.strip()[0] for mark in marks] == ["ABCDE"[answer] for answer in viewer.answers]
    counts = [column.locator(".tile").count() for column in widget.locator(".class").all()]
    assert counts == [viewer.assigned.count(label) for label in range(5)]
    assert widget.locator("rect.bar").count() == int((~np.isnan(viewer.distances[0])).sum())


def test_without_a_kernel_letters_move_by_mouse_by_press_and_by_key(outside, tmp_path, viewer):
    faults = []
    outside.on("pageerror", lambda error: faults.append(str(error)))
    (tmp_path / "page.html").write_text(viewer.page())
    outside.goto((tmp_path / "page.html").as_uri())
    widget = outside.locator(VIEWER)
    agrees(widget, viewer)

    letter = widget.get_by_role("button", name="Example 1, in class A")
    letter.drag_to(widget.locator(".class").nth(2))
    viewer.move(0, to=2)
    agrees(widget, viewer)

    widget.get_by_role("button", name="Example 2, in class A").press("Enter")
    widget.get_by_role("button", name="to B").press("Enter")
    viewer.move(1, to=1)
    agrees(widget, viewer)

    outside.keyboard.press("ArrowRight")  # the focus stays on the letter
    viewer.move(1, to=2)
    agrees(widget, viewer)
    widget.get_by_role("button", name="Example 3, in class A").press("ArrowRight")
    viewer.move(2, to=1)
    agrees(widget, viewer)
    assert widget.get_by_text("no prototype").count() == 1, "class A has no example left"

    widget.get_by_role("button", name="Query 7").click()
    viewer.chosen = 6
    widget.get_by_role("button", name="network").click()
    viewer.by = "network"
    agrees(widget, viewer)
    widget.get_by_role("button", name="put all back").click()
    viewer.put_back()
    agrees(widget, viewer)
    assert not faults


def test_the_kernel_hears_of_it_and_can_change_it(page, lab, notebook):
    notebook(lab.write("episode.ipynb", SETUP))
    run_all(page)
    widget = page.locator(VIEWER)
    widget.get_by_role("button", name="Example 1, in class A").press("ArrowRight")
    widget.get_by_role("button", name="Query 3").click()
    page.wait_for_timeout(500)
    assert add_and_run(page, "print(viewer.assigned[0], viewer.chosen)").split()[:2] == ["1", "2"]
    add_and_run(page, "viewer.put_back()")
    widget.get_by_role("button", name="Example 1, in class A").wait_for()
    picture(page, "episode_light", widget)
    theme(page, "JupyterLab Dark")
    picture(page, "episode_dark", widget)
