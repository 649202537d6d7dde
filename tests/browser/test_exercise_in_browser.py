"""An exercise of lesson 04, done as a student does it: untouched, wrong, with a hint, and right."""

import pytest

from tests.browser.jupyter import MINUTE, add_and_run, picture

pytestmark = pytest.mark.browser

CHECK = "lesson_04.q_update.check(q_update)"
UPDATE = """def q_update(old, following, reward, alpha, gamma):
    target = reward + gamma * max(following, default=0)
    return old {sign} alpha * (target - old)"""


def fill_in(page, start, code):
    """Write an answer into the cell that begins with `start`, and run it."""
    page.evaluate(
        """async ([start, code]) => {
            const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
            const place = notebook.widgets.findIndex((cell) => cell.model.sharedModel.source.startsWith(start));
            notebook.activeCellIndex = place;
            notebook.activeCell.model.sharedModel.setSource(code);
            await app.commands.execute("notebook:run-cell");
        }""",
        [start, code],
    )


def test_wrong_then_a_hint_then_right(page, notebook):
    notebook("04_tabular_q_learning.ipynb")
    page.set_default_timeout(MINUTE)
    add_and_run(page, "from nasedu.classroom import lesson_04")
    stub = "def q_update(old, following, reward, alpha, gamma):"
    verdict = page.locator(".jp-CodeCell", has_text=CHECK).locator("div[role=status]")

    fill_in(page, stub, f"{stub}\n    ...")
    fill_in(page, CHECK, CHECK)
    assert "Not attempted yet" in verdict.inner_text()

    fill_in(page, stub, UPDATE.format(sign="-"))
    fill_in(page, CHECK, CHECK)
    assert "Not yet." in verdict.inner_text()
    assert "moves away from the target" in verdict.inner_text()
    picture(page, "exercise_wrong", verdict)

    hint = add_and_run(page, "lesson_04.q_update.hint()")
    assert "Hint 1 of 3" in hint
    picture(page, "exercise_hint")

    fill_in(page, stub, UPDATE.format(sign="+"))
    fill_in(page, CHECK, CHECK)
    assert "Right." in verdict.inner_text()
    picture(page, "exercise_right", verdict)
