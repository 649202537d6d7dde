"""`nasedu search`: what it prints, and what it goes on with."""

import json
import shutil

import pytest

from nasedu.cli.study_record import records_in
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import SMALL, found_in


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("nothing is left to train")

    monkeypatch.setattr(SequentialTrainer, "__call__", refuse)
    monkeypatch.setattr(SequentialTrainer, "retrain_and_test", refuse)


def test_json_is_exactly_one_object_with_the_promised_keys(nasedu):
    result = nasedu(*SMALL, "--trials", 3, "--seed", 5, "--store", "a.db", "--json")
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    data = json.loads(result.stdout)
    (record,) = records_in("a.db").values()
    assert data == {
        "task": "digits",
        "space": "mlp",
        "controller": "q-learning",
        "seed": 5,
        "metric": "accuracy",
        "trials": 3,
        "failed": 0,
        "imported": 0,
        "seconds": data["seconds"],
        "best": {
            "architecture": list(record.best.architecture),
            "score": max(t.score for t in record.trials),
            "parameters": record.best.evaluation.parameters,
        },
        "final": numbers_of(record.final),
        "hand_picked": [{"architecture": list(e.architecture), **numbers_of(e)} for e in record.hand_picked],
    }
    assert len(data["hand_picked"]) == 2
    assert data["seconds"] == pytest.approx(sum(t.evaluation.seconds for t in record.trials), abs=1e-3)


def numbers_of(evaluation):
    return {"score": evaluation.score, **{name: evaluation.metrics[name] for name in ("accuracy", "recall", "f1")}}


def test_each_trial_is_a_line_on_standard_error_when_nobody_looks(nasedu):
    result = nasedu(*SMALL, "--trials", 3, "--json")
    read, *lines = result.stderr.splitlines()
    assert read.startswith("digits: classification, 1,797 examples (1,078 to train")
    assert "10 classes: 0, 1" in read or "10 classes; chance accuracy 0.1" in read
    assert [line.split()[0] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all("epsilon" in line and "stop" in line for line in lines)
    assert "\x1b" not in result.output


def test_the_same_command_on_a_finished_store_prints_it_again_and_trains_nothing(nasedu, finished, no_training):
    command = (*SMALL, "--trials", 4, "--store", finished)
    before = found_in(finished)
    again = nasedu(*command)
    assert again.exit_code == 0
    assert "nothing is left to train" in again.stderr
    assert "tested once on 359 examples" in again.stdout
    assert nasedu(*command, "--json").exit_code == 0
    assert found_in(finished) == before


def test_results_stand_beside_random_search_and_the_hand_picked(nasedu, finished, no_training):
    shown = nasedu(*SMALL, "--trials", 4, "--store", finished).stdout
    search, random = records_in(finished).values()
    assert "chosen by q-learning" in shown
    assert "chosen by random search" in shown
    assert shown.count("picked by hand") == 2
    for evaluation in (search.final, random.final, *search.hand_picked):
        assert f"{evaluation.score:.4f}" in shown
    assert "Against random search with the same 4 trials" in shown


def test_without_random_search_it_says_how_to_get_it(nasedu):
    shown = " ".join(nasedu(*SMALL, "--trials", 2, "--store", "a.db").stdout.split())
    assert "this store has none of this length yet. The same command with --controller random adds one" in shown


def test_more_trials_go_on_with_the_same_study_on_its_own_schedule(nasedu):
    nasedu(*SMALL, "--trials", 2, "--store", "a.db")
    (before,) = records_in("a.db").values()
    result = nasedu(*SMALL, "--trials", 4, "--store", "a.db", "--json")
    (after,) = records_in("a.db").values()
    assert result.exit_code == 0
    assert "a.db has 2 trials of this search; going on from there (it was begun for 2 trials" in result.stderr
    assert after.identity == before.identity
    assert after.identity["controller"]["budget"] == 2
    assert after.trials[:2] == before.trials
    assert len(after.trials) == 4


def test_a_budget_that_is_asked_for_is_kept_to(nasedu):
    nasedu(*SMALL, "--trials", 2, "--store", "a.db")
    nasedu(*SMALL, "--trials", 2, "--controller-option", "budget=9", "--store", "a.db")
    assert [r.identity["controller"]["budget"] for r in records_in("a.db").values()] == [2, 9]


def test_other_seeds_controllers_and_epochs_are_other_studies(nasedu):
    for change in ((), ("--seed", 1), ("--controller", "random"), ("--space-option", "depth=1")):
        assert nasedu(*SMALL, "--trials", 1, "--store", "a.db", *change).exit_code == 0
    assert len(records_in("a.db")) == 4


def test_a_better_network_after_the_test_is_shown_and_not_tested(nasedu):
    """The test examples are looked at once, however long the search goes on afterwards."""
    command = (*SMALL, "--controller", "random", "--store", "a.db")
    nasedu(*command, "--trials", 1)
    (before,) = records_in("a.db").values()
    result = nasedu(*command, "--trials", 8)
    (after,) = records_in("a.db").values()
    assert after.best.architecture != before.best.architecture, "choose a seed whose first trial is not the best"
    assert result.exit_code == 0
    assert after.finals == before.finals
    assert "has a better network since" in " ".join(result.stdout.split())
    final = json.loads(nasedu(*command, "--trials", 8, "--json").stdout)["final"]
    assert final["architecture"] == list(before.best.architecture)


def test_options_reach_space_controller_and_trainer(nasedu):
    options = ("--space-option", "widths=[4, 8]", "--controller-option", "target=max", "--trainer-option")
    nasedu(*SMALL, "--trials", 1, *options, "patience=2", "--device", "cpu", "--store", "a.db")
    (record,) = records_in("a.db").values()
    assert record.identity["space"]["widths"] == [4, 8]
    assert record.identity["controller"]["target"] == "max"
    assert record.identity["trainer"]["patience"] == 2
    assert record.identity["trainer"]["device"] == "cpu"


def test_a_search_in_memory_leaves_no_file(nasedu, tmp_path):
    assert nasedu(*SMALL, "--trials", 1, "--store", ":memory:").exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("controller", "kind"), [("q-learning", "warm-q"), ("random", "copy-best")])
def test_a_prior_opens_the_search_with_the_kind_that_suits_its_controller(nasedu, finished, controller, kind):
    command = (*SMALL, "--trials", 2, "--task", "digits-rotated", "--controller", controller, "--store", "a.db")
    assert nasedu(*command, "--prior", finished).exit_code == 0
    (record,) = records_in("a.db").values()
    assert record.identity["prior"]["name"] == kind
    assert {task for task, *_ in record.prior} == {"digits"}


def test_a_prior_whose_store_has_grown_is_used_as_it_was(nasedu, finished, tmp_path):
    shutil.copy(finished, tmp_path / "earlier.db")
    command = (*SMALL, "--task", "digits-rotated", "--prior", "earlier.db", "--store", "a.db")
    nasedu(*command, "--trials", 2)
    nasedu(*SMALL, "--trials", 2, "--seed", 9, "--store", "earlier.db")
    result = nasedu(*command, "--trials", 3)
    assert result.exit_code == 0
    assert "with the prior that it was opened with" in result.stderr
    (record,) = records_in("a.db").values()
    assert len(record.trials) == 3
    assert len(record.prior) == 2


def test_a_warm_search_does_not_learn_from_its_own_cold_self_at_another_length(nasedu):
    nasedu(*SMALL, "--trials", 2, "--store", "a.db")
    nasedu(*SMALL, "--trials", 2, "--task", "digits-rotated", "--store", "a.db")
    nasedu(*SMALL, "--trials", 3, "--task", "digits-rotated", "--prior", "a.db", "--store", "a.db")
    warm = list(records_in("a.db").values())[-1]
    assert [task for task, *_ in warm.prior] == ["digits"]
