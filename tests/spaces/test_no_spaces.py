"""Three kinds of space that are none: without a choice, with a cycle, with a dead end. Each is told so at the door."""

import numpy as np
import pytest

from nasedu import controllers
from nasedu.core import BadArchitecture, BadValue
from nasedu.spaces import Space
from nasedu.spaces.counting import CHECKED, TooManyStates
from nasedu.study import Study
from nasedu.testing import FixedLength, VariableLength, check_space
from nasedu.trainers.single.sequential import SequentialTrainer


class NoChoice(FixedLength):
    """Complete before anything was chosen."""

    def choices(self, state):
        return ()


class Cycle(FixedLength):
    """From the second layer back to the first."""

    def step(self, state, choice):
        return 1 if state == 2 and choice == "8" else state + 1


class Endless(FixedLength):
    """Always one layer more: no state comes twice, and no walk ends."""

    moves = Space.moves  # without the limit of the tiny spaces

    def choices(self, state):
        return ("4", "8")


class Prefix(FixedLength):
    """The whole prefix as its state: more states than anyone can count, and a space nevertheless."""

    def start(self):
        return ()

    def choices(self, state):
        return ("4", "8", "16", "32") if len(state) < 12 else ()

    def step(self, state, choice):
        return (*state, choice)


class DeadEnd(VariableLength):
    """At least two layers, it says, and offers "stop" before."""

    input_shape = (1, 8, 8)
    outputs = 10

    def build(self, architecture):
        from torch import nn

        if len(architecture) < 3:
            raise BadArchitecture(f"{architecture} has fewer than two layers")
        self.walk(architecture)
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


@pytest.mark.parametrize("name", list(controllers.registry))
@pytest.mark.parametrize(("space", "what"), [(NoChoice, "no choice at its start"), (Cycle, "has a cycle")])
def test_no_controller_takes_one(space, what, name):
    if name in ("tpe", "gp"):
        pytest.importorskip("optuna")
    with pytest.raises(BadValue, match=what):
        controllers.load(name, space())


def test_one_without_an_end_is_not_counted_for_ever(monkeypatch):
    monkeypatch.setattr("nasedu.spaces.counting.states_by_depth_first.__defaults__", (5_000,))
    with pytest.raises(TooManyStates, match=r"more than 5,000 states: .* see to it that every walk ends"):
        Endless().size()


def test_many_states_are_no_reason_to_refuse():
    space = Prefix()
    assert len(space.sample(controllers.load("random", space).rng)) == 12
    assert CHECKED < 4**12


@pytest.mark.parametrize(
    ("space", "rule"),
    [(NoChoice, "random_walks_end"), (Endless, "random_walks_end"), (DeadEnd, "walks_end_in_networks")],
)
def test_the_suite_names_them(space, rule):
    with pytest.raises(AssertionError, match=f"space rule '{rule}'"):
        check_space(space())


def test_the_suite_says_what_a_dead_end_is():
    with pytest.raises(
        AssertionError, match=r"no choice is open, and `build` refuses the walk that ends there, \(.*'stop'"
    ):
        check_space(DeadEnd())
    with pytest.raises(AssertionError, match="leave out every choice from which no walk can be completed"):
        check_space(DeadEnd())


def test_a_study_goes_on_after_a_dead_end(digits):
    space = DeadEnd()
    with Study(space, controllers.load("random", space), SequentialTrainer(space, digits), epochs=1) as study:
        trials = list(study.run(trials=8))
    short = [t.evaluation for t in trials if len(t.architecture) < 3]
    assert short
    assert {e.status for e in short} == {"error"}
    assert all("BadArchitecture" in e.reason and "has fewer than two layers" in e.reason for e in short)
    assert {t.evaluation.status for t in trials if len(t.architecture) > 2} == {"ok"}


def test_a_space_whose_walks_never_end_is_refused_by_every_controller():
    """Not only when it is counted: a random walk in it would fill the memory."""
    with pytest.raises(BadValue, match=r"a walk of 10,000 choices that has not ended.*completes the network"):
        controllers.load("random", Endless())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ((16, 64), r"are \(16, 64\); expected a tuple of strings"),
        (("16", "16"), "offers a choice twice"),
        ("ab", "are 'ab'; expected a tuple of strings"),
        (None, "are None; expected a tuple of strings"),
    ],
)
def test_choices_are_different_words(wrong, said):
    class Wrong(FixedLength):
        moves = Space.moves

        def choices(self, state):
            return wrong

    with pytest.raises(BadValue, match=said):
        Wrong().sample(np.random.default_rng(0))
