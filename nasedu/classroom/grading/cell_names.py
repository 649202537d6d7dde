"""Finds out which cell of the assignment each cell of a submission was, also if a platform dropped nbgrader's names.

Kaggle, Colab, Deepnote, a converter or a copy by hand drop metadata. Then the id of a cell tells, or the check in it,
or the name that it defines.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.notebook_file import FoundCell
from nasedu.classroom.grading.notebook_syntax import bound_names, parsed, plain_cells


def names_of(
    cells: Sequence[FoundCell], given: Collection[str], texts: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return the name in the assignment for each cell of a submission; an empty string for a student's own cell.

    Args:
        cells: the cells, as they stand in the file.
        given: the names in the assignment, such as `answer-04-q_update`.
        texts: by its text, the name of a cell in which students write nothing.
    """
    names = [cell.name if cell.name in given else "" for cell in cells]
    by_id = {name[:64]: name for name in given}
    _fill(names, ([by_id.get(one, "") for one in cell.ids] for cell in cells))
    _fill(names, ([texts.get(cell.source.strip(), "")] for cell in cells))
    code = plain_cells(cell.source if cell.kind == "code" else "" for cell in cells)
    trees = [parsed(source) for source in code]
    _fill(names, ([name] if (name := _tested(tree)) in given else [] for tree in trees))
    _name_last(names, trees, given)
    return names


def defined(source: str) -> set[str]:
    """Return the names that a cell of code binds at top level; empty if it is no Python."""
    tree = parsed(plain_cells([source])[0])
    return set(bound_names(tree)) if tree else set()


def _fill(names: list[str], found: Iterable[list[str]]) -> None:
    """Name the cells without a name by what was found for them; a name that another cell has already is not given."""
    taken = set(names)
    for number, candidates in enumerate(found):
        free = [name for name in candidates if name and name not in taken]
        if free and not names[number]:
            names[number] = free[0]


def _tested(tree: ast.Module | None) -> str:
    """Return the name of the test in a cell that only imports and calls `grading.ask("04", "q_update", ...)`."""
    if tree is None:
        return ""
    rest = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    if not all(isinstance(node, ast.Expr) for node in rest):
        return ""
    asked = {_asked(node.value) for node in rest if isinstance(node, ast.Expr)}
    return asked.pop() if len(asked) == 1 else ""


def _asked(call: ast.expr) -> str:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute | ast.Name):
        return ""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
    words = [word.value for word in call.args[:2] if isinstance(word, ast.Constant)]
    return f"test-{words[0]!s}-{words[1]!s}" if name == "ask" and len(words) == 2 else ""


def _name_last(names: list[str], trees: Sequence[ast.Module | None], given: Collection[str]) -> None:
    """Name the last free cell that defines an answer which no cell is named after."""
    answers = [(known[2], name) for name in given if (known := role(name)) and known[0] == "answer"]
    count = Counter(exercise for exercise, _ in answers)  # two lessons put together may have one name twice
    missing = {exercise: name for exercise, name in answers if name not in names and count[exercise] == 1}
    for number in reversed(range(len(names))):
        tree = trees[number]
        if not names[number] and tree and (found := missing.keys() & set(bound_names(tree))):
            here = sorted(found)
            names[number] = missing[here[0]]  # further answers in the same cell are found by what they define
            for one in here:
                del missing[one]
