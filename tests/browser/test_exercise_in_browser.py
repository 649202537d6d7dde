"""Every lesson run from top to bottom, and each of its exercises done as a student does it: wrong, hint, right."""

import re
import shutil

import pytest

from nasedu.classroom import MultipleChoice
from tests.browser.jupyter import picture, run_all, save
from tests.classroom.lesson_modules import LESSONS, exercises_of, module_of
from tools.lessons.checking import MOST_BYTES

pytestmark = pytest.mark.browser

WRITE = """async ([check, code, before]) => {
    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
    const place = notebook.widgets.findIndex((cell) => cell.model.sharedModel.source.includes(check));
    notebook.activeCellIndex = place - before;
    notebook.activeCell.model.sharedModel.setSource(code);
    await app.commands.execute("notebook:run-cell");
    return notebook.activeCellIndex;
}"""
SOURCE = """(check) => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.map((cell) => cell.model.sharedModel.source);
    return cells.find((source) => source.includes(check));
}"""


class Student:
    """Fills in the two cells of an exercise: the one for the answer, and the one that checks it, right below."""

    def __init__(self, page, exercise):
        self.page = page
        self.check = f".check({exercise.name})"

    def answers(self, code):
        """Write an answer into the cell above the check, and run both; gives the verdict as it is read."""
        self.page.evaluate(WRITE, [self.check, code, 1])
        return self.runs_the_check(self.page.evaluate(SOURCE, self.check))

    def runs_the_check(self, code):
        place = self.page.evaluate(WRITE, [self.check, code, 0])
        self.output = self.page.locator(".jp-Notebook .jp-Cell").nth(place).locator(".jp-OutputArea-output")
        return self.output.inner_text()

    def takes_a_hint(self):
        """Take away the `#` before the hint, as the lesson says, and put it back."""
        kept = self.page.evaluate(SOURCE, self.check)
        uncommented = re.sub(r"# (exercises\.\w+\.hint\(\))", r"\1", kept)
        assert uncommented != kept
        told = self.runs_the_check(uncommented)
        self.runs_the_check(kept)
        return told


def answer_wrong(page, lesson):
    """The question on the way: give an answer that is not right, and read why, and what is right."""
    (asked,) = [one for one in vars(module_of(lesson)).values() if isinstance(one, MultipleChoice)]
    quiz = page.locator(".nasedu-quiz", has=page.get_by_role("button", name="That is my answer"))
    wrong = next(choice for choice in asked.choices if choice != asked.right)
    quiz.get_by_role("radio", name=wrong, exact=True).check()
    quiz = quiz.element_handle()
    page.get_by_role("button", name="That is my answer").click()
    page.wait_for_function("quiz => quiz.innerText.includes('Not right.')", arg=quiz)
    told = quiz.inner_text().replace("\n", " ")
    for words in (f"You said: {wrong}", asked.why[wrong], f"The right answer: {asked.right}", asked.why[asked.right]):
        assert words.replace("`", "") in told
    picture(page, f"{lesson}_quiz", quiz)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_runs_and_its_exercises_are_done_wrong_then_right(page, notebook, lab, lesson):
    number = lesson.removeprefix("lesson_")
    lesson_file = next(lab.root.glob(f"{number}_*.ipynb"))
    name = f"student_{lesson_file.name}"
    shutil.copy(lesson_file, lab.root / name)
    notebook(name)
    run_all(page)
    assert page.locator(".jp-RenderedImage img").evaluate_all("all => all.every((one) => one.naturalWidth > 300)")
    answer_wrong(page, lesson)
    for exercise in exercises_of(lesson):
        student = Student(page, exercise)
        assert "Not attempted yet." in student.answers(exercise.stub)
        wrong, sentence = next(iter(exercise.wrong.items()))
        told = student.answers(wrong)
        assert "Not yet." in told
        assert sentence in told
        picture(page, f"{lesson}_{exercise.name}_wrong", student.output.first)
        assert student.takes_a_hint().startswith(f"Hint 1 of {len(exercise.hints)}: ")
        told = student.answers(exercise.solved)
        assert "Right." in told
        assert exercise.praise in told
        picture(page, f"{lesson}_{exercise.name}_right", student.output.first)
    assert save(page, lab, name).stat().st_size <= MOST_BYTES, (
        "what a student hands in is as small as what was given out"
    )
