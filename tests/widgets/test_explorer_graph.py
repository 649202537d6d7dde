"""What an explorer gives a saved page: the states, choices and scores that its kernel would show."""

import base64
import json
import zlib

import pytest

from nasedu import spaces, tasks
from nasedu.tables import atlas
from nasedu.widgets import explorer_graph
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
    networks = {network for network in opened.states["network"] if network >= 0}
    assert graph.omitted.startswith(f"This page has {len(networks):,} networks")


@pytest.mark.parametrize("most", [1, 9, 40, 400, 3000])
def test_there_are_no_more_paths_than_allowed_and_each_follows_the_one_that_it_continues(most):
    paths, whole = paths_around(atlas().space, ("conv3-8", "pool2"), most)
    assert len(paths) <= max(most, 3)
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
    assert graph_of(atlas().space, (), atlas(), TASK) is None
    assert graph_of(atlas().space, ()) is not None


def test_in_a_cell_nothing_changes_until_the_explorer_is_recorded():
    game = Explorer(atlas().space, atlas(), TASK, tries=10)
    before = game.page()
    assert before == game.static()
    record_all()
    page = game.page()
    assert "data-nasedu=" in page
    assert game.static() in page
    game.choose("conv3-8")
    assert game.static() in game.page()


def test_a_game_covers_its_scores():
    game = Explorer(atlas().space, atlas(), TASK, tries=10)
    game.record()
    best, _ = atlas().best(TASK)
    text = truth(atlas().space, best, atlas(), TASK).own.texts[1]
    assert text in Opened(game._graph).data["table"]["texts"]
    assert text not in game.page()
    assert " ".join(best) not in game.page()
