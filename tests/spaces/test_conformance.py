"""Every registered space passes the suite, and every rule of the suite is broken by a space that breaks it."""

import random

import numpy as np
import pytest

from nasedu import spaces
from nasedu.core import BadArchitecture
from nasedu.spaces.base import Space
from nasedu.testing import TINY, FixedLength, VariableLength, check_space, space_checks

VARIANTS = {
    "chain-cnn": [{}, {"batch_norm": True, "dropout": 0.3}],
    "cell-201": [{"width": 4}, {"width": 4, "drop_zeros": True}],
    "skip-chain": [{}, {"layers": 7, "width": 4, "operations": ("sep3x3", "max3x3")}],
    "darts": [{"width": 2}],
    "grammar": [{}, {"text": "Net -> Net Net | conv3-4 | dense8 | pool2", "depth": 5, "bindings": {"dense8": "tanh"}}],
}
CASES = [(name, options) for name in spaces.registry for options in VARIANTS.get(name, [{}])]


@pytest.mark.parametrize("check", space_checks, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_registered_spaces(name, options, check, digits):
    check(spaces.load(name, digits, **options))


@pytest.mark.parametrize("tiny", TINY)
def test_tiny_spaces(tiny):
    check_space(tiny())


def test_sizes_of_the_tiny_spaces():
    assert [tiny().size() for tiny in TINY] == [12, 20, 1]


# ---------------------------------------------------------------------- spaces that break one rule each


class Endless(FixedLength):
    def choices(self, state):
        return ("4", "8")


class StatesAreLists(FixedLength):
    def start(self):
        return []

    def choices(self, state):
        return ("4", "8") if len(state) < 3 else ()

    def step(self, state, choice):
        return [*state, choice]


class Counter:
    """Hashable, and yet it changes."""

    def __init__(self):
        self.count = 0

    def __repr__(self):
        return str(self.count)


class StepChangesTheState(FixedLength):
    def start(self):
        return Counter()

    def choices(self, state):
        return ("4", "8") if state.count < 3 else ()

    def step(self, state, choice):
        state.count += 1
        return state


class ChoicesAreDrawn(FixedLength):
    def choices(self, state):
        return tuple(random.sample(("4", "8", "16", "32"), 3)) if state < 3 else ()


class KeysAreLists(FixedLength):
    def key(self, state):
        return [state]


class ChoicesAreNumbers(FixedLength):
    def choices(self, state):
        return (4, 8) if state < 3 else ()


class ChoicesAreAList(FixedLength):
    def choices(self, state):
        return list(super().choices(state))


class ChoiceTwice(FixedLength):
    def choices(self, state):
        return ("4", "8", "4") if state < 3 else ()


class ChoiceWithASpace(FixedLength):
    def choices(self, state):
        return ("4 units", "8") if state < 3 else ()


class ComesBack(FixedLength):
    def choices(self, state):
        return ("4", "8", "stop") if state < 3 else ()

    def step(self, state, choice):
        return {"4": 1, "8": 2, "stop": 3}[choice]


class WalksForgetTheEnd(FixedLength):
    def walk(self, architecture):
        return super().walk(architecture)[:-1]


class ReadsEverything(FixedLength):
    def walk(self, architecture):
        try:
            return super().walk(architecture)
        except ValueError:
            return []


class SaysNothing(FixedLength):
    def explain(self, state, choice):
        return ""


class CountsWrong(FixedLength):
    def size(self):
        return 13


class EnumeratesTwice(FixedLength):
    def enumerate(self):
        first = next(super().enumerate())
        return iter([first, *super().enumerate()])


class SamplesFromTheGlobalGenerator(FixedLength):
    def sample(self, rng, start=None):
        return super().sample(np.random.default_rng(), start)


class DrawsWalksAsUniform(VariableLength):
    def sample_uniform(self, rng):
        return self.sample(rng)


class DrawsWalksAsUniformInALargeSpace(DrawsWalksAsUniform):
    def choices(self, state):
        return () if isinstance(state, str) else ("8", "16", "32", "stop") if state[0] < 6 else ("stop",)


class NeverDrawsTheLast(FixedLength):
    def sample_uniform(self, rng):
        return self.nth(int(rng.integers(self.size() - 1)))


class MutatesTooFar(FixedLength):
    def mutate(self, architecture, rng):
        return (*architecture, "4")


class IsItsOwnNeighbour(FixedLength):
    def neighbours(self, architecture):
        return [architecture, *super().neighbours(architecture)]


class OneWayNeighbours(FixedLength):
    def neighbours(self, architecture):
        return [other for other in super().neighbours(architecture) if other > architecture]


class EncodesTheSetOfChoices(FixedLength):
    def encode(self, architecture):
        return np.array([float(choice in architecture) for choice in ("4", "8", "16")])


class EncodesWithoutPadding(VariableLength):
    def encode(self, architecture):
        return np.array([float(len(choice)) for choice in architecture])


class CanonicalGoesRound(FixedLength):
    def canonical(self, architecture):
        return (*architecture[:-1], "4" if architecture[-1] == "8" else "8")


class HandPicksAnother(FixedLength):
    def hand_picked(self):
        return (("128", "64"),)


class HasADeadEnd(VariableLength):
    """At least two layers, it says, and lets the network stop before."""

    def build(self, architecture):
        if len(architecture) < 3:
            raise BadArchitecture(f"{architecture} has fewer than two layers")
        return super().build(architecture)


class OneOutputTooMany(FixedLength):
    def build(self, architecture):
        from torch import nn

        return nn.Sequential(super().build(architecture), nn.Linear(3, 4))


class SaysNoShape(FixedLength):
    input_shape = None


class DropsFromTheGlobalGenerator(FixedLength):
    def build(self, architecture):
        from torch import nn

        return nn.Sequential(nn.Dropout(0.5), super().build(architecture))


class IsFrozen(FixedLength):
    def build(self, architecture):
        from torch import nn

        class Detached(nn.Module):
            def __init__(self, network):
                super().__init__()
                self.network = network

            def forward(self, x):
                return self.network(x).detach()

        return Detached(super().build(architecture))


class DrawsHalfAPicture(FixedLength):
    def draw(self, architecture):
        return super().draw(architecture)[:-6]


class ForgetsItsWidth(FixedLength):
    def __init__(self, width=4):
        super().__init__()


class ChangesItsWidth(FixedLength):
    def __init__(self, width=4):
        super().__init__()
        self.width = width + 1


BROKEN = {
    Endless: "random_walks_end",
    StatesAreLists: "states_are_hashable",
    StepChangesTheState: "states_are_hashable",
    ChoicesAreDrawn: "the_same_choices_lead_to_the_same_states",
    KeysAreLists: "keys_are_hashable",
    ChoicesAreNumbers: "choices_are_short_clean_strings",
    ChoicesAreAList: "choices_are_short_clean_strings",
    ChoiceTwice: "choices_are_short_clean_strings",
    ChoiceWithASpace: "choices_are_short_clean_strings",
    ComesBack: "states_never_come_back",
    WalksForgetTheEnd: "walks_are_read_back",
    ReadsEverything: "illegal_architectures_are_refused",
    SaysNothing: "closed_choices_say_why",
    CountsWrong: "size_counts_what_is_enumerated",
    EnumeratesTwice: "size_counts_what_is_enumerated",
    SamplesFromTheGlobalGenerator: "samples_follow_the_generator",
    DrawsWalksAsUniform: "uniform_samples_are_uniform",
    DrawsWalksAsUniformInALargeSpace: "uniform_samples_are_uniform",
    NeverDrawsTheLast: "uniform_samples_are_uniform",
    MutatesTooFar: "edits_are_legal",
    IsItsOwnNeighbour: "edits_are_legal",
    OneWayNeighbours: "neighbours_are_neighbours_of_each_other",
    EncodesTheSetOfChoices: "encodings_tell_architectures_apart",
    EncodesWithoutPadding: "encodings_tell_architectures_apart",
    CanonicalGoesRound: "canonical_is_legal_and_settled",
    HandPicksAnother: "hand_picked_are_members",
    HasADeadEnd: "walks_end_in_networks",
    OneOutputTooMany: "networks_fit_the_shapes",
    SaysNoShape: "networks_fit_the_shapes",
    DropsFromTheGlobalGenerator: "networks_are_a_function_of_their_seed",
    IsFrozen: "networks_learn",
    DrawsHalfAPicture: "pictures_are_well_formed",
    ForgetsItsWidth: "the_description_rebuilds_the_space",
    ChangesItsWidth: "the_description_rebuilds_the_space",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda cls: cls.__name__)
def test_a_broken_space_is_caught_by_its_rule(broken):
    check = next(check for check in space_checks if check.__name__ == BROKEN[broken])
    with pytest.raises(AssertionError, match=rf"(?s)space rule '{BROKEN[broken]}'.*seen: .+to mend: "):
        check(broken())
    with pytest.raises(AssertionError, match="space rule"):
        check_space(broken())


def test_every_rule_of_the_suite_is_broken_by_something():
    assert {check.__name__ for check in space_checks} == set(BROKEN.values())


def test_the_example_of_the_contract_passes_once_it_says_its_shapes():
    from itertools import pairwise

    from torch import nn

    class TwoSizes(Space):
        input_shape = (64,)
        outputs = 10

        def start(self):
            return 0

        def choices(self, state):
            return ("16", "64") if state < 3 else ()

        def step(self, state, choice):
            return state + 1

        def build(self, architecture):
            sizes = [64, *map(int, architecture)]
            hidden = [m for a, b in pairwise(sizes) for m in (nn.Linear(a, b), nn.ReLU())]
            return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(sizes[-1], 10))

    check_space(TwoSizes())
