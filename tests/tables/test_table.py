"""What a table says: scores, the best, regret; and that it comes back from its file as it was."""

import subprocess
import sys

import numpy as np
import pytest

from nasedu import Table
from nasedu.core import BadArchitecture, BadValue
from tests.tables.spaces import MEMBERS, Letters, Unordered

SCORES = np.array([1, 5, 2, 8, 3, 0, 8, 4, 6])


def test_scores_of_one_seed_and_their_best():
    table = Table(Letters(), MEMBERS, {"only": SCORES}, complete=True)
    assert table.values.shape == (9, 1, 1, 1)
    assert table.scores().tolist() == SCORES.tolist()
    assert table.best() == (("b", "a"), 8.0)  # of equals, the first
    assert table.regret(("a", "a")) == 7
    assert len(table) == 9
    assert ("a", "c") in table
    assert ("a", "d") not in table
    assert "ac" not in table
    assert table.architectures == MEMBERS


def test_seeds_and_epochs(curves):
    values = curves.values
    assert values.shape == (9, 2, 3, 4)
    assert curves.epochs == (1, 2, 3, 4)
    assert np.array_equal(curves.curves("two", seed=1, epochs=3), values[:, 1, 1, :3])
    assert np.array_equal(curves.scores("two", seed=1, epochs=3), values[:, 1, 1, :3].max(1))
    assert np.allclose(curves.scores("one"), values[:, 0].mean(1).max(1))
    assert np.allclose(curves.spread("one"), values[:, 0, :, -1].std(1))
    best = curves.best("two")
    assert best.score == curves.scores("two").max()
    assert curves.regret(best.architecture, "two") == 0


def test_epochs_that_were_recorded_now_and_then():
    table = Table(Letters(), MEMBERS[:2], {"x": [[[1, 3, 2]], [[4, 5, 6]]]}, epochs=[4, 12, 108])
    assert table.scores(epochs=4).tolist() == [1, 4]
    assert table.scores(epochs=12).tolist() == [3, 5]
    assert table.scores(epochs=108).tolist() == [3, 6]  # the best until then
    for epochs in (3, 11, 107, 109):  # also between two: the score of a shorter training is not that of this one
        with pytest.raises(BadValue, match=f"recorded after 4, 12, 108 epochs; given {epochs}"):
            table.scores(epochs=epochs)


def test_it_comes_back_from_its_file(curves, tmp_path):
    curves.save(tmp_path / "it.npz")
    again = Table.load(tmp_path / "it.npz", Letters(), complete=True)
    assert np.array_equal(again.values, curves.values)
    assert again.rows == curves.rows
    for name in ("test", "seconds", "parameters", "flops"):
        assert np.array_equal(getattr(again, name), getattr(curves, name))
    for name in ("tasks", "epochs", "scale", "name", "note"):
        assert getattr(again, name) == getattr(curves, name)
    assert [path.name for path in tmp_path.iterdir()] == ["it.npz"]


def test_final_scores_come_back_as_final_scores(tmp_path):
    Table(Letters(), MEMBERS, {"only": SCORES}).save(tmp_path / "it.npz")
    again = Table.load(tmp_path / "it.npz", Letters())
    assert again.epochs == ()
    assert again.test is None
    assert again.seconds is None
    assert again.scores(epochs=77).tolist() == SCORES.tolist()


def test_a_file_that_cannot_be_written_leaves_what_was_there(tmp_path):
    table = Table(Letters(), MEMBERS, {"only": SCORES})
    with pytest.raises(BadValue, match=r"cannot be written to .*nowhere.*: No such file"):
        table.save(tmp_path / "nowhere" / "it.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(BadValue, match="cannot be written"):
        table.save(tmp_path / "folder.npz")
    with pytest.raises(BadValue, match=r"called something\.npz; given 'it.csv'"):
        table.save(tmp_path / "it.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npz"]


def test_networks_that_are_the_same_share_a_row():
    table = Table(Unordered(), [("b", "a"), ("c", "c"), ("a", "b")], {"x": [5, 6, 7]})
    assert table.classes.tolist() == [0, 1, 0]
    assert table.row(("a", "b")) == 2  # its own
    only = Table(Unordered(), [("b", "a")], {"x": [5]})
    assert only.row(("a", "b")) == 0
    with pytest.raises(BadArchitecture, match=r"\('c', 'c'\) is in no row of the table 'table', which holds 1 net"):
        only.row(("c", "c"))
    with pytest.raises(BadArchitecture, match="cannot be read by the space 'Unordered'"):
        only.row(("c", "d"))


def test_a_complete_table_may_hold_one_of_each_kind():
    half = [a for a in MEMBERS if a == tuple(sorted(a))]
    assert len(Table(Unordered(), half, {"x": range(6)}, complete=True)) == 6
    with pytest.raises(BadValue, match=r"3 of the 9 members of the space 'Letters' are in no row: \('b', 'a'\), "):
        Table(Letters(), half, {"x": range(6)}, complete=True)


def test_a_space_too_large_to_be_complete():
    class Long(Letters):
        def choices(self, state):
            return ("a", "b", "c") if state < 40 else ()

    with pytest.raises(BadValue, match=r"'Long' has 12,157,665,459,056,928,801: leave it out"):
        Table(Long(), [("a",) * 40], {"x": [1]}, complete=True)


REFUSED = {
    "no task": ({"scores": {}}, "at least one task"),
    "no rows": ({"architectures": [], "scores": {"x": []}}, "at least one architecture"),
    "too few scores": ({"scores": {"x": [1, 2]}}, r"shape \(2,\); expected \(9,\), \(9, seeds\) or"),
    "no seeds": ({"scores": {"x": np.zeros((9, 0))}}, r"shape \(9, 0\)"),
    "text": ({"scores": {"x": ["good"] * 9}}, "of task 'x' are not numbers"),
    "nan": ({"scores": {"x": [[1, 2], [3, float("nan")], *[[0, 0]] * 7]}}, r"row 1 .*score of task 'x': nan is not"),
    "shapes": (
        {"scores": {"x": SCORES, "y": np.zeros((9, 2))}},
        r"as many seeds and epochs; .* x: \(1, 1\), y: \(2, 1",
    ),
    "test": ({"test": {"z": SCORES}}, "test scores are for z, and scores for x: name the same"),
    "scale": ({"scale": 0}, "scale is what scores are divided by, above 0.*given 0"),
    "scale text": ({"scale": "100"}, "given '100'"),
    "seconds": ({"seconds": [-1.0] * 9}, "row 0 .*seconds is a number of at least 0; given -1"),
    "parameters": ({"parameters": [1.5] * 9}, "row 0 .*parameters is a whole number of at least 0; given 1.5"),
    "flops": ({"flops": [1, 2]}, r"flops has shape \(2,\); expected \(9,\)"),
    "epochs": ({"epochs": [3, 4]}, r"the scores have 1 epochs; .*given \(3, 4\)"),
    "epoch 0": ({"epochs": [0]}, r"rising from 1: given \(0,\)"),
    "twice": (
        {"architectures": [*MEMBERS[:8], MEMBERS[0]]},
        r"row 8 .*\('a', 'a'\) is there twice; the first is row 0",
    ),
    "unreadable": ({"architectures": [*MEMBERS[:8], ("a", "x")]}, r"row 8 .*\('a', 'x'\) cannot be read by the space"),
    "text for tuple": (
        {"architectures": [*MEMBERS[:8], "cc"]},
        "row 8 .*an architecture is a tuple of choices; given 'cc'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_table_refuses(case):
    changed, message = REFUSED[case]
    with pytest.raises(BadValue, match=message):
        Table(Letters(), **({"architectures": MEMBERS, "scores": {"x": SCORES}} | changed))


def test_an_unknown_task_or_seed(curves):
    with pytest.raises(BadValue, match="has the tasks one, two; given 'three'"):
        curves.scores("three")
    with pytest.raises(BadValue, match="has the tasks one, two; none was named"):
        curves.best()
    for seed in (-1, 3):
        with pytest.raises(BadValue, match=f"has seeds 0 to 2; given {seed}"):
            curves.scores("one", seed=seed)


def test_tables_and_races_run_without_torch():
    code = "import sys, nasedu; nasedu.Table, nasedu.race; from nasedu.trainers.table import TableTrainer; "
    code += "print(*[m for m in ('torch', 'pandas', 'matplotlib', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


# ---------------------------------------------------------------------- real ones


def test_nas_bench_macro(macro):
    assert len(macro) == 6561
    assert macro.values.shape == (6561, 1, 3, 1)
    assert macro.best().score == pytest.approx(93.127, abs=5e-4)
    for equal in ("22212220", "22212202"):  # a layer less, in one place or the other: one network, recorded twice
        assert macro.regret(tuple(equal)) == 0
    assert "".join(macro.best().architecture) == "22212202"
    assert macro.scores().mean() == pytest.approx(90.247, abs=5e-4)
    assert macro.spread().mean() == pytest.approx(0.151, abs=5e-4)
    assert macro.parameters[0] == 387882
    assert macro.flops[1] == 14115328
    assert "no validation split" in repr(macro)


def test_hpobench_mlp(mlp):
    assert mlp.values.shape == (30000, 8, 5, 1)
    assert mlp.epochs == (243,)
    for task in mlp.tasks:
        scores = mlp.scores(task)
        assert 0 <= scores.min() < scores.max() <= 1
        assert mlp.best(task).score == scores.max()
    first = [0.44400585, 0.44791666, 0.44652778, 0.45504385, 0.4580775]
    assert mlp.values[0, mlp.tasks.index("car"), :, 0].tolist() == pytest.approx(first)


def test_networks_are_counted_and_rows_are_called_rows():
    scores = {"t": [n / 10 for n in range(9)]}
    plain, doubled = Table(Letters(), MEMBERS, scores), Table(Unordered(), MEMBERS, scores, name="doubled")
    assert len(plain.networks) == len(plain) == 9
    assert repr(plain).startswith("<Table 'table', 9 networks x 1 tasks")
    assert len(doubled) == 9
    assert [MEMBERS[row] for row in doubled.networks] == [a for a in MEMBERS if list(a) == sorted(a)]
    assert repr(doubled).startswith("<Table 'doubled', 6 networks in 9 rows x 1 tasks")
    assert doubled.task("t").summary == "Recorded scores of 6 networks in 9 rows on t."
    partial = Table(Unordered(), [("a", "b"), ("b", "a")], {"t": [1, 2]})
    with pytest.raises(BadArchitecture, match="which holds 1 network in 2 rows of the space"):
        partial.row(("c", "c"))
