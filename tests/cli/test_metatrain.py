"""`nasedu metatrain`: learn from many tasks, then adapt to new ones; stopped, killed, typed twice and typed wrongly."""

import json
import multiprocessing
import os
import signal
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from nasedu.cli import completion, main, metatrain_run
from nasedu.metalearning import load, registry
from nasedu.metalearning.evaluation import meta_test
from nasedu.metalearning.inner_loop import InnerLoop
from nasedu.metalearning.networks import wave_network
from nasedu.metalearning.sinusoids import Sinusoids
from nasedu.oneshot.search_state import load_state, save_state
from tests.cli.conftest import wait_until

WAVES = ("metatrain", "--tasks", "sinusoids", "--steps", "6", "--episodes", "8", "--method-option", "batch=2")
WAVES = (*WAVES, "--store", "a.safetensors")

OWN = """
from nasedu.metalearning.maml import MAML


class Slow(MAML):
    def __init__(self, network, **settings):
        super().__init__(network, inner_rate=0.02, **settings)
"""


def letters(folder, classes=10, each=4):
    """Write a folder of small images, one folder for each class."""
    rng = np.random.default_rng(0)
    for number in range(classes):
        (folder / f"class {number}").mkdir(parents=True)
        pattern = rng.integers(200, size=(6, 6))
        for image in range(each):
            noisy = (pattern + rng.integers(50, size=(6, 6))).astype(np.uint8)
            Image.fromarray(noisy).save(folder / f"class {number}" / f"{image}.png")


IMAGES = ("metatrain", "--tasks", "folder/pets:6x1", "--steps", "2", "--episodes", "4", "--method-option", "batch=2")
IMAGES = (*IMAGES, "--store", "a.safetensors")

# ---------------------------------------------------------------------- the whole way


def test_the_report_has_the_test_and_its_honest_rivals(nasedu, tmp_path):
    result = nasedu(*WAVES, "--figure", "a.svg")
    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "maml on sinusoids (10 shots): 6 steps, batch 2, seed 0, " in words
    assert "Network: two hidden layers of 40; 1,761 parameters." in words
    assert "Squared error on 8 new tasks: 10 shots, mean and 95% interval" in words
    for verdict in ("the untrained network: squared error ", "the mean of the support set: squared error "):
        assert any(f"{outcome} {verdict}" in words for outcome in ("Win against", "Tie with", "Loss against"))
    assert "that of the training. One training proves nothing" in words
    assert "step 6/6  loss " in result.stderr
    assert "tested: maml, 5 inner steps  " in result.stderr
    picture = (tmp_path / "a.svg").read_text()
    assert "light-dark(#222222,#e6e6e6)" in picture
    for label in ("new wave 3", "the new wave", "0 inner steps", "5 inner steps", "step of meta-training"):
        assert label in picture
    before = (tmp_path / "a.safetensors").read_bytes()
    again = nasedu(*WAVES)
    assert again.stdout == result.stdout
    assert "nothing is left to do" in again.stderr
    assert (tmp_path / "a.safetensors").read_bytes() == before


FEW = {
    "implicit-maml": ["inner_steps=2"],
    "metanas": ["inner_steps=2"],
    "learned-optimizer": ["hidden=2", "horizon=4", "unroll=2"],  # else a hundred steps of a network for each weight
}


@pytest.mark.parametrize("method", [name for name in registry if name != "maml"])
def test_each_method_learns_from_a_folder_of_images_and_is_tested_on_other_classes(method, nasedu, tmp_path):
    letters(tmp_path / "pets")
    few = [word for option in FEW.get(method, ()) for word in ("--method-option", option)]
    result = nasedu(*IMAGES, "--method", method, *few, "--json", "--figure", "a.svg")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["method"], told["steps"], told["metric"]) == (method, 2, "accuracy")
    assert (told["test"]["ways"], told["test"]["shots"], told["test"]["queries"]) == (2, 1, 2)  # 2 classes of 3 images
    assert told["tasks"]["ways"] == (6 if method in ("prototypes", "matching") else 2)
    rivals = ["untrained network", "untrained network, nearest centroid", "pixels, nearest centroid"]
    rivals = rivals if method in ("prototypes", "matching") else rivals[::2]
    assert [one["who"] for one in told["tested"]][-len(rivals) :] == rivals
    assert [one["of"] for one in told["ahead"]] == rivals
    assert all(0 <= one["mean"] <= 1 for one in told["tested"])
    assert "mean accuracy (band: 95%)" in (tmp_path / "a.svg").read_text()


def test_the_network_may_be_one_of_a_space_and_the_learner_your_own(nasedu, tmp_path):
    letters(tmp_path / "pets")
    (tmp_path / "mine.py").write_text(OWN)
    network = ("--space", "chain-cnn", "--network", "conv3-16 pool2 stop", "--space-option", "batch_norm=true")
    result = nasedu(*IMAGES, "--method", "mine:Slow", *network)
    assert result.exit_code == 0, result.output
    words = " ".join(result.stdout.split())
    assert "mine:Slow on folder/pets:6x1 (2 ways, 1 shot): 2 steps" in words
    assert "Network: chain-cnn: conv3-16 pool2 stop; " in words
    assert "Batch normalisation uses the statistics of all queries of a task (transduction)" in words
    hand_picked = nasedu(*IMAGES, "--method", "prototypes", "--space", "mlp", "--store", "b.safetensors")
    assert "Network: mlp: 64-relu stop; " in " ".join(hand_picked.stdout.split())


def test_python_goes_on_with_what_the_command_learned_and_tests_it_alike(nasedu):
    told = json.loads(nasedu(*WAVES, "--json").stdout)
    settings = {name: value for name, value in told["settings"].items() if name != "method"}
    untrained, learner = (load("maml", wave_network(), **settings) for _ in range(2))
    learner.load("a.safetensors")
    assert learner.done == 6
    new = Sinusoids(shots=10, queries=100)
    found = [meta_test(learner, new, 8, seed=0, steps=steps).scores for steps in (0, 1, 5)]
    found.append(meta_test(untrained, new, 8, seed=0, steps=1).scores)
    assert [one["mean"] for one in told["tested"][:4]] == pytest.approx([scores.mean() for scores in found], rel=1e-4)
    ahead = found[3] - found[1]
    assert told["ahead"][0]["mean"] == pytest.approx(ahead.mean(), rel=1e-3)
    assert told["ahead"][0]["interval"] == pytest.approx(1.96 * ahead.std(ddof=1) / 8**0.5, rel=1e-3)


def test_minutes_are_those_of_all_runs_together(nasedu, monkeypatch):
    monkeypatch.setattr(metatrain_run, "PLANNED_EVERY", 0.01)
    command = [word for word in WAVES if word not in ("--steps", "6")]
    result = nasedu(*command, "--minutes", "0.005", "--json")
    assert result.exit_code == 0, result.output
    state = load_state("a.safetensors")
    ours = state.plain["metatrain"]
    assert ours["trained"]
    assert ours["elapsed"] >= 0.3
    assert json.loads(result.stdout)["steps"] == state.plain["done"] == len(state.tensors["metatrain/losses"])
    save_state(state._replace(plain={**state.plain, "metatrain": {**ours, "trained": False}}), "a.safetensors")
    assert nasedu(*command, "--minutes", "0.005").exit_code == 0
    assert load_state("a.safetensors").plain["done"] == state.plain["done"]  # its time was over


def test_an_adaptation_that_explodes_is_shown_and_gives_no_verdict(nasedu, monkeypatch):
    answers = InnerLoop.answers

    def with_explosions(learner, batch, steps=None):
        outputs = answers(learner, batch, steps)
        outputs[:2] *= float("inf") if steps else 1.0
        return outputs

    monkeypatch.setattr(InnerLoop, "answers", with_explosions)
    first = nasedu(*WAVES, "--figure", "a.svg")
    assert first.exit_code == 0, first.output
    words = " ".join(first.stdout.split())
    assert words.count("explodes in 2 of 8 tasks") == 3
    assert "No verdict against the mean of the support set: the adaptation of maml explodes." in words
    assert nasedu(*WAVES).stdout == first.stdout
    told = json.loads(nasedu(*WAVES, "--json").stdout)
    assert [one["mean"] is None for one in told["tested"]] == [False, True, True, True, False]


# ---------------------------------------------------------------------- stopped and killed

LONG = [{"6": "60"}.get(word, word) for word in WAVES]


def type_and_save_each_step(folder, *arguments):
    """Run a command that writes its store at every step, in a process that has imported torch already."""
    os.chdir(folder)
    metatrain_run.SAVED_EVERY = 0
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1), os.dup2(silence, 2)
    sys.argv = ["nasedu", *arguments]
    main()


def learned(path):
    """All that is in a store, without seconds."""
    state = load_state(path)
    ours = {name: value for name, value in state.plain["metatrain"].items() if name not in ("elapsed", "seconds")}
    return state.tensors, state.about, {**state.plain, "metatrain": ours}


def done(path):
    return load_state(path).plain["done"] if path.exists() else 0


def test_a_training_that_is_killed_goes_on_to_the_same_bits(nasedu, tmp_path):
    store = tmp_path / "a.safetensors"
    for reached in np.cumsum(np.random.default_rng().integers(1, 20, size=2)):  # other moments in every run
        running = multiprocessing.get_context("spawn").Process(target=type_and_save_each_step, args=(tmp_path, *LONG))
        running.start()
        wait_until(lambda least=reached: done(store) >= least)
        running.kill()
        running.join()
        assert done(store) < 60
    went_on, whole = nasedu(*LONG), nasedu(*LONG, "--store", "whole.safetensors")
    assert (went_on.exit_code, whole.exit_code) == (0, 0)  # a killed process holds nothing
    (last,) = [line for line in whole.stderr.splitlines() if line.startswith("step 60/60  loss ")]
    assert last in went_on.stderr.splitlines()  # the smoothed loss goes on as well
    (tensors, *rest), (expected, *wanted) = learned(store), learned(tmp_path / "whole.safetensors")
    assert rest == wanted
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_ctrl_c_keeps_where_it_is_and_a_second_process_is_refused(process, nasedu, tmp_path):
    endless = [{"6": "100000"}.get(word, word) for word in WAVES]
    first = process(*endless)
    wait_until(lambda: (tmp_path / ".a.safetensors.lock").exists())
    refused = nasedu(*endless)
    assert refused.exit_code == 2
    (said,) = refused.stderr.splitlines()
    assert said.startswith(f"error: process {first.pid} on ")
    assert said.endswith("is working on a.safetensors: wait for it or stop it, or name another file with --store")
    first.send_signal(signal.SIGINT)
    out, err = first.communicate()
    assert (first.returncode, out) == (130, "")
    reached = done(tmp_path / "a.safetensors")
    assert err.splitlines()[-1] == f"stopped after {reached} of 100000 steps; the same command goes on from there"


# ---------------------------------------------------------------------- typed wrongly

BAD = {
    "unknown method": (("--method", "mamle"), "unknown meta-learner 'mamle'; known: ", "did you mean 'maml'?"),
    "unknown tasks": (("--tasks", "sinusoid"), "unknown tasks 'sinusoid'; known: sinusoids, glyphs"),
    "unknown space": (("--space", "mpl"), "unknown space 'mpl'"),
    "unknown script": (("--tasks", "relatives/klingon"), "klingon"),
    "no such folder": (("--tasks", "folder/nowhere"), "nowhere"),
    "steps and minutes": (("--minutes", "1"), "give --steps or --minutes, not both"),
    "no steps": (("--steps", "0"), "steps is a whole number of at least 1; given 0"),
    "one episode has no interval": (("--episodes", "1"), "episodes is a whole number of at least 2; given 1"),
    "ways of numbers": (("--ways", "5"), "sinusoids are numbers, and have no classes: leave --ways"),
    "no shots": (("--shots", "0"), "shots is a whole number of at least 1; given 0"),
    "one class": (("--tasks", "folder/pets:6x1", "--ways", "1"), "ways is a whole number of at least 2; given 1"),
    "more ways than classes": (
        ("--tasks", "folder/pets:6x1", "--ways", "3"),
        "3 ways need 3 classes of one group, and 'pets:6x1' has 2; take at most 2 ways",
    ),
    "more shots than images": (
        ("--tasks", "folder/pets:6x1", "--shots", "3"),
        "3 shots and 1 queries need 4 examples of each class",
    ),
    "wider tasks for one output a class": (
        ("--tasks", "folder/pets:6x1", "--train-ways", "5"),
        "maml has one output for each class, so --train-ways is --ways",
    ),
    "numbers for prototypes": (
        ("--method", "prototypes"),
        "prototypes learns from tasks of classification, and 'sinusoids' is regression",
    ),
    "images for recurrence": (("--space", "chain-cnn"), "does not fit task 'sinusoids'"),
    "unknown network": (("--space", "mlp", "--network", "dense7"), "dense7"),
    "space option without a space": (("--space-option", "depth=2"), "none was chosen: name it with --space"),
    "unknown option": (("--method-option", "inner_rat=1"), "has no parameter 'inner_rat'", "mean 'inner_rate'?"),
    "option of a wrong kind": (("--method-option", "inner_rate=fast"), 'inner_rate is a number, such as 0.01; given "'),
    "option that the command gives": (("--method-option", "seed=3"), "seed is given by the command itself"),
    "no rate": (("--method-option", "inner_rate=0"), "inner_rate is a finite number of more than 0"),
    "inner rate that explodes": (
        ("--store", "new.safetensors", "--method-option", "inner_rate=1e20"),
        "meta-step 1, task 1 of 2, inner step 1 of 1: the loss of the support set went from ",
        "inner_rate=1e+20 is too large: train with a tenth of it",
    ),
    "store of another kind": (("--store", "a.db"), "ends in .safetensors, such as maml.safetensors; given 'a.db'"),
    "store is a folder": (("--store", "f.safetensors"), "f.safetensors cannot be written: it is a folder"),
    "store without a folder": (("--store", "no/a.safetensors"), "there is no folder no; name another file with"),
    "store is no checkpoint": (("--store", "letter.safetensors"), "letter.safetensors is no checkpoint of a search or"),
    "store is another's": (("--store", "other.safetensors"), "other.safetensors is no store of nasedu metatrain"),
    "store is damaged": (("--store", "damaged.safetensors"), "the checkpoint damaged.safetensors is damaged"),
    "store has NaN": (("--store", "nan.safetensors"), "in it is NaN or infinite; begin again"),
    "figure of no kind": (("--figure", "a.doc"), "a figure's name ends in one of", "given 'a.doc'"),
    "another method": (("--method", "reptile"), "a.safetensors: ", "its method is 'maml', and here it is 'reptile'"),
    "another network": (("--space", "mlp"), "of another training: its network is 'two hidden layers of 40', and here"),
    "another rate": (("--method-option", "inner_rate=0.5"), "its inner_rate is 0.01, and here it is 0.5"),
    "another seed": (("--seed", "1"), "its seed is 0, and here it is 1", "or name another file with --store"),
    "other tasks": (("--shots", "5"), "its tasks: shots is 10, and here it is 5"),
    "other steps": (("--steps", "8"), "its steps is 6, and here it is 8"),
    "another layer in place of one": (
        ("--store", "layers.safetensors"),
        "of another network: its '0.weight' has the shape [7, 1], and here it has [40, 1]",
    ),
    "the images have changed": (
        ("--tasks", "folder/pets:6x1", "--store", "pets.safetensors"),
        "pets.safetensors: the images of 'folder/pets:6x1' have changed since this training began",
    ),
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """Stores of trainings, and files that are none."""
    from typer.testing import CliRunner

    from nasedu.cli import app

    folder = tmp_path_factory.mktemp("begun")
    letters(folder / "pets")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in (WAVES, [*WAVES, "--tasks", "folder/pets:6x1", "--store", "pets.safetensors"]):
            done = CliRunner().invoke(app, command, catch_exceptions=False)
            assert done.exit_code == 0, done.output
    (folder / "letter.safetensors").write_text("Dear store,")
    (folder / "f.safetensors").mkdir()
    state = load_state(folder / "a.safetensors")
    save_state(state._replace(about={}, plain={}), folder / "other.safetensors")
    save_state(state._replace(tensors={"a": torch.zeros(1)}), folder / "damaged.safetensors")
    save_state(state._replace(tensors={"a": torch.zeros(1) * np.nan}), folder / "nan.safetensors")
    shapes = {**state.about["network"], "0.weight": [7, 1]}
    save_state(state._replace(about={**state.about, "network": shapes}), folder / "layers.safetensors")
    pets = load_state(folder / "pets.safetensors")
    ours = pets.about["metatrain"]
    ours = {**ours, "tasks": {**ours["tasks"], "pool": "of yesterday"}}
    save_state(pets._replace(about={**pets.about, "metatrain": ours}), folder / "pets.safetensors")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_one_line_and_nothing_is_written(case, nasedu, begun, monkeypatch):
    arguments, *expected = BAD[case]
    monkeypatch.setattr("nasedu.cli.metatrain_run.SAVED_EVERY", 0)
    monkeypatch.chdir(begun)
    before = contents(begun)
    result = nasedu(*WAVES, *arguments)
    assert result.exit_code == 2, result.output
    (said,) = result.stderr.splitlines()
    assert said.startswith("error: ")
    for words in expected:
        assert words in said
    assert result.stdout == ""
    assert contents(begun) == before


# ---------------------------------------------------------------------- names


def test_learners_are_listed_and_completed(nasedu):
    listed = nasedu("learners").stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(registry)
    assert completion.learners("ma") == ["maml", "matching"]
    assert completion.task_distributions("") == ["sinusoids", "glyphs", "relatives/", "folder/"]
