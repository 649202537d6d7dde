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
    networks = [("conv1-4", "stop"), ("conv1-4", "stop"), ("conv3-8", "gap"), hand, ("dense32",)]
    for network in networks:
        explorer.go(network)
        shown = send("go", list(network))
        assert_as_in_the_kernel(shown, explorer)
        explorer._answer({"do": "score"})
        shown = send("score")
        assert_as_in_the_kernel(shown, explorer)
    assert shown["search"]["left"] == 0
    assert shown["truth"]
    assert "all 3 tries are used" in shown["note"]
    assert "all 3 tries are used" in explorer.shown["note"]
