"""What a terminal can be: narrow, ASCII, full, a pipe. Nothing is cut, nothing is lost, and nobody sees a traceback."""

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import ClassVar

import pytest
from rich.console import Console
from typer.testing import CliRunner

from nasedu.cli import app, messages
from nasedu.cli.fitting_table import FittingTable
from nasedu.cli.meta import names_in
from nasedu.cli.meta_report import best_table, carried_table, worth_table
from nasedu.cli.report import brief, confusion, full
from nasedu.cli.search_config import _open_log
from nasedu.cli.study_record import records_in
from nasedu.logs.base import folder_name
from nasedu.meta.events import Learned, Source, SpaceChosen
from nasedu.meta.prior import Evidence

ROWS = "\n".join(f"{n / 7},{n % 5},{'ja' if n % 2 else 'nö'}" for n in range(60))
TABLE = f"größe,b,y\n{ROWS}\n{ROWS[: ROWS.index(chr(10))]}\n"
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


# ---------------------------------------------------------------------- warnings


NOISY = """
import warnings
from nasedu import trainers

def trainer(space, task):
    warnings.warn("more\\nthan one line")
    return trainers.load("sequential", space, task)
"""


def test_a_warning_is_one_plain_line(process, tmp_path):
    (tmp_path / "é [1].csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "noisy.py").write_text(NOISY)
    search = ("search", "--task", "csv/é [1].csv:y", "--space", "mlp", "--trainer", "noisy:trainer")
    done = process(*search, "--trials", "1", "--epochs", "1")
    stdout, stderr = done.communicate()
    assert done.returncode == 0
    assert [line for line in stderr.splitlines() if "arning" in line] == ["warning: more than one line"]
    assert ".py" not in stderr
    assert "on csv/é [1].csv:y:" in stdout


def test_a_warning_of_anybody_is_one_line_and_only_while_a_command_runs(nasedu, monkeypatch, capsys):
    before = warnings.showwarning

    def noisy(*_, **__):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("two\nlines", RuntimeWarning, stacklevel=1)
        return {}

    monkeypatch.setattr("nasedu.tasks.summaries", noisy)
    with pytest.raises(ValueError):  # there is no task to list
        nasedu("tasks")
    assert warnings.showwarning is before
    messages.show_warning(UserWarning("two\nlines"), UserWarning, "some.py", 3)
    assert capsys.readouterr().err == "warning: two lines\n"


# ---------------------------------------------------------------------- ASCII, full


def test_names_that_ascii_cannot_write_are_escaped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("é.csv").write_text(TABLE, encoding="utf-8")
    arguments = ["search", "--task", "csv/é.csv:y", "--space", "mlp", "--trials", "1", "--epochs", "1"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        done = CliRunner(charset="ascii").invoke(app, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    assert "on csv/\\xe9.csv:y: 1 trial" in done.stdout.replace("\n", " ")


def into_full(*arguments, unbuffered=""):
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with FULL.open("w") as output:
        done = subprocess.run(
            [sys.executable, "-m", "nasedu.cli", *map(str, arguments)],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
    return done.returncode, done.stderr


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_is_full_ends_in_one_line(finished, unbuffered):
    code, told = into_full("show", finished, "--json", unbuffered=unbuffered)
    assert (code, told) == (1, "error: nothing more can be written: No space left on device\n")


@needs_full
def test_after_a_search_it_is_said_where_the_results_are(finished):
    search = ("search", "--space", "mlp", "--epochs", "1", "--batch", "2", "--trials", "4", "--store", finished)
    code, told = into_full(*search)
    assert code == 1
    assert told.splitlines()[-1:] == [
        f"error: nothing more can be written: No space left on device; nothing is lost: nasedu show {finished} prints "
        "it again"
    ]


def test_other_errors_of_the_system_are_not_swallowed(nasedu, monkeypatch):
    def gone():
        raise FileNotFoundError(2, "gone", "there")

    monkeypatch.setattr("nasedu.tasks.summaries", gone)
    with pytest.raises(FileNotFoundError):
        nasedu("tasks")


def test_a_log_that_is_full_ends_no_search(nasedu, monkeypatch):
    class Full:
        """In place of standard error."""

        def write(self, text):
            raise OSError(28, "No space left on device")

        def flush(self):
            pass

    monkeypatch.setattr(sys, "stderr", Full())
    messages.say("nobody reads it")
    messages.warn("nobody reads it")


# ---------------------------------------------------------------------- narrow


def shown(renderable, width):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


@pytest.mark.parametrize("width", [24, 40, 60, 80])
def test_a_narrow_terminal_cuts_nothing(finished, width):
    for number, record in records_in(finished).items():
        for report in (full(record, None), brief(number, record)):
            wide, narrow = shown(report, 200), shown(report, width)
            assert "…" not in narrow
            assert max(map(len, narrow.splitlines())) <= width
            words = {word for word in wide.split() if any(letter.isalpha() for letter in word)}
            if width > 30:  # or else a matrix is told in words
                assert [word for word in words if word not in narrow] == []


def test_a_table_becomes_a_list_where_it_has_no_room():
    table = FittingTable("What there is")
    table.add_column("name", no_wrap=True)
    table.add_column("")
    table.add_column("note")
    table.add_row("a long name", "[x]", "some words on it")
    table.add_row("b", "", "")
    assert shown(table, 40).splitlines()[0].strip() == "What there is"
    assert shown(table, 40).splitlines()[2].split("  ")[:2] == ["a long name", "[x]"]
    told = [line.rstrip() for line in shown(table, 15).splitlines()]
    assert told == [
        "What there is",
        *("name: a long", "name", "[x]", "note: some", "words on it", ""),
        *("name: b", ""),
    ]


def learned(task):
    """What a loop over tasks knows of one task at its end, with names and sentences as long as they are."""
    trials = tuple((("conv3-16", "pool2", f"dense{n}", "stop"), n / 10) for n in range(6))
    sources = (Source("how-many/digits", 20, 0, 3, 0.52), Source("csv/customers-of-2024.csv:churn", 20, 0, 0, -0.82))
    liked, why = (("conv3-16", 0.64, 9), ("stop", 0.5, 9)), "the whole space: the evidence speaks against no choice yet"
    evidence = Evidence(task, trials)
    return Learned(task, evidence, sources, liked, (SpaceChosen(task, None, why),), cold=Evidence(task, trials[::-1]))


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_head_of_a_table_is_wrapped(width):
    for table in (carried_table, worth_table, best_table):
        shown_table = table([learned("gratings/angle"), learned("noisy-labels/digits")])
        lines = [line.strip() for line in shown(shown_table, width).splitlines()]
        heads = "  ".join(str(column.header) for column in shown_table.columns)
        assert "…" not in "".join(lines)
        as_table = any(line.split() == heads.split() for line in lines)
        rows = shown_table.row_count
        as_list = all(
            sum(line.startswith(f"{column.header}: ") for line in lines) == rows for column in shown_table.columns
        )
        assert as_table != as_list


def test_a_column_gives_way_where_it_can_and_no_word_is_cut():
    table = FittingTable()
    for head in ("task", "most alike", "least alike"):
        table.add_column(head)
    table.add_row("noisy-pixels/digits", "noisy-pixels/arabic 0.92", "same/digits 0.32")
    told = shown(table, 62)
    assert all(word in told for word in ("noisy-pixels/digits", "noisy-pixels/arabic", "same/digits"))


def test_a_matrix_that_has_no_room_tells_its_worst_mistakes():
    matrix = [[9, 3, *[0] * 11], [1, 9, *[0] * 11], *[[0] * 13] * 11]
    assert "Its answers: a row for each true class" in shown(confusion(matrix), 60)
    told = " ".join(shown(confusion(matrix), 30).split())
    assert told == (
        "Most frequent confusions of the network that was chosen: 0 taken for 1: 3 times, 1 taken for 0: 1 time"
    )


@pytest.mark.parametrize("arguments", [("--help",), ("search", "--help"), ("lessons", "--help")])
def test_help_is_whole_on_a_narrow_terminal(nasedu, monkeypatch, arguments):
    monkeypatch.setenv("COLUMNS", "40")
    shown = nasedu(*arguments).stdout
    assert "…" not in shown
    assert "..." not in shown.replace("[ARGS]...", "")
    assert "[bold]" not in shown
    monkeypatch.setenv("COLUMNS", "100")
    assert "╭" in nasedu(*arguments).stdout


# ---------------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("csv/../../x.csv:y-mlp", "csv_.._.._x.csv_y-mlp"),
        ("../up", "__up"),
        ("..", "_"),
        (".hidden", "_hidden"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\data\\x", "C_data_x"),
        ("a\nb\0c", "a_b_c"),
        ("digits-mlp-q-learning-seed0", "digits-mlp-q-learning-seed0"),
        ("größe", "größe"),
        ("a" * 300, "a" * 100),
    ],
)
def test_a_text_becomes_the_name_of_one_folder(text, name):
    assert folder_name(text) == name


def test_logs_never_leave_their_folder(tmp_path):
    pytest.importorskip("tensorboard")

    class Study:
        trials = ()
        identity: ClassVar = {
            "task": "csv/../../../x.csv:y",
            "space": {"name": "m:W"},
            "controller": {"name": "a/b"},
            "seed": 0,
        }

    with _open_log(str(tmp_path / "tb"), Study()) as log:
        assert log.directory.parent == tmp_path / "tb"
        assert log.directory.name.startswith("csv_.._.._.._x.csv_y-m_W-a_b-seed0-")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("digits,digits-noisy", ["digits", "digits-noisy"]),
        ("digits, csv/a,b.csv:y ,glyphs/greek", ["digits", "csv/a,b.csv:y", "glyphs/greek"]),
        ("csv/there,digits:y,digits", ["csv/there,digits:y", "digits"]),
        ("folder/x,digits,folder/y, z", ["folder/x", "digits", "folder/y, z"]),
        ("folder/here,digits", ["folder/here,digits"]),
        ("digits,digtis", ["digits", "digtis"]),
        ("my.mod:f,csv/a.csv:y,mymodule:g", ["my.mod:f", "csv/a.csv:y", "mymodule:g"]),
        ("digits,,tones/pitch", ["digits", "", "tones/pitch"]),
    ],
)
def test_commas_in_paths_divide_no_tasks(tmp_path, monkeypatch, text, names):
    monkeypatch.chdir(tmp_path)
    Path("there,digits").write_text("")
    Path("here,digits").mkdir()
    assert names_in(text) == names


# ---------------------------------------------------------------------- mistyped, and half typed


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("serach",), "Did you mean 'search'?"),
        (("search", "--contoller", "random"), "--controller"),
        (("lessons", "cpy"), "Did you mean 'copy'?"),
        (("search", "--task", "digitz"), "did you mean 'digits'?"),
        (("search", "--controller", "evolution"), "did you mean 'regularized-evolution'?"),
        (("search", "--space", "mlp", "--space-option", "deepth=4"), "did you mean 'depth'?"),
        (("search", "--space", "mlp", "--recipe", "batchsize=4"), "did you mean 'batch_size'?"),
    ],
)
def test_what_was_mistyped_is_answered_with_what_is_meant(nasedu, arguments, meant):
    done = nasedu(*arguments)
    assert done.exit_code == 2
    assert meant in done.stderr


def test_a_column_that_was_mistyped_is_answered_too(nasedu, tmp_path):
    (tmp_path / "my.csv").write_text(TABLE, encoding="utf-8")
    assert "did you mean 'größe'?" in nasedu("search", "--task", "csv/my.csv:Grösse").stderr


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("search --task digits-", ["digits-rotated", "digits-noisy", "digits-shuffled"]),
        ("search --task cs", ["csv/"]),
        ("search --controller re", ["regularized-evolution", "reinforce", "reinforce-table"]),
        ("search --space ma", ["macro"]),
        ("search --trainer h", ["halving", "hyperband"]),
        ("search --prior-kind w", ["warm-q", "warm-policy"]),
        ("meta --tasks digits,tones/p", ["digits,tones/pitch"]),
        ("meta --prior g", ["guarded"]),
        ("sea", ["search"]),
        ("search --most", ["--most-parameters"]),
    ],
)
def test_names_are_completed(monkeypatch, typed, completed):
    words = ["nasedu", *typed.split()]
    environment = {
        "_NASEDU_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = CliRunner().invoke(app, [], prog_name="nasedu", env=environment)
    assert done.stdout.split() == completed


def test_completion_imports_no_torch():
    code = """
import sys
from nasedu.cli import completion
for complete in (completion.tasks, completion.spaces, completion.controllers, completion.trainers, completion.priors):
    assert complete("")
print("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_warning_of_a_worker_is_one_line_too():
    code = "import warnings\nfrom nasedu.trainers.parallel.processes import begin\nbegin()\nwarnings.warn('a b')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "warning: a b\n"


def test_a_table_without_its_family_is_told_its_name(nasedu, tmp_path):
    (tmp_path / "my.csv").write_text(TABLE, encoding="utf-8")
    done = nasedu("search", "--task", "my.csv:y")
    assert done.stderr == (
        "error: unknown task 'my.csv:y': the task of a table is called csv/PATH:TARGET, such as csv/my.csv:y\n"
    )
