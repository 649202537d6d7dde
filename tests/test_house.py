"""The house as its pages and docstrings describe it is the house that the import checker holds."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nasedu"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0][
    "layers"
]
FLOORS = {part: number for number, layer in enumerate(reversed(LAYERS)) for part in layer.split(" | ")}


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


# ---------------------------------------------------------------------- the map


def test_the_map_in_contributing_is_the_import_contract():
    rows = re.findall(r"^    (\d)  ((?:\w+/ +)+)", CONTRIBUTING, re.M)
    assert {part: int(number) for number, parts in rows for part in re.findall(r"\w+", parts)} == FLOORS


@pytest.mark.parametrize(("part", "floor"), FLOORS.items())
def test_the_docstring_of_a_part_names_its_floor(part, floor):
    assert docstring(PACKAGE / part / "__init__.py").startswith(f"Floor {floor}: ")


MAPS = [
    path
    for folder in ("nasedu", "tools")
    for path in sorted((ROOT / folder).rglob("__init__.py"))
    if re.search(r"^ *\w+\.py  ", docstring(path), re.M)
]


def test_rooms_with_many_modules_have_a_map():
    rooms = [*PACKAGE.glob("trainers/*/__init__.py"), PACKAGE / "classroom" / "grading" / "__init__.py"]
    assert set(rooms) <= set(MAPS)


@pytest.mark.parametrize("path", MAPS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_the_map_in_a_docstring_names_every_module_and_no_other(path):
    modules = {module.name for module in path.parent.glob("*.py") if not module.name.startswith("__")}
    assert set(re.findall(r"(?<!/)\b\w+\.py\b", docstring(path))) == modules


# ---------------------------------------------------------------------- lessons, places, sizes


def test_no_lesson_is_cited_that_does_not_exist():
    lessons = {source.name[:2] for source in ROOT.glob("notebooks/source/[0-9][0-9]_*.py")}
    cited = {}
    for path in (path for path in sorted(PACKAGE.rglob("*")) if path.suffix in (".py", ".md", ".js")):
        text = path.read_text(encoding="utf-8")
        for citation in re.findall(r"\blessons?[\s#]+\d\d\b(?:(?:,| and| to|, and)[\s#]+\d\d\b)*", text, re.I):
            cited.update({(path.name, number): citation for number in re.findall(r"\d\d", citation)})
    assert {number for _, number in cited} == lessons  # it finds something, and nothing else


def test_what_contributing_says_where_to_find_is_there():
    rows = re.findall(r"^\| [^|]+ \| `([\w/.]+)` \| `([\w.]+)`", CONTRIBUTING, re.M)
    assert len(rows) >= 7
    for place, name in rows:
        text = (ROOT / place).read_text(encoding="utf-8")
        for word in name.split("."):
            assert re.search(rf"^ *(?:def |class )?{word}\b", text, re.M), f"{place} has no {name}"


def lines_in(*parts: str) -> int:
    paths = {path for part in parts for path in (PACKAGE / part).rglob("*.py")}
    return sum(path.read_text(encoding="utf-8").count("\n") for path in paths)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_package_is_as_large_as_a_page_says(page):
    (said,) = re.findall(r"(\d+),000\s+lines\s+of\s+Python", (ROOT / page).read_text(encoding="utf-8"))
    assert int(said) * 1000 == pytest.approx(lines_in("."), rel=0.05)


def test_each_part_is_as_large_as_contributing_says():
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\| [^|]+ \| ([\d,]+) \|$", CONTRIBUTING, re.M)
    said = {tuple(re.findall(r"\w+", parts)): int(lines.replace(",", "")) for parts, lines in rows}
    assert sorted(part for parts in said for part in parts) == sorted(FLOORS)
    assert said == pytest.approx({parts: lines_in(*parts) for parts in said}, rel=0.1)


# ---------------------------------------------------------------------- order where values are equal

UNSTABLE = ("argsort", "argpartition", "topk", "sort_values", "nlargest", "nsmallest")
"""What gives places in an order. Where values are equal, the order differs between machines, unless it is stable.

`np.sort` gives values, of which equal ones cannot be told apart; `sorted` and `list.sort` are stable.
"""


def unstable_sorts(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            stable = any(ast.unparse(word) in ("kind='stable'", "stable=True") for word in node.keywords)
            if name in UNSTABLE and not stable:
                yield ast.unparse(node)


def test_places_are_sorted_the_same_way_on_every_machine():
    files = [*PACKAGE.rglob("*.py"), *ROOT.glob("tools/**/*.py"), *ROOT.glob("notebooks/source/*.py")]
    found = {file: list(unstable_sorts(file.read_text(encoding="utf-8"))) for file in files}
    names = {f"{file.parent.name}/{file.name}": sorts for file, sorts in found.items() if sorts}
    assert names == {}


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("np.argsort(-scores)[:10]", 1),
        ("scores.argsort()", 1),
        ("np.argsort(-scores, kind='stable')", 0),
        ("torch.argsort(scores, stable=True)", 0),
        ("np.argpartition(scores, 3)", 1),
        ("frame.sort_values('score')", 1),
        ("np.sort(scores); sorted(scores); found.sort()", 0),
    ],
)
def test_an_unstable_sort_is_found(code, count):
    assert len(list(unstable_sorts(code))) == count
