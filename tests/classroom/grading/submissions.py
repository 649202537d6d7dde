"""Notebooks as students hand them in, and what becomes of them, without nbgrader's seconds."""

import copy
import json

from nasedu.classroom.grading.answer_cells import collect_answers
from nasedu.classroom.grading.ask import exercises
from nasedu.classroom.grading.notebook import source_notebook
from nasedu.classroom.grading.notebook_file import parse_notebook
from nasedu.classroom.grading.submission import _restored

EXERCISES = exercises("00")
SOURCE = source_notebook("00", EXERCISES, 1.0, 30.0)
HONEST = "def standard_error(p, n):\n    return (p * (1 - p) / n) ** 0.5"


def marks(cell):
    return cell["metadata"]["nbgrader"]


def given():
    """The cells of the assignment, as nbgrader's gradebook has them."""
    return {
        marks(cell)["grade_id"]: {
            "type": cell["cell_type"],
            "source": cell["source"],
            "locked": marks(cell)["locked"],
            "marks": marks(cell),
        }
        for cell in copy.deepcopy(SOURCE["cells"])
    }


def release(**answers):
    """The notebook that students get, some answers filled in."""
    notebook = copy.deepcopy(SOURCE)
    for cell in notebook["cells"]:
        name = marks(cell)["grade_id"].removeprefix("answer-00-")
        if name in EXERCISES:
            cell["source"] = answers.get(name, EXERCISES[name].stub)
    return notebook


def restored(data):
    """The cells of a submission as the grader restores them, and its notes; `data`: a notebook, or bytes of a file."""
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    notes = {}
    return _restored(parse_notebook(data), given(), notes), notes


def answer(data, name="standard_error"):
    """What the judge gets of one answer."""
    cells, notes = restored(data)
    return collect_answers(cells, [("00", name)], notes)[0]


def own_sources(found):
    return [cell.source for cell in found.cells if cell.number in found.own]
