"""The explorer in a saved page: for every network of a space it shows what its kernel would show."""

import json
import re
from dataclasses import replace

import pytest

from nasedu import spaces, tasks
from nasedu.tables import atlas
from nasedu.widgets import explorer_graph, explorer_view
from nasedu.widgets.base import HERE
from nasedu.widgets.explorer import Explorer
from tests.widgets.test_explorer_graph import quick

pytestmark = pytest.mark.browser

TASKS = ["how-many/digits", "noisy-pixels/digits"]
MODEL = """
const heard = {};
const state = STATE;
const model = { get: (name) => state[name], set: (name, value) => { state[name] = value; heard.shown?.(value); } };
const ask = (message) => new Promise((heardIt) => { heard.shown = heardIt; answer(model, message); });
"""
NUMBER = re.compile(r"-?\d+\.?\d*")


@pytest.fixture(autouse=True)
def nothing_is_built(monkeypatch):
    monkeypatch.setattr(explorer_graph, "build", quick)
    monkeypatch.setattr("nasedu.widgets.explorer.look", lambda *given: explorer_view.look(*given, build=quick))


@pytest.fixture
def asked(outside):
    """Sends a message to an explorer that has no kernel, and returns what it shows then."""

    def begin(explorer):
        explorer.record()
        state = json.dumps({"shown": explorer._plain(), "_graph": explorer._graph.text})
        code = (HERE / "explorer_answers.js").read_text(encoding="utf-8") + MODEL.replace("STATE", state)
        outside.goto("about:blank")
        outside.add_script_tag(content=code)
        return lambda kind, value=None: outside.evaluate("(sent) => ask(sent)", {"do": kind, "value": value})

    return begin


def wordless(svg):
    """A picture without its text alternative."""
    return re.sub(r' aria-label="[^"]*"|<title>.*?</title>', "", svg, count=2)


def drawn(svg):
    """Its markup, and its numbers."""
    svg = wordless(svg)
    return NUMBER.sub("#", svg), [float(number) for number in NUMBER.findall(svg)]


def assert_as_in_the_kernel(page, explorer):
    kernel = json.loads(json.dumps(explorer._plain()))
    kernel["words"] = kernel["words"].replace("run this cell", "load this page")
    for name in ("choices", "decides", "words", "groups", "layers", "undo"):
        assert page[name] == kernel[name], name
    for name in ("cell", "drawing"):
        assert page[name] == wordless(kernel[name]), name
    assert kernel["looks"].items() <= page["looks"].items()
    for name in ("truth", "search"):
        here, there = page[name], kernel[name]
        assert (here is None) == (there is None), name
        if there:
            assert {**here, "plot": ""} == {**there, "plot": ""}
            (markup, numbers), (wanted, places) = drawn(here["plot"]), drawn(there["plot"])
            assert markup == wanted
            assert numbers == pytest.approx(places, abs=0.11)


@pytest.mark.parametrize("task", TASKS)
def test_every_network_is_shown_as_in_the_kernel(asked, task):
    explorer = Explorer(atlas().space, atlas(), task)
    send = asked(explorer)
    worst = atlas().architectures[atlas().scores(task).argmin()]
    for network in [worst, *atlas().architectures[::37], *(a[:2] for a in atlas().architectures[::101])]:
        explorer.go(network)
        assert_as_in_the_kernel(send("go", list(network)), explorer)


def test_a_cell_is_drawn_as_in_the_kernel_edge_by_edge(asked):
    explorer = Explorer(spaces.load("cell-201", tasks.load("digits")), architecture=["nor_conv_3x3", "none", "none"])
    send = asked(explorer)
    for choice in ("skip_connect", "avg_pool_3x3", "nor_conv_1x1"):
        explorer.choose(choice)
        shown = send("choose", choice)
        assert shown["cell"]
        assert all(name for _, name in shown["choices"])
        assert_as_in_the_kernel(shown, explorer)


def test_clicks_lead_where_they_lead_in_the_kernel(asked):
    explorer = Explorer(atlas().space, atlas(), TASKS[0], architecture=("conv3-8", "pool2"))
    send = asked(explorer)
    for kind, *value in [
        ("choose", "dense32"), ("choose", "stop"), ("undo",), ("undo",), ("undo",), ("go", ["conv1-4", "stop"]),
        ("undo",), ("reset",), ("reset",), ("undo",), ("undo",), ("undo",), ("undo",),
    ]:  # fmt: skip
        explorer._answer({"do": kind, "value": value[0] if value else None})
        assert_as_in_the_kernel(send(kind, *value), explorer)


def test_a_closed_choice_leads_nowhere_and_random_to_a_network(asked):
    explorer = Explorer(atlas().space, atlas(), TASKS[0])
    send = asked(explorer)
    assert send("choose", "pool2")["choices"] == []
    found = {tuple(choice for choice, _ in send("random")["choices"]) for _ in range(30)}
    assert found <= set(atlas().architectures)
    assert len(found) > 5


def test_a_search_by_hand_goes_as_in_the_kernel(asked):
    hand = ("conv3-8", "pool2", "dense32", "stop")
    explorer = Explorer(replace(atlas().space, outputs=5), atlas(), TASKS[0], tries=3, marks={"hand-picked": hand})
    send = asked(explorer)
    networks = [("conv1-4", "stop"), ("conv3-8", "gap"), ("conv1-4", "stop"), hand, ("dense32",), hand]
    notes, words = [], []
    for network in networks:
        explorer.go(network)
        shown = send("go", list(network))
        assert_as_in_the_kernel(shown, explorer)
        explorer._answer({"do": "score"})
        shown = send("score")
        assert_as_in_the_kernel(shown, explorer)
        assert shown["note"] == explorer.shown["note"].replace("run this cell", "load this page")
        notes.append(shown["note"])
        words.append(shown["words"])
    assert shown["search"]["left"] == 0
    assert shown["truth"]
    first, second, _ = [f"{score:.3f}" for _, score in explorer.tried]
    used = "All 3 tries are used: load this page again for new ones."
    assert notes[:5] == ["", "", f"Scored before: {first}. It costs no try.", "", used]
    assert f" Score {first} on try 1 of 3" in words[0]
    assert f" Score {second} on try 2 of 3" in words[1]
    assert words[3].endswith(f" {used}"), "with the last try, not with the next press"


def test_a_page_with_a_part_never_ends_before_a_network_is_complete(asked):
    explorer = Explorer(spaces.load("cell-201", tasks.load("digits")), architecture=["none"])
    send = asked(explorer)
    assert {len(send("random")["choices"]) for _ in range(9)} == {6}
    shown = send("reset")
    assert shown["part"] == explorer._graph.part
    for place in range(6):
        opened = [choice for _, some in shown["groups"] for choice, why_not in some if not why_not]
        assert shown["decides"].endswith(f" Open here: {len(opened)}.")
        shown = send("choose", opened[-1])
        assert len(shown["choices"]) == place + 1
    assert shown["decides"] == "The network is complete."


@pytest.fixture
def paged(outside):
    """Opens the saved page of an explorer, with some text above and below, and a link in each."""

    def begin(explorer, above=0, before="", graph=None):
        explorer._graph = graph
        if not graph:
            explorer.record()
        space = f"<div style='height:{above}px'>far</div>"
        html = (
            f"<script>{before}</script><a href='#' id='above'>a</a>{space}{explorer.page()}<a href='#' id='below'>b</a>"
        )
        outside.set_content(f"<!doctype html><body>{html}</body>")
        return outside

    return begin


FOCUS = "document.activeElement.className || document.activeElement.innerText || document.activeElement.tagName"


def test_a_chip_of_the_path_keeps_the_focus_on_the_path(paged):
    page = paged(Explorer(atlas().space, atlas(), TASKS[0], architecture=("conv3-8", "pool2", "dense32")))
    page.locator(".path button").nth(1).press("Enter")
    page.locator(".path li").nth(2).wait_for(state="detached")
    assert page.evaluate(FOCUS) == "pool2"
    page.keyboard.press("Backspace")
    page.locator(".path li").nth(2).wait_for()
    assert page.evaluate(FOCUS) == "dense32"
    for _ in range(3):
        page.keyboard.press("Backspace")
    page.get_by_text("nothing chosen yet").wait_for()
    assert page.evaluate(FOCUS) == "words"


def test_the_score_is_announced_and_seen(paged):
    game = Explorer(atlas().space, atlas(), TASKS[0], architecture=("conv3-8", "stop"), tries=10)
    page = paged(game)
    page.get_by_role("button", name="Score it").click()
    page.get_by_role("status").get_by_text(f"Score {game.score():.3f} on try 1 of 10").wait_for()
    page.get_by_role("button", name="Score it").click()
    page.locator(".why", has_text="It costs no try.").wait_for()


def test_what_a_page_does_not_have_is_said_in_sight(paged):
    explorer = Explorer(spaces.load("cell-201", tasks.load("digits")), architecture=["none"])
    page = paged(explorer)
    assert page.locator(".part").inner_text() == explorer._graph.part
    assert page.locator(".part").is_visible()
    assert "of the part that this page has" in page.get_by_role("button", name="Random").get_attribute("title")


def test_a_browser_that_cannot_read_the_graph_says_what_to_do(paged):
    explorer = Explorer(spaces.load("mlp", tasks.load("digits")))
    page = paged(explorer, before="delete window.DecompressionStream")
    page.get_by_role("button", name="Reset").click()
    page.locator(".why", has_text="open the lesson on Binder or on your own machine").wait_for(timeout=3000)


@pytest.mark.parametrize(("key", "steps"), [("Tab", 6), ("Shift+Tab", 1)])
def test_the_focus_is_never_lost_on_the_way_into_an_explorer(paged, key, steps):
    explorer = Explorer(atlas().space, atlas(), TASKS[0], tries=10)
    page = paged(explorer, above=3000)
    page.locator("#above" if key == "Tab" else "#below").evaluate("link => link.focus({preventScroll: true})")
    for _ in range(steps):
        page.keyboard.press(key)
        page.wait_for_timeout(300)  # time to begin
        assert page.evaluate("document.activeElement.closest('.nasedu-explorer') !== null")


def test_an_explorer_begins_before_it_is_in_sight(paged):
    page = paged(Explorer(atlas().space, atlas(), TASKS[0], tries=10), above=1500)
    assert page.evaluate("innerHeight") < 1500
    page.locator(".nasedu-explorer").wait_for(timeout=3000)
