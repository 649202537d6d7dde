"""Gives each answer of a submission the numbers of its student, where the question has own numbers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from nasedu.classroom.grading.ask import find
from nasedu.classroom.grading.judge import AnswerCells
from nasedu.classroom.grading.notebook import course_of
from nasedu.classroom.grading.roster import read_roster
from nasedu.classroom.own_numbers import identity, own_key, written_name


def give_numbers(cells: Sequence[Any], answers: Iterable[tuple[int, AnswerCells]], where: Any) -> None:
    """Set `numbers` of each answer, and put the question with these numbers into its cell, for the feedback.

    The numbers belong to the student who handed in. The name in the notebook only tells which of this student's own
    names was used: a name of another student is noted, and has no effect.

    Args:
        cells: the restored cells of a submission.
        answers: the place of the test, and the answer.
        where: nbgrader's description of the submission.
    """
    personal = [(answer, course) for number, answer in answers if (course := course_of(cells[number].source))]
    if not personal:
        return
    names = _names(where)
    written = written_name(cell.source for cell in cells if cell.cell_type == "code")
    used = next((name for name in names if identity(name) == identity(written)), names[0])
    note = f"The notebook shows the numbers of {written!r}. It was handed in by {used!r}, whose numbers count."
    for answer, course in personal:
        answer.numbers = own_key(course, used)
        answer.notes += [note] * bool(written and identity(written) != identity(used))
        asked = find(answer.lesson, answer.name).for_student(answer.numbers).question
        for cell in cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == f"prompt-{answer.lesson}-{answer.name}":
                data = {"text/markdown": asked, "text/plain": asked}
                cell.outputs = [nbformat.v4.new_output("display_data", data=data)]


def _names(where: Any) -> list[str]:
    """Return the names of the student who handed in, the full name first: as the roster has them, and the folder."""
    with Gradebook(where["db_url"]) as gradebook:
        roster = read_roster(Path.cwd(), gradebook)
    student = roster.student(roster.identify(where["student"]))
    names = (student.name, where["student"], student.id, student.email, student.lms_user_id)
    return [name for name in names if identity(name)] or [where["student"]]
