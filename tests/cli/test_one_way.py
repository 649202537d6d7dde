"""What was typed goes one way through the modules of the terminal: none is entered from one that it calls."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import nasedu.cli

FOLDER = Path(nasedu.cli.__file__).parent


def imports_of(path):
    """The modules of the terminal that a module imports, inside its functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "nasedu.cli":
            names = {alias.name for alias in node.names}
            found |= {name if (FOLDER / f"{name}.py").exists() else "__init__" for name in names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nasedu.cli."):
            found.add(node.module.removeprefix("nasedu.cli."))
        elif isinstance(node, ast.Import):
            found |= {a.name.removeprefix("nasedu.cli.") for a in node.names if a.name.startswith("nasedu.cli.")}
    return found


GRAPH = {path.stem: imports_of(path) for path in FOLDER.glob("*.py")}


def test_no_module_of_the_terminal_is_reached_from_one_that_it_imports():
    order = list(TopologicalSorter(GRAPH).static_order())  # raises CycleError
    assert order.index("study_record") < order.index("search_config") < order.index("search")


def test_a_search_config_is_made_in_one_place():
    assert [name for name, imported in GRAPH.items() if "search_config" in imported] == ["search"]


def test_names_become_parts_in_one_place():
    """`nasedu.study.build` makes what a name stands for; the terminal rebuilds what a store recorded, and no more."""
    loads = {f"{family}.{verb}" for family in ("spaces", "controllers", "trainers") for verb in ("load", "rebuild")}
    found = {
        path.stem
        for path in FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in loads
    }
    assert found == {"rebuild"}
