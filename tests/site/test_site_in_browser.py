"""The site in a browser without a network, from a folder: players step, questions are marked, the search finds."""

import json
import re
from dataclasses import replace

import pytest

from nasedu.classroom import Prediction
from nasedu.classroom.lessons.lesson_04 import exercises
from nasedu.tables import atlas
from nasedu.widgets import Explorer, Predict, Quiz, Reveal
from tests.browser.jupyter import picture
from tests.site.test_pages import outputs

pytestmark = pytest.mark.browser

FRONT, LESSON = "index.html", "lessons/04_tabular_q_learning.html"
GAME, RACE = "lessons/00_a_search_in_ten_minutes.html", "lessons/05_policy_gradients.html"
PAGES = [FRONT, LESSON, GAME, RACE]
PAGES += ["glossary.html", "instructors.html", "reference/nasedu.testing.html"]
NARROW = {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}
DARK = {"color_scheme": "dark"}


@pytest.mark.parametrize("address", [FRONT, LESSON])
def test_a_player_steps_by_keyboard(read, address):
    page = read.open(address)
    page.locator("[data-nasedu]").first.scroll_into_view_if_needed()
    player = page.locator(".nasedu-player").first
    place = player.locator("output")
    before = player.locator(".words").inner_text()
    player.focus()
    page.keyboard.press("ArrowRight")
    assert place.inner_text().startswith("2 of ")
    assert player.locator(".words").inner_text() != before
    page.keyboard.press("ArrowLeft")
    assert place.inner_text().startswith("1 of ")
    assert player.locator(".words").inner_text() == before
    picture(page, f"site_player_{address.split('/')[0].partition('.')[0]}")


HAND = ("conv3-8", "pool2", "dense32", "stop")


class Game:
    """The explorer of lesson 00 on the site, and the same one in this process, which gets the same requests."""

    def __init__(self, page):
        live = page.locator("[data-nasedu]").first
        live.scroll_into_view_if_needed()
        self.page, self.root = page, live.locator(".nasedu-explorer")
        space = replace(atlas().space, outputs=5)
        self.kernel = Explorer(space, atlas(), "how-many/digits", tries=10, marks={"hand-picked": HAND})
        self.root.wait_for()

    def choice(self, name):
        return self.root.locator(f"[data-choice='{name}']")

    def button(self, name):
        return self.root.get_by_role("button", name=re.compile(name))

    def assert_same(self):
        """Both show the same."""
        self.root.and_(self.page.locator("[aria-busy='false']")).wait_for()
        kernel = self.kernel.shown
        path = self.root.locator(".path button").all_inner_texts()
        assert path == list(self.kernel.architecture)
        assert self.root.locator(".decides").inner_text() == kernel["decides"]
        words = kernel["words"].replace("run this cell again", "load this page again")
        assert self.root.locator(".words").inner_text() == words
        layers = [title for title, _, _ in kernel["layers"]]
        image = self.root.locator("img.drawing")
        assert image.get_attribute("alt") == "The network: " + ", then ".join(layers)
        drawn = image.evaluate("image => image.decode().then(() => decodeURIComponent(image.src.split(',')[1]))")
        here, there = (re.sub(r' aria-label="[^"]*"|<title>.*?</title>', "", svg) for svg in (drawn, kernel["drawing"]))
        assert here == there
        closed = self.root.locator(".palette [aria-disabled='true']").all_inner_texts()
        assert closed == [name for _, some in kernel["groups"] for name, why_not in some if why_not]
        assert self.root.locator(".search .dot").count() == len(kernel["search"]["rows"])
        assert self.root.locator(".truth").is_visible() == bool(kernel["truth"])


def test_an_explorer_is_walked_to_an_end_by_mouse(read):
    game = Game(read.open(GAME))
    game.choice("pool2").click(force=True)
    assert "pooling is never the first layer" in game.root.locator(".why").inner_text()
    game.assert_same()
    for choice in HAND:
        game.choice(choice).click()
        game.kernel.choose(choice)
        game.assert_same()
    assert "rank" not in game.root.inner_text(), "the score is covered"
    game.button("Score it").click()
    game.kernel.score()
    game.assert_same()
    picture(game.page, "site_explorer", game.root)
    game.root.locator(".path button").nth(1).click()
    game.kernel.go(HAND[:2])
    game.assert_same()
    game.button("Undo").click()
    game.kernel.undo()
    game.assert_same()
    for left in range(9, 0, -1):
        assert game.button("Score it").inner_text() == f"Score it ({left} left)"
        network = atlas().architectures[100 * left]
        game.button("Reset").click()
        for choice in network:
            game.choice(choice).click()
        game.button("Score it").click()
        game.kernel.go(network)
        game.kernel.score()
    game.assert_same()
    assert game.root.locator(".truth").is_visible()
    game.root.locator(".neighbour").first.click()
    game.kernel.go(game.kernel.view.truth.neighbours[0].architecture)
    game.assert_same()
    picture(game.page, "site_explorer_in_the_end", game.root)


@pytest.mark.parametrize("read", [NARROW], indirect=True)
def test_an_explorer_is_walked_to_an_end_by_keyboard(read):
    game = Game(read.open(GAME))
    names = game.root.locator(".palette button").all_inner_texts()
    game.choice(names[0]).focus()
    for choice in HAND:
        game.page.keyboard.press("Home")
        for _ in range(names.index(choice)):
            game.page.keyboard.press("ArrowRight")
        game.page.keyboard.press("Enter")
        game.kernel.choose(choice)
        game.assert_same()
    game.page.keyboard.press("Backspace")
    game.kernel.undo()
    game.assert_same()
    assert game.page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(game.page, "site_explorer_narrow", game.root)


@pytest.mark.parametrize("read", [{}, NARROW], indirect=True, ids=["wide", "narrow"])
def test_a_race_is_replayed_to_its_end(read):
    page = read.open(RACE)
    (said,) = [data["text/plain"] for data in outputs("05_policy_gradients") if data["text/plain"].startswith("Race: ")]
    live = page.locator("[data-nasedu]", has=page.get_by_alt_text(said.removeprefix("Race: ")))
    live.scroll_into_view_if_needed()
    player = page.locator(".nasedu-player[aria-label='The race, recorded']")
    place, words, picture_ = (player.locator(part) for part in ("output", ".words", ".picture svg"))
    assert words.inner_text() == said.removeprefix("Race: "), "at first, the picture that is saved"
    end, drawn = place.inner_text(), picture_.inner_html()
    last = end.split(" ")[0]
    assert end == f"{last} of {last}"
    player.focus()
    page.keyboard.press("Home")
    assert words.inner_text().startswith("After 1 of 100 networks: lowest mean regret: ")
    for _ in range(int(last) - 1):
        page.keyboard.press("ArrowRight")
    assert (place.inner_text(), picture_.inner_html()) == (end, drawn)
    player.get_by_role("button", name="Step back").click()
    assert words.inner_text().startswith("After 96 of 100 networks")
    player.get_by_role("slider").fill("8")
    assert place.inner_text() == f"9 of {last}"
    picture(page, f"site_race_{page.viewport_size['width']}", player)
    player.get_by_label("Speed").select_option(label="fast")
    player.get_by_role("button", name="Play").click()
    page.wait_for_function("([out, end]) => out.value === end", arg=[place.element_handle(), end])
    assert (words.inner_text(), picture_.inner_html()) == (said.removeprefix("Race: "), drawn)
    assert "4 of 80 runs, recorded: press Play." in page.locator("main").inner_text()


def test_equations_are_set(read):
    page = read.open(LESSON)
    page.locator("mjx-container[display='true'] svg").first.wait_for()
    assert page.locator("mjx-container").count() > 5
    assert "$" not in page.locator(".text", has_text="Equation and code agree").first.inner_text()


def question(page, text):
    return page.locator(".nasedu-quiz", has_text=text)


def shown(field):
    """What a question shows, in the form of the widget's own state."""
    field.locator(".note").wait_for(state="attached")
    answers = [part.locator("xpath=*").all_inner_texts() for part in field.locator(".answers > div").all()]
    return {
        "sign": field.locator(".sign").inner_text(),
        "answers": [[title, text[0] if text else ""] for title, *text in answers],
        "note": field.locator(".note").inner_text(),
        "mood": " ".join(set(field.get_attribute("class").split()) & {"right", "wrong"}),
        "buttons": [button.inner_text() for button in field.locator(".tools button").all() if button.is_visible()],
    }


def told(widget):
    """What the widget shows in JupyterLab."""
    state = widget.shown
    plain = {name: state[name].replace("`", "") for name in ("sign", "note", "mood")}
    answers = [[part.replace("`", "") for part in pair] for pair in state["answers"]]
    return plain | {
        "answers": answers,
        "buttons": [state[name] for name in ("button", "skip", "change") if state[name]],
    }


def pick(field, choice, button):
    field.get_by_role("radio", name=choice, exact=True).check()
    field.get_by_role("button", name=button).click()


@pytest.mark.parametrize("choice", exercises.one_backup.choices)
def test_a_quiz_is_marked_as_in_jupyterlab(read, choice, monkeypatch):
    monkeypatch.setattr(exercises.one_backup, "answer", None)
    widget = Quiz(exercises.one_backup)
    field = question(read.open(LESSON), exercises.one_backup.question[:40])
    assert shown(field) == told(widget)
    pick(field, choice, "That is my answer")
    widget._answer({"do": "pick", "value": choice})
    assert shown(field) == told(widget)
    assert shown(field)["mood"] == ("right" if choice == exercises.one_backup.right else "wrong")


@pytest.mark.parametrize("choice", [None, *exercises.spread.choices])
def test_a_prediction_is_kept_and_shown_with_its_answer_as_in_jupyterlab(read, choice):
    page = read.open(LESSON)
    asked, answered = question(page, exercises.spread.question[:40]).all()
    prediction = Prediction(exercises.spread.question, exercises.spread.choices)
    right = json.loads(page.locator("[data-question]").nth(2).get_attribute("data-question"))["right"]
    predict, reveal = Predict(prediction), Reveal(prediction, right)
    assert (shown(asked), shown(answered)) == (told(predict), told(reveal))
    assert not answered.locator("img").count(), "the figure that gives the answer away is covered"
    if choice is None:
        answered.get_by_role("button", name="Show me without a guess").click()
        reveal._answer({"do": "skip"})
    else:
        other = next(one for one in prediction.choices if one != choice)
        for guess, change in ((other, True), (choice, False)):
            pick(asked, guess, "That is my guess")
            predict._answer({"do": "pick", "value": guess})
            assert (shown(asked), shown(answered)) == (told(predict), told(reveal))
            if change:
                asked.get_by_role("button", name="Change").click()
                predict._answer({"do": "change"})
                assert shown(asked) == told(predict)
        answered.get_by_role("button", name="Show the answer").click()
        reveal._answer({"do": "pick", "value": choice})
    assert (shown(asked), shown(answered)) == (told(predict), told(reveal))
    assert answered.locator("img").first.is_visible()
    picture(page, "site_answer", answered)


def test_search_finds_epsilon(read):
    page = read.open(FRONT)
    page.keyboard.press("/")
    page.keyboard.type("epsilon")
    first = page.locator("#found a").first
    assert re.search(r"epsilon", first.inner_text(), re.I)
    assert "2 · Exploring: epsilon" in page.locator("#found ol").inner_text()
    picture(page, "site_search")
    page.keyboard.press("ArrowDown")
    address = page.evaluate("document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url(address)
    page.keyboard.press("/")
    page.keyboard.type("epsilon nosuchword")
    page.get_by_text("Nothing found.").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#found").is_visible()


@pytest.mark.parametrize("read", [DARK, {"color_scheme": "light"}], indirect=True, ids=["dark", "light"])
def test_a_page_is_as_the_system_says_and_can_be_switched_for_good(read, request):
    page = read.open(LESSON)
    grounds = {"Dark": "rgb(17, 17, 17)", "Light": "rgb(255, 255, 255)"}
    now, other = ("Dark", "Light") if "dark" in request.node.callspec.id else ("Light", "Dark")

    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    def figure_is_dark():
        return (
            page.locator(".nasedu-figure img").first.evaluate("one => getComputedStyle(one).content").startswith("url(")
        )

    assert (ground(), figure_is_dark()) == (grounds[now], now == "Dark")
    page.get_by_role("button", name=f"{other} page").click()
    assert (ground(), figure_is_dark()) == (grounds[other], other == "Dark")
    page.reload()
    assert ground() == grounds[other]
    page.get_by_role("button", name=f"{now} page").click()
    assert ground() == grounds[now]
    page.emulate_media(media="print")
    assert ground() == grounds["Light"], "paper is light"


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("read", [NARROW], indirect=True)
def test_a_narrow_page_is_not_moved_sideways(read, address):
    page = read.open(address)
    for live in page.locator("[data-nasedu]").all():
        live.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    picture(page, f"site_narrow_{address.replace('/', '_')}")


@pytest.mark.parametrize(
    ("read", "address"),
    [*(({}, address) for address in PAGES), *((NARROW, address) for address in (FRONT, LESSON))],
    indirect=["read"],
)
def test_axe_finds_no_serious_fault(read, axe, address):
    page = read.open(address)
    for live in page.locator("[data-nasedu]").all():
        live.scroll_into_view_if_needed()
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")
    assert found["testEngine"]["name"] == "axe-core"
    assert len(found["passes"]) > 10
    bad = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in bad] == []
