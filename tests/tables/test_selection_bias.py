"""How much luck is in a score, on tables that are all luck, or none."""

import numpy as np
import pytest

from nasedu.core import BadValue
from nasedu.tables import Table, selection_bias
from tests.tables.spaces import MEMBERS, Letters


def made(seeds, test):
    """Nine networks on one task; `seeds` of (9, 3), `test` of (9, 3)."""
    return Table(Letters(), MEMBERS, {"one": seeds}, test=None if test is None else {"one": test})


@pytest.fixture
def merit():
    worth = np.linspace(0.1, 0.9, 9)[:, None].repeat(3, axis=1)
    return made(worth, worth - 0.05)


def test_without_luck_the_winner_keeps_its_score(merit):
    found = selection_bias.drop_of_best(merit, 9)
    assert found.retrained == pytest.approx([0])
    assert found.same_weights == pytest.approx([0])  # all test examples alike are harder: that is taken away


def test_the_luck_of_a_seed_is_lost_and_that_of_the_weights_kept(merit):
    seeds = merit.values[:, 0, :, 0].copy()
    test = merit.test[:, 0, :, 0].copy()
    seeds[3, 0] += 1.0  # network 3 had a training that went very well, as the test examples find, too
    test[3, 0] += 1.0
    found = selection_bias.drop_of_best(made(seeds, test), 9)
    assert found.retrained == pytest.approx([1.0 - 1 / 9])  # a ninth of it was seed 0's kindness, on average
    assert found.same_weights == pytest.approx([0], abs=1e-9)
    test[3, 0] -= 1.0  # now it was the validation examples
    assert selection_bias.drop_of_best(made(seeds, test), 9).same_weights == pytest.approx([1.0 - 1 / 9])


def test_choosing_one_of_one_is_no_choice():
    rng = np.random.default_rng(0)
    found = selection_bias.drop_of_best(made(rng.random((9, 3)), rng.random((9, 3))), 1, tries=4000)
    assert abs(found.same_weights[0]) < 0.05
    assert abs(found.retrained[0]) < 0.05


def test_decisions_without_luck_are_right_and_turned_round_all_wrong(merit):
    seeds = merit.values[:, 0, :, 0].copy()
    assert selection_bias.wrong_decisions(merit, [0, 0.35, 1]).tolist() == [[0], [0]]
    assert selection_bias.wrong_decisions(made(seeds, 1 - seeds), [0, 0.35, 1]).tolist() == [[1], [1]]


def test_what_cannot_be_told_is_refused(merit, curves):
    with pytest.raises(BadValue, match="1 to 9; given 10"):
        selection_bias.drop_of_best(merit, 10)
    with pytest.raises(BadValue, match="no two scores differ by 5 to 6"):
        selection_bias.wrong_decisions(merit, [5, 6])
    one_seed = Table(Letters(), MEMBERS, {"one": np.arange(9.0)}, test={"one": np.arange(9.0)})
    for table in (made(np.ones((9, 3)), None), one_seed):
        with pytest.raises(BadValue, match="two seeds or more"):
            selection_bias.drop_of_best(table, 2)
