"""`nasedu table`: builds what a plan says, goes on where it was left, and says what is in a table."""

import json

import pytest

from nasedu.cli.table_show import show
from nasedu.tables import Table
from tests.tables.spaces import MEMBERS, Unordered

PLAN = {
    "name": "tiny",
    "space": "mlp",
    "space_parameters": {"depth": 1, "widths": [8, 4], "activations": ["relu"]},
    "tasks": ["gratings/angle", "gratings/width"],
    "epochs": 2,
    "record_test_at": [1, 2],
    "seeds": 2,
    "chunk": 1,
    "note": "Made by a test.",
}


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    return "plan.json"


def test_a_plan_becomes_a_table_and_the_table_is_shown(nasedu, plan, tmp_path):
    built = nasedu("table", "build", plan, "--out", "tiny.npz", "--parts", "parts")
    assert built.exit_code == 0
    assert "3 networks of mlp on 2 tasks, 2 seeds each: 12 trainings in 3 parts" in " ".join(built.stderr.split())
    assert "tiny.npz: <Table 'tiny', 3 networks x 2 tasks x 2 seeds x 2 epochs: Made by a test.>" in built.stdout
    again = nasedu("table", "build", plan, "--out", "tiny.npz", "--parts", "parts")
    assert "1 of 3 parts" not in again.stderr  # nothing was trained again
    shown = json.loads(nasedu("table", "show", "tiny.npz", "--json").stdout)
    table = Table.load(tmp_path / "tiny.npz")
    assert [row["task"] for row in shown["tasks"]] == list(table.tasks)
    assert shown["tasks"][1]["score"] == table.best("gratings/width").score
    assert (shown["networks"], shown["rows"]) == (3, 3)
    told = nasedu("table", "show", "tiny.npz").stdout
    assert "gratings/width" in told
    assert "Made by a test." in told


def test_a_table_with_two_rows_of_one_network_says_both_numbers(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    table = Table(Unordered(), MEMBERS, {"t": [n / 10 for n in range(9)], "u": list(range(9))}, name="doubled")
    show(table, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["networks"], found["rows"]) == (6, 9)
    show(table, as_json=False)
    assert "doubled: 6 networks in 9 rows of Unordered, 1 seed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory; give a JSON file, or atlas"),
        ("{", "is no JSON"),
        (json.dumps({**PLAN, "speed": 3}), "unexpected keyword argument 'speed'; a plan has the fields name, space"),
        (
            json.dumps({**PLAN, "record_test_at": [1]}),
            "the last epoch of record_test_at is the last of the training",
        ),
        (json.dumps({**PLAN, "tasks": ["nope"]}), "unknown task 'nope'"),
        (json.dumps({**PLAN, "space": "nope"}), "unknown space 'nope'"),
        (json.dumps({**PLAN, "recipe": {"rate": 1}}), "unexpected keyword argument 'rate'"),
    ],
)
def test_a_plan_that_cannot_be_built_is_refused_in_one_line(text, message, nasedu, tmp_path):
    if text is not None:
        (tmp_path / "plan.json").write_text(text)
    found = nasedu("table", "build", "plan.json")
    assert found.exit_code == 2
    assert message in found.stderr
    assert found.stderr.count("\n") <= 2
    assert not (tmp_path / "table.npz").exists()


def test_a_table_is_not_written_to_something_else(nasedu, plan):
    assert "something.npz" in nasedu("table", "build", plan, "--out", "table.csv").stderr


def test_a_file_that_is_no_table_is_refused(nasedu, tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 and then nothing")
    found = nasedu("table", "show", "x.npz")
    assert found.exit_code == 2
    assert "x.npz" in found.stderr
