"""`nasedu show`, and the lists of names."""

import json

import pytest

from nasedu import controllers, spaces
from nasedu.cli.rebuild import rebuild_controller
from nasedu.cli.report_json import all_as_json
from nasedu.cli.study_record import StudyRecord, records_in
from nasedu.core import Evaluation, describe
from nasedu.store import Trial
from tests.cli.conftest import SMALL, found_in


def test_show_tells_of_every_study_and_changes_nothing(nasedu, finished):
    before = found_in(finished), finished.read_bytes()
    shown = nasedu("show", finished).stdout
    assert "Study 1: q-learning in mlp on digits: 4 trials" in shown
    assert "Study 2: random in mlp on digits: 4 trials" in shown
    for record in records_in(finished).values():
        assert f"Tested once: accuracy {record.final.score:.4f}" in shown
    assert (found_in(finished), finished.read_bytes()) == before


def test_one_study_in_full(nasedu, finished):
    shown = nasedu("show", finished, "--study", 2).stdout
    assert "chosen by random" in shown
    assert "q-learning" not in shown
    assert "a row for each true class" in shown


def test_all_studies_are_one_json_object(nasedu, finished):
    result = nasedu("show", finished, "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    data = json.loads(result.stdout)["studies"]
    assert [(study["study"], study["controller"]) for study in data] == [(1, "q-learning"), (2, "random")]
    for study, record in zip(data, records_in(finished).values(), strict=True):
        assert (study["metric"], study["epochs"], study["prior"], study["pruned"]) == ("accuracy", 1, None, False)
        assert [(t["trial"], t["batch"]) for t in study["trials"]] == [(1, 1), (2, 1), (3, 2), (4, 2)]
        assert [(tuple(t["architecture"]), t["score"]) for t in study["trials"]] == [
            (t.architecture, t.score) for t in record.trials
        ]
        assert study["trials"][0]["curve"] == list(record.trials[0].evaluation.curve)
        assert study["best"]["score"] == max(t["score"] for t in study["trials"])
        assert study["final"]["accuracy"] == study["final"]["score"] == record.final.score


def test_one_study_as_json_beside_its_figure(nasedu, finished, tmp_path):
    result = nasedu("show", finished, "--study", 2, "--json", "--figure", "a.png")
    assert [study["study"] for study in json.loads(result.stdout)["studies"]] == [2]
    assert result.stderr == "drawn: a.png\n"
    assert (tmp_path / "a.png").exists()


def test_a_trial_that_waits_and_one_that_failed_are_json():
    failed = Evaluation(("stop",), 0.1, status="timeout", reason="301 s in epoch 1")
    trials = [Trial(0, 0, ("stop",), {}, failed), Trial(1, 0, ("8-relu", "stop"), {})]
    identity = {"task": "digits", "space": {"name": "mlp"}, "controller": {"name": "random"}}
    record = StudyRecord({**identity, "seed": 0, "epochs": 8, "prior": None}, trials, [])
    ended, waits = all_as_json({7: record}, [7])["studies"][0]["trials"]
    assert (ended["status"], ended["reason"], ended["score"]) == ("timeout", "301 s in epoch 1", 0.1)
    waiting = {"trial": 2, "batch": 1, "architecture": ["8-relu", "stop"], "score": None, "status": "waiting"}
    waiting["origin"] = "asked"
    assert waits == waiting


def test_a_score_that_is_no_accuracy_is_called_what_it_is(nasedu):
    command = ("search", "--task", "sinusoids", "--space", "mlp", "--epochs", 1, "--trials", 2, "--store", "a.db")
    said = nasedu(*command)
    (record,) = records_in("a.db").values()
    assert record.metric == "r2"
    assert "accuracy" not in said.stdout
    assert "interval" not in said.stdout
    assert "the R2 of its test is " in " ".join(said.stdout.split())
    assert f"Tested once: R2 {record.final.score:.4f}" in nasedu("show", "a.db").stdout
    final = json.loads(nasedu("show", "a.db", "--json").stdout)["studies"][0]["final"]
    assert final == {"score": record.final.score, "r2": record.final.score, "rmse": record.final.metrics["rmse"]}


@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_a_study_is_drawn(nasedu, finished, tmp_path, name):
    result = nasedu("show", finished, "--study", 1, "--figure", name)
    assert result.exit_code == 0
    assert result.stderr == f"drawn: {name}\n"
    assert (tmp_path / name).stat().st_size > 5000


def test_a_store_with_one_study_needs_no_number(nasedu):
    nasedu(*SMALL, "--trials", 1, "--store", "a.db")
    assert nasedu("show", "a.db", "--figure", "a.png").stderr == "drawn: a.png\n"


def test_the_rebuild_controller_a_store_is_brought_to_where_it_was(finished, digits):
    record = records_in(finished)[1]
    space = spaces.load("mlp", digits)
    watched = controllers.load("q-learning", space, seed=0, budget=4)
    for first in (0, 2):
        assert [watched.ask() for _ in range(2)] == [t.architecture for t in record.trials[first : first + 2]]
        for trial in record.trials[first : first + 2]:
            watched.tell(trial.architecture, trial.score)
    rebuilt = rebuild_controller(record)
    assert describe(rebuilt) == describe(watched)
    assert rebuilt.learned() == watched.learned() != []


def test_a_study_of_an_unknown_space_is_drawn_without_what_was_learned(nasedu, finished, tmp_path, monkeypatch):
    kept = {name: entry for name, entry in spaces.registry._entries.items() if name != "mlp"}
    monkeypatch.setattr(spaces.registry, "_entries", kept)  # put back whole: its order is that of the messages
    result = nasedu("show", finished, "--study", 1, "--figure", "a.png")
    assert result.exit_code == 0
    assert "note: drawn without what the controller learned (unknown space 'mlp'" in result.stderr
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("tasks", {"digits", "digits-rotated", "digits-noisy", "digits-shuffled"}),
        ("spaces", {"mlp", "chain-cnn"}),
        ("controllers", {"random", "q-learning"}),
        ("trainers", {"sequential"}),
        ("priors", {"warm-q", "copy-best"}),
    ],
)
def test_every_name_has_a_line(nasedu, family, names):
    lines = nasedu(family).stdout.splitlines()
    assert names <= {line.split()[0] for line in lines}
    assert all(len(line.split()) > 4 for line in lines)


def test_version(nasedu):
    assert nasedu("--version").stdout == "nasedu 0.1.0\n"
