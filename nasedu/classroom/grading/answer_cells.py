"""Finds the cells of each answer in a submission.

An answer is the value of its name after the notebook has run from the top to the test, as in a kernel. So its cells
are its own cell and the student's other cells above. If cells were moved, copied or deleted, the rules below decide,
and a note tells the instructor.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.judge import AnswerCells, same_code
from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.notebook_syntax import bound_names, parsed, plain_cells
from nasedu.classroom.grading.sandbox import Cell


def collect_answers(
    cells: Sequence[Any], tests: Sequence[tuple[str, str]], notes: Mapping[str, list[str]]
) -> list[AnswerCells]:
    """Collect the answers in a restored notebook, for the judge.

    Args:
        cells: the cells of the notebook; a copy of an answer's cell has `metadata.nasedu.copy_of`.
        tests: lesson and name of each exercise to judge.
        notes: by the name of a cell, the notes from restoring the notebook.
    """
    students = _students(cells)
    return [_collect(cells, students, lesson, name, notes) for lesson, name in tests]


def _collect(
    cells: Sequence[Any], students: Sequence[Cell], lesson: str, name: str, notes: Mapping[str, list[str]]
) -> AnswerCells:
    answer_id, test_id = f"answer-{lesson}-{name}", f"test-{lesson}-{name}"
    places = [number for number, cell in enumerate(cells) if answer_id in (_id(cell), _copied(cell))]
    tests = [number for number, cell in enumerate(cells) if _id(cell) == test_id and not _added(cell)]
    said = [*notes.get(answer_id, ()), *notes.get(test_id, ())]
    elsewhere = []
    if not {cell.number for cell in students} & set(places):
        others = {number for number, cell in enumerate(cells) if (known := role(_id(cell))) and known[2] == name}
        elsewhere = [cell.number for cell in students if cell.number not in others and _defines(cell.source, name)]
        elsewhere = [number for number in elsewhere if not tests or number < tests[-1]] or elsewhere
    if not places:
        said.append("The cell for this answer is gone; what the other cells define counts.")
    elif elsewhere:
        said.append("The cell for this answer is as it was; another cell that defines the answer counts.")
    if len(places) > 1:
        said.append(f"The cell for this answer is there {len(places)} times; the last one that was filled in counts.")
    if places and tests and places[-1] > tests[-1]:
        said.append("The cell for this answer stands below its test.")
    own = sorted({*places, *elsewhere})
    last = max([*own, *tests], default=len(cells))
    return AnswerCells(lesson, name, [cell for cell in students if cell.number <= last], own, said)


def _students(cells: Sequence[Any]) -> list[Cell]:
    """Return the student's code cells as plain Python: without tests, and without unchanged stubs."""
    kept = []
    for number, cell in enumerate(cells):
        known = role(_id(cell) or _copied(cell))
        if cell["cell_type"] == "code" and cell["source"].strip() and (not known or known[0] == "answer"):
            kept.append((number, cell["source"], known))
    made = zip(kept, plain_cells(source for _, source, _ in kept), strict=True)
    return [
        Cell(number, source)
        for (number, _, known), source in made
        if not known or not same_code(source, find(*known[1:]).stub)
    ]


def _defines(source: str, name: str) -> bool:
    return name in source and (tree := parsed(source)) is not None and name in bound_names(tree)


def _id(cell: Any) -> Any:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _copied(cell: Any) -> Any:
    return cell["metadata"].get("nasedu", {}).get("copy_of")


def _added(cell: Any) -> bool:
    return bool(cell["metadata"].get("nasedu", {}).get("added"))
