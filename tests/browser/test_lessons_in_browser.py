"""Lessons as a student meets them, run once from top to bottom: what they show, what they need, their exercises.

Four of them each time, and all with NASEDU_ALL_LESSONS=1: nbval runs every cell of the others, and their exercises and
widgets have tests of their own.
"""

import json
import os
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from nbval.plugin import get_sanitize_patterns

from nasedu.classroom import MultipleChoice, Prediction
from nasedu.cli.doctor_checks import BINDER_MEMORY
from tests.browser.jupyter import add_and_run, open_notebook, picture, run_all, save, theme
from tests.classroom.lesson_modules import LESSONS, exercises_of, module_of
from tests.notebooks.test_nbval import CALLBACK, MESSAGE, OBSERVER
from tools.lessons.building import WIDGET_VIEW
from tools.lessons.checking import MOST_BYTES
from tools.lessons.timings import MOST_MEGABYTES

pytestmark = pytest.mark.browser

SHOWN = LESSONS if os.environ.get("NASEDU_ALL_LESSONS") else ["lesson_00", "lesson_04", "lesson_12", "lesson_15"]
"""A live study; the player of a table; a curve that moves; the most memory."""

IMAGES = ".jp-RenderedImage img"
STATUS = Path("/proc/self/status")
SANITIZE = Path(__file__).parents[1] / "notebooks/sanitize.cfg"
NOT_COMPARED = ("image/png", "image/jpeg", WIDGET_VIEW)
"""As with nbval: pictures differ between machines, and widgets have random numbers."""
OUTPUTS = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.type == "code");
    return cells.map((cell) => cell.model.outputs.toJSON());
}"""
RUN = """async ([place, code]) => {
    const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
    notebook.activeCellIndex = place;
    notebook.activeCell.model.sharedModel.setSource(code);
    await app.commands.execute("notebook:run-cell");
}"""
SOURCES = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.widgets;
    return cells.map((cell) => cell.model.sharedModel.source);
}"""


class Student:
    """Fills in the two cells of an exercise: the one for the answer, and the one that checks it, right below."""

    def __init__(self, page, exercise):
        self.page = page
        sources = page.evaluate(SOURCES)
        ((self.place, self.check),) = [(n, s) for n, s in enumerate(sources) if f".check({exercise.name})" in s]
        self.output = page.locator(".jp-Notebook .jp-Cell").nth(self.place).locator(".jp-OutputArea-output")

    def reads(self):
        return self.output.inner_text()

    def answers(self, code):
        """Write an answer into the cell above the check, and run both; gives the verdict as it is read."""
        self.page.evaluate(RUN, [self.place - 1, code])
        self.page.evaluate(RUN, [self.place, self.check])
        return self.reads()


@dataclass(frozen=True)
class Lesson:
    """A lesson in JupyterLab, all of whose cells have run.

    Attributes:
        name: of its exercises' package, such as lesson_00.
        given: the lesson as it is shipped.
        file: the name of the student's copy.
        pictures: what stood for each picture before anything ran.
        kernel: the process that ran it.
    """

    name: str
    given: Path
    file: str
    pictures: list[str]
    kernel: psutil.Process


@pytest.fixture(scope="module", params=SHOWN)
def lesson(request, page, lab):
    """For all tests of a lesson together, since a run takes longer than what they do with it."""
    given = next(lab.root.glob(f"{request.param.removeprefix('lesson_')}_*.ipynb"))
    file = f"student_{given.name}"
    shutil.copy(given, lab.root / file)
    open_notebook(page, lab, file)
    pictures = page.locator(".jp-OutputArea img").evaluate_all("all => all.map((one) => one.alt)")
    figures = page.locator(IMAGES).count()
    run_all(page)
    assert page.locator(IMAGES).count() == figures
    (kernel,) = lab.kernels()
    return Lesson(request.param, given, file, pictures, kernel)


first_lesson = pytest.mark.parametrize("lesson", SHOWN[:1], indirect=True)


# ---------------------------------------------------------------------- what a lesson shows, and what it needs


def test_errors_and_a_warning_are_noticed_also_in_widgets(page, notebook, lab):
    faults = (CALLBACK, MESSAGE, "import warnings; warnings.warn('look here')", OBSERVER)  # the last one ends its cell
    notebook(lab.write("faulty.ipynb", *faults))
    run_all(page, errors=len(faults))


def test_outputs_that_are_marked_are_those_that_were_saved(page, lesson):
    """As nbval compares them: here, too, with all that JupyterLab does to them."""
    saved = [cell for cell in json.loads(lesson.given.read_text())["cells"] if cell["cell_type"] == "code"]
    for cell, outputs in zip(saved, page.evaluate(OUTPUTS), strict=True):
        if "nbval-check-output" in cell["metadata"].get("tags", []):
            assert compared(outputs) == compared(cell["outputs"]), "".join(cell["source"])


def compared(outputs):
    """By the name of a stream or the kind of what is shown, its texts, without what nbval would take out."""
    streams, found = defaultdict(str), defaultdict(list)
    for output in outputs:
        if output["output_type"] == "stream":
            streams[output["name"]] += "".join(output["text"])
        for kind, content in output.get("data", {}).items():
            if kind not in NOT_COMPARED:
                found[kind].append(content if isinstance(content, dict) else "".join(content))
    found.update({name: [text] for name, text in streams.items()})
    return {kind: [sanitized(one) for one in all_of_it] for kind, all_of_it in found.items()}


def sanitized(content):
    if isinstance(content, str):
        for regex, replacement in get_sanitize_patterns(SANITIZE.read_text()):
            content = re.sub(regex, replacement, content)
    return content


def test_each_picture_is_seen(page, lesson):
    assert page.locator(IMAGES).evaluate_all("all => all.every((one) => one.complete && one.naturalWidth > 300)")


def test_it_keeps_its_promise_of_memory_and_fits_on_binder(lesson, lab):
    assert lesson.kernel.environ()["OMP_NUM_THREADS"] == "1", (
        "what Binder sets where JupyterLab starts counts (tests/binder)"
    )
    if STATUS.exists():
        assert most_memory(lesson.kernel) <= MOST_MEGABYTES * 1e6
        assert most_memory(lab.server) + most_memory(lesson.kernel) < BINDER_MEMORY


def most_memory(process):
    """The greatest resident memory of a process so far, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


# ---------------------------------------------------------------------- questions


def question(page, kind):
    """The questions of a kind in the page: "Predict." at the top, "Guess first." or "Prediction." at the answer."""
    return page.locator(".nasedu-quiz").filter(has=page.locator(".kind", has_text=kind))


def test_each_answer_is_covered_until_a_guess(page, lesson):
    covered = question(page, "Guess first.")
    covered.first.wait_for()
    predictions = [one for one in vars(module_of(lesson.name)).values() if isinstance(one, Prediction)]
    assert covered.count() == len(predictions)
    for one in covered.all():
        assert "The answer is covered until you have written a guess down." in one.inner_text()
        assert "It was" not in one.inner_text()
    picture(page, f"{lesson.name}_covered", covered.first)


@first_lesson
def test_a_student_guesses_before_the_answer_is_seen(page, lesson):
    ((name, asked),) = [
        (name, one) for name, one in vars(module_of(lesson.name)).items() if isinstance(one, Prediction)
    ]
    before, guess = asked.choices[:2]
    predict, covered = question(page, "Predict."), question(page, "Guess first.")

    def choose(choice):
        predict.get_by_role("radio", name=choice, exact=True).check()
        predict.get_by_role("button", name="That is my guess").click()
        predict.get_by_text(f"Written down: {choice}.").wait_for()
        covered.get_by_text(f"You predicted: {choice}.").wait_for()

    choose(before)
    assert "It was" not in covered.inner_text(), "the guess at the top can still be changed"
    predict.get_by_role("button", name="Change").click()
    choose(guess)
    assert covered.locator("img").count() == 0, "the figure tells the answer"
    picture(page, f"{lesson.name}_predicted", predict)

    covered.get_by_role("button", name="Show the answer").click()
    answer = question(page, "Prediction.")
    answer.get_by_text("It was", exact=True).wait_for()
    pairs = [text.split("\n", 1) for text in answer.locator(".answers > div").all_inner_texts()]
    (mine, shown), (theirs, right) = [(title.strip(), text.strip()) for title, text in pairs]
    assert (mine, shown, theirs) == ("You predicted", guess, "It was")
    kernel = add_and_run(page, f"print(exercises.{name}.recorded, exercises.{name}.revealed, sep='|')")
    assert kernel.strip() == f"{guess}|{right}"
    answer.locator(".content img").wait_for()
    predict.get_by_text(f"The answer has been shown, and your prediction stands: {guess}.").wait_for()
    assert predict.get_by_role("radio", name=before, exact=True).is_disabled()
    picture(page, f"{lesson.name}_revealed", answer)


def test_each_question_on_the_way_is_answered_wrong(page, lesson):
    """Give an answer that is not right, and read why, and what is right."""
    for asked in [one for one in vars(module_of(lesson.name)).values() if isinstance(one, MultipleChoice)]:
        quiz = page.locator(".nasedu-quiz", has_text=asked.question.replace("`", ""))
        wrong = next(choice for choice in asked.choices if choice != asked.right)
        quiz.get_by_role("radio", name=wrong, exact=True).check()
        quiz.get_by_role("button", name="That is my answer").click()
        quiz.get_by_text("Not right.").wait_for()
        told = quiz.inner_text().replace("\n", " ")
        for title, choice in (("You said", wrong), ("The right answer", asked.right)):
            assert f"{title}: {choice}".replace("`", "") in told
            assert asked.why[choice].replace("`", "") in told
        picture(page, f"{lesson.name}_quiz", quiz)


# ---------------------------------------------------------------------- exercises


def test_hints_unfold_below_an_exercise_that_is_not_attempted(page, lesson):
    """One after another by keyboard in the first exercise; the others are made alike, and are unfolded at once."""
    for number, exercise in enumerate(exercises_of(lesson.name)):
        student = Student(page, exercise)
        assert student.reads().startswith("… Not attempted yet."), "of the stub, which has run with all other cells"
        told = [*exercise.hints, exercise.solved]
        titles = [f"Hint {n} of {len(exercise.hints)}" for n in range(1, len(told))] + ["Show the solution"]
        if number == 0:
            unfold_by_keyboard(page, student.output, titles, told)
        student.output.evaluate("e => e.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert student.output.locator("summary:visible").all_inner_texts() == titles
        assert all(is_read(text, student.reads()) for text in told)
        picture(page, f"{lesson.name}_{exercise.name}_hints", student.output)


def unfold_by_keyboard(page, output, titles, told):
    """Open hint after hint with Tab and Enter, as far as the solution; before each, nothing of it is seen."""
    summaries = output.locator("summary:visible")
    summaries.first.focus()
    for number, (title, text) in enumerate(zip(titles, told, strict=True)):
        assert summaries.count() == number + 1
        assert page.evaluate("() => document.activeElement.textContent") == title
        before = output.inner_text()
        page.keyboard.press(" " if number % 2 else "Enter")
        assert len(output.inner_text()) > len(before)
        assert is_read(text, output.inner_text())
        page.keyboard.press("Tab")
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    summaries.last.focus()
    page.keyboard.press("b")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells, "keys that are pressed here are not the notebook's"


def is_read(text, shown):
    return all(words(part) in words(shown) for part in re.split(r"\$[^$]+\$", text))  # formulas are typeset


def words(text):
    return re.sub(r"\s+", " ", text.replace("`", "")).strip()


def test_its_exercises_are_done_wrong_then_right(page, lab, lesson):
    for exercise in exercises_of(lesson.name):
        student = Student(page, exercise)
        wrong, sentence = next(iter(exercise.wrong.items()))
        told = student.answers(wrong)
        assert "Not yet." in told
        assert sentence in told
        picture(page, f"{lesson.name}_{exercise.name}_wrong", student.output.first)
        told = student.answers(exercise.solved)
        assert told.startswith(f"✔ Right. {exercise.praise}"), "the first thing to be read"
        assert "Hint" not in told
        student.output.get_by_text("Compare with our solution").click()
        assert exercise.solved.splitlines()[-1] in student.reads()
        picture(page, f"{lesson.name}_{exercise.name}_right", student.output.first)
    assert save(page, lab, lesson.file).stat().st_size <= MOST_BYTES, (
        "what a student hands in is as small as what was given out"
    )


# ---------------------------------------------------------------------- the live study of the first lesson


def trials_done(page):
    """How many trials the widget says there are."""
    return int(page.locator(".nasedu-engine svg[role=img]").last.get_attribute("aria-label").split()[0])


@first_lesson
def test_a_student_runs_the_live_study_stops_it_and_goes_on(page, lesson):
    saved = [words for words in lesson.pictures if "of 24 trials" in words]
    assert len(saved) == 4, "before anything ran, the saved notebook showed the widgets' pictures"
    add_and_run(page, "watch(search(seed=9), until=4)")
    widget = page.locator(".nasedu-engine").last
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
    more = stopped_at + 1
    page.wait_for_function(f"() => !!document.querySelector('svg[aria-label^=\"{more} of 24\"]')")
    theme(page, "JupyterLab Dark")
    picture(page, "dark")


@first_lesson
def test_an_answer_is_read_in_the_dark_and_on_a_narrow_page(page, lesson):
    output = Student(page, exercises_of(lesson.name)[0]).output
    theme(page, "JupyterLab Dark")
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "exercise_dark_narrow", output)
    assert output.evaluate("e => e.scrollWidth <= e.clientWidth")
