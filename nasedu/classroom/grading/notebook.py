"""Makes the notebook of an assignment from the exercises of a lesson: for each a question, an answer and a test.

The names of the cells tell their purpose: `prompt-00-standard_error`, `answer-00-standard_error`,
`test-00-standard_error`. By these names nbgrader finds the cells in a submission.
"""

import re
from collections.abc import Mapping
from typing import Any

from nasedu.classroom.exercise import Exercise
from nasedu.classroom.grading.own_exercises import OWN
from nasedu.classroom.own_numbers import own_key

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
IMPORT = "from nasedu.classroom import grading"
SCHEMA = 3  # of nbgrader's metadata

HEAD = """# Exercises of {which}

Each exercise has a cell for your answer and a cell that checks it. Write your answer into its cell. You can add cells
anywhere (imports, helpers, experiments). Run the check as often as you like: grading gives you the same message. Most
checks draw new inputs each time. An answer that passes only just may fail in grading, so choose one that passes many
times.

{where}

Before you hand in: *Kernel → Restart Kernel and Run All Cells*. It stops at the first answer that is not right yet. To
continue after it, choose the cell below it and *Run → Run Selected Cell and All Below*. For grading, your cells run
once more from top to bottom, for each answer separately, within {seconds:g} seconds and without a network. Their
printed output is not kept."""
LESSON = """Keep lesson {lesson} open next to this notebook: *section 4*, *the figure above* or `atlas` in a question
are those of the lesson. `nasedu lab` opens the lessons."""
EXAMPLES = """Some checks only run examples, and say so. Grading also checks other inputs, and its feedback gives the
reason."""
NUMBERS = """**Your own numbers.** Some questions have other numbers for each student. Write your name into the cell
below as your learning platform shows it, such as `student = "Ann Smith"`. Then run this cell and the questions. Grading
uses the name under which you hand in, so the answers of another student are not right for you."""
EXAMPLE_NAME = "Ada Lovelace"
"""In the instructor's version, whose solutions are those of this name."""
NO_NAME = "student = ..."


def role(grade_id: object) -> tuple[str, str, str] | None:
    """Return the role of a cell, such as ("answer", "00", "standard_error"); None if the name is not ours."""
    match = re.fullmatch(r"(prompt|answer|test)-(\d\d|own)-(\w+)", grade_id) if isinstance(grade_id, str) else None
    return match.group(1, 2, 3) if match else None  # type: ignore[return-value]


def source_notebook(
    lesson: str,
    exercises: Mapping[str, Exercise],
    points: float,
    seconds: float,
    added: Mapping[str, Exercise] | None = None,
    course: str = "",
) -> dict[str, Any]:
    """Return the instructor's version, with solutions and hidden tests, as the JSON of a notebook.

    The same exercises give the same notebook, with the same cell ids.

    Args:
        lesson: two digits, or "own".
        exercises: its exercises.
        points: for each exercise.
        seconds: the limit that the students read.
        added: exercises of the course's own that follow.
        course: the key of the course, if each student has own numbers.
    """
    where = [LESSON.format(lesson=lesson)] * (lesson != OWN) + [EXAMPLES] * bool(lesson == OWN or added)
    which = "this course" if lesson == OWN else f"lesson {lesson}"
    head = HEAD.format(which=which, where="\n\n".join(where), seconds=seconds)
    cells = [_cell("markdown", f"intro-{lesson}", head, locked=True)]
    if course:
        cells += [
            _cell("markdown", f"numbers-{lesson}", NUMBERS, locked=True),
            _cell("code", f"student-{lesson}", f'{BEGIN}\nstudent = "{EXAMPLE_NAME}"\n{END}', solution=True),
        ]
    for exercise in exercises.values():
        cells += _exercise_cells(lesson, exercise, points, course if exercise.versions else "")
    for exercise in (added or {}).values():
        cells += _exercise_cells(OWN, exercise, points)
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _exercise_cells(lesson: str, exercise: Exercise, points: float, course: str = "") -> list[dict[str, Any]]:
    name = f"{lesson}-{exercise.name}"
    solved = exercise.for_student(own_key(course, EXAMPLE_NAME) if course else "").solved
    if course:
        show = f'{IMPORT}\n\ngrading.question("{lesson}", "{exercise.name}", student, course="{course}")'
        question = _cell("code", f"prompt-{name}", show, locked=True)
    else:
        question = _cell("markdown", f"prompt-{name}", exercise.question, locked=True)
    return [
        question,
        _cell("code", f"answer-{name}", f"{BEGIN}\n{solved}\n{END}", solution=True),
        _cell("code", f"test-{name}", _test(lesson, exercise, course), locked=True, points=points),
    ]


def course_of(test: str) -> str:
    """Return the key of the course in the source of a test, if its exercise has own numbers for each student."""
    found = re.search(r'course="(\w+)"\)', test)
    return found[1] if found else ""


def _test(lesson: str, exercise: Exercise, course: str) -> str:
    """Return the visible test and, between markers, the hidden one.

    The check of a course's own exercise is not on the student's machine: there, the visible test runs examples.
    """
    call = f'grading.ask("{lesson}", "{exercise.name}", {exercise.name}'
    if lesson == OWN:
        return "\n".join([*_examples(exercise), BEGIN_HIDDEN, IMPORT, "", f"{call}, times=3)", END_HIDDEN])
    lines = [IMPORT, "", f'{call}, student=student, course="{course}")' if course else f"{call})"]
    if exercise.kind == "code":
        lines += [BEGIN_HIDDEN, f"{call}, times=3)", END_HIDDEN]
    return "\n".join(lines)


def _examples(exercise: Exercise) -> list[str]:
    attempted = f'assert {exercise.name} is not ..., "Give {exercise.name} its value in the cell above."'
    shown = [f"assert {example}, {f'This should be true: {example}'!r}" for example in exercise.examples]
    also = "The examples are right. Grading" if shown else "Grading"
    return ["# Grading runs the check.", *(shown or [attempted]), f'print("{also} checks your answer.")']


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
