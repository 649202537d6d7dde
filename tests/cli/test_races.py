"""`nasedu search --trainer halving` and `hyperband`: whole cohorts, asked and shown as what they are."""

from pathlib import Path

import pytest

from nasedu.cli.study_record import records_in
from tests.cli.conftest import found_in


def test_search_at_the_terminal(nasedu):
    command = ("search", "--space", "mlp", "--trainer", "halving", "--trials", 18, "--epochs", 3, "--store", "a.db")
    result = nasedu(*command)
    assert result.exit_code == 0
    (record,) = records_in("a.db").values()
    assert [t.batch for t in record.trials] == [0] * 9 + [1] * 9
    new = {t.architecture: t.evaluation for t in record.trials}
    assert {e.epochs for e in new.values()} == {1, 3}
    assert record.identity["trainer"]["trainer"]["name"] == "sequential"
    assert "18 trials, 1 to 3 epochs each" in " ".join(result.stdout.split())
    said = dict(zip(range(18), result.stderr.splitlines()[1:], strict=True))
    assert all(f"  epochs {t.evaluation.epochs}  " in said[t.number] for t in record.trials)
    assert "tested once on 359 examples" in result.stdout
    before = found_in("a.db")
    assert "nothing is left to train" in nasedu(*command).stderr
    assert found_in("a.db") == before


def test_hyperband_at_the_terminal(nasedu):
    result = nasedu(
        *("search", "--space", "mlp", "--trainer", "hyperband", "--trials", 5, "--epochs", 3, "--store", "a.db")
    )
    assert result.exit_code == 0
    (record,) = records_in("a.db").values()
    assert [t.batch for t in record.trials] == [0] * 5
    reached = [(t.evaluation.metrics["bracket"], t.evaluation.epochs) for t in record.trials]
    assert [bracket for bracket, _ in reached] == [1, 1, 1, 0, 0]
    assert sorted(epochs for bracket, epochs in reached if bracket == 1) == [1, 1, 3]


def test_the_batch_is_what_a_person_says(nasedu):
    given = ("search", "--space", "mlp", "--trials", 5, "--epochs", 1, "--store", "a.db")
    nasedu(*given, "--trainer", "halving", "--batch", 2)
    nasedu(*given, "--trainer", "sequential")
    nasedu(*given, "--trainer", "halving", "--trainer-option", "cohort=3", "--seed", 1)
    assert [[t.batch for t in r.trials] for r in records_in("a.db").values()] == [
        [0, 0, 1, 1, 2],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 1, 1],
    ]


def test_two_workers_make_the_same_search_as_one(nasedu):
    """They train for the race: a cohort that is divided among them would be another one."""
    command = ("search", "--space", "mlp", "--controller", "random", "--trainer", "halving", "--trials", 9)
    for workers in (1, 2):
        nasedu(*command, "--epochs", 3, "--workers", workers, "--store", f"{workers}.db")
    assert found_in("1.db") == found_in("2.db")
    (one,), (two,) = (records_in(f"{workers}.db").values() for workers in (1, 2))
    assert one.identity == two.identity


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("factor=1", "factor is a whole number of at least 2; given 1"),
        ("factor=half", "factor is a whole number, such as 3"),
        ("trainer=halving", "the trainer 'halving' cannot"),
        ("trainer=fast", "unknown trainer 'fast'"),
        ("patients=3", "trainer 'sequential' has no parameter 'patients'"),
        ("patience=-1", "patience"),
        ("first=9", "the first rung of this halving has 9 epochs; given epochs=8"),
    ],
)
def test_nonsense_at_the_terminal_is_one_line(nasedu, option, words):
    result = nasedu("search", "--space", "mlp", "--trainer", "halving", "--trainer-option", option, "--store", "a.db")
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert not Path("a.db").exists()


def test_they_are_listed(nasedu):
    lines = {line.split()[0]: line for line in nasedu("trainers").stdout.splitlines()}
    assert lines["halving"].endswith("successive halving.")
    assert lines["hyperband"].endswith("Hyperband.")
