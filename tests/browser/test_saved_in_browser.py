"""A notebook that a student has run and saved, opened again where no kernel runs: each widget as it was left."""

import pytest

from tests.browser.jupyter import open_without_a_kernel, picture, run_all, saved_without_a_kernel, theme

pytestmark = pytest.mark.browser

BUILD = """
import nasedu
from nasedu.widgets import Explorer, Player, Predict, Quiz, Reveal, films
from nasedu.classroom import MultipleChoice, Prediction
from nasedu.spaces.grid_world import GridWorld
task = nasedu.tasks.load("digits")
print("words of the cell")
Explorer(nasedu.spaces.load("mlp", task))
"""
WORLD = """
world = GridWorld(["S..", "..G"])
learner = nasedu.controllers.load("q-learning", world, seed=0)
walk = learner.walk(epsilon=1.0)
Player(films.grid_world(world, learner, [(walk, world.reward(walk))]))
"""
QUIZ = 'Quiz(MultipleChoice("One or two?", ("one", "two"), right="two", why={"one": "Count again."}))'
GUESS = 'side = Prediction("Left or right?", ("left", "right"))\nPredict(side)'
ANSWER = 'Reveal(side, "left", because="It is always left.")'
COVERED = """
from matplotlib import pyplot as plt
Reveal(Prediction("Up or down?", ("up", "down")), "up", because="Always up.", show=plt.subplots()[1])
"""


def stills(page):
    return page.locator(".nasedu-still")


def test_each_widget_is_seen_as_it_was_left(page, notebook, lab, outside, tmp_path):
    notebook(lab.write("left.ipynb", BUILD, WORLD, QUIZ, GUESS, ANSWER, COVERED))
    run_all(page)
    explorer, quiz = page.locator(".nasedu-explorer"), page.locator(".nasedu-quiz")
    page.locator(".nasedu-player:visible").wait_for()
    assert page.locator(".nasedu-player").count() == 1, "the picture does not come alive beside the widget"
    explorer.get_by_role("button", name="32-tanh", exact=True).click()
    explorer.locator(".path", has_text="32-tanh").wait_for()
    quiz.nth(0).get_by_role("radio", name="one", exact=True).check()
    quiz.nth(0).get_by_role("button", name="That is my answer").click()
    quiz.nth(0).get_by_text("Count again.").wait_for()
    quiz.nth(1).get_by_role("radio", name="right", exact=True).check()
    quiz.nth(1).get_by_role("button", name="That is my guess").click()
    quiz.nth(2).get_by_role("button", name="Show the answer").click()
    quiz.nth(2).get_by_text("It is always left.").wait_for()
    assert stills(page).count() == 6
    assert not any(still.is_visible() for still in stills(page).all()), "the widgets stand for them"
    page.wait_for_timeout(500)
    name, html = saved_without_a_kernel(page, lab, tmp_path, "left.ipynb")

    open_without_a_kernel(page, lab, name)
    stills(page).nth(5).wait_for()
    assert all(still.is_visible() for still in stills(page).all())
    assert not any(line.is_visible() for line in page.get_by_text("Loading widget").all())
    assert page.get_by_text("words of the cell", exact=True).is_visible(), "what a cell printed above its widget stays"
    assert "32-tanh" in stills(page).nth(0).inner_text()
    stills(page).nth(1).scroll_into_view_if_needed()
    page.locator(".nasedu-player").get_by_role("button", name="Step forward").click()
    assert page.locator(".nasedu-player output").inner_text().startswith("2 of "), "it plays without a kernel, too"
    for place, told in ((2, "Count again."), (3, "your prediction stands: right"), (4, "You predicted: right")):
        assert told in stills(page).nth(place).inner_text()
    assert_covered_until_unfolded(stills(page).nth(5))
    picture(page, "left_without_a_kernel")
    theme(page, "JupyterLab Dark")
    picture(page, "left_without_a_kernel_dark", stills(page).nth(4))

    outside.goto(html.as_uri(), wait_until="domcontentloaded")
    player = outside.locator(".nasedu-player")
    player.get_by_role("button", name="Step forward").click()
    assert player.locator("output").inner_text().startswith("2 of ")
    assert outside.get_by_text("Loading widget").count() == 0
    picture(outside, "left_saved_page", player)
    assert_covered_until_unfolded(outside.locator(".nasedu-still").nth(5))


def test_a_lesson_as_it_is_shipped_shows_what_stands_above_a_picture(page, notebook, lab, outside, tmp_path):
    """Without the widgets themselves, a printed line or another picture stands right above a picture."""
    two = "from IPython.display import display\nprint('words of the cell')\nfor _ in range(2): display(Predict(side))"
    notebook(lab.write("shipped.ipynb", f"{BUILD}\n{GUESS}", two))
    run_all(page)
    name, html = saved_without_a_kernel(page, lab, tmp_path, "shipped.ipynb", views=False)
    open_without_a_kernel(page, lab, name)
    stills(page).nth(2).wait_for(state="attached")
    outside.goto(html.as_uri(), wait_until="domcontentloaded")
    for shown in (page, outside):
        assert stills(shown).count() == 3
        assert all(still.is_visible() for still in stills(shown).all())
        assert all(line.is_visible() for line in shown.get_by_text("words of the cell", exact=True).all())


def assert_covered_until_unfolded(reveal):
    """Answer, reason and figure are seen only after a click, also where no kernel runs."""
    assert "Up or down?" in reveal.inner_text()
    assert "Always up" not in reveal.inner_text()
    assert not reveal.locator("img").is_visible()
    reveal.get_by_text("Show the answer").click()
    assert "It was: up" in reveal.inner_text()
    assert reveal.locator("img").is_visible()
