"""What `check_space` says: all broken rules at once; and a space whose networks are looked up in a table."""

import subprocess
import sys

import pytest

import nasedu
from nasedu.core import BadValue, Mismatch
from nasedu.spaces.base import Space
from nasedu.testing import FixedLength, check_space, space_checks
from tests.spaces.test_no_spaces import Cycle, Endless


class Recorded(Space):
    """Two letters. It has three of the four methods."""

    def start(self):
        return 0

    def choices(self, state):
        return ("a", "b", "c") if state < 2 else ()

    def step(self, state, choice):
        return state + 1


class ThreeMistakes(FixedLength):
    def size(self):
        return 13

    def hand_picked(self):
        return (("128", "64"),)

    def explain(self, state, choice):
        return ""


def said_of(space, **options):
    with pytest.raises(AssertionError) as caught:
        check_space(space, **options)
    return str(caught.value)


def test_all_broken_rules_are_named_at_once():
    said = said_of(ThreeMistakes(), networks=False, without=["uniform_samples_are_uniform"])
    assert said.startswith("3 rules are broken.\n\nspace rule ")
    for rule in ("closed_choices_say_why", "size_counts_what_is_enumerated", "hand_picked_are_members"):
        assert said.count(f"space rule '{rule}'") == 1
    assert said.count("to mend: ") == 3
    assert "rely on this" not in said


def test_one_broken_rule_stands_alone():
    said = said_of(ThreeMistakes(), networks=False, without=[c.__name__ for c in space_checks if "size" in c.__name__])
    assert "uniform_samples_are_uniform" not in said, "what it finds follows from the size: 12 and 13"
    only = [check.__name__ for check in space_checks if check.__name__ != "hand_picked_are_members"]
    assert said_of(ThreeMistakes(), without=only).startswith("space rule 'hand_picked_are_members'")


@pytest.mark.parametrize(("space", "rule"), [(Cycle, "states_never_come_back"), (Endless, "random_walks_end")])
def test_what_all_rules_rely_on_is_mended_first(space, rule):
    said = said_of(space())
    assert said.count(f"space rule '{rule}'") == 1
    others = len(space_checks) - 5
    assert said.endswith(f"The {others} other rules rely on this: check again once it is mended.")
    assert "size_counts" not in said


def test_a_space_that_lives_in_a_table_needs_no_build():
    check_space(Recorded(), networks=False)
    table = nasedu.Table(Recorded(), list(Recorded().enumerate()), {"x": range(9)})
    assert nasedu.race(table.space, table, ["random"], 9, 1, workers=1).best == 8
    with pytest.raises(AssertionError, match="has no method `build`, so its networks can be looked up in a table"):
        check_space(Recorded())
    with pytest.raises(BadValue, match="there is no space rule 'nets'"):
        check_space(Recorded(), networks=False, without=["nets"])


def test_a_trainer_refuses_it_at_once(digits):
    from nasedu.trainers.single.sequential import SequentialTrainer

    with pytest.raises(Mismatch, match=r"'Recorded' has no method `build`.*write `build\(self, architecture\)`"):
        SequentialTrainer(Recorded(), digits)


def test_it_is_checked_without_torch():
    code = "import sys; from nasedu.testing import FixedLength, check_space; check_space(FixedLength(), networks=False)"
    code += "; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
