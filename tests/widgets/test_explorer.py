"""The explorer without a browser: its view is a pure function, its clicks are messages."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from torch import nn

from nasedu import spaces, tasks
from nasedu.core import BadArchitecture, BadValue, Mismatch
from nasedu.core.themes import themed
from nasedu.spaces import Space
from nasedu.spaces.counting import TooManyStates
from nasedu.tables import Table, atlas
from nasedu.widgets.choice_names import group, grouped
from nasedu.widgets.explorer import Explorer, look
from nasedu.widgets.explorer_picture import dot_plot, html, reach
from nasedu.widgets.explorer_truth import MOST, change

TASK = "where/digits"
SPACES = list(spaces.registry)


@pytest.fixture(scope="module")
def digits():
    return tasks.load("digits")


@pytest.fixture(scope="module")
def chain(digits):
    return spaces.load("chain-cnn", digits)


def reasons(view):
    return {option.choice: option.why_not for _, options in view.groups for option in options}


# ---------------------------------------------------------------------- what is open, and why the rest is not


@pytest.mark.parametrize("name", SPACES)
def test_every_choice_has_one_button_and_is_open_or_says_why_not(name, digits):
    space = spaces.load(name, digits)
    steps = space.walk(space.sample(np.random.default_rng(3)))
    for made in range(0, len(steps), 2):
        view = look(space, [step.choice for step in steps[:made]])
        shown = [option.choice for _, options in view.groups for option in options]
        assert sorted(shown) == sorted(space.vocabulary()[0])
        for choice, reason in reasons(view).items():
            assert reason == (space.why_not(steps[made].state, choice) or "")


@pytest.mark.parametrize("name", SPACES)
def test_nothing_can_follow_a_complete_network(name, digits):
    space = spaces.load(name, digits)
    view = look(space, space.hand_picked()[0])
    assert view.complete
    assert view.decides == "The network is complete."
    assert all("complete" in reason for reason in reasons(view).values())
    assert f"{space.measure('parameters', view.network):,} parameters" in view.words


def test_a_choice_that_is_not_open_is_refused_with_the_reason(chain):
    with pytest.raises(BadArchitecture, match="choice 3: 'pool2' cannot follow: pooling never follows pooling"):
        look(chain, ("conv3-16", "pool2", "pool2"))


def test_choices_are_grouped_by_what_they_are():
    names = ["stop", "dense128", "dense32", "conv3-16", "conv1-64", "gap", "pool2", "dil_conv_5x5", "mystery"]
    assert list(grouped(names).items()) == [
        ("convolutions", ["conv1-64", "conv3-16", "dil_conv_5x5"]),
        ("pooling", ["gap", "pool2"]),
        ("dense layers", ["dense32", "dense128"]),
        ("other choices", ["mystery"]),
        ("end", ["stop"]),
    ]
    assert group("max_pool_3x3~4") == "edge from node 4"
    assert group("Head:gap") == "rule Head"


@pytest.mark.parametrize("name", SPACES)
def test_no_choice_of_the_shipped_spaces_is_left_without_a_group(name, digits):
    assert "other choices" not in grouped(spaces.load(name, digits).vocabulary()[0])


@pytest.mark.parametrize(
    ("name", "made", "words"),
    [
        ("cell-201", 3, "Choice 4 of at most 6: the edge from node 0 to node 3."),
        ("darts", 9, "Choice 10 of at most 16: the second edge to node 2 of the reduction cell."),
        ("skip-chain", 3, "Choice 4 of at most 7: whether layer 3 also sees layer 1."),
        ("macro", 2, "Choice 3 of at most 8: the block in slot 3."),
        ("recurrent", 2, "Choice 3 of at most 5: the width."),
        ("attention", 2, "Choice 3 of at most 6: heads."),
        ("chain-cnn", 2, "Choice 3 of at most 7."),
    ],
)
def test_it_says_what_the_next_choice_decides(name, made, words, digits):
    space = spaces.load(name, digits)
    view = look(space, space.hand_picked()[0][:made])
    assert view.decides.startswith(f"{words} Open here: ")
    assert len(view.made) == made


class Large(Space):
    """More states than anybody visits: its vocabulary is not to be had."""

    input_shape = (4,)

    def __init__(self):
        self.asked = 0

    def start(self):
        return ()

    def choices(self, state):
        return ("a", "b<i>") if len(state) < 3 else ()

    def step(self, state, choice):
        return (*state, choice)

    def build(self, architecture):
        if "b<i>" in architecture:
            raise ValueError("there is no layer <i>")
        return nn.Linear(4, 2)

    def vocabulary(self):
        self.asked += 1
        raise TooManyStates("too many")


def test_a_space_too_large_to_visit_shows_what_random_walks_meet_and_is_asked_once():
    space = Large()
    for made in range(3):
        view = look(space, ("a",) * made)
        assert set(reasons(view)) == {"a", "b<i>"}
        assert view.decides == f"Choice {made + 1}. Open here: 2."
    assert space.asked == 1


def test_a_network_that_cannot_be_built_is_shown_with_its_reason_escaped():
    view = look(Large(), ("a", "a", "b<i>"))
    assert view.words == "a a b<i>: it cannot be built. ValueError: there is no layer <i>"
    assert view.built.drawing == ""
    assert "<i>" not in html(view)
    assert "&lt;i&gt;" in html(view)


# ---------------------------------------------------------------------- what has come of it so far


def test_a_partial_network_is_what_it_would_be_if_it_stopped(chain):
    view = look(chain, ("conv3-16", "pool2"))
    assert not view.complete
    assert view.network == ("conv3-16", "pool2", "stop")
    assert view.built.parameters == 16 * 9 + 16 + 16 * 4 * 4 * 10 + 10
    assert view.built.flops == 2 * (8 * 8 * 16 * 9 + 16 * 4 * 4 * 10)
    assert view.built.layers[0] == ("Conv2d 3×3", "16 × 8 × 8", 160)
    assert "stopped here: 2,730 parameters" in view.words
    assert view.built.drawing == chain.draw(view.network)


def test_where_it_cannot_stop_it_says_so(digits):
    space = spaces.load("cell-201", digits)
    view = look(space, ("none", "none"), None)
    assert view.network is None
    assert view.built is None
    assert view.words == "none none: it cannot be built before more choices are made."


def test_an_unfinished_cell_is_drawn_with_its_edges_so_far(digits, chain):
    space = spaces.load("cell-201", digits)
    explorer = Explorer(space, architecture=("none", "nor_conv_3x3"))
    assert explorer.shown["cell"] == themed(space.draw_cell(("none", "nor_conv_3x3")))
    assert "0→2 nor_conv_3x3" in html(explorer.view).split("What can follow")[0]
    assert look(chain, ("conv3-16",)).cell == ""


# ---------------------------------------------------------------------- what the table says


def test_the_true_score_its_spread_and_its_rank():
    table = atlas()
    view = look(table.space, ("conv3-8", "pool2"), table, TASK)
    own, row = view.truth.own, table.rows["conv3-8", "pool2", "stop"]
    by_seed = table.values[row, table.tasks.index(TASK)]
    assert own.score == pytest.approx(by_seed.mean(0).max())
    assert own.spread == pytest.approx(by_seed[:, -1].std())
    everyone = sorted(table.scores(TASK), reverse=True)
    assert everyone[own.rank - 1] == own.score
    assert own.rank == 1 or everyone[own.rank - 2] > own.score
    assert view.words.endswith(f"{own.score:.3f} ± {own.spread:.3f} over 3 seeds, rank {own.rank} of 1,188.")


def test_the_best_network_has_rank_one():
    table = atlas()
    assert look(table.space, table.best(TASK).architecture, table, TASK).truth.own.rank == 1


def test_all_neighbours_best_first_each_with_its_edit():
    table = atlas()
    network = ("conv3-8", "pool2", "stop")
    truth = look(table.space, network, table, TASK).truth
    assert {one.architecture for one in truth.neighbours} == set(table.space.neighbours(network))
    scores = [one.score for one in truth.neighbours]
    assert scores == sorted(scores, reverse=True)
    assert scores == [table.scores(TASK)[table.row(one.architecture)] for one in truth.neighbours]
    edits = {one.architecture: one.change for one in truth.neighbours}
    assert edits["conv3-8", "pool4", "stop"] == "2: pool2 → pool4"
    assert edits["conv3-8", "stop"] == "2: − pool2"
    assert edits["conv1-4", "conv3-8", "pool2", "stop"] == "1: + conv1-4"


def test_an_edit_among_equal_choices_is_one_edit():
    assert change(("a", "a", "stop"), ("a", "a", "a", "stop")) == "3: + a"
    assert change(("a", "a", "a", "stop"), ("a", "a", "stop")) == "3: − a"
    assert change(("none", "x"), ("none", "none")) == "2: x → none"


def small_table(space, members, scores):
    return Table(space, members, {"t": np.array(scores, dtype=float)})


def test_neighbours_that_the_table_does_not_have_are_counted(chain):
    network = ("conv3-16", "stop")
    near = chain.neighbours(network)
    truth = look(chain, network, small_table(chain, [network, near[0]], [0.5, 0.6]), "t").truth
    assert [one.architecture for one in truth.neighbours] == [near[0]]
    assert truth.omitted == len(near) - 1
    assert "1 of 1 neighbours score higher" in dot_plot(truth)
    assert f"{len(near) - 1} more are not shown" in dot_plot(truth)


def test_a_network_that_the_table_does_not_have(chain):
    view = look(chain, ("gap",), small_table(chain, [("conv3-16", "stop"), ("gap", "stop")][:1], [0.5]), "t")
    assert view.truth.own is None
    assert view.words.endswith("The table for t does not have it.")
    ET.fromstring(dot_plot(view.truth))


def test_networks_that_build_the_same_function_share_a_row(digits):
    space = spaces.load("cell-201", digits)
    network = space.hand_picked()[0]
    table = small_table(space, [space.canonical(network)], [0.7])
    assert look(space, network, table).truth.own.score == 0.7


def test_no_more_than_sixty_neighbours_are_listed(digits):
    space = spaces.load("chain-cnn", digits, filters=tuple(range(1, 41)))
    network = ("conv3-3", "conv3-3", "stop")
    members = [network, *space.neighbours(network)]
    truth = look(space, network, small_table(space, members, np.linspace(0, 1, len(members)))).truth
    assert len(truth.neighbours) == MOST
    assert truth.omitted == len(members) - 1 - MOST
    assert truth.neighbours[0].score == 1


# ---------------------------------------------------------------------- the dot plot


def test_the_dot_plot_has_a_mark_for_each_neighbour_and_one_for_the_network():
    table = atlas()
    truth = look(table.space, ("conv3-8", "pool2"), table, TASK).truth
    root = ET.fromstring(dot_plot(truth))
    marks = [g for g in root.iter() if g.get("class") == "neighbour"]
    assert [int(mark.get("data-place")) for mark in marks] == list(range(len(truth.neighbours)))
    low, _ = reach(truth)
    forms = ["path" if one.score < low else "circle" for one in truth.neighbours]
    assert [mark[1].tag.rpartition("}")[2] for mark in marks] == forms
    assert set(forms) == {"path", "circle"}, "two of them lie far below, and stand at the edge as triangles"
    assert [float(m[1].get("cx")) for m in marks if m[1].get("cx")] == sorted(
        (float(m[1].get("cx")) for m in marks if m[1].get("cx")), reverse=True
    )
    assert sum(g.get("class") == "own" for g in root.iter()) == 1


def test_the_network_itself_is_never_left_out_of_the_axis():
    table = atlas()
    truth = look(table.space, ("gap",), table, TASK).truth
    low, _ = reach(truth)
    assert low == truth.own.score < 0.2
    good = look(table.space, ("conv3-8",), table, TASK).truth
    assert reach(good)[0] > 0.8


def test_dots_of_one_score_lie_on_each_other_and_not_in_each_other(chain):
    network = ("conv3-16", "stop")
    members = [network, *chain.neighbours(network)[:6]]
    root = ET.fromstring(dot_plot(look(chain, network, small_table(chain, members, [0.4] + [0.8] * 6)).truth))
    places = {(dot.get("cx"), dot.get("cy")) for dot in root.iter() if dot.tag.endswith("circle")}
    assert len(places) == 6


def test_a_table_of_equal_scores_can_be_drawn(chain):
    truth = look(chain, ("conv3-16",), small_table(chain, [("conv3-16", "stop")], [0.5])).truth
    ET.fromstring(dot_plot(truth))


# ---------------------------------------------------------------------- the widget


def test_from_python_it_is_driven_by_choices():
    explorer = Explorer(atlas().space, atlas(), TASK)
    for choice in ("conv3-8", "pool2", "stop"):
        explorer.choose(choice)
    assert explorer.architecture == ("conv3-8", "pool2", "stop")
    explorer.undo()
    assert explorer.architecture == ("conv3-8", "pool2")
    explorer.reset()
    assert explorer.architecture == ()
    explorer.undo()
    assert explorer.architecture == ("conv3-8", "pool2"), "undo takes a reset back, too"
    with pytest.raises(BadArchitecture, match="pooling never follows pooling"):
        explorer.choose("pool4")
    assert explorer.architecture == ("conv3-8", "pool2"), "what is refused changes nothing"
    explorer.undo()
    assert explorer.architecture == ("conv3-8",)


def test_undo_takes_choices_to_begin_with_away_one_by_one(chain):
    explorer = Explorer(chain, architecture=("conv3-16", "stop"))
    for left in (("conv3-16",), (), ()):
        explorer.undo()
        assert explorer.architecture == left
    assert not explorer.shown["undo"]


def test_random_networks_are_complete_and_follow_from_the_seed(chain):
    one, other, third = Explorer(chain), Explorer(chain), Explorer(chain, seed=1)
    for explorer in (one, other, third):
        explorer.random()
        assert explorer.view.complete
    assert one.architecture == other.architecture != third.architecture


def test_one_click_gives_one_new_state():
    explorer = Explorer(atlas().space, atlas(), TASK)
    states = []
    explorer.observe(lambda change: states.append(change["new"]), "shown")
    explorer._answer({"do": "choose", "value": "conv3-8"})
    explorer._answer({"do": "go", "value": ["conv3-8", "pool2", "stop"]})
    explorer._answer({"do": "undo"})
    assert [[choice for choice, _ in state["choices"]] for state in states] == [
        ["conv3-8"],
        ["conv3-8", "pool2", "stop"],
        ["conv3-8"],
    ]
    assert states[0]["truth"]["rows"][0][3] == list(explorer.view.truth.neighbours[0].architecture)


def test_a_click_that_comes_too_late_is_answered_with_the_reason(chain):
    explorer = Explorer(chain)
    explorer._answer({"do": "choose", "value": "pool2"})
    assert explorer.architecture == ()
    assert "pooling is never the first layer" in explorer.shown["note"]
    explorer._answer({"do": "choose", "value": "conv3-16"})
    assert explorer.shown["note"] == ""


@pytest.mark.parametrize("message", [None, "choose", {}, {"do": "choose"}, {"do": "close"}, {"do": "go"}])
def test_any_other_message_changes_nothing(message, chain):
    explorer = Explorer(chain)
    explorer._answer(message)
    assert explorer.architecture == ()


@pytest.mark.parametrize("name", SPACES)
def test_what_the_browser_gets_is_small(name, digits):
    space = spaces.load(name, digits)
    state = Explorer(space, architecture=space.hand_picked()[0]).shown
    assert len(json.dumps(state)) < 100_000


def test_without_a_kernel_there_are_pictures_and_tables():
    data, _ = Explorer(atlas().space, atlas(), TASK, architecture=("conv3-8", "pool2"))._repr_mimebundle_()
    assert data["text/plain"].startswith("Explorer: conv3-8 pool2, stopped here: 2,970 parameters")
    assert data["text/html"].count("<img ") == 2
    assert data["text/html"].count("<details>") == 3
    assert "pooling never follows pooling" in data["text/html"]
    assert "<script" not in data["text/html"]


def test_what_does_not_belong_together_is_refused(chain):
    with pytest.raises(BadValue, match="give the table too"):
        Explorer(chain, task=TASK)
    with pytest.raises(BadValue, match="has the tasks"):
        Explorer(atlas().space, atlas())
    with pytest.raises(Mismatch, match="is not of this space"):
        Explorer(chain, atlas(), TASK)
    with pytest.raises(BadArchitecture, match="choice 1"):
        Explorer(chain, architecture=("pool2",))


# ---------------------------------------------------------------------- a search by hand

GAME, HAND = "how-many/digits", ("conv3-8", "pool2", "dense32", "stop")


@pytest.fixture
def game():
    return Explorer(atlas().space, atlas(), GAME, tries=2, marks={"hand-picked": HAND})


def test_true_scores_are_hidden_until_the_last_try(game):
    game.go(HAND)
    assert game.view.truth is None
    assert "rank" not in json.dumps(game.shown)
    game._answer({"do": "score"})
    assert game.tried == [(HAND, pytest.approx(0.661, abs=1e-3))]
    assert game.view.truth is None
    game.go(("conv1-8", "pool4"))
    game._answer({"do": "score"})  # a network that could stop here is scored as if it did
    assert [network for network, _ in game.tried] == [HAND, ("conv1-8", "pool4", "stop")]
    assert game.shown["search"]["left"] == 0
    assert game.view.truth is not None


def test_a_network_is_scored_once_and_no_try_is_left_after_the_last(game):
    game.go(HAND)
    assert game.score() == game.score()
    assert len(game.tried) == 1
    game.go(("conv1-8", "stop"))
    game.score()
    game.go(("conv1-4", "stop"))
    with pytest.raises(BadValue, match="All 2 tries are used"):
        game.score()
    game._answer({"do": "score"})
    assert "All 2 tries are used" in game.shown["note"]


def test_the_score_of_the_network_just_scored_is_in_the_words():
    game = Explorer(atlas().space, atlas(), GAME, tries=3)
    for network in (("conv1-8", "pool4", "stop"), HAND):
        game.go(network)
        game._answer({"do": "score"})
        number = len(game.tried)
        assert f"FLOPs. Score {game.tried[-1][1]:.3f} on try {number} of 3: " in game.shown["words"]
    scores = [score for _, score in game.tried]
    assert scores[0] > scores[1]
    assert game.shown["words"].endswith(f"on try 2 of 3: the best so far has {scores[0]:.3f}.")
    game.undo()
    assert game.shown["words"].endswith(f"Score {scores[0]:.3f} on try 1 of 3: the best so far.")
    game.go(("conv1-4", "stop"))
    assert "Score" not in game.shown["words"]
    game.score()
    assert game.shown["words"].endswith("All 3 tries are used: run this cell again for new ones.")
    assert f"{game.tried[-1][1]:.3f} ± " in game.shown["words"]
    game.go(HAND)
    assert "tries are used" not in game.shown["words"]


def test_a_network_that_was_scored_before_shows_its_score_and_costs_no_try(game):
    game.go(HAND)
    score = game.score()
    assert game.shown["note"] == ""
    game._answer({"do": "score"})
    assert game.shown["note"] == f"Scored before: {score:.3f}. It costs no try."
    assert game.shown["search"]["left"] == 1


def test_the_picture_of_the_tries_has_the_network_to_beat(game):
    assert all(f">{words}</text>" in game.shown["search"]["plot"] for words in ("hand-picked", "0.66"))
    assert ">hand-picked<" not in Explorer(atlas().space, atlas(), GAME, tries=2).shown["search"]["plot"]
    assert Explorer(atlas().space, atlas(), GAME).shown["search"] is None


def test_tries_need_a_table_and_marks_need_to_be_in_it(chain):
    with pytest.raises(BadValue, match="given tries=3, table=None"):
        Explorer(chain, tries=3)
    with pytest.raises(BadValue, match="given tries=0"):
        Explorer(atlas().space, atlas(), GAME, tries=0)
    with pytest.raises(BadArchitecture, match="is not a network of the table"):
        Explorer(atlas().space, atlas(), GAME, tries=3, marks={"mine": ("conv9-9", "stop")})
