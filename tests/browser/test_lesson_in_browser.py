"""Lesson 00 as a student meets it: a real JupyterLab, a real browser, real clicks."""

import pytest

from tests.browser.jupyter import MINUTE, add_and_run, picture, run_all, theme

LESSON = "00_a_search_in_ten_minutes.ipynb"
FIGURES = 8

pytestmark = pytest.mark.browser


def trials_done(page):
    """How many trials the widget says there are."""
    return int(page.locator(".nasedu-engine svg[role=img]").get_attribute("aria-label").split()[0])


def question(page, kind):
    """The one question of a kind in the page: "Predict." at the top, "Guess first." or "Prediction." at the answer."""
    return page.locator(".nasedu-quiz").filter(has=page.locator(".kind", has_text=kind))


def test_a_student_runs_all_cells_and_still_guesses_before_the_answer_is_seen(page, notebook):
    notebook(LESSON)
    run_all(page)
    predict, covered = question(page, "Predict."), question(page, "Guess first.")
    assert predict.get_by_role("radio").count() == 3
    covered.get_by_text("The answer is covered until you have written a guess down.").wait_for()
    assert "It was" not in covered.inner_text()
    assert "Share of images" not in covered.inner_text()
    picture(page, "lesson_00_covered", covered)

    predict.get_by_role("radio", name="hand-picked", exact=True).check()
    predict.get_by_text("Written down: hand-picked.").wait_for()
    covered.get_by_text("You predicted: hand-picked.").wait_for()
    assert "It was" not in covered.inner_text(), "the guess at the top can still be changed"
    predict.get_by_role("radio", name="random", exact=True).check()
    covered.get_by_text("You predicted: random.").wait_for()
    picture(page, "lesson_00_predicted", predict)

    covered.get_by_role("button", name="That is my guess").click()
    answer = question(page, "Prediction.")
    answer.get_by_text("It was", exact=True).wait_for()
    told = answer.get_by_role("status")
    pairs = [text.split("\n", 1) for text in told.locator(".answers > div").all_inner_texts()]
    (mine, guess), (theirs, winner) = [(title.strip(), text.strip()) for title, text in pairs]
    assert (mine, guess, theirs) == ("You predicted", "random", "It was")
    kernel = add_and_run(page, "print(' and '.join(first)); print(exercises.winner.recorded, shares, sep='|')")
    wanted, recorded = kernel.strip().splitlines()
    assert winner == wanted
    assert recorded.partition("|")[0] == "random"
    assert f"Share of images: {recorded.partition('|')[2]}." in told.inner_text()
    predict.get_by_text("The answer has been shown, and your prediction stands: random.").wait_for()
    assert predict.get_by_role("radio", name="hand-picked", exact=True).is_disabled()
    picture(page, "lesson_00_revealed", answer)


def test_a_student_runs_the_lesson_and_its_widget(page, notebook):
    notebook(LESSON)
    page.get_by_role("heading", name="A search in ten minutes").wait_for()
    picture(page, "opened")
    saved = page.locator(".jp-OutputArea img[alt*='of 24 trials']")
    saved.wait_for(state="attached")  # before anything runs, the saved notebook shows the widget's picture
    assert saved.count() == 1

    run_all(page)
    figures = page.locator(".jp-RenderedImage img")
    assert figures.count() == FIGURES
    last = page.locator(".jp-CodeCell", has_text="dots: four seeds").locator(".jp-RenderedImage img")
    last.scroll_into_view_if_needed()
    assert last.get_attribute("src") == figures.last.get_attribute("src")
    assert last.evaluate("image => image.complete && image.naturalWidth > 300 && image.clientWidth > 300")
    picture(page, "last_figure", last)

    page.set_default_timeout(MINUTE)
    widget = page.locator(".nasedu-engine")
    go, stop = (widget.get_by_role("button", name=name) for name in ("Go on", "Stop"))
    status = widget.locator(".nasedu-status")
    picture(page, "widget", widget)
    assert trials_done(page) == 4
    assert go.get_attribute("title").startswith("Run trials")
    assert stop.is_disabled()

    go.click()
    page.wait_for_function("() => !!document.querySelector('svg[aria-label^=\"6 of 24\"]')")
    picture(page, "running")
    stop.click()
    status.filter(has_text="Go on continues where it stopped.").wait_for()
    stopped_at = trials_done(page)
    assert 6 <= stopped_at < 24
    page.wait_for_timeout(3000)
    assert trials_done(page) == stopped_at, "Stop holds"
    picture(page, "stopped")

    go.focus()
    page.keyboard.press("Enter")  # by keyboard, too
    status.filter(has_text="Done: all 24 trials have run.").wait_for()
    assert trials_done(page) == 24
    assert go.is_disabled()
    picture(page, "done")

    theme(page, "JupyterLab Dark")
    picture(page, "dark")
