"""What the README says is true: its code runs, its links lead somewhere."""

import ast
import json
import re
from pathlib import Path

import pytest

from nasedu.building import Plan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CODE = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


def test_own_space_is_twelve_lines_and_searchable(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, definition, use, wrapped = CODE
    assert sum(bool(line.strip()) for line in definition.partition("class")[2].splitlines()) <= 12
    names: dict[str, object] = {}
    exec(definition, names)
    exec(use, names)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[:6]] == list("123456")
    assert 0.8 < float(printed[6]) <= 1
    exec(wrapped, names)
    rungs, recipe = capsys.readouterr().out.splitlines()
    assert sorted(epochs for epochs, _ in ast.literal_eval(rungs)) == [1, 1, 3]
    assert recipe.startswith("Recipe(")


def test_a_table_of_your_own_is_a_task(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(CODE[1], {})
    assert "(13,) 3 accuracy 0.4" in capsys.readouterr().out


def test_a_search_is_an_estimator(capsys: pytest.CaptureFixture[str]) -> None:
    exec(CODE[0], {})
    score, architecture = capsys.readouterr().out.split(maxsplit=1)
    assert float(score) > 0.9
    assert ast.literal_eval(architecture)[-1] == "stop"


def test_the_plan_of_a_table_is_one() -> None:
    (text,) = re.findall(r'^    (\{"name": "tiny".*?\})$', README, flags=re.DOTALL | re.MULTILINE)
    plan = Plan.from_data(json.loads(text))
    assert f"# {len(plan.architectures)} networks, {len(plan.tasks)} tasks, {plan.seeds} seeds: 20 trainings" in README


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(links) >= 5
    missing = [link for link in links if not link.startswith("http") and not (ROOT / link).exists()]
    assert not missing


def test_licences_are_the_ones_named() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "CC BY 4.0" in (ROOT / "notebooks" / "LICENSE").read_text()
