"""The race and the live study as a student meets them: started, stopped, gone on with, changed; by keyboard, too."""

import pytest

from tests.browser.jupyter import (
    add_and_run,
    only_the_first_cell,
    open_without_a_kernel,
    picture,
    run_all,
    saved_without_a_kernel,
    theme,
)

pytestmark = pytest.mark.browser

RACE = """
import nasedu
from nasedu.tables import atlas
from nasedu.widgets import Race
table = atlas()
race = Race(table.space, table, ["random", "q-learning"], task="where/digits", seeds=40, evaluations=150)
race
"""
SAME = """
whole = nasedu.race(table.space, table, ["random", "q-learning"], 150, 40, task="where/digits")
print(all((race.result.curves(name) == whole.curves(name)).all() for name in whole.labels))
"""
COUNT = ".nasedu-count"

# From the click on Stop on, each number of runs that the page comes to show.
WATCH = """() => {
    const stop = [...document.querySelectorAll(".nasedu-engine button")].find((b) => b.textContent == "Stop");
    const count = document.querySelector(".nasedu-count");
    stop.addEventListener("click", () => {
        const before = count.textContent, seen = new Set();
        window.answers = [];
        new MutationObserver(() => {
            if (count.textContent != before) seen.add(count.textContent);
            window.answers = [...seen];
        }).observe(count, { childList: true });
    }, { once: true, capture: true });
}"""


def count(widget):
    """How many runs the page says have ended, and how many there are."""
    done, total = widget.locator(COUNT).inner_text().split(" runs")[0].split(" of ")
    return int(done), int(total)


def wait_for_status(widget, text):
    widget.locator(".nasedu-status", has_text=text).wait_for()


@pytest.fixture
def widget(page, notebook, lab):
    """A race that has not begun: where the last test left its notebook open, the cell is run once more."""
    if not only_the_first_cell(page, "race.ipynb"):
        notebook(lab.write("race.ipynb", RACE))
    run_all(page)
    widget = page.locator(".nasedu-engine")
    widget.wait_for()
    return widget


def test_a_race_is_run_stopped_changed_and_run_to_its_end(page, widget):
    go, stop = widget.get_by_role("button", name="Go on"), widget.get_by_role("button", name="Stop")
    assert count(widget) == (0, 80)
    assert stop.is_disabled()
    picture(page, "race_new", widget)

    go.click()
    page.wait_for_function("() => parseInt(document.querySelector('.nasedu-count').textContent) >= 4")
    page.evaluate(WATCH)
    stop.click()
    wait_for_status(widget, "Go on continues where it stopped.")
    stopped = count(widget)
    done, turn = stopped[0], ["random", "q-learning"][stopped[0] % 2]
    wait_for_status(widget, f"Stopped after {done} of 80 runs, at {turn} with seed {done // 2}. Go on continues")
    assert 4 <= done < 80
    picture(page, "race_stopped", widget)
    assert add_and_run(page, "print(len(race.race.runs))").strip() == str(stopped[0]), (
        "the kernel stopped with the page"
    )
    page.wait_for_timeout(700)
    assert count(widget) == stopped, "nothing goes on by itself"
    assert len(page.evaluate("() => window.answers")) <= 1, "after the click one step at most, the one under way"

    go.focus()
    page.keyboard.press("Enter")
    wait_for_status(widget, "Running.")
    assert add_and_run(page, "print(1 + 1)").strip() == "2", "a cell runs in between"
    wait_for_status(widget, "Done: all 80 runs have ended.")
    assert widget.locator(".nasedu-picture path.line").count() == 2
    assert widget.locator(".nasedu-picture path.band").count() == 2
    assert go.is_disabled()
    picture(page, "race_done", widget)
    same = (
        "(race.result.curves(n) == nasedu.race(table.space, table, [n], 150, 40, task='where/digits').curves(n)).all()"
    )
    assert add_and_run(page, f"print(all({same} for n in ('random', 'q-learning')))").strip() == "True"


def test_one_click_begins_the_race_that_the_form_describes(page, widget):
    form, new = widget.locator("form"), widget.get_by_role("button", name="New race")
    seeds = form.get_by_label("Seeds")
    lines = []
    for text, runs in (("0-2", 6), ("7, 9", 4), ("3", 6)):
        seeds.fill(text)
        new.click()
        wait_for_status(widget, f"Done: all {runs} runs have ended.")
        paths = widget.locator(".nasedu-picture path.line")
        lines.append([paths.nth(i).get_attribute("d") for i in range(paths.count())])
    assert lines[0] == lines[2] != lines[1]

    seeds.fill("2")
    form.get_by_label("Networks in a run").fill("30")
    form.get_by_label("local-search").check()
    form.get_by_label("q-learning").uncheck()
    form.get_by_label("Task").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("g")  # by keyboard: from where/digits to the first that begins with it
    page.wait_for_function("() => document.querySelector('.nasedu-form select').value == 'gratings/angle'")
    wait_for_status(widget, "The form describes another race.")
    assert count(widget) == (6, 6), "the race on show stays until the new one begins"
    picture(page, "race_form_changed", widget)
    seeds.press("Enter")
    wait_for_status(widget, "Done: all 4 runs have ended.")
    assert seeds.evaluate("field => field == document.activeElement"), "it keeps the focus"
    names = widget.locator(".nasedu-picture g.name text").all_text_contents()
    assert sorted(names) == ["local-search", "random"]
    assert "gratings/angle" in add_and_run(page, "print(race)")

    form.get_by_label("random", exact=True).uncheck()
    widget.get_by_role("button", name="Undo changes").click()
    assert form.get_by_label("random", exact=True).is_checked()
    assert new.count() == 0


def test_one_click_begins_a_new_race_while_another_runs(page, widget):
    widget.get_by_role("button", name="Go on").click()
    wait_for_status(widget, "Running.")
    widget.get_by_label("Seeds").fill("5, 6")
    widget.get_by_role("button", name="New race").click()
    wait_for_status(widget, "Done: all 4 runs have ended.")
    assert add_and_run(page, "print(race.race.seeds, len(race.race.runs))").strip() == "[5, 6] 4"


def test_a_refusal_can_be_read_until_it_is_mended(page, widget):
    networks, seeds = widget.get_by_role("spinbutton", name="Networks in a run"), widget.get_by_label("Seeds")
    alert = widget.get_by_role("alert")
    networks.fill("5000")
    networks.press("Tab")
    alert.filter(has_text="This cannot be run. Networks in a run are a whole number from 1 to 2,000").wait_for()
    assert networks.get_attribute("aria-invalid") == "true"
    assert networks.get_attribute("aria-describedby") == alert.get_attribute("id")

    widget.get_by_role("button", name="New race").click()
    alert.filter(has_text="Nothing new was run.").wait_for()
    told = alert.inner_text()
    assert "given '5000'" in told
    assert (
        "Still on show is the race of random, q-learning on where/digits with 40 seeds and 150 networks in a run: "
        "0 of 80 runs have ended." in told
    )
    assert widget.locator(".nasedu-status").inner_text() == "Not begun."
    picture(page, "race_refused", widget)
    seeds.fill("2")
    seeds.press("Tab")
    page.wait_for_timeout(1000)
    assert alert.inner_text() == told, "another field does not take it away, nor does time"
    assert networks.input_value() == "5000", "what was typed can be mended"
    assert add_and_run(page, "print(len(race.race.runs))").strip() == "0"

    networks.fill("20")
    alert.filter(has_text="Nothing").wait_for(state="detached")
    assert networks.get_attribute("aria-invalid") == "false"
    widget.get_by_role("button", name="New race").click()
    wait_for_status(widget, "Done: all 4 runs have ended.")
    assert add_and_run(page, "print(race.evaluations, race.race.seeds)").strip() == "20 [0, 1]"


def test_the_focus_is_never_lost(page, widget):
    widget.get_by_label("Seeds").fill("1")
    focused = "() => document.activeElement.textContent"
    widget.get_by_role("button", name="New race").focus()
    page.keyboard.press("Enter")
    wait_for_status(widget, "Done: all 2 runs have ended.")
    page.wait_for_timeout(300)
    assert page.evaluate(focused) == "Go on", "it went to Stop, and came back"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Stop"
    page.keyboard.press("Enter")
    assert count(widget) == (2, 2), "a button that is off does nothing"


NAMES = ['group "A race of controllers"', 'group "Who runs"', 'checkbox "random" [checked]', 'combobox "Task"']
NAMES += ['textbox "Seeds"', 'spinbutton "Networks in a run"', 'button "Go on"', 'button "Stop" [disabled]']
NAMES += ['button "Undo changes" [disabled]', 'progressbar "How many of the runs are done"']


def test_a_screen_reader_can_say_every_control_and_nothing_moves_by_itself(page, widget):
    tree = widget.aria_snapshot()
    assert [name for name in NAMES if name not in tree] == [], tree
    assert "status: Not begun. Go on runs everyone with every seed. 0 of 80 runs." in tree
    controls = widget.locator("input, select, button, progress, [tabindex]")
    moving = "e => { const s = getComputedStyle(e); return s.animationName != 'none' || s.transitionDuration != '0s' }"
    assert not any(controls.nth(i).evaluate(moving) for i in range(controls.count()))


def test_both_themes_and_a_narrow_window(page, widget):
    widget.get_by_role("button", name="Go on").click()
    wait_for_status(widget, "Done: all 80 runs have ended.")
    theme(page, "JupyterLab Dark")
    picture(page, "race_dark", widget)
    page.set_viewport_size({"width": 480, "height": 900})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "race_narrow", widget)
    assert page.evaluate("() => document.querySelector('.nasedu-engine').scrollWidth <= window.innerWidth")


BROKEN = """
from nasedu import Controller
from nasedu.tables import atlas
from nasedu.widgets import Race
table = atlas()

class Falls(Controller):
    falls = True
    def ask(self):
        if self.falls and self.seed == 1:
            raise RuntimeError("<b>no idea</b>")
        return self.space.sample(self.rng)

Race(table.space, table, [Falls], task="where/digits", seeds=3, evaluations=5)
"""
TWICE = """
from nasedu import Study, controllers, trainers
from nasedu.widgets import LiveStudy
trainer = trainers.load("table", table.space, table.task("where/digits"))
study = Study(table.space, controllers.load("random", table.space), trainer)
LiveStudy(study, trials=6)
"""


def test_an_error_is_shown_and_go_on_tries_again_and_another_widget_is_not_touched(page, notebook, lab):
    notebook(lab.write("broken.ipynb", BROKEN, TWICE))
    run_all(page)
    race, live = page.locator(".nasedu-engine").nth(0), page.locator(".nasedu-engine").nth(1)
    race.get_by_role("button", name="Go on").click()
    alert = race.get_by_role("alert").filter(has_text="RuntimeError: <b>no idea</b>")
    alert.wait_for()
    assert alert.locator("b").count() == 0
    assert count(race) == (1, 3)
    picture(page, "race_error", race)
    add_and_run(page, "Falls.falls = False")
    race.get_by_role("button", name="Go on").click()
    wait_for_status(race, "Done: all 3 runs have ended.")
    assert alert.count() == 0, "what failed has been run"

    assert live.locator(COUNT).inner_text() == "0 of 6 trials", "each widget runs by itself"
    live.get_by_role("button", name="Go on").click()
    wait_for_status(live, "Done: all 6 trials have run.")
    assert live.locator("circle.dot").count() == 6
    assert add_and_run(page, "print(len(study.trials))").strip() == "6"
    picture(page, "live_study", live)


STILL = """
race = Race(table.space, table, ["random", "q-learning"], task="where/digits", seeds=3, evaluations=100)
race
"""


def seen(page, text):
    """The picture of a saved widget, still or played, that says so."""
    return page.locator(f".nasedu-still :is(img[alt*='{text}'], svg[aria-label*='{text}'])")


def test_a_notebook_saved_by_a_student_shows_the_last_state_where_no_kernel_runs(
    page, notebook, lab, outside, tmp_path
):
    notebook(lab.write("kept.ipynb", RACE, STILL, TWICE))
    run_all(page)
    long, race, live = (page.locator(".nasedu-engine").nth(i) for i in range(3))
    live.wait_for()
    assert page.locator(".nasedu-still").count() == 3
    assert not any(page.locator(".nasedu-still").nth(i).is_visible() for i in range(3)), "the widget stands for it"
    race.get_by_role("button", name="Go on").click()
    wait_for_status(race, "Done: all 6 runs have ended.")
    live.get_by_role("button", name="Go on").click()
    wait_for_status(live, "Done: all 6 trials have run.")
    long.get_by_role("button", name="Go on").click()
    page.wait_for_function("() => parseInt(document.querySelector('.nasedu-count').textContent) >= 4")
    long.get_by_role("button", name="Stop").click()
    wait_for_status(long, "Go on continues where it stopped.")
    stopped = count(long)[0]
    page.wait_for_timeout(500)
    name, html = saved_without_a_kernel(page, lab, tmp_path, "kept.ipynb")

    wanted = [f": {stopped} of 80 runs", ": 6 of 6 runs", "6 of 6 trials"]
    open_without_a_kernel(page, lab, name)
    for place, text in enumerate(wanted):
        page.locator(".nasedu-still").nth(place).scroll_into_view_if_needed()
        seen(page, text).wait_for()
    assert page.locator(".nasedu-engine").count() == 0
    assert not any(line.is_visible() for line in page.get_by_text("Loading widget").all())
    assert page.get_by_text("6 of 6 runs, recorded: press Play. Go on and New race need Python.").is_visible()
    assert page.get_by_text("Run this cell to get the buttons").count() == 1, "the recordings play without a kernel"
    picture(page, "race_without_a_kernel")
    picture(page, "live_study_without_a_kernel", page.locator(".nasedu-still").last)
    theme(page, "JupyterLab Dark")
    picture(page, "race_without_a_kernel_dark", page.locator(".nasedu-still").first)

    outside.goto(html.as_uri(), wait_until="domcontentloaded")
    for place, text in enumerate(wanted):
        outside.locator(".nasedu-still").nth(place).scroll_into_view_if_needed()
        seen(outside, text).wait_for()
    outside.locator(".nasedu-player").nth(1).get_by_role("button", name="First step").click()
    assert "After 1 of 100 networks" in outside.locator(".nasedu-player").nth(1).inner_text()
    assert outside.get_by_text("Loading widget").count() == 0
    picture(outside, "race_saved_page")


MAP = """
from nasedu.meta.comparison import compare
from nasedu.tables import atlas
from nasedu.widgets import TaskMap
near = ["what/digits", "gratings/width"]
task_map = TaskMap(atlas(), [compare(atlas(), "gratings/angle", ["warm-q"], 3, 20, sources=near)])
task_map
"""


def test_the_map_of_tasks_shows_the_task_that_is_chosen(page, notebook, lab):
    notebook(lab.write("map.ipynb", MAP))
    run_all(page)
    widget = page.locator(".nasedu-player")
    drawing = widget.locator("svg[role=img]")
    assert drawing.locator("text.task").count() == 16
    assert drawing.locator("path.line").count() == 8
    picture(page, "task_map", widget)
    choice = widget.get_by_role("combobox")
    assert choice.evaluate("list => list.selectedOptions[0].textContent") == "gratings/angle"
    choice.focus()
    page.keyboard.press("ArrowUp")
    widget.locator(".words", has_text="turned/digits: most like").wait_for()
    assert drawing.locator("path.line").count() == 0
    assert drawing.locator("text", has_text="this task was not searched here").count() == 1
    widget.get_by_text("The same as a table").click()
    assert widget.locator("table tbody tr").count() == 15
    theme(page, "JupyterLab Dark")
    picture(page, "task_map_dark", widget)
    page.wait_for_timeout(500)
    assert add_and_run(page, "print(task_map.frame.label)").strip() == "turned/digits"
