"""`nasedu tasks`, `nasedu tasks show NAME`, and the first line of a search: what was read."""

import re

import pytest


@pytest.fixture
def table(tmp_path):
    rows = [
        f"{n},{n * 37 % 101}.{n % 10},{'?' if n == 3 else n % 7},{'sick' if n % 20 else 'well'}" for n in range(200)
    ]
    (tmp_path / "own.csv").write_text("\n".join(["id,a,b,y", *rows]) + "\n")
    return "csv/own.csv:y"


def test_the_list_stands_as_before(nasedu):
    listed = nasedu("tasks")
    assert listed.exit_code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()][:2] == ["digits", "digits-rotated"]


LISTS = ("tasks", "spaces", "controllers", "trainers", "priors")


@pytest.mark.parametrize("command", LISTS)
def test_a_list_says_what_a_thing_is_and_nothing_of_its_code(nasedu, command):
    """Its lines are the first lines of docstrings: these say nothing to somebody who types."""
    for line in nasedu(command).stdout.splitlines():
        assert not re.search(r"Raises?\b|Returns?\b|nasedu\.|\bself\b|:$", line), line
        assert line.endswith("."), line


def test_show_says_what_was_read_of_a_table(nasedu, table):
    shown = nasedu("tasks", "show", table)
    first, rest = shown.stdout.split("\n", 1)
    assert first.startswith("csv/own.csv:y: classification, 200 rows (120 to train, 40 to validate, 40 to test;")
    assert "features: 2 numbers; 2 classes: sick (190), well (10); chance accuracy 0.95; left out the column" in first
    for words in (
        "filled 1 missing value",
        "always saying 'sick' has an accuracy of 0.95",
        "--metric balanced_accuracy",
    ):
        assert words in first
    table_lines = [line.split() for line in rest.splitlines()]
    for cells in (["b", "number"], ["sick", "114", "38", "190"], ["validation", "40"]):
        assert cells in table_lines
    assert shown.stderr == ""  # the line holds every warning


def test_show_takes_a_metric(nasedu, table):
    shown = nasedu("tasks", "show", table, "--metric", "balanced_accuracy")
    assert "chance balanced_accuracy 0.50" in shown.stdout
    assert "--metric" not in shown.output
    refused = nasedu("tasks", "show", table, "--metric", "log_loss")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "of log_loss lower is better" in refused.stderr


def test_show_describes_a_task_of_the_package(nasedu):
    shown = nasedu("tasks", "show", "digits")
    assert shown.stdout.startswith("digits: classification, 1,797 examples (1,078 to train,")
    assert nasedu("tasks", "show", "digitz").exit_code == 2


def test_a_search_first_says_what_was_read_and_reports_classes_by_name(nasedu, table):
    found = nasedu(
        *("search", "--task", table, "--epochs", 1, "--batch", 2, "--trials", 2),
        *("--metric", "balanced_accuracy"),
    )
    assert found.exit_code == 0
    first = found.stderr.splitlines()[0]
    assert first.startswith("csv/own.csv:y: classification, 200 rows")
    assert "chance balanced_accuracy 0.50" in first
    assert "balanced accuracy" in found.stdout
    matrix = found.stdout.partition("a row for each true class")[2].splitlines()
    assert matrix[1].split() == ["sick", "well"]
    assert [line.split()[0] for line in matrix[2:4]] == ["sick", "well"]
    again = nasedu("show", "nasedu.db", "--study", 1)  # from the store alone
    assert ["sick", "well"] in [line.split() for line in again.stdout.splitlines()]
