"""The race and the live study as a student meets them: started, stopped, gone on with, changed; by keyboard, too."""

import pytest

from tests.browser.jupyter import add_and_run, picture, run_all, theme

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


def count(widget):
    """How many runs the page says have ended, and how many there are."""
    done, total = widget.locator(COUNT).inner_text().split(" runs")[0].split(" of ")
    return int(done), int(total)


def wait_for_status(widget, text):
    widget.locator(".nasedu-status", has_text=text).wait_for()


@pytest.fixture
def widget(page, notebook, lab):
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
    stop.click()
    wait_for_status(widget, "Stopped. Go on continues where it stopped.")
    stopped = count(widget)
    assert 4 <= stopped[0] < 80
    picture(page, "race_stopped", widget)
    assert add_and_run(page, "print(len(race.race.laps))").strip() == str(stopped[0]), (
        "the kernel stopped with the page"
    )
    page.wait_for_timeout(700)
    assert count(widget) == stopped, "nothing goes on by itself"

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


def test_other_seeds_give_other_curves_and_the_same_seeds_the_same(page, widget):
    form = widget.locator("form")
    seeds = form.get_by_label("Seeds")
    lines = []
    for text, runs in (("0-2", 6), ("7, 9", 4), ("3", 6)):
        seeds.fill(text)
        seeds.press("Enter")
        page.wait_for_function(f"() => document.querySelector('.nasedu-count').textContent == '0 of {runs} runs'")
        widget.get_by_role("button", name="Go on").click()
        wait_for_status(widget, f"Done: all {runs} runs have ended.")
        paths = widget.locator(".nasedu-picture path.line")
        lines.append([paths.nth(i).get_attribute("d") for i in range(paths.count())])
    assert lines[0] == lines[2] != lines[1]

    seeds.fill("many")
    seeds.press("Enter")
    alert = widget.get_by_role("alert").filter(has_text="seeds are how many")
    alert.wait_for()
    assert count(widget) == (6, 6), "the race stands as it was"
    assert seeds.input_value() == "many", "what was typed can be mended"
    picture(page, "race_bad_seeds", widget)

    seeds.fill("2")
    form.get_by_label("Networks in a run").fill("30")
    form.get_by_label("local-search").check()
    form.get_by_label("q-learning").uncheck()
    form.get_by_label("Task").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("g")  # by keyboard: from where/digits to the first that begins with it
    page.wait_for_function("() => document.querySelector('.nasedu-form select').value == 'gratings/angle'")
    page.wait_for_function("() => document.querySelector('.nasedu-count').textContent == '0 of 4 runs'")
    widget.get_by_role("button", name="Go on").click()
    wait_for_status(widget, "Done: all 4 runs have ended.")
    names = widget.locator(".nasedu-picture g.name text").all_text_contents()
    assert sorted(names) == ["local-search", "random"]
    assert "gratings/angle" in add_and_run(page, "print(race)")


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
from nasedu import Controller, Study, controllers, trainers
from nasedu.tables import atlas
from nasedu.widgets import LiveStudy, Race
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
    assert alert.count() == 0

    assert live.locator(COUNT).inner_text() == "0 of 6 trials", "each widget runs by itself"
    live.get_by_role("button", name="Go on").click()
    wait_for_status(live, "Done: all 6 trials have run.")
    assert live.locator("circle.dot").count() == 6
    assert add_and_run(page, "print(len(study.trials))").strip() == "6"
    picture(page, "live_study", live)


MAP = """
from nasedu.meta.compare import compare
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
    assert drawing.locator("path.line").count() == 5
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
