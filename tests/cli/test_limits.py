"""`nasedu search --most-parameters`: small networks only, from the first question to the last line."""

import json

import pytest

from nasedu.cli.study_record import records_in
from tests.cli.conftest import SMALL

LIMITED = (*SMALL, "--most-parameters", 6000, "--store", "a.db")
"""The mlp 64-relu has 4,810 parameters, and 128-relu 64-relu has 17,226: one of the two that are picked by hand."""


@pytest.mark.parametrize("controller", ["q-learning", "random", "genetic"])
def test_no_network_over_the_limit_is_trained_or_shown(nasedu, controller):
    result = nasedu(*LIMITED, "--trials", 4, "--controller", controller)
    assert result.exit_code == 0
    (record,) = records_in("a.db").values()
    assert len(record.trials) == 4
    assert max(t.evaluation.parameters for t in record.trials) <= 6000
    assert [e.architecture for e in record.hand_picked] == [("64-relu", "stop")]
    assert result.stdout.count("picked by hand") == 1
    shown = " ".join(result.stdout.split())
    assert f"{controller} in mlp on digits, at most 6,000 parameters: 4 trials" in shown


def test_without_a_limit_both_are_shown(nasedu):
    result = nasedu(*SMALL, "--trials", 1, "--store", "a.db")
    assert result.stdout.count("picked by hand") == 2
    assert "at most" not in result.stdout


def test_it_goes_on_for_longer_and_another_limit_is_another_search(nasedu):
    nasedu(*LIMITED, "--trials", 2)
    longer = nasedu(*LIMITED, "--trials", 4)
    assert "a.db has 2 trials of this search; going on from there" in longer.stderr
    (record,) = records_in("a.db").values()
    assert (len(record.trials), record.budget, record.limits) == (4, 2, {"parameters": 6000})
    nasedu(*SMALL, "--most-parameters", 5000, "--trials", 1, "--store", "a.db")
    nasedu(*SMALL, "--trials", 1, "--store", "a.db")
    assert [(r.controller, r.limits) for r in records_in("a.db").values()] == [
        ("q-learning", {"parameters": 6000}),
        ("q-learning", {"parameters": 5000}),
        ("q-learning", {}),
    ]


def test_only_random_search_within_the_same_limit_is_a_baseline(nasedu):
    nasedu(*SMALL, "--trials", 2, "--controller", "random", "--store", "a.db")
    assert "chosen by random search" not in nasedu(*LIMITED, "--trials", 2).stdout
    nasedu(*LIMITED, "--trials", 2, "--controller", "random")
    assert "chosen by random search" in nasedu(*LIMITED, "--trials", 2).stdout


@pytest.mark.parametrize("controller", ["q-learning", "random"])
def test_a_prior_does_not_lift_the_limit(nasedu, finished, controller):
    command = (*LIMITED, "--trials", 3, "--task", "digits-rotated", "--controller", controller, "--prior", finished)
    assert nasedu(*command).exit_code == 0
    (record,) = records_in("a.db").values()
    assert max(t.evaluation.parameters for t in record.trials) <= 6000
    again = nasedu(*command, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["best"]["parameters"] <= 6000
