"""What an explorer gives a saved page: the states, choices and scores that its kernel would show."""

import base64
import json
import zlib
from dataclasses import replace
from weakref import WeakSet

import pytest

from nasedu import spaces, tasks
from nasedu.core import BadValue, rng_from
from nasedu.tables import atlas
from nasedu.widgets import explorer, explorer_graph
from nasedu.widgets.explorer import Explorer, record_all
from nasedu.widgets.explorer_graph import MOST_BYTES, MOST_STATES, PART, graph_of, paths_around
from nasedu.widgets.explorer_truth import truth
from nasedu.widgets.explorer_view import Built, look

TASK = "how-many/digits"


def quick(space, network):
    """A network as if it were built: to build all of them takes long, and is tested elsewhere."""
    name = " ".join(network)
    return Built(f"<svg><g>{name}</g></svg>", ((name, "1", len(name)),), len(name), 2 * len(name))


@pytest.fixture(autouse=True)
def nothing_is_built(monkeypatch):
    monkeypatch.setattr(explorer_graph, "build", quick)


class Opened:
    """A graph as the page reads it."""

    def __init__(self, graph):
        self.data = json.loads(zlib.decompress(base64.b64decode(graph.text)))
        self.states = self.data["states"]
        self.paths = []
        for parent, choice in zip(self.states["parent"], self.states["choice"], strict=True):
            self.paths.append(() if parent < 0 else (*self.paths[parent], self.data["parts"][choice]))

    def options(self, at):
        return [(title, *pair) for title, some in self.data["groups"][self.states["groups"][at]] for pair in some]

    def joined(self, numbers):
        return "".join(self.data["parts"][number] for number in numbers)


@pytest.fixture(scope="module")
def whole():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(explorer_graph, "build", quick)
        return Opened(graph_of(atlas().space, (), atlas(), TASK))


def test_the_graph_of_a_small_space_is_the_space(whole):
    space = atlas().space
    assert len(set(whole.paths)) == len(whole.paths) <= MOST_STATES
    assert {path for path, end in zip(whole.paths, whole.states["complete"], strict=True) if end} == set(
        space.enumerate()
    )
    for at, path in enumerate(whole.paths):
        state = space.start()
        for choice in path:
            state = space.moves(state)[choice]
        opened = {choice for _, choice, why_not in whole.options(at) if not why_not}
        assert opened == set(space.moves(state))
        assert {(*path, choice) for choice in opened} <= set(whole.paths)


def test_each_state_says_what_the_kernel_says(whole):
    space = atlas().space
    for at in range(0, len(whole.paths), 7):
        view = look(space, whole.paths[at], build=quick)
        assert whole.options(at) == [(title, o.choice, o.why_not) for title, some in view.groups for o in some]
        assert whole.data["parts"][whole.states["decides"][at]] == view.decides
        assert whole.states["complete"][at] == view.complete
        network = whole.states["network"][at]
        assert tuple(whole.data["networks"][network]) == view.network
        assert whole.data["sizes"][network] == view.built.words
        assert whole.joined(whole.data["drawings"][network]) == view.built.drawing
        rows = [(title, shape, f"{count:,}") for title, shape, count in view.built.layers]
        assert [tuple(whole.data["rows"][row]) for row in whole.data["layers"][network]] == rows


def test_the_scores_are_those_of_the_table(whole):
    table = atlas()
    found = whole.data["table"]
    assert sorted(map(tuple, whole.data["networks"])) == sorted(table.architectures)
    for place in range(0, len(found["scores"]), 11):
        own = truth(table.space, tuple(whole.data["networks"][place]), table, TASK).own
        assert found["scores"][place] == own.score
        assert found["texts"][place] == own.texts[1]


def test_a_large_space_is_there_around_the_network_and_says_what_is_not():
    space = spaces.load("chain-cnn", tasks.load("digits"))
    shown = ("conv3-16", "pool2")
    graph = graph_of(space, shown)
    opened = Opened(graph)
    assert len(graph.text) <= MOST_BYTES
    there = set(opened.paths)
    assert {(), *((choice,) for choice in space.moves(space.start())), shown[:1], shown} <= there
    assert max(map(len, there)) > len(shown) + 2, "a few choices on from the network shown"
    cut = set()
    for at, path in enumerate(opened.paths):
        legal = {o.choice for _, some in look(space, path, build=quick).groups for o in some if not o.why_not}
        for _, choice, why_not in opened.options(at):
            assert (why_not == "") == ((*path, choice) in there)
            assert (why_not in ("", PART)) == (choice in legal)
            cut |= {choice} if why_not == PART else set()
    assert cut
    networks = sum(opened.states["complete"])
    assert opened.data["part"] == graph.part
    assert graph.part.startswith(f"This page has a part of the space: {networks:,} of {space.size():,} networks.")


PARTS = [("chain-cnn", 2), ("cell-201", 0), ("cell-201", 3), ("attention", 6), ("mlp", 1), ("darts", 2), ("macro", 4)]


@pytest.mark.parametrize(("name", "made"), PARTS)
@pytest.mark.parametrize("most", [9, 300])
def test_each_state_of_a_part_can_be_finished_and_counts_the_open_buttons(name, made, most, monkeypatch):
    monkeypatch.setattr(explorer_graph, "SIZES", [most])
    monkeypatch.setattr(explorer_graph, "MOST_BYTES", 10**7)
    space = spaces.load(name, tasks.load("digits"))
    opened = Opened(graph_of(space, space.sample(rng_from(0, "a network to show"))[:made]))
    ends = [bool(complete) for complete in opened.states["complete"]]
    for at in range(len(ends) - 1, 0, -1):
        ends[opened.states["parent"][at]] |= ends[at]
    assert all(ends)
    for at, path in enumerate(opened.paths):
        options = {choice: why_not for _, choice, why_not in opened.options(at)}
        assert options.get("stop") != PART, "where the space can stop, the part can"
        opening = sum(why_not == "" for why_not in options.values())
        assert opening == sum(parent == at for parent in opened.states["parent"])
        said = opened.data["parts"][opened.states["decides"][at]]
        assert said == "The network is complete." if not opening else said.endswith(f" Open here: {opening}.")
        assert (opening == 0) == opened.states["complete"][at], path


@pytest.mark.parametrize("most", [1, 9, 40, 400, 3000])
def test_there_are_no_more_paths_than_allowed_and_each_follows_the_one_that_it_continues(most):
    paths, whole = paths_around(atlas().space, ("conv3-8", "pool2"), most)
    assert len(paths) <= max(most, 6)  # those to the network shown, and one more each to stop there
    assert whole == (most == 3000)
    for place, path in enumerate(paths[1:], 1):
        assert path[:-1] in paths[:place]


def test_a_graph_that_is_too_large_is_a_smaller_part_or_none(monkeypatch):
    space = spaces.load("chain-cnn", tasks.load("digits"))
    monkeypatch.setattr(explorer_graph, "MOST_BYTES", 9000)
    graph = graph_of(space, ("conv3-16",))
    assert len(graph.text) <= 9000
    assert ("conv3-16",) in Opened(graph).paths
    monkeypatch.setattr(explorer_graph, "MOST_BYTES", 10)
    assert graph_of(space, ("conv3-16",)) is None


def test_a_part_of_a_table_has_no_ranks_so_it_is_no_graph(monkeypatch):
    monkeypatch.setattr(explorer_graph, "MOST_STATES", 300)
    monkeypatch.setattr(explorer_graph, "SIZES", [300])
    assert graph_of(atlas().space, (), atlas(), TASK) is None
    assert graph_of(atlas().space, ()) is not None


def test_in_a_cell_nothing_changes_until_the_explorer_is_recorded(monkeypatch):
    monkeypatch.setattr(explorer, "_made", WeakSet())  # not those of other tests
    game = Explorer(atlas().space, atlas(), TASK, tries=10)
    before = game.page()
    assert before == game.static()
    record_all()
    page = game.page()
    assert "data-nasedu=" in page
    assert game.static() in page
    game.choose("conv3-8")
    assert game.static() in game.page()


def test_the_page_begins_with_the_choices_that_it_has():
    shown = Explorer(spaces.load("cell-201", tasks.load("digits")), architecture=["nor_conv_3x3"] * 2)
    shown._graph = replace(graph_of(shown.space, ()), paths=frozenset([("nor_conv_3x3",) * 2, ("nor_conv_3x3",) * 3]))
    state = shown._plain(graph=shown._graph)
    assert state["decides"].endswith("Open here: 1.")
    assert [choice for _, some in state["groups"] for choice, why_not in some if not why_not] == ["nor_conv_3x3"]
    assert state["part"] == shown._graph.part != shown.shown["part"] == ""
    assert shown.page() != shown.static()
    shown.reset()
    assert shown.page() == shown.static(), "no page that begins where it has nothing"


def test_a_game_covers_its_scores():
    game = Explorer(atlas().space, atlas(), TASK, tries=10)
    game.record()
    best, _ = atlas().best(TASK)
    text = truth(atlas().space, best, atlas(), TASK).own.texts[1]
    assert text in Opened(game._graph).data["table"]["texts"]
    assert text not in game.page()
    assert " ".join(best) not in game.page()


def test_the_builder_of_a_lesson_says_which_explorer_is_too_large(monkeypatch):
    monkeypatch.setattr(explorer, "_made", WeakSet())
    monkeypatch.setattr(explorer_graph, "MOST_BYTES", 10)
    shown = Explorer(spaces.load("chain-cnn", tasks.load("digits")), architecture=("conv3-16",))
    with pytest.raises(BadValue, match="is too large for a saved page: give it a smaller space"):
        record_all()
    assert "data-nasedu=" not in shown.page()
