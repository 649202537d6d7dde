"""Lesson 00 as a student meets it: a real JupyterLab, a real browser, real clicks."""

import pytest

from tests.browser.jupyter import MINUTE, picture, run_all, theme

LESSON = "00_a_search_in_ten_minutes.ipynb"

pytestmark = pytest.mark.browser


def trials_done(page):
    """How many trials the widget says there are."""
    return int(page.locator(".nasedu-engine svg[role=img]").get_attribute("aria-label").split()[0])


def test_a_student_runs_the_lesson_and_its_widget(page, notebook):
    notebook(LESSON)
    page.get_by_role("heading", name="A search in ten minutes").wait_for()
    picture(page, "opened")
    saved = page.locator(".jp-OutputArea img[alt*='of 24 trials']")
    assert saved.count() == 1, "before anything runs, the saved notebook shows the widget's picture"

    run_all(page)
    figures = page.locator(".jp-RenderedImage img")
    assert figures.count() >= 7
    picture(page, "last_figure", figures.last)
    assert figures.last.is_visible()

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
