"""`nasedu studies`: the list, names, deletion and two side by side."""

import json
import shutil
import warnings

import pytest

from nasedu.cli.study_compare import Comparison
from nasedu.cli.study_record import StudyRecord, records_in
from nasedu.core import Evaluation
from nasedu.store import Store, Trial
from nasedu.store.sqlite_file import ADDED
from tests.cli.conftest import SMALL, found_in
from tests.cli.test_bad_input import in_one_line
from tests.cli.test_written_before import unpack


@pytest.fixture
def store(finished, tmp_path):
    """A copy of the store with a q-learning study and a random one, to be written to."""
    return shutil.copy(finished, tmp_path / "a.db")


# ---------------------------------------------------------------------- the list


def test_every_study_is_a_line(nasedu, store):
    shown = " ".join(nasedu("studies", store).stdout.split())
    for number, record in records_in(store).items():
        assert f"{number} {record.label.split(',')[0]}" in shown
        assert f"{len(record.trials)} {record.best.score:.4f} {record.final.score:.4f}" in shown
        assert record.begun[:16].replace("T", " ") in shown
    assert nasedu("studies", "list", store).stdout == nasedu("studies", store).stdout


def test_the_list_as_json(nasedu, store):
    data = json.loads(nasedu("studies", store, "--json").stdout)["studies"]
    assert [(s["study"], s["name"], s["controller"], s["trials"]) for s in data] == [
        (1, None, "q-learning", 4),
        (2, None, "random", 4),
    ]
    for study, record in zip(data, records_in(store).values(), strict=True):
        assert study["best"]["score"] == record.best.score
        assert study["begun"] == record.begun


# ---------------------------------------------------------------------- names


def test_a_name_stands_where_a_number_does(nasedu, store):
    assert nasedu("studies", "rename", store, 2, " at random ").stdout == "study 2 is called 'at random' now\n"
    assert "'at random', random in mlp" in nasedu("studies", store).stdout
    assert nasedu("show", store, "--study", "at random").stdout == nasedu("show", store, "--study", 2).stdout
    assert "Study 2 'at random': random" in nasedu("show", store).stdout
    assert nasedu("export", store, "--study", "at random", "--to", "folder").exit_code == 0
    data = json.loads(nasedu("studies", "rename", store, "at random", "chance", "--json").stdout)
    assert data == {"study": 2, "name": "chance"}
    assert [r.name for r in records_in(store).values()] == ["", "chance"]
    assert "has no study at random; known: 1 (" in in_one_line(nasedu("show", store, "--study", "at random"))


@pytest.mark.parametrize("name", ["", "  ", "7", "two\nlines"])
def test_what_is_no_name_is_refused(nasedu, store, name):
    assert "a study's name is one line with a letter in it" in in_one_line(nasedu("studies", "rename", store, 1, name))


def test_two_studies_never_have_one_name(nasedu, store):
    nasedu("studies", "rename", store, 1, "mine")
    assert "study 1 of" in in_one_line(nasedu("studies", "rename", store, 2, "mine"))
    assert nasedu("studies", "rename", store, 1, "mine").exit_code == 0


# ---------------------------------------------------------------------- deletion


def test_a_deleted_study_is_gone_and_the_others_are_as_they_were(nasedu, store, finished):
    nasedu("studies", "rename", store, 1, "mine")
    handle = Store(store)
    handle.enqueue(1, handle.hold(1), ("stop",))
    handle.close()
    before = found_in(store)
    said = nasedu("studies", "delete", store, "mine", "--yes")
    assert said.stdout == "deleted: study 1 ('mine', q-learning in mlp on digits, seed 0, 4 trials)\n"
    assert found_in(store) == before[1:]
    rows = Store(store, create=False)
    for table in (*ADDED, "trials", "finals"):
        assert rows._rows(f"SELECT * FROM {table} WHERE study = 1") == []
    rows.close()
    assert nasedu(*SMALL, "--trials", 2, "--store", store, "--seed", 9).exit_code == 0
    assert [r.name for r in records_in(store).values()] == ["", ""]


def test_it_asks_first(nasedu, store):
    from typer.testing import CliRunner

    from nasedu.cli import app

    before = found_in(store)
    for answer, code, left in (("n\n", 1, 2), ("y\n", 0, 1)):
        said = CliRunner().invoke(app, ["studies", "delete", str(store), "1"], input=answer)
        assert "Delete study 1 (q-learning in mlp on digits, seed 0, 4 trials) from" in said.stderr
        assert said.exit_code == code
        assert found_in(store) == before[2 - left :]


def test_evidence_that_came_from_it_stays_with_the_studies_that_have_it(nasedu, store):
    nasedu(*SMALL, "--task", "digits-noisy", "--trials", 2, "--prior", store, "--store", store)
    assert nasedu("studies", "delete", store, 1, "--yes").exit_code == 0
    assert nasedu("show", store, "--study", 3, "--figure", "a.png").stderr == "drawn: a.png\n"


def test_a_study_that_is_being_worked_on_is_not_deleted(nasedu, store):
    """Process 1 lives as long as the machine does."""
    import psutil

    handle = Store(store)
    handle.hold(1)
    with handle.transaction() as db:
        holder = json.loads(db.execute("SELECT holder FROM studies WHERE id = 1").fetchone()[0])
        other = {**holder, "pid": 1, "started": psutil.Process(1).create_time()}
        db.execute("UPDATE studies SET holder = ? WHERE id = 1", (json.dumps(other),))
    handle.close()
    before = found_in(store)
    assert "process 1 on" in in_one_line(nasedu("studies", "delete", store, 1, "--yes"))
    assert found_in(store) == before
    assert nasedu("studies", "rename", store, 1, "busy").exit_code == 0


# ---------------------------------------------------------------------- two side by side


def test_two_studies_side_by_side(nasedu, store):
    shown = " ".join(nasedu("studies", "compare", store, 1, 2).stdout.split())
    a, b = records_in(store).values()
    assert "controller.name q-learning random" in shown
    assert "trainer" not in shown
    for n in (1, 2, 4):
        assert f"best of the first {n} {best(a, n):.4f} {best(b, n):.4f}" in shown
    assert f"test {a.final.score:.4f} (" in shown
    assert "After 4 trials each, the best validation score of study 1 is " in shown
    assert "of 359 test examples right" in shown
    assert "Not comparable" not in shown


def best(record, trials):
    return max(t.score for t in record.trials[:trials])


def test_two_side_by_side_as_json(nasedu, store):
    data = json.loads(nasedu("studies", "compare", store, 2, 1, "--json").stdout)
    assert [study["study"] for study in data["studies"]] == [2, 1]
    assert data["differences"]["controller.name"] == ["random", "q-learning"]
    assert data["differences"]["controller.budget"] == [None, 4]
    assert data["not_comparable"] == []
    b, a = records_in(store).values()
    assert data["at_equal_trials"] == [{"trials": n, "best": [best(a, n), best(b, n)]} for n in (1, 2, 4)]


def record(scores=(0.5,), origins=("asked",), metric="accuracy", **identity):
    known = {"task": "digits", "space": {"name": "mlp"}, "controller": {"name": "random"}, "trainer": {"name": "s"}}
    trials = [
        Trial(n, n, ("stop",), {}, Evaluation(("stop",), score, metrics={metric: score}), origin)
        for n, (score, origin) in enumerate(zip(scores, origins, strict=True))
    ]
    return StudyRecord({**known, "epochs": 8, "seed": 0, "prior": None, **identity}, trials, [])


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (record(task="wine"), "task (digits, wine)"),
        (record(epochs=9), "epochs (8, 9)"),
        (record(data={"digest": "c0ffee1234"}), "digest of the data (unknown, c0ffee12)"),
        (record(metric="f1"), "metric (accuracy, f1)"),
    ],
)
def test_what_cannot_be_compared_is_said_and_nothing_is_concluded(other, reason):
    found = Comparison({1: record(), 2: other})
    assert found.objections() == [reason]
    assert list(found._sentences()) == [f"Not comparable: study 1 and study 2 differ in {reason}."]


def test_imported_results_are_not_among_equal_trials():
    mine = record((0.9, 0.5, 0.6), ("imported", "asked", "enqueued"))
    assert Comparison({1: mine, 2: record((0.4, 0.7, 0.8), ("asked",) * 3)}).at_equal_trials() == [
        (1, 0.5, 0.4),
        (2, 0.6, 0.7),
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("compare", "a.db", "1", "1"), "two studies are compared, and both are study 1"),
        (("compare", "a.db", "1", "7"), "has no study 7"),
        (("delete", "a.db", "7", "--yes"), "has no study 7"),
        (("rename", "none.db", "1", "x"), "there is no store at none.db"),
        (("none.db",), "there is no store at none.db"),
    ],
)
def test_what_is_not_there_is_one_line(nasedu, store, tmp_path, arguments, expected):
    before = found_in(store)
    assert expected in in_one_line(nasedu("studies", *arguments))
    assert found_in(store) == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.db"]


# ---------------------------------------------------------------------- a store of an earlier version


def test_a_store_of_an_earlier_version_is_read_as_if_the_new_tables_were_empty(nasedu, tmp_path):
    path = unpack("searches", tmp_path)
    before = path.read_bytes()
    for name in ADDED:
        assert f"CREATE TABLE {name}".encode() not in before
    listed = json.loads(nasedu("studies", path, "--json").stdout)["studies"]
    assert {(study["name"], study["imported"], study["queue"]) for study in listed} == {(None, 0, 0)}
    path.chmod(0o444)
    assert nasedu("studies", path).exit_code == 0
    assert path.read_bytes() == before
    path.chmod(0o644)
    assert nasedu("studies", "rename", path, 2, "old").exit_code == 0
    assert records_in(path)[2].name == "old"


def test_studies_of_one_task_that_changed_are_told_apart(nasedu, tmp_path):
    def search(*more):
        asked = ("--task", "csv/t.csv:y", "--controller", "random", "--trials", 1, "--store", "s.db")
        return nasedu(*SMALL, *asked, *more)

    rows = [f"{n % 7},{n % 5},{'ab'[n % 7 > 3]}" for n in range(60)]
    for last in (rows[-1], "9,9,a"):
        (tmp_path / "t.csv").write_text("\n".join(["u,v,y", *rows[:-1], last]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            search()
    assert len({record.label for record in records_in("s.db").values()}) == 2
    shown = " ".join(nasedu("show", "s.db").stdout.split())
    for number, record in records_in("s.db").items():
        version = f"(data {record.identity['data']['digest'][:8]})"
        assert f"Study {number}: random in mlp on csv/t.csv:y {version}" in shown
        assert version in in_one_line(nasedu("show", "s.db", "--figure", "a.png"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = search("--prior", "s.db", "--prior-kind", "copy-best", "--epochs", 2)
    assert "csv/t.csv:y had other data then: examples of its test split of today may have" in done.output
