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
    return [_collect(cells, lesson, name, notes) for lesson, name in tests]


def _collect(cells: Sequence[Any], lesson: str, name: str, notes: Mapping[str, list[str]]) -> AnswerCells:
    answer_id, test_id = f"answer-{lesson}-{name}", f"test-{lesson}-{name}"
    places = [number for number, cell in enumerate(cells) if answer_id in (_id(cell), _copied(cell))]
    tests = [number for number, cell in enumerate(cells) if _id(cell) == test_id and not _added(cell)]
    last = max([*places, *tests], default=-1)
    said = [*notes.get(answer_id, ()), *notes.get(test_id, ())]
    if not places:
        said.append("The cell for this answer is gone; what the other cells define counts.")
    if len(places) > 1:
        said.append(f"The cell for this answer is there {len(places)} times; the last one that was filled in counts.")
    if places and tests and places[-1] > tests[-1]:
        said.append("The cell for this answer stands below its test.")
    return AnswerCells(lesson, name, _students(cells[: last + 1]), places, said)


def _students(cells: Sequence[Any]) -> list[Cell]:
    """Return the student's code cells: without tests, and without unchanged stubs."""
    kept = []
    for number, cell in enumerate(cells):
        known = role(_id(cell) or _copied(cell))
        if cell["cell_type"] != "code" or (known and known[0] != "answer") or not cell["source"].strip():
            continue
        if known and same_code(cell["source"], find(*known[1:]).stub):
            continue
        kept.append(Cell(number, cell["source"]))
    return kept


def _id(cell: Any) -> Any:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def _copied(cell: Any) -> Any:
    return cell["metadata"].get("nasedu", {}).get("copy_of")


def _added(cell: Any) -> bool:
    return bool(cell["metadata"].get("nasedu", {}).get("added"))
