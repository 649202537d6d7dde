"""Every exercise of every lesson: the check of the stub, its hints to the last by keyboard, then the solution."""

import re

import pytest

from tests.browser.jupyter import open_notebook, picture, run_all, theme
from tests.classroom.lesson_modules import LESSONS, exercises_of, module_of

pytestmark = pytest.mark.browser

RUN_BOTH = """async ([place, answer]) => {
    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
    notebook.activeCellIndex = place;
    notebook.activeCell.model.sharedModel.setSource(answer);
    await app.commands.execute("notebook:run-cell-and-select-next");
    await app.commands.execute("notebook:run-cell");
}"""


def called(lesson, exercise):
    return next(name for name, value in vars(module_of(lesson)).items() if value is exercise)


def cells_of(lesson):
    """For each exercise an answer and, right below, its check: lessons have names in common."""
    for exercise in exercises_of(lesson):
        yield exercise.stub
        yield f"{lesson}.{called(lesson, exercise)}.check({exercise.name})"


@pytest.fixture(scope="module")
def places(page, lab):
    """One notebook and one kernel for all lessons, after Run All Cells; where the cells of each lesson begin."""
    imports = [f"from nasedu.classroom.lessons.{lesson} import exercises as {lesson}" for lesson in LESSONS]
    cells, places = ["\n".join(imports)], {}
    for lesson in LESSONS:
        places[lesson] = len(cells)
        cells += cells_of(lesson)
    open_notebook(page, lab, lab.write("exercises.ipynb", *cells))
    run_all(page)
    return places


@pytest.mark.parametrize("lesson", LESSONS)
def test_after_hints_by_keyboard_a_right_answer_is_seen_to_be_right(page, places, lesson):
    for number, exercise in enumerate(exercises_of(lesson)):
        place = places[lesson] + 2 * number
        output = page.locator(".jp-Notebook .jp-Cell").nth(place + 1).locator(".jp-OutputArea-output")
        assert output.inner_text().startswith("… Not attempted yet.")
        unfold_all(page, output, exercise)
        picture(page, f"{lesson}_{exercise.name}_hints", output)

        page.evaluate(RUN_BOTH, [place, exercise.solved])
        assert output.inner_text().startswith(f"✔ Right. {exercise.praise}"), "the first thing to be read"
        verdict = output.get_by_text("✔ Right.")
        assert verdict.evaluate("e => e.getBoundingClientRect().height > 0 && e.checkVisibility()")
        assert "Hint" not in output.inner_text()
        output.get_by_text("Compare with our solution").click()
        assert exercise.solved.splitlines()[-1] in output.inner_text()


def unfold_all(page, output, exercise):
    """Open hint after hint with Tab and Enter, as far as the solution; before each, nothing of it is seen."""
    summaries = output.locator("summary:visible")
    told = [*exercise.hints, exercise.solved]
    titles = [f"Hint {n} of {len(exercise.hints)}" for n in range(1, len(told))] + ["Show the solution"]
    summaries.first.focus()
    for number, (title, text) in enumerate(zip(titles, told, strict=True)):
        assert summaries.count() == number + 1
        focused = page.evaluate("() => document.activeElement.textContent")
        assert focused == title
        before = output.inner_text()
        page.keyboard.press(" " if number % 2 else "Enter")
        assert len(output.inner_text()) > len(before)
        read = words(output.inner_text())
        assert all(words(part) in read for part in re.split(r"\$[^$]+\$", text))  # formulas are typeset
        page.keyboard.press("Tab")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    summaries.last.focus()
    page.keyboard.press("b")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells, "keys that are pressed here are not the notebook's"


def words(text):
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()


def test_hints_are_read_in_the_dark_and_on_a_narrow_page(page, places):
    output = page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-OutputArea-output")
    theme(page, "JupyterLab Dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "exercise_dark_narrow", output)
    assert output.evaluate("e => e.scrollWidth <= e.clientWidth")
