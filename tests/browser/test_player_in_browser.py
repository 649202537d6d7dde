"""The player in a real JupyterLab, and in a saved page with neither kernel nor server."""

import re
import subprocess
import sys

import pytest

from tests.browser.jupyter import add_and_run, picture, run_all, theme
from tests.patience import patience

pytestmark = pytest.mark.browser

SETUP = """
from nasedu import controllers
from nasedu.tables.atlas import atlas
from nasedu.widgets import Player, films

table = atlas()
scores = dict(zip(table.architectures, table.scores(table.tasks[0]), strict=True))

def learner():
    return controllers.load("q-learning", table.space, seed=0, replay=3, budget=12, alpha=0.2)

def told(controller):
    for _ in range(4):
        architecture = controller.ask()
        yield architecture, float(scores[architecture])
"""
PLAYER = """
controller = learner()
player = Player(films.q_learning(controller, told(controller), replay="singly"))
player
"""
# The learner's own steps, without any film: the cells and the numbers of every backup.
STEPS = """
from nasedu.controllers.base import Controller
other, updates = learner(), []
for architecture, reward in told(other):
    Controller.tell(other, architecture, reward)
    updates.append(None)
    updates += other.updates(architecture, reward)
"""
PLAYERS = ".nasedu-player"


def shown(page):
    """The words under the picture, the place on the slider, the bold equation in the picture."""
    player = page.locator(PLAYERS)
    equation = player.locator("svg[role=img] text[font-weight=bold][font-size='14']")
    numbers = re.findall(r"\d+\.\d+", equation.text_content()) if equation.count() else None
    return (
        player.locator("[role=status]").inner_text(),
        int(player.get_by_label("Step", exact=True).input_value()),
        numbers,
    )


def test_the_q_table_is_stepped_by_mouse_and_keyboard(page, lab, notebook):
    notebook(lab.write("player.ipynb", SETUP, PLAYER, STEPS))
    run_all(page)
    player = page.locator(PLAYERS)
    player.wait_for()
    count = int(
        add_and_run(page, "print(len(updates), len(player.film.frames), len(set(map(len, updates[1:9]))))").split()[0]
    )

    def kernel(place):
        """What the kernel says of a frame: its words, and the numbers of the backup that the learner made."""
        code = (
            f"u = updates[{place}]\nprint(player.film.frames[{place}].words)\n"
            "numbers = () if u is None else (u.old, controller.alpha, u.target, u.old, u.new)\n"
            "print(*(f'{n:.3f}' if n != controller.alpha else f'{n:g}' for n in numbers))"
        )
        words, _, numbers = add_and_run(page, code).strip().partition("\n")
        return words, place, numbers.split() or None

    assert shown(page) == kernel(0)
    for place in (1, 2, 3):
        player.get_by_label("Step forward").click()
        assert shown(page) == kernel(place), "one step forward by mouse"
    picture(page, "player_light", player)
    player.get_by_label("Step back").click()
    assert shown(page) == kernel(2), "one step back by mouse"

    player.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert shown(page) == kernel(4), "by keyboard"
    player.focus()
    page.keyboard.press("ArrowLeft")
    assert shown(page) == kernel(3)
    player.focus()
    page.keyboard.press("End")
    assert shown(page) == kernel(count - 1)
    assert player.get_by_label("Step forward").is_disabled()
    page.wait_for_timeout(500)
    assert add_and_run(page, "print(player.at)").strip() == str(count - 1), "the kernel hears where it stands"
    player.focus()
    page.keyboard.press("Home")
    assert shown(page) == kernel(0)

    page.wait_for_timeout(500)
    assert add_and_run(page, "print(player.at)").strip() == "0", "else what the page tells may undo what a cell does"
    add_and_run(page, "player.go(7);")
    page.wait_for_function(f"() => document.querySelector('{PLAYERS} input').value == '7'")
    assert shown(page) == kernel(7), "and the kernel can move it"
    the_table_of_text_holds_the_same_numbers(page, player)
    it_plays_and_pauses(page, player)
    assert page.locator(".jp-Notebook .jp-CodeCell.jp-mod-selected").count() <= 1
    it_is_readable_in_the_dark_and_in_a_narrow_window(page, player)


def the_table_of_text_holds_the_same_numbers(page, player):
    player.locator("summary").click()
    cells = [cell for cell in player.locator("tbody td").all_inner_texts() if re.fullmatch(r"\d\.\d{3}", cell)]
    drawn = player.locator("svg[role=img] text[font-size='10']").all_text_contents()
    in_picture = [text for text in drawn if re.fullmatch(r"\d\.\d{3}", text)]
    assert len(cells) > 10
    assert cells == in_picture[: len(cells)]
    player.locator("summary").click()


def it_plays_and_pauses(page, player):
    player.get_by_label("Speed").select_option("15")
    player.focus()
    page.keyboard.press(" ")
    assert player.get_by_label("Pause").count() == 1
    page.wait_for_function(f"() => Number(document.querySelector('{PLAYERS} input').value) >= 10")
    player.focus()
    page.keyboard.press(" ")
    stands = shown(page)
    page.wait_for_timeout(400)
    assert shown(page) == stands, "a pause holds"
    player.get_by_label("Step", exact=True).fill("12")
    assert shown(page)[1] == 12, "the slider goes anywhere"


def it_is_readable_in_the_dark_and_in_a_narrow_window(page, player):
    theme(page, "JupyterLab Dark")
    picture(page, "player_dark", player)
    page.set_viewport_size({"width": 600, "height": 900})
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    picture(page, "player_narrow", player)
    outside = player.locator(".picture").evaluate(
        "e => e.getBoundingClientRect().right - e.closest('.jp-OutputArea-output').getBoundingClientRect().right"
    )
    assert outside <= 1, "the picture fits into a narrow window, and moves sideways in it"


def test_a_saved_page_plays_without_kernel_and_server(outside, lab, tmp_path):
    from nbclient import NotebookClient
    from nbformat import read, write

    from tools.lessons.building import clean

    saved = read(lab.root / lab.write("saved.ipynb", SETUP, PLAYER), as_version=4)
    NotebookClient(saved, kernel_name="python3").execute()
    clean(saved)
    write(saved, tmp_path / "saved.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR", str(tmp_path / "saved.ipynb")]
    subprocess.run(command, check=True, timeout=patience(120))

    faults = []
    page = outside
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((tmp_path / "saved.html").as_uri(), wait_until="domcontentloaded")
    player = page.locator(PLAYERS)
    player.wait_for()
    assert page.locator("[data-nasedu] > img").count() == 0, "the player stands in place of the picture"
    before = shown(page)
    player.get_by_label("Step forward").click()
    page.keyboard.press("ArrowRight")
    words, place, numbers = shown(page)
    assert place == 2
    assert words != before[0]
    assert numbers[-1] in words
    assert not [fault for fault in faults if "nasedu" in fault or "model" in fault], faults
    picture(page, "player_saved_page", player)


def test_where_scripts_may_not_run_the_picture_stays(chromium, tmp_path):
    from nasedu.widgets import Film, Frame, Player

    film = Film([Frame(('<circle cx="50" cy="50" r="20"/>',), "a circle", (("r",), ("20",)))], 100, 100, title="One")
    (tmp_path / "still.html").write_text(Player(film).page())
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "still.html").as_uri())
    assert page.get_by_alt_text("One. a circle").is_visible()
    assert page.locator("td").inner_text() == "20"
    context.close()
