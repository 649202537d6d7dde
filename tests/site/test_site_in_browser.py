"""The site in a browser without a network, from a folder: players step, questions are marked, the search finds."""

import json
import re

import pytest

from nasedu.classroom import Prediction
from nasedu.classroom.lessons.lesson_04 import exercises
from nasedu.widgets import Predict, Quiz, Reveal
from tests.browser.jupyter import picture

pytestmark = pytest.mark.browser

FRONT, LESSON = "index.html", "lessons/04_tabular_q_learning.html"
PAGES = [FRONT, LESSON, "lessons/00_a_search_in_ten_minutes.html", "lessons/05_policy_gradients.html"]
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
