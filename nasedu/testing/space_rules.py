"""The rules of a space, on random walks through it. See `nasedu.testing.check_space`."""

import json
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

import numpy as np

from nasedu.core import Architecture, BadArchitecture, BadValue, NaseduError, describe, rng_from
from nasedu.spaces.base import Space, Step
from nasedu.spaces.counting import counts, states_by_depth_first
from nasedu.testing.rules import Broken, Suite, expect, global_seed, must_raise, short

suite = Suite("space")
space_checks = suite.checks

WALKS = 25  # random walks, for cheap rules
NETWORKS = 6  # networks, for expensive rules
ENDS = 40  # states in which a walk ends
MOST_STATES = 20_000
LONGEST = 10_000
DRAWS = 64  # uniform draws for each architecture of a space that has at most as many
LARGE_DRAWS = 1_000  # uniform draws from a larger space
SMALL = 3_000  # a space of at most this many architectures is enumerated completely


def random_steps(space: Space, rng: np.random.Generator) -> list[Step]:
    """Return a random walk, made with the author's four methods only. Raise Broken if it does not end."""
    state = space.start()
    steps: list[Step] = []
    while options := space.choices(state):
        if len(steps) >= LONGEST:
            raise Broken(
                f"a random walk went on after {LONGEST:,} choices; the last ones: {[s.choice for s in steps[-4:]]}",
                "let the state count the layers, and let `choices` return () when there are enough",
            )
        choice = options[int(rng.random() * len(options))]
        after = space.step(state, choice)
        steps.append(Step(state, choice, after))
        state = after
    return steps


def walks(space: Space, count: int = WALKS) -> Iterator[list[Step]]:
    rng = rng_from(0, "nasedu.testing", "walks")
    return (random_steps(space, rng) for _ in range(count))


def members(space: Space, count: int = WALKS) -> list[Architecture]:
    """Return at most `count` different architectures of the space."""
    found = [tuple(step.choice for step in steps) for steps in walks(space, count)]
    return list(dict.fromkeys(found))


def expect_member(space: Space, architecture: Any, what: str) -> None:
    """Raise Broken unless the space can read it."""
    expect(isinstance(architecture, tuple), f"{what} gave {short(architecture)}, no tuple", "return a tuple of choices")
    try:
        space.walk(architecture)
    except BadArchitecture as error:
        raise Broken(f"{what} gave {architecture}: {error}", "give only architectures that `walk` can read") from error


# ---------------------------------------------------------------------- states and choices


@suite.first
def random_walks_end(space: Space) -> None:
    """Check that every random walk ends in a complete network, and that no walk is empty."""
    for steps in walks(space):
        expect(bool(steps), "`choices(start())` is empty", "offer at least one choice at the start")


@suite.first
def states_are_hashable(space: Space) -> None:
    """Check that a state is a small frozen value: it can be a dictionary key, and `step` does not change it."""
    for steps in walks(space):
        for state, choice, after in steps:
            for value in (state, after):
                try:
                    hash(value)
                except TypeError as error:
                    raise Broken(
                        f"the state {short(value)} is a {type(value).__name__}", "use a tuple, a NamedTuple or a number"
                    ) from error
            before = repr(state)
            space.step(state, choice)
            expect(
                repr(state) == before,
                f"`step` turned the state {before} into {state!r}",
                "return a new state; leave the given one as it is",
            )


@suite.first
def the_same_choices_lead_to_the_same_states(space: Space) -> None:
    """Check that `start`, `choices`, `step` and `key` depend on their arguments only: no randomness, no counter."""
    mend = "compute it from the arguments alone; randomness belongs into `sample`"
    expect(space.start() == space.start(), "`start()` gave two different states", mend)
    for steps in walks(space):
        for state, choice, after in steps:
            once, again = space.choices(state), space.choices(state)
            expect(once == again, f"`choices({state!r})` gave {once}, then {again}", mend)
            expect(choice in once, f"`choices({state!r})` offered {choice!r} before, and now only {once}", mend)
            other = space.step(state, choice)
            expect(other == after, f"`step({state!r}, {choice!r})` gave {after!r}, then {other!r}", mend)
            expect(space.key(state) == space.key(state), f"`key({state!r})` gave two different values", mend)


@suite.rule
def keys_are_hashable(space: Space) -> None:
    """Check that `key(state)` can be a dictionary key: a table is indexed by it."""
    for steps in walks(space):
        for state in (steps[0].state, *(step.after for step in steps)):
            try:
                hash(space.key(state))
            except TypeError as error:
                raise Broken(
                    f"`key({state!r})` gave {short(space.key(state))}", "return a tuple, not a list"
                ) from error


@suite.first
def choices_are_short_clean_strings(space: Space) -> None:
    """Check that choices are a tuple of different, non-empty, printable strings without spaces."""
    for steps in walks(space):
        for state in (steps[0].state, *(step.after for step in steps)):
            options = space.choices(state)
            where = f"`choices({state!r})` gave {short(options)}"
            expect(isinstance(options, tuple), where, "return a tuple: the caller could change a list")
            expect(all(type(c) is str for c in options), where, 'return strings, such as "16" instead of 16')
            clean = all(c and c.isprintable() and not any(map(str.isspace, c)) for c in options)
            expect(clean, where, "use short names without spaces: they are shown joined by spaces")
            expect(len(set(options)) == len(options), where, "name every choice once")


@suite.first
def states_never_come_back(space: Space) -> None:
    """Check that no walk comes back to a state that it visited before, as every controller does."""
    try:
        space.check()
    except BadValue as error:
        raise Broken(str(error), "let every step lead on, so that each walk comes to its end") from error


# ---------------------------------------------------------------------- architectures


@suite.rule
def walks_are_read_back(space: Space) -> None:
    """Check that `walk` returns the states that an architecture passed through, also after a conversion to JSON."""
    for steps in walks(space):
        architecture = tuple(step.choice for step in steps)
        for form in (architecture, tuple(json.loads(json.dumps(architecture)))):
            expect_member(space, form, "a random walk")
            expect(
                space.walk(form) == steps,
                f"`walk({form})` gave {short(space.walk(form))}; the walk was {short(steps)}",
                "do not override `walk`, or let it follow `start` and `step`",
            )


@suite.rule
def illegal_architectures_are_refused(space: Space) -> None:
    """Check that `walk` raises BadArchitecture for a missing, extra or unknown choice, and for a string."""
    mend = "do not override `walk`, or raise BadArchitecture for what cannot be read"
    for architecture in members(space):
        wrong: list[Any] = [architecture[:-1], (*architecture, architecture[-1]), ("no such choice", *architecture[1:])]
        for attempt in (*wrong, (), "".join(architecture)):
            must_raise(BadArchitecture, lambda a=attempt: space.walk(a), f"`walk({attempt!r})`", mend)  # type: ignore[misc]


@suite.rule
def closed_choices_say_why(space: Space) -> None:
    """Check that `why_not` returns None for an open choice, and a sentence for every choice of other states."""
    seen = [step for steps in walks(space) for step in steps]
    names = dict.fromkeys([*(choice for step in seen for choice in space.choices(step.state)), "no such choice"])
    for state in dict.fromkeys([*(step.state for step in seen), *(step.after for step in seen)]):
        options = space.choices(state)
        for choice in names:
            answer = space.why_not(state, choice)
            where = f"`why_not({state!r}, {choice!r})` gave {answer!r}"
            if choice in options:
                expect(answer is None, f"{where} for a choice that is open", "give None for what is open")
            else:
                said = isinstance(answer, str) and answer.strip() != ""
                expect(said, f"{where} for a choice that is closed", "let `explain` return a sentence for every choice")


@suite.rule
def size_counts_what_is_enumerated(space: Space) -> None:
    """Check that `enumerate` yields every architecture once, that all are legal, and that `size` is their number."""
    size = space.size()
    first = list(islice(space.enumerate(), SMALL + 1))
    expect(len(set(first)) == len(first), "`enumerate` gave an architecture twice", "offer each choice once in a state")
    for architecture in first[:200]:
        expect_member(space, architecture, "`enumerate`")
    if size <= SMALL:
        expect(len(first) == size, f"`size()` is {size}, and `enumerate` gave {len(first)}", "do not override them")
        missed = [a for a in members(space) if a not in set(first)]
        expect(not missed, f"`enumerate` missed {missed[:1]}", "let `choices` depend on the state alone")
    else:
        expect(len(first) > SMALL, f"`size()` is {size}, and `enumerate` gave {len(first)}", "do not override them")


@suite.rule
def samples_follow_the_generator(space: Space) -> None:
    """Check that `sample(rng)` returns legal architectures, the same ones for the same generator."""
    once, again = rng_from(1, "sample"), rng_from(1, "sample")
    for _ in range(WALKS):
        a, b = space.sample(once), space.sample(again)
        expect_member(space, a, "`sample`")
        expect(a == b, f"one seed gave {a} and {b}", "draw from the `rng` that is given, and from nothing else")


@suite.rule
def uniform_samples_are_uniform(space: Space) -> None:
    """Check that `sample_uniform(rng)` draws each architecture equally often, and the same ones for one generator.

    In a space of at most 64 architectures, each is counted. In a larger one, first choices and lengths are counted.
    """
    size = space.size()
    draws = DRAWS * size if size <= DRAWS else LARGE_DRAWS
    once, again = rng_from(3, "uniform"), rng_from(3, "uniform")
    drawn = [space.sample_uniform(once) for _ in range(draws)]
    for a in drawn[:WALKS]:
        expect_member(space, a, "`sample_uniform`")
        b = space.sample_uniform(again)
        expect(a == b, f"one seed gave {a} and {b}", "draw from the `rng` that is given, and from nothing else")
    if size <= DRAWS:
        expect_shares(Counter(drawn), dict.fromkeys(space.enumerate(), 1), "the architecture")
        return
    ways = counts(space)
    firsts = {choice: ways[after] for choice, after in space.moves(space.start()).items()}
    expect_shares(Counter(a[0] for a in drawn), firsts, "the first choice")
    expect_shares(Counter(map(len, drawn)), number_by_length(space), "the length")


def expect_shares(found: Counter[Any], ways: dict[Any, int], what: str) -> None:
    """Raise Broken if a value was drawn far more or less often than its share of all `ways` says.

    Far is six standard deviations of a binomial count, and three draws more for what is rare.
    """
    draws, size = found.total(), sum(ways.values())
    for value in [*ways, *found]:
        share = ways.get(value, 0) / size
        wanted = draws * share
        bound = 6 * (wanted * (1 - share)) ** 0.5 + 3
        expect(
            abs(found[value] - wanted) <= bound,
            f"in {draws} draws of `sample_uniform`, {what} {value!r} came {found[value]} times; expected {wanted:.0f}, "
            f"give or take {bound:.0f}",
            "do not override `sample_uniform`, `nth` and `size`; `sample` draws walks, which are not uniform",
        )


def number_by_length(space: Space) -> dict[int, int]:
    """Return from the number of choices to how many architectures have it."""
    after: dict[Any, Counter[int]] = {}
    for state in states_by_depth_first(space):
        moves = space.moves(state)
        after[state] = Counter() if moves else Counter({0: 1})
        for following in moves.values():
            after[state].update({length + 1: number for length, number in after[following].items()})
    return dict(after[space.start()])


@suite.rule
def edits_are_legal(space: Space) -> None:
    """Check that `mutate`, `crossover` and `neighbours` return members, and none is its own neighbour."""
    rng = rng_from(2, "edits")
    found = members(space)
    for a, b in zip(found, reversed(found), strict=True):
        expect_member(space, space.mutate(a, rng), f"`mutate({a})`")
        expect_member(space, space.crossover(a, b, rng), f"`crossover({a}, {b})`")
        nearby = space.neighbours(a)
        for neighbour in nearby[:20]:
            expect_member(space, neighbour, f"`neighbours({a})`")
        once = len(set(nearby)) == len(nearby) and a not in nearby
        expect(once, f"`neighbours({a})` gave {short(nearby)}", "give each neighbour once, and not the architecture")


@suite.rule
def neighbours_are_neighbours_of_each_other(space: Space) -> None:
    """Check that if b is one edit away from a, then a is one edit away from b."""
    for a in members(space, 8):
        nearby = space.neighbours(a)
        for b in nearby[:: max(len(nearby) // 6, 1)]:
            expect(
                a in space.neighbours(b),
                f"{b} is a neighbour of {a}, and not the other way round",
                "count an edit in both directions",
            )


@suite.rule
def encodings_tell_architectures_apart(space: Space) -> None:
    """Check that `encode` returns finite vectors of one length, another for each architecture, always the same."""
    seen: dict[bytes, Architecture] = {}
    lengths = set()
    for architecture in members(space):
        vector = space.encode(architecture)
        expect(vector.ndim == 1, f"`encode({architecture})` has shape {vector.shape}", "return a flat vector")
        expect(bool(np.isfinite(vector).all()), f"`encode({architecture})` holds NaN", "use finite numbers")
        same = np.array_equal(vector, space.encode(architecture))
        expect(same, f"`encode({architecture})` gave two vectors", "compute it from the architecture alone")
        lengths.add(len(vector))
        expect(len(lengths) == 1, f"vectors of lengths {sorted(lengths)}", "pad to the longest walk")
        twin = seen.setdefault(vector.tobytes(), architecture)
        expect(twin == architecture, f"{twin} and {architecture} share a vector", "encode every choice and its place")


@suite.rule
def canonical_is_legal_and_settled(space: Space) -> None:
    """Check that `canonical` returns an architecture of the space whose canonical form is itself."""
    for architecture in members(space):
        once = space.canonical(architecture)
        expect_member(space, once, f"`canonical({architecture})`")
        twice = space.canonical(once)
        expect(twice == once, f"`canonical` led from {architecture} to {once} to {twice}", "go all the way at once")


@suite.rule
def hand_picked_are_members(space: Space) -> None:
    """Check that the space can read its `hand_picked` architectures."""
    for architecture in space.hand_picked():
        expect_member(space, architecture, "`hand_picked()`")


# ---------------------------------------------------------------------- networks

NETWORK_RULES = (
    "walks_end_in_networks",
    "networks_fit_the_shapes",
    "networks_are_a_function_of_their_seed",
    "networks_learn",
    "pictures_are_well_formed",
)
"""The rules that build networks: a space whose networks are looked up in a table does without."""


def batch_for(space: Space, count: int = 4) -> Any:
    """Return a batch of random inputs, (count, *input_shape). Raise Broken if the space does not give the shape."""
    import torch

    shape = getattr(space, "input_shape", None)
    expect(shape is not None, "it has no `input_shape`", "set `self.input_shape`, such as (1, 8, 8), in `__init__`")
    generator = torch.Generator().manual_seed(3)
    return torch.rand(count, *tuple(shape or ()), generator=generator)


def built(space: Space, architecture: Architecture, seed: int = 0) -> Any:
    """Return the network, with weights and dropout from one seed."""
    import torch

    from nasedu.trainers.single.initialise import initialise

    network = space.build(architecture)
    expect(isinstance(network, torch.nn.Module), f"`build` gave a {type(network).__name__}", "return a torch.nn.Module")
    initialise(network, torch.Generator().manual_seed(seed))
    return network


def ends(space: Space, count: int = ENDS) -> Iterator[tuple[Any, Architecture]]:
    """Yield at most `count` different states without a choice, each with a walk to it, by a search from the start."""
    found = 0
    ways: dict[Any, Architecture] = {space.start(): ()}
    waiting = [space.start()]
    while waiting and found < count and len(ways) < MOST_STATES:
        state = waiting.pop()
        options = space.choices(state)
        if not options:
            found += 1
            yield state, ways[state]
        for choice in options:
            after = space.step(state, choice)
            if after not in ways:
                ways[after] = (*ways[state], choice)
                waiting.append(after)


@suite.rule
def walks_end_in_networks(space: Space) -> None:
    """Check that `build` accepts every walk that ends in a state without choices: no walk is a dead end."""
    for state, architecture in ends(space):
        try:
            space.build(architecture)
        except (NaseduError, ValueError) as error:
            raise Broken(
                f"in the state {short(state)} no choice is open, and `build` refuses the walk that ends there, "
                f"{architecture}: {error}",
                "leave out every choice from which no walk can be completed: `choices` looks ahead",
            ) from error


@suite.rule
def networks_fit_the_shapes(space: Space) -> None:
    """Check that every network maps (batch, *input_shape) to (batch, outputs), all numbers finite."""
    import torch

    X = batch_for(space)
    for architecture in members(space, NETWORKS):
        with torch.no_grad():
            output = built(space, architecture)(X)
        wanted = (len(X), getattr(space, "outputs", output.shape[-1]))
        expect(
            tuple(output.shape) == wanted,
            f"the network of {architecture} gave shape {tuple(output.shape)} for a batch of {tuple(X.shape)}; "
            f"expected {wanted}",
            "end every network in a linear layer to `self.outputs`",
        )
        expect(bool(torch.isfinite(output).all()), f"the network of {architecture} gave NaN", "check its layers")


@suite.rule
def networks_are_a_function_of_their_seed(space: Space) -> None:
    """Check that two builds with weights from one seed give the same numbers, also in training mode."""
    import torch

    X = batch_for(space)
    for architecture in members(space, NETWORKS):
        outputs = []
        for other in (1, 2):  # torch's global generator has another state each time
            with global_seed(other), torch.no_grad():
                network = built(space, architecture).train()
                outputs.append(network(X))
        expect(
            torch.equal(*outputs),
            f"two networks of {architecture} with one seed gave different numbers",
            "draw nothing in `build` or `forward` from torch's global generator; for dropout there is "
            "nasedu.spaces.layers.Dropout; a layer with a `generator` attribute is given one",
        )


@suite.rule
def networks_learn(space: Space) -> None:
    """Check that one step of gradient descent has finite gradients and changes the network."""
    import torch

    X = batch_for(space)
    for architecture in members(space, NETWORKS):
        network = built(space, architecture).train()
        before = [p.detach().clone() for p in network.parameters()]
        expect(bool(before), f"the network of {architecture} has no parameters", "give it at least a linear layer")
        output = network(X)
        expect(output.requires_grad, f"the output of {architecture} has no gradient", "do not detach; no torch.no_grad")
        (output - 1).square().mean().backward()
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        finite = all(bool(torch.isfinite(g).all()) for g in gradients)
        expect(finite, f"gradients of {architecture} hold NaN", "look for a logarithm, a root or a division by zero")
        torch.optim.SGD(network.parameters(), lr=0.1).step()
        changed = any(not torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))
        expect(changed, f"a step changed nothing in {architecture}", "let its parameters require gradients")


@suite.rule
def pictures_are_well_formed(space: Space) -> None:
    """Check that `draw` returns one self-contained SVG element that an XML parser can read."""
    batch_for(space)
    for architecture in members(space, NETWORKS):
        picture = space.draw(architecture)
        try:
            root = ET.fromstring(picture)
        except ET.ParseError as error:
            raise Broken(f"`draw({architecture})`: {error}", "escape <, > and & in what you write") from error
        expect(root.tag.endswith("}svg"), f"`draw({architecture})` is a <{root.tag}>", "give an svg with its xmlns")
        foreign = [e.tag for e in root.iter() if any("href" in key or key == "src" for key in e.attrib)]
        expect(not foreign, f"`draw({architecture})` points elsewhere in {foreign}", "draw everything in the picture")


# ---------------------------------------------------------------------- the description in a store


@suite.rule
def the_description_rebuilds_the_space(space: Space) -> None:
    """Check that `describe(space)` is JSON, and that the constructor makes an equal space from it."""

    def refuse(constant: str) -> NoReturn:
        raise Broken(f"the description holds {constant}", "use finite numbers as parameters")

    description = describe(space)
    read = json.loads(json.dumps(description), parse_constant=refuse)
    expect(read == description, f"JSON changed {description} to {read}", "use numbers, strings and lists as parameters")
    parameters = {key: value for key, value in read.items() if key != "name"}
    twin = type(space)(**parameters)
    mend = "keep every argument of `__init__` under its own name, as it was given"
    expect(describe(twin) == description, f"{describe(twin)} was made from {description}", mend)
    same = all(twin.walk(a) == space.walk(a) for a in members(space)) and twin.size() == space.size()
    expect(same, f"a space made from {description} is another one", mend)
