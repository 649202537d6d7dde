"""`nasedu oneshot`: a search with shared weights, and what its network is worth; stopped, killed, and typed wrongly."""

import json
import multiprocessing
import os
import signal
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from nasedu.cli import completion, main, oneshot_report
from nasedu.cli.oneshot import SELECTIONS
from nasedu.cli.oneshot_run import OneshotRun
from nasedu.oneshot import methods
from nasedu.oneshot.against_random import Difference
from nasedu.oneshot.search_state import load_state, save_state
from nasedu.study.winner import Winner
from tests.cli.conftest import wait_for_line, wait_until

OWN_TASKS = """
import numpy as np
import nasedu


def made(name, kind, examples, outputs=3):
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=examples)
    wave = np.sin(np.arange(6) * 2.1)
    patterns = np.stack([np.tile(wave, (6, 1)), np.tile(wave, (6, 1)).T, np.zeros((6, 6))])
    X = (patterns[y] + rng.normal(0, 0.3, (examples, 6, 6))).astype(np.float32)[:, None]
    answers = np.stack([y, 1 - y], 1).astype(np.float32) if kind == "regression" else y
    parts = {part: (X[n::3], answers[n::3]) for n, part in enumerate(("train", "validation", "test"))}
    return nasedu.Task(name=name, summary="", outputs=outputs, source="", licence="CC0", kind=kind, **parts)


def stripes():
    return made("stripes", "classification", 144)


def slopes():
    return made("slopes", "regression", 144, outputs=2)


def huge():
    task = made("huge", "classification", 144)
    parts = {name: (getattr(task, name).X * 1e38, getattr(task, name).y) for name in ("train", "validation")}
    return nasedu.Task(name="huge", summary="", outputs=3, source="", licence="CC0", test=parts["validation"], **parts)
"""

SMALL = ("oneshot", "--task", "mine:stripes", "--space-option", "width=2", "--steps", "6", "--epochs", "1")
SMALL = (*SMALL, "--repeats", "2", "--store", "a.safetensors")


@pytest.fixture
def mine(tmp_path):
    """A module with tasks of one's own in the current folder."""
    (tmp_path / "mine.py").write_text(OWN_TASKS)
    return tmp_path


# ---------------------------------------------------------------------- the whole way


@pytest.mark.parametrize("method", ["p-darts", "enas", "spos"])
def test_a_method_searches_and_its_network_is_compared_with_random_ones(method, nasedu, mine):
    few = {"spos": ["--method-option", "candidates=4"], "enas": ["--method-option", "policy_steps=2"]}
    command = [*SMALL, "--method", method, *few.get(method, []), "--json"]
    first = nasedu(*command)
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["method"] == method
    assert told["random"]["trainings"] >= 1
    assert len(told["derived"]["test"]) == len(told["random"]["test"]) == 2
    again = nasedu(*command)
    assert json.loads(again.stdout) == told  # nothing is searched again, and no random network is trained
    assert "nothing is left to do" in again.stderr


def test_the_report_has_the_cell_the_comparison_and_the_verdict(nasedu, mine):
    result = nasedu(*SMALL, "--selection", "perturbation", "--figure", "a.svg")
    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "darts in cell-201 on mine:stripes, selected by perturbation: 6 steps, seed 0" in words
    assert "All networks of the space shared their weights" in words
    assert "The derived cell: each node adds up what arrives" in words
    assert "best of " in words
    assert "Same compute: " in words
    assert any(f"{outcome}: " in words for outcome in ("Win", "Tie", "Loss"))
    assert "decision 6  decided: " in result.stderr
    picture = (mine / "a.svg").read_text()
    assert "light-dark(#222222,#e6e6e6)" in picture
    assert "the derived cell" in picture


def test_a_regression_and_a_space_without_cells_are_searched(nasedu, mine):
    command = [word.replace("stripes", "slopes") for word in SMALL if word not in ("--space-option", "width=2")]
    chain = ["--space", "chain-cnn", "--method", "spos", "--method-option", "candidates=4", "--figure", "a.png"]
    result = nasedu(*command, *chain)
    assert result.exit_code == 0, result.output
    assert "spos in chain-cnn on mine:slopes: 10 steps" in " ".join(result.stdout.split())
    assert "The derived network: " in result.stdout
    assert (mine / "a.png").stat().st_size > 1000


def test_the_network_is_taken_home(nasedu, mine):
    told = json.loads(nasedu(*SMALL, "--json").stdout)
    winner = Winner.load("a.safetensors")
    assert list(winner.architecture) == told["architecture"]
    assert winner.tested.score == told["derived"]["test"][0]
    assert nasedu("export", "a.safetensors", "--out", "net").exit_code == 0
    assert (mine / "net.py").exists()


def test_the_network_of_a_search_that_goes_on_is_not_there_yet(nasedu, mine):
    paused = nasedu(*SMALL, "--minutes", "1e-9")
    assert paused.exit_code == 0
    assert "the 1e-09 minutes are over after 1 of 6 steps of the search; the same command goes on" in paused.stderr
    assert paused.stdout == ""
    refused = nasedu("export", "a.safetensors")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("error: the search in a.safetensors is not finished")


def test_any_controller_searches_with_shared_weights_and_the_report_says_so(nasedu, mine):
    search = ("search", "--task", "mine:stripes", "--space", "cell-201", "--space-option", "width=2", "--epochs", "1")
    shared = ("--trainer", "shared", "--trainer-option", "steps=5", "--controller", "regularized-evolution")
    for trials in (3, 5):  # the second run trains the same supernet again
        result = nasedu(*search, *shared, "--trials", trials)
        assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "5 trials, scored with shared weights (5 steps of a supernet), seed 0" in words
    assert "The best architectures of the search, by shared weights" in words
    assert "Trained again on training + validation, and tested once on 48 examples" in words
    assert nasedu("report", "nasedu.db", "--html", "a.html", "--no-rivals").exit_code == 0
    assert "shared weights, 5 steps of a supernet" in (mine / "a.html").read_text()


# ---------------------------------------------------------------------- stopped and killed

LONG = ("oneshot", "--task", "mine:stripes", "--space-option", "width=2", "--epochs", "1", "--repeats", "2")
LONG = (*LONG, "--method", "gdas", "--method-option", "batch=16", "--steps", "40")


def type_quietly(folder, *arguments):
    """Run a command in a process that has imported torch already."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1), os.dup2(silence, 2)
    sys.argv = ["nasedu", *arguments]
    main()


def searched(path):
    """What the search itself found, without seconds: numbers and network."""
    state = load_state(path)
    own = {name: tensor for name, tensor in state.tensors.items() if not name.startswith("network/")}
    return own, state.plain["architecture"], state.plain["search"], state.plain["steps"]


def same(one, other):
    assert one[1:] == other[1:]
    assert one[0].keys() == other[0].keys()
    assert all(torch.equal(tensor, other[0][name]) for name, tensor in one[0].items())


def test_it_is_interrupted_killed_and_goes_on_as_if_it_had_never_been(process, nasedu, mine):
    first = process(*LONG, "--store", "a.safetensors")
    wait_for_line(first, "step 8/40")
    first.send_signal(signal.SIGINT)
    out, err = first.communicate()
    assert (first.returncode, out) == (130, "")
    assert "Traceback" not in err
    done = len(load_state(mine / "a.safetensors").plain["steps"])
    assert 8 <= done < 40
    assert (
        err.splitlines()[-1] == f"stopped after {done} of 40 steps of the search; the same command goes on from there"
    )
    arguments = (mine, *LONG, "--store", "a.safetensors")
    second = multiprocessing.get_context("spawn").Process(target=type_quietly, args=arguments)
    second.start()
    wait_until(lambda: len(load_state(mine / "a.safetensors").plain["trained"]) > 1)
    second.kill()
    second.join()
    begun = load_state(mine / "a.safetensors").plain["trained"]
    assert [role for role, *_ in begun[:2]] == ["derived", "random"]
    end = nasedu(*LONG, "--store", "a.safetensors", "--json")
    assert end.exit_code == 0
    assert load_state(mine / "a.safetensors").plain["trained"][: len(begun)] == begun
    assert nasedu(*LONG, "--store", "whole.safetensors").exit_code == 0
    same(searched(mine / "a.safetensors"), searched(mine / "whole.safetensors"))


def test_two_processes_with_one_store_do_not_write_over_each_other(mine, nasedu, monkeypatch):
    step = OneshotRun._remember

    def another_process_writes(run, found):
        step(run, found)
        if found.number == 4:
            save_state(load_state(run.path)._replace(plain={}), run.path)

    monkeypatch.setattr("nasedu.cli.oneshot_run.SAVED_EVERY", 0)
    monkeypatch.setattr(OneshotRun, "_remember", another_process_writes)
    result = nasedu(*SMALL)
    assert result.exit_code == 2
    assert "error: another process has written a.safetensors since; let one of the two end" in result.stderr
    assert load_state(mine / "a.safetensors").plain == {}


# ---------------------------------------------------------------------- typed wrongly

BAD = {
    "unknown method": (("--method", "dart"), "unknown method 'dart'; known: ", "did you mean 'darts'?"),
    "unknown selection": (("--selection", "perturb"), "unknown selection 'perturb'", "did you mean 'perturbation'?"),
    "unknown space": (("--space", "cell-200"), "unknown space 'cell-200'", "did you mean 'cell-201'?"),
    "unknown task": (("--task", "digitz"), "unknown task 'digitz'", "did you mean 'digits'?"),
    "space without edges": (("--space", "chain-cnn"), "has no edges to mix operations on", "needs cell-201 or darts"),
    "space without a supernet": (("--space", "recurrent", "--method", "spos"), "has no supernet; those that have: "),
    "enas without a supernet": (("--space", "attention", "--method", "enas"), "has no supernet; those that have: "),
    "rows of a table as images": (("--task", "csv/rows.csv:y"), "does not fit task 'csv/rows.csv:y'"),
    "selection without a mixture": (
        ("--method", "spos", "--selection", "perturbation"),
        "--selection perturbation removes operations from a mixture, and spos has none",
    ),
    "no steps": (("--steps", "0"), "steps is a whole number of at least 1; given 0"),
    "no epochs": (("--epochs", "0"), "epochs is a whole number of at least 1; given 0"),
    "one repeat has no spread": (("--repeats", "1"), "repeats is a whole number of at least 2; given 1"),
    "no minutes": (("--minutes", "0"), "minutes"),
    "no candidates": (("--method", "spos", "--method-option", "candidates=0"), "candidates is a whole number of at"),
    "unknown option": (("--method-option", "alpha_rat=1"), "has no parameter 'alpha_rat'", "did you mean 'alpha_rate'"),
    "option of a wrong kind": (("--method-option", "alpha_rate=fast"), 'alpha_rate is a number, such as 0.02; given "'),
    "option that the search gives": (("--method-option", "steps=3"), "steps is given by the search itself"),
    "store of another kind": (("--store", "a.db"), "ends in .safetensors, such as cell.safetensors; given 'a.db'"),
    "store is a folder": (("--store", "f.safetensors"), "f.safetensors cannot be written: it is a folder"),
    "store without a folder": (
        ("--store", "no/a.safetensors"),
        "there is no folder no; name another file with --",
    ),
    "store is no checkpoint": (("--store", "letter.safetensors"), "letter.safetensors is no checkpoint of a search"),
    "store is another's": (("--store", "other.safetensors"), "other.safetensors is no checkpoint of a search"),
    "store is cut off": (("--store", "cut.safetensors"), "cut.safetensors is no checkpoint of a search"),
    "store is damaged": (("--store", "damaged.safetensors"), "the checkpoint damaged.safetensors is damaged"),
    "store has NaN": (("--store", "nan.safetensors"), "'search/alpha' in it is NaN or infinite; begin again"),
    "figure of no kind": (("--figure", "a.doc"), "a figure's name ends in one of", "given 'a.doc'"),
    "figure without a folder": (("--figure", "no/a.svg"), "there is no folder no; name another file with --figure"),
    "another method": (("--method", "darts-2"), "a.safetensors: ", "its method is 'darts', and here it is 'darts-2'"),
    "another space": (("--space-option", "width=4"), "its space: width is 2, and here it is 4"),
    "another task": (("--task", "mine:slopes"), "its task is 'mine:stripes', and here it is 'mine:slopes'"),
    "the data have changed": (
        ("--store", "old.safetensors"),
        "old.safetensors: the data of task 'mine:stripes' have changed since this search began; name another file",
    ),
    "another seed": (("--seed", "1"), "its seed is 0, and here it is 1", "or name another file with --store"),
    "another selection": (("--selection", "perturbation"), "its selection is 'alpha', and here it is 'perturbation'"),
    "other steps": (("--steps", "8"), "its search: settings: steps is 6, and here it is 8"),
    "alpha becomes NaN": (
        ("--store", "new.safetensors", "--method-option", "weight_rate=1e38"),
        "became ",
        "use a smaller weight_rate",
    ),
    "weights become NaN": (
        ("--store", "new.safetensors", "--task", "mine:huge", "--method", "spos"),
        "the search cannot go on: ",
        "NaN or infinite",
    ),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Stores in which a search was begun, and files that are none; copied for each case."""
    from typer.testing import CliRunner

    from nasedu.cli import app

    folder = tmp_path_factory.mktemp("begun")
    (folder / "mine.py").write_text(OWN_TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, [*SMALL, "--minutes", "1e-9"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    whole = (folder / "a.safetensors").read_bytes()
    (folder / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    (folder / "letter.safetensors").write_text("Dear store,")
    state = load_state(folder / "a.safetensors")
    from safetensors.torch import save

    (folder / "other.safetensors").write_bytes(save({"weight": torch.zeros(2)}))
    save_state(state._replace(tensors={"search/alpha": torch.zeros(1)}), folder / "damaged.safetensors")
    save_state(state._replace(about={**state.about, "data": "of yesterday"}), folder / "old.safetensors")
    ill = {**state.tensors, "search/alpha": state.tensors["search/alpha"] * np.nan}
    save_state(state._replace(tensors=ill), folder / "nan.safetensors")
    (folder / "f.safetensors").mkdir()
    (folder / "rows.csv").write_text("a,b,y\n" + "".join(f"{n},{n * n % 7},{'xz'[n % 2]}\n" for n in range(60)))
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_one_line_and_nothing_is_written(case, nasedu, begun, monkeypatch):
    arguments, *expected = BAD[case]
    monkeypatch.setattr("nasedu.cli.oneshot_run.SAVED_EVERY", 0)
    monkeypatch.chdir(begun)
    before = contents(begun)
    given = [*SMALL[:3], *SMALL[5:]] if "--space" in arguments else SMALL  # only cells have a width
    result = nasedu(*given, *arguments)
    assert result.exit_code == 2, result.output
    said = [line for line in result.stderr.splitlines() if not line.startswith(("step ", "1/", "2/"))]
    assert len(said) == 1, said
    assert said[0].startswith("error: ")
    for words in expected:
        assert words in said[0]
    assert result.stdout == ""
    assert contents(begun) == before


# ---------------------------------------------------------------------- what a shell completes


def test_the_completed_methods_are_those_that_there_are():
    assert completion.METHODS == tuple(methods.registry) == tuple(methods.STEPS)
    assert completion.methods("darts") == ["darts", "darts-2"]
    assert SELECTIONS == ("alpha", "perturbation")


def test_equal_differences_are_no_win():
    flat = SimpleNamespace(
        derived="a", best=SimpleNamespace(architecture="b"), difference=lambda: Difference(*[0.1] * 3)
    )
    task = SimpleNamespace(metrics=("accuracy",))
    run = SimpleNamespace(against=lambda: flat, trainer=SimpleNamespace(task=task), repeats=2)
    assert oneshot_report.verdict(run).startswith("Tie: they differ by 0.1000 accuracy in the test, mean of 2 seeds.")


def test_seconds_are_never_told_as_none():
    assert [oneshot_report.brief(s) for s in (0.014, 0.4, 3.14, 61.6)] == ["0.014", "0.4", "3.1", "62"]


def test_operations_have_short_names():
    assert oneshot_report.short(("nor_conv_3x3", "skip_connect", "sep_conv_5x5~1")) == "conv3x3 skip sep_conv5x5~1"
