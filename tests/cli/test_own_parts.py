"""Parts that a file in the current directory defines: `--space mymodule:Widths`, and the same for all others."""

import json
import sys

import pytest

from nasedu import controllers, spaces, tasks, trainers
from nasedu.cli.rebuild import rebuild_controller
from nasedu.cli.study_record import records_in
from nasedu.core import BadValue, UnknownName, describe
from nasedu.meta import evidence_in

MODULE = """
from math import prod
import nasedu
from torch import nn
from nasedu.trainers import Wrapper

class Widths(nasedu.Space):
    input_shape, outputs = (1, 8, 8), 10

    def __init__(self, layers=2):
        self.layers = layers

    def start(self):
        return 0

    def choices(self, state):
        return ("4", "8") if state < self.layers else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        sizes = [prod(self.input_shape), *map(int, architecture), self.outputs]
        return nn.Sequential(nn.Flatten(), *(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])))

class Last(nasedu.Controller):
    def ask(self):
        return self.first_new(lambda attempt: self.space.nth(self.space.size() - 1 - attempt))

class Seen(Wrapper):
    def __init__(self, space, task, *, patience=4):
        super().__init__(nasedu.trainers.load("sequential", space, task, patience=patience))
        self.patience = patience

def noise():
    return nasedu.tasks.load("digits-noisy")

def train(architecture, epochs, seed):
    for epoch in range(epochs):
        yield len("".join(architecture)) + epoch

def half(architecture, epochs, seed):
    return 0.5

def trainer(space, task):
    return nasedu.trainers.from_function(half, space, task, test=half)

DIGITS = nasedu.tasks.load("digits")
number = 3
"""


@pytest.fixture
def mymodule(nasedu, tmp_path, monkeypatch):
    """The command, in a folder with `mymodule.py`."""
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one])
    (tmp_path / "mymodule.py").write_text(MODULE)
    (tmp_path / "broken.py").write_text("import nasedu\n\n1 / 0\n")
    (tmp_path / "needs.py").write_text("import no_such_package\n")
    (tmp_path / "typo.py").write_text("def f(:\n")
    return nasedu


OWN = ("--space", "mymodule:Widths", "--task", "mymodule:noise", "--controller", "mymodule:Last")


def test_a_search_of_own_parts_goes_on_shows_and_teaches(mymodule, tmp_path):
    search = ("search", *OWN, "--trainer", "mymodule:Seen", "--epochs", "1", "--store", "own.db", "--json")
    search += ("--trainer-option", "patience=1", "--space-option", "layers=2")
    (first, again) = (json.loads(mymodule(*search, "--trials", count).stdout) for count in (2, 3))
    assert [first[part] for part in ("space", "task")] == ["mymodule:Widths", "mymodule:noise"]
    assert (first["trials"], again["trials"]) == (2, 3)
    (record,) = records_in("own.db").values()
    assert record.identity["trainer"] == {"name": "mymodule:Seen", "patience": 1}
    assert record.identity["space"] == {"name": "mymodule:Widths", "layers": 2}
    assert rebuild_controller(record).rewards.keys() == {trial.architecture for trial in record.trials}
    drawn = mymodule("show", "own.db", "--figure", "a.svg")
    assert (drawn.exit_code, drawn.stderr) == (0, "drawn: a.svg\n")
    task = tasks.load("mymodule:DIGITS")
    (evidence,) = evidence_in("own.db", spaces.load("mymodule:Widths", task, layers=2))
    assert (evidence.task, len(evidence.trials), bool(evidence.about)) == ("mymodule:noise", 3, True)


def test_a_training_function_is_a_trainer(mymodule):
    done = mymodule("search", *OWN, "--trainer", "mymodule:train", "--trials", "2", "--epochs", "3", "--store", "f.db")
    assert done.exit_code == 0
    assert "note: not tested: " in done.stderr
    (record,) = records_in("f.db").values()
    assert [trial.evaluation.curve for trial in record.trials] == [(2, 3, 4)] * 2
    assert record.final is None
    assert record.identity["trainer"]["name"] == "mymodule:train"


def test_a_function_with_a_test_ends_in_a_report(mymodule, tmp_path):
    done = mymodule(
        "search", *OWN, "--trainer", "mymodule:trainer", "--trials", "1", "--epochs", "1", "--store", "t.db"
    )
    assert "chosen by mymodule:Last" in done.stdout
    assert mymodule("report", "t.db", "--html", "t.html", "--no-rivals").exit_code == 0
    assert "mymodule:Widths" in (tmp_path / "t.html").read_text(encoding="utf-8")
    for command in (("predict", "t.db", "new.csv"), ("export", "t.db", "--to", "python")):
        refused = mymodule(*command)
        assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_a_task_may_be_there_already_and_has_its_path_as_name(mymodule):
    assert tasks.load("mymodule:DIGITS").name == "mymodule:DIGITS"
    assert tasks.load("mymodule:noise").name == "mymodule:noise"


def test_a_part_is_described_by_its_path_also_inside_another(mymodule):
    task = tasks.load("digits")
    space = spaces.load("mymodule:Widths", task, layers=1)
    halving = trainers.load("halving", space, task, trainer="mymodule:train")
    assert describe(halving)["trainer"]["name"] == "mymodule:train"
    assert describe(type(space)(layers=1)) == {"name": "Widths", "layers": 1}
    assert describe(controllers.load("mymodule:Last", space, seed=2)) == {"name": "mymodule:Last", "seed": 2}


CASES = {
    ("--space", "mymodul:Widths"): "there is no module mymodul; it is looked for in ",
    ("--space", "mymodule:Width"): "space 'mymodule:Width': mymodule has no 'Width'; did you mean 'Widths'?",
    ("--space", "mymodule:number"): "space 'mymodule:number' is a int; give a class, or a function",
    ("--space", "mymodule:Last"): "mymodule:Last gives an object of class Last, and no space",
    ("--task", "mymodule:Last"): "task 'mymodule:Last' cannot be made: TypeError: ",
    ("--task", "mymodule:number"): "mymodule:number gives an object of class int, and no task",
    ("--controller", "mymodule:Widths"): "controller 'mymodule:Widths' has no parameter 'seed'",
    ("--trainer", "mymodule:noise"): "trainer 'mymodule:noise' cannot be made: TypeError: ",
    (
        "--controller",
        "broken:X",
    ): "the module broken cannot be imported: ZeroDivisionError: division by zero (broken.py, line 3)",
    ("--task", "needs:X"): "task 'needs:X': the module needs needs no_such_package, which is absent",
    ("--trainer", "typo:X"): "the module typo cannot be imported: SyntaxError: ",
    ("--space", "os:system"): "os is a module of Python itself, and has no space",
    (
        "--space",
        "mymodule:Widths",
        "--task",
        "glyphs/greek",
    ): "networks of the space 'Widths' have inputs of shape (1, 8, 8), and the task 'glyphs/greek' has (1, 12, 12)",
    (
        "--space",
        "mymodule:Widths",
        "--space-option",
        "layer=1",
    ): "has no parameter 'layer'; it has: layers; did you mean 'layers'?",
}


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_what_is_wrong_with_an_own_part_is_one_line(mymodule, tmp_path, arguments):
    done = mymodule("search", *arguments, "--store", "new.db")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert CASES[arguments] in done.stderr
    assert not (tmp_path / "new.db").exists()


def test_a_path_of_a_file_is_no_module():
    for name in ("csv/my.csv:y", "csv/a:b", "my-module:X", "module:", ":X", "C:/data.csv"):
        assert not tasks.registry.is_own(name)


def test_without_a_path_unknown_names_stay_unknown():
    with pytest.raises(UnknownName, match=r"unknown space 'mlpp'; known: .*; did you mean 'mlp'"):
        spaces.load("mlpp", None)
    with pytest.raises(BadValue, match="there is already a space called 'mlp'"):
        spaces.registry.add("mlp", object)
