"""Quiz, Predict and Reveal in a real JupyterLab, by mouse and by keyboard."""

import pytest

from tests.browser.jupyter import add_and_run, open_notebook, picture, run_all, theme

pytestmark = pytest.mark.browser

CELLS = (
    """from nasedu.classroom import MultipleChoice, Prediction
from nasedu.widgets import Predict, Quiz, Reveal

sides = ("left", "right", "<b>neither</b>")
first, second, third = (Prediction(f"Which will win, `left` or `right`, in round {n}?", sides) for n in (1, 2, 3))
Predict(first)""",
    """Reveal(first, "right", because="It was `heavier`.")""",
    "Predict(second)",
    """Reveal(second, "right")""",
    """Reveal(third, "right")""",
    """why = {"one": "You forgot the last linear layer.", "two": "`gap`, and the linear layer.", "none": "Look again."}
quiz = MultipleChoice("How many layers has `('gap', 'stop')`?", ("none", "one", "two"), right="two", why=why)
Quiz(quiz)""",
    """again = MultipleChoice("And now?", ("yes", "no"), right="yes", why={"yes": "It was."})
Quiz(again)""",
    """import pandas
from matplotlib import pyplot as plt
from nasedu.widgets import Film, Frame, Player

_, ax = plt.subplots()
ax.set(title="Which is faster", ylabel="seconds")
ax.bar(["left", "right"], [2, 1])
frames = tuple(Frame(("<circle r='9'/>",), (), f"{n} dots.") for n in (1, 2))
dots = Player(Film(frames, title="Dots", width=99, height=40))
Reveal(Prediction("Which is faster?", sides), "right", show=[ax, pandas.DataFrame({"score": [0.93]}), dots])""",
)


@pytest.fixture(scope="module")
def page(page, lab):
    """One notebook for all of these tests, after Run All Cells: each has questions of its own in it."""
    open_notebook(page, lab, lab.write("quiz.ipynb", *CELLS))
    run_all(page)
    return page


@pytest.fixture
def questions(page):
    found = page.locator(".nasedu-quiz")
    found.nth(7).wait_for()
    return [found.nth(place) for place in range(8)]


def radio(question, name):
    return question.get_by_role("radio", name=name, exact=True)


def told(question):
    return question.get_by_role("status").inner_text()


def test_running_all_cells_leaves_the_answer_covered_until_a_guess(page, questions):
    predict, reveal, *_ = questions
    assert "It was" not in reveal.inner_text()
    assert "heavier" not in reveal.inner_text()
    assert radio(reveal, "<b>neither</b>").count() == 1, "text stays text"
    picture(page, "reveal_covered", reveal)

    reveal.get_by_role("button", name="That is my guess").click()
    assert "Choose one of the answers first." in told(reveal)
    radio(reveal, "left").check()
    assert "It was" not in reveal.inner_text(), "choosing is not yet saying"
    reveal.get_by_role("button", name="That is my guess").click()
    reveal.get_by_text("It went another way.").wait_for()
    for part in ("You predicted", "left", "It was", "right", "It was heavier."):
        assert part in told(reveal)
    assert radio(reveal, "right").is_disabled()
    predict.get_by_text("The answer has been shown, and your prediction stands: left.").wait_for()
    assert radio(predict, "left").is_checked()
    assert "left right" in add_and_run(page, "print(first.recorded, first.revealed)")
    picture(page, "reveal", reveal)


def test_a_prediction_is_written_down_by_keyboard_changed_by_a_button_and_shown_again(page, questions):
    _, _, predict, reveal, *_ = questions
    radio(predict, "left").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert "Written down" not in told(predict), "looking through the choices is no answer"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    predict.get_by_text("Written down: left.").wait_for()
    assert radio(predict, "right").is_disabled()
    reveal.get_by_text("You predicted: left.").wait_for()
    picture(page, "predict_written_down", predict)

    assert page.evaluate("() => document.activeElement.textContent") == "Change"
    page.keyboard.press("Enter")
    predict.get_by_text("Choose what you expect.").wait_for()
    assert not radio(predict, "left").is_checked()
    radio(predict, "right").check()
    predict.get_by_role("button", name="That is my guess").click()
    reveal.get_by_text("You predicted: right.").wait_for()
    reveal.get_by_role("button", name="Show the answer").click()
    reveal.get_by_text("Right.").wait_for()
    assert add_and_run(page, "print(second.recorded)").strip() == "right"


def test_what_gives_the_answer_away_comes_with_it_and_a_player_in_it_plays(page, questions):
    reveal = questions[7]
    cell = page.locator(".jp-CodeCell").nth(7)
    assert cell.locator("img:visible, table:visible, .nasedu-player:visible").count() == 0
    assert "0.93" not in cell.locator(".jp-OutputArea").inner_text()
    picture(page, "shown_covered", reveal)
    reveal.get_by_role("button", name="Show me without a guess").click()
    figure = reveal.get_by_alt_text("Which is faster")
    figure.wait_for()
    assert cell.locator("img:visible:not([alt^=Dots])").count() == 1, "the cell does not show the figure, too"
    assert figure.evaluate("e => e.complete && e.naturalWidth > 300")
    assert "0.93" in reveal.inner_text()
    picture(page, "shown", reveal)
    reveal.get_by_role("button", name="Step forward").click()
    assert reveal.locator(".nasedu-player output").inner_text().startswith("2 of 2")


def test_a_revealed_prediction_stands_when_both_cells_run_again(page, questions):
    page.evaluate(
        """async () => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            for (const place of [2, 3, 2, 3]) {
                notebook.activeCellIndex = place;
                await app.commands.execute("notebook:run-cell");
            }
        }"""
    )
    predict, reveal = (page.locator(".jp-CodeCell").nth(place).locator(".nasedu-quiz") for place in (2, 3))
    predict.get_by_text("The answer has been shown, and your prediction stands: right.").wait_for()
    assert [radio(predict, "right").is_checked(), radio(predict, "left").is_disabled()] == [True, True]
    assert predict.get_by_role("button").count() == 0
    assert "You predicted" in told(reveal)
    assert add_and_run(page, "print(second.recorded, len(second.watchers))").strip() == "right 2"


def test_the_answer_can_be_had_without_a_guess(page, questions):
    *_, reveal, _, _, _ = questions
    reveal.get_by_role("button", name="Show me without a guess").click()
    reveal.get_by_text("You predicted").wait_for()
    assert "nothing" in told(reveal)


def test_a_quiz_by_keyboard_wrong_and_another_one_right(page, questions):
    *_, quiz, again, _ = questions
    assert "linear" not in quiz.inner_text()
    radio(quiz, "none").focus()
    page.keyboard.press("ArrowDown")
    assert radio(quiz, "one").is_checked()
    assert told(quiz) == ""
    page.keyboard.press("Enter")
    quiz.get_by_text("Not right.").wait_for()
    for part in ("You said: one", "You forgot the last linear layer.", "The right answer: two"):
        assert part in told(quiz)
    assert "Look again." not in told(quiz)
    assert quiz.get_by_role("status").evaluate("e => e === document.activeElement"), "the focus goes to what is told"
    picture(page, "quiz_wrong", quiz)

    radio(again, "yes").focus()
    page.keyboard.press("Space")
    assert radio(quiz, "one").is_checked(), "two quizzes are two groups"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    again.get_by_text("Right.", exact=False).wait_for()
    assert "It was." in told(again)
    assert add_and_run(page, "print(quiz.answer, again.answer)").strip() == "one yes"

    theme(page, "JupyterLab Dark")
    page.set_viewport_size({"width": 480, "height": 1000})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "quiz_dark_narrow", quiz)
    picture(page, "shown_dark_narrow", page.locator(".nasedu-quiz .content").last)
    assert quiz.evaluate("e => e.scrollWidth <= e.clientWidth")
