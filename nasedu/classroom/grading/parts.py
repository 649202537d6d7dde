"""Which cells of a submission belong to which answer.

An answer is what its name stands for when the notebook has run from the top down to the test, as in a kernel: its own
cell, and the student's other cells before that. Where cells were moved, copied or deleted, the rules below decide, and
a note says so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.judge import Work, same_code
from nasedu.classroom.grading.notebook import role
from nasedu.classroom.grading.sandbox import Cell


def works_of(cells: Sequence[Any], tests: Sequence[tuple[str, str]], notes: Mapping[str, list[str]]) -> list[Work]:
    """The work of the judge for a restored notebook.

    Args:
        cells: of the notebook; a copy of an answer's cell carries `metadata.nasedu.copy_of`.
        tests: lesson and name of the exercises asked for.
        notes: by the name of a cell, what was noticed when the notebook was restored.
    """
    return [_work(cells, lesson, name, notes) for lesson, name in tests]


def _work(cells: Sequence[Any], lesson: str, name: str, notes: Mapping[str, list[str]]) -> Work:
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
    return Work(lesson, name, _students(cells[: last + 1]), places, said)


def _students(cells: Sequence[Any]) -> list[Cell]:
    """The code cells of the student's: without tests, and without stubs that are as they were."""
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
