"""Grammars: what is read and what is refused, which networks are derived, and how they are edited."""

import functools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nasedu import spaces
from nasedu.core import BadArchitecture, BadValue, describe, rng_from
from nasedu.spaces.bindings import WORDS
from nasedu.spaces.derivations import trees
from nasedu.spaces.grammar import Grammar
from nasedu.spaces.grammar_parser import heights, reaches, read
from tests.spaces.walks import any_walk, trains_one_step

SMALL = """
    Net   -> Body Head            # a comment
    Body  -> Block
          | Block Body
    Block -> conv3-2 | conv1-2 pool2
    Head  -> gap | dense4
"""
EVERYTHING = f"Net -> Layer | Layer Net\nLayer -> {' | '.join(WORDS.split(', '))}"


def grammar(text=SMALL, shape=(1, 8, 8), **options):
    return Grammar(shape, 10, text=text, **({"depth": 5} | options))


# ---------------------------------------------------------------------- reading


def test_a_grammar_is_read():
    rules = read(SMALL)
    assert rules.start == "Net"
    assert rules.alternatives["Body"] == (("Block",), ("Block", "Body"))
    assert rules.alternatives["Block"] == (("conv3-2",), ("conv1-2", "pool2"))
    assert rules.terminals() == ["conv3-2", "conv1-2", "pool2", "gap", "dense4"]
    assert read("A->conv1-2->"[:-2]).alternatives == {"A": (("conv1-2",),)}


def test_heights():
    rules = read(SMALL)
    assert heights(rules) == {"Net": 3, "Body": 2, "Block": 1, "Head": 1}
    assert {name: high < 10 for name, high in reaches(rules).items()} == {
        "Net": False,
        "Body": False,
        "Block": True,
        "Head": True,
    }


@pytest.mark.parametrize(
    ("text", "line", "column", "what"),
    [
        ("Net -> conv3-16 §", 1, 17, "'§' is no sign of a grammar"),
        ("Net -> a\n  -> gap", 2, 3, "expected the name of a rule, found '->'"),
        ("| gap", 1, 1, "expected the name of a rule, found '|'"),
        ("Net conv3-16", 1, 5, "expected -> after 'Net', found 'conv3-16'"),
        ("Net", 1, 4, "expected -> after 'Net', found 'the end of the rule'"),
        ("net -> gap", 1, 1, "begins with a capital letter; found 'net'"),
        ("Net -> gap |", 1, 13, "expected a word, found 'the end of the rule'; for no layer at all write 'nothing'"),
        ("Net -> gap || gap", 1, 13, "expected a word, found '|'"),
        ("Net ->", 1, 7, "expected a word"),
        ("# a comment\n\nNet -> gap A -> gap", 3, 14, "a second arrow in one rule"),
        ("Net -> gap | gap", 1, 17, "the alternative 'gap' stands here twice"),
        ("Net -> A\nA -> gap\nA -> relu", 3, 1, "'A' has a rule already"),
        ("Net -> Blok gap\nBlock -> gap", 1, 8, "'Blok' has no rule; did you mean 'Block'?"),
        ("Net -> gap | Qq", 1, 14, "'Qq' has no rule"),
        ("Net -> gap | relu\nOld -> gap", 2, 1, "nothing leads from 'Net' to 'Old'"),
        ("Net -> Net conv3-16", 1, 1, "'Net' never comes to an end"),
        ("Net -> gap | A\nA -> B\nB -> A gap | A", 2, 1, "'A' never comes to an end"),
        ("Net -> gap | konv3-16", 1, 14, "'konv3-16' is bound to no layer; did you mean 'conv3-16'?"),
        ("Net -> gap\n | conv0-16", 2, 4, "'conv0-16' is bound to no layer"),
        ("Net -> gap | dense1000000", 1, 14, "'dense1000000' is bound to no layer"),
        ("Net -> gap | conv999-16", 1, 14, "'conv999-16' is bound to no layer"),
    ],
)
def test_a_wrong_grammar_is_refused_with_its_place(text, line, column, what):
    with pytest.raises(BadValue) as refused:
        grammar(text)
    message = str(refused.value)
    assert message.startswith(f"grammar, line {line}, column {column}: ")
    assert what in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"text": ""}, "a grammar is text such as"),
        ({"text": None}, "a grammar is text such as"),
        ({"text": "# nothing"}, "at least one rule"),
        ({"text": "Net -> conv3-16 gap"}, "one network and nothing to search"),
        ({"depth": 2}, "with depth=2 no network can be completed; the shortest derivation has 3"),
        ({"depth": 0}, "depth"),
        ({"outputs": 0}, "outputs"),
        ({"input_shape": ()}, "shape"),
        ({"bindings": {"mine": "conv"}}, "'mine' is bound to 'conv', which is neither a layer"),
        ({"bindings": {"mine": "no.such.module:f"}}, "neither a layer .* nor the module:function"),
        ({"bindings": {"mine": lambda shape: nn.Identity()}}, "cannot be found again by name .* no lambda"),
        ({"bindings": {"mine": functools.partial(nn.ReLU)}}, "cannot be found again"),
    ],
)
def test_an_impossible_space_is_refused(options, what):
    with pytest.raises(BadValue, match=what):
        Grammar(**({"input_shape": (1, 8, 8), "outputs": 10, "text": SMALL} | options))


# ---------------------------------------------------------------------- deriving


def derived(symbol, budget, rules):
    """All words of a rule within a depth, straight from the definition of a derivation tree."""
    if not symbol[0].isupper():
        return [(symbol,)]
    found = []
    for alternative in rules[symbol] if budget else ():
        ends = [()]
        for part in alternative:
            ends = [end + more for end in ends for more in derived(part, budget - 1, rules)]
        found += ends
    return found


@pytest.mark.parametrize("depth", range(3, 8))
@pytest.mark.parametrize("text", [SMALL, "E -> E E | pool2", "A -> A gap | B\nB -> relu A relu | tanh"])
def test_the_space_holds_exactly_what_can_be_derived(text, depth):
    if text.startswith("E") and depth > 5:
        return
    space = grammar(text, depth=depth)
    rules = read(text)
    wanted = derived(rules.start, depth, rules.alternatives)
    every = list(space.enumerate())
    assert len(every) == len(set(every)) == space.size() == len(wanted)
    assert sorted(space.layers(a) for a in every) == sorted(wanted)


def test_a_deep_grammar_is_counted_by_its_states():
    sizes = [1]  # E -> E E | pool2 with at most n rules inside each other: x(n) = x(n - 1)**2 + 1
    for _ in range(11):
        sizes.append(sizes[-1] ** 2 + 1)
    assert grammar("E -> E E | pool2", depth=12).size() == sizes[-1]
    assert grammar("Net -> conv3-2 Net | gap", depth=400).size() == 400


def test_rules_that_cannot_recur_do_not_multiply_the_states():
    from nasedu.spaces import counting

    shallow, deep = (grammar(depth=depth) for depth in (10, 20))
    few, many = (len(counting.states_by_depth_first(space)) for space in (shallow, deep))
    assert many - few == 2 * 10  # a body and a block for each more round, and only one head


@pytest.mark.parametrize(
    ("before", "choice", "reason"),
    [
        ((), "Body:conv3-2", "no alternative in this grammar"),
        ((), "Head:gap", "the rule 'Body' is expanded here, and 'Head:gap' is an alternative of 'Head'"),
        (("Body:Block,Body", "Block:conv3-2") * 2, "Body:Block,Body", "needs at least 3 more rules .* 2 are left"),
    ],
)
def test_a_closed_choice_says_why(before, choice, reason):
    with pytest.raises(BadArchitecture, match=reason):
        grammar().walk((*before, choice))


def test_what_a_learner_sees_is_the_rule_and_its_depth():
    space = grammar()
    steps = space.walk(("Body:Block,Body", "Block:conv3-2", "Body:Block", "Block:conv3-2", "Head:gap"))
    assert [space.key(step.state) for step in steps] == [
        (("Body", 4),),
        (("Block", 1),),
        (("Body", 3),),
        (("Block", 1),),
        (("Head", 1),),
    ]


# ---------------------------------------------------------------------- building


def wide(shape):
    """Bound by the tests: twice as many numbers."""
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), 2 * int(np.prod(shape))))


def no_layer(shape):
    return "no layer"


def not_for_images(shape):
    return nn.BatchNorm1d(shape[0])


def forgets_the_batch(shape):
    return nn.Flatten(0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([(1, 8, 8), (2, 3, 5), (1, 1, 1), (4,), (6, 3), (2, 2, 2, 2)]))
def test_whatever_follows_what_the_network_runs(seed, shape):
    space = grammar(EVERYTHING, shape, depth=6)
    trains_one_step(space, any_walk(space, seed))


def test_layers_are_those_of_the_words():
    space = grammar(EVERYTHING, depth=6)
    network = space.build(("Net:Layer,Net", "Layer:conv3-16", "Net:Layer,Net", "Layer:pool2", "Net:Layer", "Layer:gap"))
    convolution, pool, average, last = network
    assert (convolution[0].kernel_size, convolution[0].out_channels) == ((3, 3), 16)
    assert isinstance(convolution[1], nn.ReLU)
    assert pool.kernel_size == 2
    assert average(torch.ones(2, 16, 4, 4)).shape == (2, 16)
    assert last.in_features == 16


def test_words_are_bound_to_functions_and_to_layers():
    text = "Net -> Net wide | small"
    space = grammar(text, bindings={"wide": wide, "small": "conv3-2"})
    assert space.bindings == {"wide": f"{__name__}:wide", "small": "conv3-2"}
    network = trains_one_step(space, ("Net:Net,wide", "Net:Net,wide", "Net:small"))
    assert network[-1].in_features == 4 * 2 * 64
    twin = Grammar(**{key: value for key, value in describe(space).items() if key != "name"})
    assert describe(twin) == describe(space)
    assert list(twin.enumerate()) == list(space.enumerate())


@pytest.mark.parametrize("bound", [no_layer, not_for_images, forgets_the_batch])
def test_a_function_that_gives_no_fitting_layer_is_named(bound):
    space = grammar("Net -> mine | gap", bindings={"mine": bound})
    with pytest.raises(BadValue, match=r"the layer of 'mine' (cannot take a batch of shape|turned a batch of 2)"):
        space.build(("Net:mine",))


# ---------------------------------------------------------------------- edits


def test_a_derivation_is_a_tree():
    architecture = ("Body:Block,Body", "Block:conv3-2", "Body:Block", "Block:conv1-2,pool2", "Head:gap")
    spans = [(tree.first, tree.last, tree.top[0][0]) for tree in trees(grammar(), architecture)]
    assert spans == [(0, 4, "Body"), (1, 2, "Block"), (2, 4, "Body"), (3, 4, "Block"), (4, 5, "Head")]


@pytest.mark.parametrize(
    "text", [SMALL, "A -> A gap | B A | tanh\nB -> norm | relu", "A -> A gap | B\nB -> relu A relu | tanh"]
)
def test_neighbours_are_each_others_and_lead_everywhere(text):
    space = grammar(text)
    members = set(space.enumerate())
    near = {a: set(space.neighbours(a)) for a in members}
    assert all(found <= members - {a} for a, found in near.items())
    assert all(a in near[b] for a in members for b in near[a])
    if "relu" in text:
        return  # recursion through another rule is no neighbour
    reached, waiting = {min(members)}, [min(members)]
    while waiting:
        for b in near[waiting.pop()] - reached:
            reached.add(b)
            waiting.append(b)
    assert reached == members


def test_a_body_becomes_one_block_longer_or_shorter():
    space = grammar()
    short = ("Body:Block", "Block:conv3-2", "Head:gap")
    longer = ("Body:Block,Body", "Block:conv1-2,pool2", "Body:Block", "Block:conv3-2", "Head:gap")
    assert longer in space.neighbours(short)
    assert short in space.neighbours(longer)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_mutants_and_children_are_members(seed):
    space, rng = grammar(EVERYTHING, depth=8), rng_from(seed)
    a, b = space.sample(rng), space.sample(rng)
    mutant, child = space.mutate(a, rng), space.crossover(a, b, rng)
    space.walk(mutant)
    space.walk(child)
    assert mutant != a
    assert set(space.layers(child)) <= set(space.layers(a)) | set(space.layers(b))


def test_children_have_parts_of_both():
    space, rng = grammar(), rng_from(0)
    a = ("Body:Block", "Block:conv3-2", "Head:gap")
    b = ("Body:Block", "Block:conv1-2,pool2", "Head:dense4")
    children = {space.crossover(a, b, rng) for _ in range(60)}
    assert children == {(*b[:2], a[2]), (a[0], b[1], a[2]), (*a[:2], b[2])}


def test_mutation_reaches_every_length():
    space, rng = grammar(), rng_from(0)
    mutants = {len(space.mutate(("Body:Block", "Block:conv3-2", "Head:gap"), rng)) for _ in range(200)}
    assert mutants == {3, 5, 7}


def test_the_registered_grammar(digits):
    space = spaces.load("grammar", digits)
    blocks = 3 * 2
    assert space.size() == (blocks + blocks**2 + blocks**3) * 3
    assert space.layers(space.hand_picked()[0]) == ("conv3-32", "pool2", "dense64")
