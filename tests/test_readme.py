"""What the README says is true: its code runs, its links lead somewhere."""

import ast
import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from nasedu import testing
from nasedu.building import Plan
from nasedu.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CODE = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def code_with(words: str) -> str:
    """Return the block of code that has these words in it."""
    (found,) = [code for code in CODE if words in code]
    return found


def test_own_space_is_twelve_lines_and_searchable(capsys: pytest.CaptureFixture[str]) -> None:
    definition = code_with("class Widths")
    assert sum(bool(line.strip()) for line in definition.partition("class")[2].splitlines()) <= 12
    names: dict[str, object] = {}
    exec(definition, names)
    exec(code_with("space = Widths()"), names)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:6]] == list("123456")
    assert 0.8 < float(printed[6]) <= 1
    exec(code_with("halving = Halving("), names)
    rungs, recipe = capsys.readouterr().out.splitlines()
    assert sorted(epochs for epochs, _ in ast.literal_eval(rungs)) == [1, 1, 3]
    assert recipe.startswith("Recipe(")


OWN = ("class Widths", "def spots", "class MutateTheBest", "def train(")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that the README tells a reader to write, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine.py").write_text("\n".join(map(code_with, OWN)))
    return importlib.import_module("mine")


def test_own_parts_keep_their_contracts(mine: Any) -> None:
    testing.check_task(mine.spots)
    testing.check_controller(mine.MutateTheBest)
    testing.check_trainer(mine.trainer(mine.Widths(), mine.spots()), [("16", "16", "16"), ("16", "16", "64")])


def test_own_parts_are_searched_from_the_terminal(mine: Any) -> None:
    (command,) = re.findall(r"^    nasedu (search --space mine:.*)$", README, flags=re.MULTILINE)
    done = CliRunner().invoke(
        app, [*shlex.split(command), "--trials", "3", "--epochs", "8", "--json"], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [told[part] for part in ("space", "task", "controller")] == [
        "mine:Widths",
        "mine:spots",
        "mine:MutateTheBest",
    ]
    assert told["final"]["score"] > 0.5


def test_a_table_of_your_own_is_a_task(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(code_with("csv/wine.csv"), {})
    assert "(13,) 3 accuracy 0.4" in capsys.readouterr().out


def test_a_search_is_an_estimator(capsys: pytest.CaptureFixture[str]) -> None:
    exec(code_with("NASClassifier"), {})
    score, architecture = capsys.readouterr().out.split(maxsplit=1)
    assert float(score) > 0.9
    assert ast.literal_eval(architecture)[-1] == "stop"


def test_the_plan_of_a_table_is_one() -> None:
    (text,) = re.findall(r'^    (\{"name": "tiny".*?\})$', README, flags=re.DOTALL | re.MULTILINE)
    plan = Plan.from_data(json.loads(text))
    assert f"# {len(plan.architectures)} networks, {len(plan.tasks)} tasks, {plan.seeds} seeds: 20 trainings" in README


COMMANDS = [shlex.split(line, comments=True) for line in re.findall(r"^    nasedu (.+)$", README, flags=re.MULTILINE)]


INSTRUCTORS = (ROOT / "docs" / "INSTRUCTORS.md").read_text()
OF_INSTRUCTORS = [
    shlex.split(line.partition(" > ")[0], comments=True)
    for line in re.findall(r"(?:^    |`)nasedu ([^`\n]+)", INSTRUCTORS, flags=re.MULTILINE)
]


@pytest.mark.parametrize("words", [*COMMANDS, *OF_INSTRUCTORS], ids=" ".join)
def test_commands_have_the_options_that_the_page_gives_them(words: list[str]) -> None:
    command: Any = get_command(app)
    while words and (inner := getattr(command, "commands", {}).get(words[0])):
        command, words = inner, words[1:]
    command.make_context("nasedu", [*words])


def test_stores_are_written_before_they_are_read() -> None:
    written = {"meta.db"}  # by nasedu meta
    for words in COMMANDS:
        store = words[words.index("--store") + 1] if "--store" in words else ""
        assert {word for word in words if word.endswith(".db")} - {store} <= written, words
        written.add(store)


@pytest.mark.parametrize("page", ["README.md", "docs/INSTRUCTORS.md", "docs/TEACHING_PLANS.md"])
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text())
    assert links
    folder = (ROOT / page).parent
    assert not [link for link in links if not link.startswith("http") and not (folder / link).exists()]


def test_licences_are_the_ones_named() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "CC BY 4.0" in (ROOT / "notebooks" / "LICENSE").read_text()
