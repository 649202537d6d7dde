"""What somebody meant who mistyped a name."""

import pytest

from nasedu.core import did_you_mean, unknown

NAMES = ("digits", "digits-noisy", "glyphs/greek", "regularized-evolution", "tpe", "Age", "chain-cnn")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("digitz", "digits"),
        ("Digits-Noisy", "digits-noisy"),
        ("evolution", "regularized-evolution"),
        ("cnn", "chain-cnn"),
        ("age", "Age"),
        ("tp", "tpe"),
    ],
)
def test_the_nearest_name_is_meant(typed, meant):
    assert did_you_mean(typed, NAMES) == f"; did you mean {meant!r}?"


@pytest.mark.parametrize("typed", ["nonsense", "", "ar", 7])
def test_nothing_is_meant_by_what_is_far_from_everything(typed):
    assert did_you_mean(typed, NAMES) == ""


def test_all_names_are_told_in_the_order_given():
    assert unknown("task", "digitz", ("b", "digits")).endswith("known: b, digits; did you mean 'digits'?")
