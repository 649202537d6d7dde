"""`nasedu show`, and the lists of names."""

import pytest

from nasedu import controllers, spaces
from nasedu.core import describe
from nasedu.records import controller_of, records_in
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


@pytest.mark.parametrize("name", ["a.png", "a.svg"])
def test_a_study_is_drawn(nasedu, finished, tmp_path, name):
    result = nasedu("show", finished, "--study", 1, "--figure", name)
    assert result.exit_code == 0
    assert result.stderr == f"drawn: {name}\n"
    assert (tmp_path / name).stat().st_size > 5000


def test_a_store_with_one_study_needs_no_number(nasedu):
    nasedu(*SMALL, "--trials", 1, "--store", "a.db")
    assert nasedu("show", "a.db", "--figure", "a.png").stderr == "drawn: a.png\n"


def test_the_controller_of_a_store_is_brought_to_where_it_was(finished, digits):
    record = records_in(finished)[1]
    space = spaces.load("mlp", digits)
    watched = controllers.load("q-learning", space, seed=0, budget=4)
    for first in (0, 2):
        assert [watched.ask() for _ in range(2)] == [t.architecture for t in record.trials[first : first + 2]]
        for trial in record.trials[first : first + 2]:
            watched.tell(trial.architecture, trial.score)
    rebuilt = controller_of(record)
    assert describe(rebuilt) == describe(watched)
    assert rebuilt.learned() == watched.learned() != []


def test_a_study_of_an_unknown_space_is_drawn_without_what_was_learned(nasedu, finished, tmp_path, monkeypatch):
    monkeypatch.delitem(spaces.spaces._entries, "mlp")
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
