"""Makes the notebook of an assignment from the exercises of a lesson: for each a question, an answer and a test.

The names of the cells tell their purpose: `prompt-00-standard_error`, `answer-00-standard_error`,
`test-00-standard_error`. By these names nbgrader finds the cells in a submission.
"""

import re
from collections.abc import Mapping
from typing import Any

from nasedu.classroom.exercise import Exercise

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
SCHEMA = 3  # of nbgrader's metadata

HEAD = """# Exercises of lesson {lesson}

Each exercise has a cell for your answer and a cell that checks it. Write your answer into its cell. You can add cells
anywhere (imports, helpers, experiments). Run the check as often as you like: grading gives you the same message. Most
checks draw new inputs each time. An answer that passes only just may fail in grading, so choose one that passes many
times.

Keep lesson {lesson} open next to this notebook: *section 4*, *the figure above* or `atlas` in a question are those of
the lesson. `nasedu lab` opens the lessons.

Before you hand in: *Kernel → Restart Kernel and Run All Cells*. It stops at the first answer that is not right yet. To
continue after it, choose the cell below it and *Run → Run Selected Cell and All Below*. For grading, your cells run
once more from top to bottom, for each answer separately, within {seconds:g} seconds and without a network. Their
printed output is not kept."""


def role(grade_id: object) -> tuple[str, str, str] | None:
    """Return the role of a cell, such as ("answer", "00", "standard_error"); None if the name is not ours."""
    match = re.fullmatch(r"(prompt|answer|test)-(\d\d)-(\w+)", grade_id) if isinstance(grade_id, str) else None
    return match.group(1, 2, 3) if match else None  # type: ignore[return-value]


def source_notebook(lesson: str, exercises: Mapping[str, Exercise], points: float, seconds: float) -> dict[str, Any]:
    """Return the instructor's version, with solutions and hidden tests, as the JSON of a notebook.

    The same exercises give the same notebook, with the same cell ids.
    """
    cells = [_cell("markdown", f"intro-{lesson}", HEAD.format(lesson=lesson, seconds=seconds), locked=True)]
    for exercise in exercises.values():
        name = f"{lesson}-{exercise.name}"
        cells += [
            _cell("markdown", f"prompt-{name}", _question(exercise), locked=True),
            _cell("code", f"answer-{name}", f"{BEGIN}\n{exercise.solved}\n{END}", solution=True),
            _cell("code", f"test-{name}", _test(lesson, exercise), locked=True, points=points),
        ]
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _question(exercise: Exercise) -> str:
    return "\n\n".join(filter(None, [exercise.prompt, exercise.material]))


def _test(lesson: str, exercise: Exercise) -> str:
    call = f'grading.ask("{lesson}", "{exercise.name}", {exercise.name}'
    lines = ["from nasedu.classroom import grading", "", f"{call})"]
    if exercise.kind == "code":
        lines += [BEGIN_HIDDEN, f"{call}, times=3)", END_HIDDEN]
    return "\n".join(lines)


def _cell(kind: str, name: str, source: str, **marks: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name[:64], "metadata": {"nbgrader": nbgrader_marks(name, **marks)}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": source}


def nbgrader_marks(
    name: str, *, solution: bool = False, locked: bool = False, points: float | None = None, task: bool = False
) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell."""
    marks: dict[str, Any] = {"grade": points is not None, "grade_id": name, "locked": locked, "solution": solution}
    marks |= {"schema_version": SCHEMA, "task": task}
    return marks if points is None else {**marks, "points": points}
