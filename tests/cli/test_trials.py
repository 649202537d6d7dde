"""`nasedu trials`: results from a file into a study, and back; `nasedu search --enqueue` and `--minutes`."""

import csv
import json

import pytest

from nasedu.cli.results_file import as_architecture, as_text
from nasedu.cli.study_record import records_in
from nasedu.controllers import registry
from nasedu.core import BadValue
from nasedu.store import Store
from nasedu.study import loop
from nasedu.trainers.single.sequential import SequentialTrainer
from tests.cli.conftest import SMALL, found_in
from tests.cli.test_bad_input import in_one_line

SEARCH = (*SMALL, "--controller", "random", "--store", "a.db")
OPTIONS = ("--space", "mlp", "--epochs", "1", "--controller", "random", "--store", "a.db")
GOOD = 'architecture,score,epochs,seconds\n16-relu stop,0.5,20,3.5\n"[""32-tanh"", ""stop""]",0.25,,\n'


@pytest.fixture
def results(tmp_path):
    def write(text):
        (tmp_path / "results.csv").write_text(text, encoding="utf-8")
        return "results.csv"

    return write


def only(store="a.db"):
    (record,) = records_in(store).values()
    return record


# ---------------------------------------------------------------------- import


def test_results_begin_a_study_that_the_same_search_goes_on_with(nasedu, results):
    said = nasedu("trials", "import", results(GOOD), *OPTIONS, "--trials", 3)
    assert said.exit_code == 0
    assert said.stdout == "2 results imported into a.db (random in mlp on digits, seed 0)\n"
    assert "1 of these results are of 20 epochs, and this study trains for 1" in said.stderr
    assert [(t.architecture, t.score, t.origin) for t in only().trials] == [
        (("16-relu", "stop"), 0.5, "imported"),
        (("32-tanh", "stop"), 0.25, "imported"),
    ]
    done = nasedu(*SEARCH, "--trials", 3)
    assert "a.db has 0 trials of this search, and 2 imported ones; going on from there" in done.stderr
    assert [t.origin for t in only().trials] == [*["imported"] * 2, *["asked"] * 3]
    assert "5 trials (2 of them imported, and not trained here), 1 epoch each" in " ".join(done.stdout.split())
    data = json.loads(nasedu("show", "a.db", "--json").stdout)["studies"][0]
    assert (data["imported"], [t["origin"] for t in data["trials"][:2]]) == (2, ["imported"] * 2)
    assert data["seconds"] == pytest.approx(sum(t.evaluation.seconds for t in only().counted), abs=1e-3)


def test_they_come_into_a_study_of_a_number_or_a_name(nasedu, results):
    nasedu(*SEARCH, "--trials", 2)
    nasedu(*SMALL, "--trials", 1, "--store", "a.db")
    nasedu("studies", "rename", "a.db", 1, "at random")
    said = nasedu("trials", "import", results(GOOD), "--store", "a.db", "--study", "at random")
    assert said.stdout == "2 results imported into study 1 of a.db ('at random', random in mlp on digits, seed 0)\n"
    assert [len(r.imported) for r in records_in("a.db").values()] == [2, 0]
    assert nasedu(*SEARCH, "--trials", 4).exit_code == 0
    assert [t.origin for t in records_in("a.db")[1].trials] == ["asked"] * 2 + ["imported"] * 2 + ["asked"] * 2


BAD = {
    "an unknown column": ("architecture,score,loss\n", "has an unknown column 'loss'; known: architecture, score,"),
    "no score": ("architecture\nstop\n", "has no column 'score'"),
    "a column twice": ("architecture,score,score\n", "has two columns called 'score'"),
    "no line": ("architecture,score\n", "has no results"),
    "an empty file": ("", "has no column 'architecture', 'score'"),
    "a score in words": ("architecture,score\nstop,good\n", "line 2: score is a finite number; given 'good'"),
    "a score that is none": ("architecture,score\nstop,nan\n", "line 2: score is a finite number; given 'nan'"),
    "an empty score": ("architecture,score\nstop,\n", "line 2: score is a finite number; given ''"),
    "percent": ("architecture,score\nstop,93.5\n", "line 2: the score 93.5 is no accuracy, which is at most 1"),
    "another space": (
        "architecture,score\n9-relu stop,0.5\n",
        "line 2: ('9-relu', 'stop') cannot be read by the space",
    ),
    "twice": (
        "architecture,score\nstop,0.5\n16-relu stop,0.5\nstop,0.5\n",
        "line 4: stop is known already, from line 2",
    ),
    "no list": ('architecture,score\n"[1, 2]",0.5\n', "line 2: an architecture is choices divided by blanks"),
    "no JSON": ('architecture,score\n"[stop",0.5\n', "line 2: [stop is no JSON list of choices"),
    "half an epoch": ("architecture,score,epochs\nstop,0.5,1.5\n", "line 2: epochs is a whole number of at least 0"),
    "less than no time": ("architecture,score,seconds\nstop,0.5,-1\n", "line 2: seconds is a number of at least 0"),
    "an unknown status": ("architecture,score,status\nstop,0.5,fine\n", "line 2: status is one of ok, diverged"),
    "a cell too many": ("architecture,score\nstop,0.5,1\n", "line 2: it has another number of cells"),
    "a quote left open": ('architecture,score\n"stop,0.5\n', "is no CSV file in UTF-8"),
    "several": ("architecture,score\n" + "stop,\n" * 5, "; line 4: score is a finite number; given ''; and 2 more"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_as_a_whole(nasedu, results, tmp_path, case):
    text, expected = BAD[case]
    said = in_one_line(nasedu("trials", "import", results(text), *OPTIONS))
    assert expected in said
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]


def test_what_the_study_has_already_is_refused(nasedu, results):
    nasedu(*SEARCH, "--trials", 2)
    before = found_in("a.db")
    known = " ".join(only().trials[1].architecture)
    for where in (OPTIONS, ("--store", "a.db", "--study", 1)):
        said = in_one_line(nasedu("trials", "import", results(f"architecture,score\n{known},0.5\n"), *where))
        assert f"line 2: {known} is known already, from trial 2 of the study" in said
    assert found_in("a.db") == before


def test_what_is_beyond_the_limits_is_refused(nasedu, results):
    limits = ("--most-parameters", 3000)
    said = in_one_line(
        nasedu("trials", "import", results("architecture,score\n128-relu stop,0.5\n"), *OPTIONS, *limits)
    )
    assert "128-relu stop is not within the limits of this search (at most 3,000 parameters)" in said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("none.csv", *OPTIONS), "the results none.csv cannot be read: No such file"),
        (("results.csv", "--study", "1", "--store", "none.db"), "there is no store at none.db"),
        (("results.csv", "--study", "1", "--epochs", "3"), "--study says which study it is: leave out --epochs"),
        (("results.csv", "--store", ":memory:"), "imported into memory are gone at once"),
        (("results.csv", "--space", "cnn"), "unknown space 'cnn'"),
    ],
)
def test_what_cannot_be_imported_is_refused_at_the_door(nasedu, results, tmp_path, arguments, expected):
    results(GOOD)
    assert expected in in_one_line(nasedu("trials", "import", *arguments))
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]


# ---------------------------------------------------------------------- export


def test_what_was_exported_is_imported_with_every_number(nasedu, finished):
    said = nasedu("trials", "export", finished, "out.csv", "--study", 2)
    assert said.stdout == "4 results of study 2 (random in mlp on digits, seed 0) written to out.csv\n"
    assert nasedu("trials", "import", "out.csv", *OPTIONS, "--seed", 7).exit_code == 0
    there, here = records_in(finished)[2], only()
    names = ("architecture", "score", "status", "epochs", "seed", "seconds", "parameters", "flops", "reason")
    numbers = [[[getattr(t.evaluation, name) for name in names] for t in record.trials] for record in (there, here)]
    assert numbers[0] == numbers[1]
    nasedu("trials", "export", "a.db", "again.csv")
    with open("out.csv", newline="") as one, open("again.csv", newline="") as other:
        assert list(csv.reader(one)) == list(csv.reader(other))


def test_export_asks_which_study_and_says_what_cannot_be_written(nasedu, finished):
    assert "holds several studies: choose one with --study" in in_one_line(
        nasedu("trials", "export", finished, "o.csv")
    )
    said = in_one_line(nasedu("trials", "export", finished, "no/o.csv", "--study", 1))
    assert "the results cannot be written to no/o.csv" in said


@pytest.mark.parametrize("architecture", [("a", "b"), ("a b", "stop"), ("[a", "stop"), ("stop",), ("a\tb",)])
def test_an_architecture_comes_back_from_its_text(architecture):
    assert as_architecture(as_text(architecture)) == architecture


@pytest.mark.parametrize("text", ["", "  ", "[]", "[1]", '["a"', "[a stop"])
def test_what_is_no_architecture_is_refused(text):
    with pytest.raises(BadValue):
        as_architecture(text)


# ---------------------------------------------------------------------- enqueue


def test_enqueued_architectures_are_the_first_trials_and_the_same_command_goes_on(nasedu):
    command = (*SEARCH, "--trials", 3, "--enqueue", "32-tanh stop", "--enqueue", '["16-relu", "stop"]')
    said = nasedu(*command)
    assert said.exit_code == 0
    assert [(t.architecture, t.origin) for t in only().trials[:2]] == [
        (("32-tanh", "stop"), "enqueued"),
        (("16-relu", "stop"), "enqueued"),
    ]
    assert "trial 1  " in said.stderr
    assert "32-tanh stop  (enqueued)" in said.stderr
    assert "3 trials (2 of them enqueued)" in said.stdout
    before = found_in("a.db")
    assert nasedu(*command).exit_code == 0
    assert found_in("a.db") == before


def test_what_waits_in_the_queue_is_said_and_goes_on_after_a_crash(nasedu):
    nasedu(*SEARCH, "--trials", 1)
    store = Store("a.db")
    store.enqueue(1, store.hold(1), ("64-tanh", "stop"))  # and then the process was killed
    store.close()
    assert "Enqueued and not asked yet: 1." in nasedu("show", "a.db").stdout
    assert "note: 1 enqueued and not asked yet" in nasedu(*SEARCH, "--trials", 1).stderr
    nasedu(*SEARCH, "--trials", 2)
    assert [(t.architecture, t.origin) for t in only().trials[1:]] == [(("64-tanh", "stop"), "enqueued")]


@pytest.mark.parametrize(
    ("architecture", "expected"),
    [
        ("9-relu stop", "cannot be read by the space 'mlp'"),
        ("128-relu stop", "not within the limits of this search (at most 3,000 parameters)"),
        ("", "an architecture is choices divided by blanks"),
    ],
)
def test_what_cannot_be_tried_is_refused_before_anything_is_written(nasedu, tmp_path, architecture, expected):
    said = nasedu(*SEARCH, "--most-parameters", 3000, "--enqueue", "16-relu stop", "--enqueue", architecture)
    assert expected in in_one_line(said)
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------- minutes


@pytest.fixture
def a_minute_each(monkeypatch):
    """A minute passes with every network that is trained."""

    class Clock:
        now = 0.0

        @classmethod
        def monotonic(cls):
            return cls.now

    train = SequentialTrainer.__call__

    def slow(self, architectures, **kwargs):
        Clock.now += 60 * len(architectures)
        return train(self, architectures, **kwargs)

    monkeypatch.setattr(loop, "time", Clock)
    monkeypatch.setattr(SequentialTrainer, "__call__", slow)


def test_a_search_of_minutes_ends_with_them_is_tested_and_goes_on(nasedu, a_minute_each):
    done = nasedu(*SEARCH, "--minutes", 3)
    assert done.exit_code == 0
    assert len(only().trials) == 3
    assert "note: the 3 minutes are over after 3 trials; the test of 3 networks comes on top, about " in done.stderr
    assert done.stderr.splitlines()[1].startswith("1  best ")  # below the line on what was read
    assert "tested once on 359 examples" in done.stdout
    assert nasedu(*SEARCH, "--minutes", 2).exit_code == 0
    assert len(only().trials) == 5


def test_whichever_of_trials_and_minutes_is_first_ends_it(nasedu, a_minute_each):
    assert "are over" not in nasedu(*SEARCH, "--minutes", 9, "--trials", 2).stderr
    assert len(only().trials) == 2
    nasedu(*SEARCH, "--minutes", 1, "--trials", 9)
    assert len(only().trials) == 3


def test_minutes_alone_leave_the_controller_its_usual_budget(nasedu, a_minute_each):
    command = (*SMALL, "--minutes", 2, "--store", "a.db")
    first = nasedu(*command)
    assert (
        "note: how many trials fit into this time is not known yet: q-learning explores over its usual 100"
        in first.stderr
    )
    assert "not known yet" not in nasedu(*command).stderr
    assert only().budget == registry["q-learning"].__init__.__kwdefaults__["budget"]
    assert len(only().trials) == 4


@pytest.mark.parametrize("minutes", ["0", "-1", "nan"])
def test_no_time_at_all_is_refused(nasedu, tmp_path, minutes):
    assert "minutes is a number above 0" in in_one_line(nasedu(*SEARCH, "--minutes", minutes))
    assert list(tmp_path.iterdir()) == []
